//! Values as JSON text as Go writes it: safe within HTML, keys sorted, on a budget.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::{Object, Value};

/// On one line without spaces, or on many lines.
pub(in crate::engine::builtins) enum Style<'a> {
    Compact,
    Lines { prefix: &'a str, indent: &'a str },
}

/// The JSON text of a value.
pub(in crate::engine::builtins) fn write(
    context: &mut Context,
    value: &Value,
    style: &Style,
) -> Result<String, BuiltinError> {
    let mut writer = Writer { context, style, text: String::new() };
    writer.value(value, 0)?;
    Ok(writer.text)
}

struct Writer<'a> {
    context: &'a mut Context,
    style: &'a Style<'a>,
    text: String,
}

impl Writer<'_> {
    fn push(&mut self, part: &str) -> Result<(), BuiltinError> {
        self.context.allocate(part.len())?;
        self.context.work(part.len())?;
        self.text.push_str(part);
        Ok(())
    }

    fn line(&mut self, depth: usize) -> Result<(), BuiltinError> {
        if let Style::Lines { prefix, indent } = self.style {
            self.push("\n")?;
            self.push(prefix)?;
            for _ in 0..depth {
                self.push(indent)?;
            }
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), BuiltinError> {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Value::Number(number) => self.push(&number.to_string()),
            Value::String(text) => self.string(text),
            Value::Array(items) => self.list(items.as_slice(), depth),
            Value::Set(items) => self.list(items.as_slice(), depth),
            Value::Object(object) => self.object(object, depth),
        }
    }

    fn list(&mut self, items: &[Value], depth: usize) -> Result<(), BuiltinError> {
        if items.is_empty() {
            return self.push("[]");
        }
        self.push("[")?;
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.push(",")?;
            }
            self.line(depth + 1)?;
            self.value(item, depth + 1)?;
        }
        self.line(depth)?;
        self.push("]")
    }

    fn object(&mut self, object: &Object, depth: usize) -> Result<(), BuiltinError> {
        if object.is_empty() {
            return self.push("{}");
        }
        let fields = fields(self.context, object)?;
        self.push("{")?;
        for (at, (key, value)) in fields.iter().enumerate() {
            if at > 0 {
                self.push(",")?;
            }
            self.line(depth + 1)?;
            self.string(key)?;
            self.push(if matches!(self.style, Style::Compact) { ":" } else { ": " })?;
            self.value(value, depth + 1)?;
        }
        self.line(depth)?;
        self.push("}")
    }

    fn string(&mut self, text: &str) -> Result<(), BuiltinError> {
        self.context.allocate(text.len())?;
        self.context.work(text.len())?;
        self.text.push('"');
        for character in text.chars() {
            let code = u32::from(character);
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    self.context.allocate(6)?;
                    // Writing to a string cannot fail.
                    let _ = write!(self.text, "\\u{code:04x}");
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
        Ok(())
    }
}

/// The entries by the text of their keys, in its order; of equal texts (`1` and `"1"`) the last counts.
pub(in crate::engine::builtins) fn fields<'a>(
    context: &mut Context,
    object: &'a Object,
) -> Result<Vec<(Cow<'a, str>, &'a Value)>, BuiltinError> {
    context.allocate_values(object.len().saturating_mul(2))?;
    let mut fields: Vec<(Cow<'_, str>, &Value)> = Vec::with_capacity(object.len());
    for (key, value) in object {
        let key = match key {
            Value::String(key) => Cow::Borrowed(&**key),
            other => Cow::Owned(write(context, other, &Style::Compact)?),
        };
        fields.push((key, value));
    }
    if !fields.is_sorted_by(|left, right| left.0 < right.0) {
        fields.sort_by(|left, right| left.0.cmp(&right.0));
        fields.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 = later.1;
            }
            same
        });
    }
    Ok(fields)
}
