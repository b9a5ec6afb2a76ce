//! `glob.*`: patterns with `*`, `**`, `?`, `[a-z]`, `[!abc]` and `{a,b}`.

use super::operands::{string, wrong_element, wrong_type};
use super::regular::{Expression, remembered};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

const DELIMITERS: Type = Type::OneOf(&[Type::Null, Type::STRINGS]);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("glob.match", &[Type::String, DELIMITERS, Type::String], Type::Boolean, matches),
    Declared::new("glob.quote_meta", &[Type::String], Type::String, quote_meta),
];

fn matches(context: &mut Context, operands: &[Value]) -> Outcome {
    let pattern = string(&operands[0], 1)?;
    let delimiters = delimiters(&operands[1])?;
    let text = string(&operands[2], 3)?;
    let key = format!("glob {pattern}-{}", delimiters.iter().collect::<String>());
    let expression = remembered(context, &key, || {
        Expression::rust(&translate(pattern, &delimiters)?, vec![None])
    })?;
    context.work(text.len())?;
    Ok(Some(Value::Bool(expression.is_match(text))))
}

/// What `*` and `?` do not match: a point where the list is empty, nothing where it is null.
fn delimiters(value: &Value) -> Result<Vec<char>, BuiltinError> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) if items.is_empty() => return Ok(vec!['.']),
        Value::Array(items) => items,
        other => return Err(wrong_type(2, other, &["array", "null"])),
    };
    let mut delimiters = Vec::new();
    for item in items.iter() {
        let text = item.as_str().ok_or_else(|| wrong_element(2, value, item, &["string"]))?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => delimiters.push(character),
            _ => return Err(wrong_element(2, value, item, &["rune"])),
        }
    }
    Ok(delimiters)
}

fn quote_meta(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    context.allocate(text.len().saturating_mul(2))?;
    context.work(text.len())?;
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?\\[]{}".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    Ok(Some(Value::from(quoted)))
}

fn escaped(character: char) -> String {
    format!("\\x{{{:x}}}", u32::from(character))
}

/// The pattern as an expression.
fn translate(pattern: &str, delimiters: &[char]) -> Result<String, BuiltinError> {
    let within = if delimiters.is_empty() {
        "(?s:.)".to_owned()
    } else {
        format!("[^{}]", delimiters.iter().map(|c| escaped(*c)).collect::<String>())
    };
    let mut reader = Reader { characters: pattern.chars().collect(), at: 0 };
    let mut out = String::from("\\A(?:");
    let mut open = 0u32;
    while let Some(character) = reader.next() {
        match character {
            '{' => {
                open += 1;
                out.push_str("(?:");
            }
            ',' if open > 0 => out.push('|'),
            '}' if open > 0 => {
                open -= 1;
                out.push(')');
            }
            '[' => out.push_str(&reader.range()?),
            '?' => out.push_str(&within),
            '*' if reader.skip('*') => out.push_str("(?s:.)*"),
            '*' => {
                out.push_str(&within);
                out.push('*');
            }
            '\\' => match reader.next() {
                Some(next) => out.push_str(&escaped(next)),
                None => return Err(reader.failed("trailing backslash")),
            },
            other => out.push_str(&escaped(other)),
        }
    }
    if open > 0 {
        return Err(reader.failed("unclosed `{`"));
    }
    out.push_str(")\\z");
    Ok(out)
}

struct Reader {
    characters: Vec<char>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let character = self.characters.get(self.at).copied();
        self.at += usize::from(character.is_some());
        character
    }

    fn skip(&mut self, wanted: char) -> bool {
        let found = self.characters.get(self.at) == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    fn failed(&self, reason: &str) -> BuiltinError {
        let offset: usize = self.characters[..self.at].iter().map(|c| c.len_utf8()).sum();
        BuiltinError::evaluation(format!("glob: syntax error at {offset}: {reason}"))
    }

    fn end(&self) -> BuiltinError {
        self.failed("unexpected end of input")
    }

    /// What stands in brackets: one range, or characters.
    fn range(&mut self) -> Result<String, BuiltinError> {
        let not = if self.skip('!') { "^" } else { "" };
        let first = self.next().ok_or_else(|| self.end())?;
        if self.skip('-') {
            let last = self.next().ok_or_else(|| self.end())?;
            let close = self.next().ok_or_else(|| self.end())?;
            if close != ']' {
                return Err(self.failed("expected close range character"));
            }
            if last < first {
                return Err(self.failed("range hi character is less than lo"));
            }
            return Ok(format!("[{not}{}-{}]", escaped(first), escaped(last)));
        }
        self.at -= 1;
        let mut items = String::new();
        loop {
            match self.next() {
                None => return Err(self.end()),
                Some(']') if items.is_empty() => return Err(self.failed("could not parse range")),
                Some(']') => return Ok(format!("[{not}{items}]")),
                Some('\\') => {
                    let next = self.next();
                    let next = next.ok_or_else(|| self.failed("trailing backslash"))?;
                    items.push_str(&escaped(next));
                }
                Some(other) => items.push_str(&escaped(other)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn patterns_stop_at_delimiters() {
        check(&[
            ("glob.match", &["\"*.x\"", "[]", "\"a.x\""], "true"),
            ("glob.match", &["\"*\"", "[]", "\"a.x\""], "false"),
            ("glob.match", &["\"**\"", "[]", "\"a.x\""], "true"),
            ("glob.match", &["\"a*\"", "null", "\"a.b\""], "true"),
            ("glob.match", &["\"{a,b}*\"", "[\".\"]", "\"bc\""], "true"),
            ("glob.match", &["\"{,x}y\"", "[]", "\"y\""], "true"),
            ("glob.match", &["\"[!a-c]\"", "[]", "\"d\""], "true"),
            ("glob.match", &["\"[abc]\"", "[]", "\"d\""], "false"),
            ("glob.match", &["\"a}\"", "[]", "\"a}\""], "true"),
            ("glob.match", &["\"?\"", "[\"é\"]", "\"é\""], "false"),
            ("glob.match", &["\"a\\\\*\"", "[]", "\"a*\""], "true"),
            (
                "glob.match",
                &["\"[a\"", "[]", "\"d\""],
                "glob.match: glob: syntax error at 2: unexpected end of input",
            ),
            (
                "glob.match",
                &["\"{a\"", "[]", "\"d\""],
                "glob.match: glob: syntax error at 2: unclosed `{`",
            ),
            (
                "glob.match",
                &["\"a\\\\\"", "[]", "\"d\""],
                "glob.match: glob: syntax error at 2: trailing backslash",
            ),
            (
                "glob.match",
                &["\"[a-]\"", "[]", "\"d\""],
                "glob.match: glob: syntax error at 4: unexpected end of input",
            ),
            (
                "glob.match",
                &["\"[]\"", "[]", "\"d\""],
                "glob.match: glob: syntax error at 2: could not parse range",
            ),
            (
                "glob.match",
                &["\"a\"", "[\"ab\"]", "\"d\""],
                "glob.match: operand 2 must be array of runes but got array containing string",
            ),
            (
                "glob.quote_meta",
                &["\"a*[x]{}?-\\\\\""],
                "\"a\\\\*\\\\[x\\\\]\\\\{\\\\}\\\\?-\\\\\\\\\"",
            ),
        ]);
    }
}
