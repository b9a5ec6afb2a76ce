//! Numbers, texts, and what is the same for values of all types.

use super::{Judge, Verdict};
use crate::engine::builtins::BuiltinError;
use crate::engine::builtins::json::schema::numbers::{is_multiple, shown};
use crate::engine::builtins::json::schema::verdict::field;
use crate::engine::builtins::json::schema::{Draft, formats};
use crate::engine::builtins::json::write::{self, Style};
use crate::engine::number::Number;
use crate::engine::value::Value;

type Done = Result<(), BuiltinError>;

impl Judge<'_> {
    /// A value as complaints show it.
    fn json(&mut self, value: &Value) -> Result<String, BuiltinError> {
        write::write(self.context, value, &Style::Compact)
    }

    pub(super) fn common(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        value: &Value,
        path: &str,
    ) -> Done {
        if let Some(wanted) = schema.field("const").filter(|_| self.since(Draft::Six))
            && wanted != value
        {
            let allowed = self.json(wanted)?;
            let description = format!("{} does not match: {allowed}", field(path));
            self.complain(verdict, "const", path, description)?;
        }
        if let Some(allowed) = schema.field("enum").and_then(Value::as_array) {
            self.context.work(allowed.len().saturating_mul(8))?;
            if !allowed.iter().any(|allowed| allowed == value) {
                let mut texts = Vec::with_capacity(allowed.len());
                for value in allowed {
                    texts.push(self.json(value)?);
                }
                let (field, texts) = (field(path), texts.join(", "));
                let description = format!("{field} must be one of the following: {texts}");
                self.complain(verdict, "enum", path, description)?;
            }
        }
        let format = schema.field("format").and_then(Value::as_str);
        if let (Some(format), Value::String(text)) = (format, value)
            && !formats::has(self.context, format, text)?
        {
            let description = format!("Does not match format '{format}'");
            self.complain(verdict, "format", path, description)?;
        }
        verdict.score += 1;
        Ok(())
    }

    pub(super) fn text(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        text: &str,
        path: &str,
    ) -> Done {
        self.context.work(text.len())?;
        let length = text.chars().count();
        if let Some(least) = count(schema, "minLength").filter(|least| length < *least) {
            let description = format!("String length must be greater than or equal to {least}");
            self.complain(verdict, "string_gte", path, description)?;
        }
        if let Some(most) = count(schema, "maxLength").filter(|most| length > *most) {
            let description = format!("String length must be less than or equal to {most}");
            self.complain(verdict, "string_lte", path, description)?;
        }
        if let Some(pattern) = schema.field("pattern").and_then(Value::as_str)
            && !formats::matches(self.context, pattern, text)?
        {
            let description = format!("Does not match pattern '{pattern}'");
            self.complain(verdict, "pattern", path, description)?;
        }
        verdict.score += 1;
        Ok(())
    }

    pub(super) fn number(
        &mut self,
        verdict: &mut Verdict,
        schema: &Value,
        number: &Number,
        path: &str,
    ) -> Done {
        if let Some(of) = schema.field("multipleOf").and_then(Value::as_number) {
            self.context.work(1_000)?;
            let multiple = is_multiple(number, of)
                .ok_or_else(|| BuiltinError::limit("number is too far from its divisor"))?;
            if !multiple {
                let description = format!("Must be a multiple of {}", shown(of));
                self.complain(verdict, "multiple_of", path, description)?;
            }
        }
        let (most, below) = limits(schema, ["maximum", "exclusiveMaximum"]);
        let (least, above) = limits(schema, ["minimum", "exclusiveMinimum"]);
        let rules = [
            (most.filter(|most| number > *most), "number_lte", "less than or equal to"),
            (below.filter(|below| number >= *below), "number_lt", "less than"),
            (least.filter(|least| number < *least), "number_gte", "greater than or equal to"),
            (above.filter(|above| number <= *above), "number_gt", "greater than"),
        ];
        for (broken, kind, words) in rules {
            if let Some(limit) = broken {
                let description = format!("Must be {words} {}", shown(limit));
                self.complain(verdict, kind, path, description)?;
            }
        }
        verdict.score += 1;
        Ok(())
    }
}

/// A count; one that no machine can hold is never reached.
pub(super) fn count(schema: &Value, key: &str) -> Option<usize> {
    let count = schema.field(key)?.as_number()?.as_i64()?;
    Some(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The limit that may be reached, and the one that may not.
fn limits<'a>(schema: &'a Value, keys: [&str; 2]) -> (Option<&'a Number>, Option<&'a Number>) {
    let limit = schema.field(keys[0]).and_then(Value::as_number);
    match schema.field(keys[1]) {
        Some(Value::Bool(true)) => (None, limit),
        Some(Value::Number(exclusive)) => (limit, Some(exclusive)),
        _ => (limit, None),
    }
}
