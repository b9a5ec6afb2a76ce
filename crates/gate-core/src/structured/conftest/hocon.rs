//! HOCON: objects with dotted keys, comments and substitutions. Values that are no objects are numbers
//! and booleans where they look like it, else text.

use serde_json::{Map, Number, Value};

use crate::limits;

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text, left: limits::DOCUMENT_VALUES };
    reader.skip(true);
    let braced = reader.take("{");
    let mut root = Map::new();
    reader.members(&mut root, braced, 0)?;
    reader.skip(true);
    if !reader.rest.is_empty() {
        return Err("something follows the document".to_owned());
    }
    Ok(Value::Object(root))
}

struct Reader<'a> {
    rest: &'a str,
    left: usize,
}

impl Reader<'_> {
    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Passes white space and comments; line ends only where they part nothing.
    fn skip(&mut self, lines: bool) {
        loop {
            self.rest = self
                .rest
                .trim_start_matches(|it: char| it.is_whitespace() && (lines || it != '\n'));
            if !self.rest.starts_with('#') && !self.rest.starts_with("//") {
                return;
            }
            self.rest = self.rest.find('\n').map_or("", |at| &self.rest[at..]);
        }
    }

    fn members(
        &mut self,
        into: &mut Map<String, Value>,
        braced: bool,
        depth: usize,
    ) -> Result<(), String> {
        if depth > limits::NESTING {
            return Err(format!("nested more than {} deep", limits::NESTING));
        }
        loop {
            self.skip(true);
            while self.take(",") {
                self.skip(true);
            }
            if self.rest.is_empty() {
                return if braced { Err("an object does not end".to_owned()) } else { Ok(()) };
            }
            if self.rest.starts_with('}') {
                return if braced && self.take("}") {
                    Ok(())
                } else {
                    Err("a `}` closes nothing".to_owned())
                };
            }
            self.left = self.left.checked_sub(1).ok_or("holds too many values")?;
            let path = self.key()?;
            self.skip(false);
            let appends = self.take("+=");
            let assigned = appends || self.take("=") || self.take(":");
            self.skip(true);
            if appends || self.rest.starts_with("${") {
                return Err("`+=` and substitutions of HOCON are not read".to_owned());
            }
            if self.take("{") {
                let mut inner = Map::new();
                self.members(&mut inner, true, depth + 1)?;
                put(into, &path, Value::Object(inner))?;
            } else if assigned {
                let value = self.value(depth)?;
                put(into, &path, value)?;
            } else {
                return Err(format!("`{}` has no value", path.join(".")));
            }
        }
    }

    fn key(&mut self) -> Result<Vec<String>, String> {
        let mut path = vec![];
        loop {
            self.skip(false);
            if self.rest.starts_with('"') {
                path.push(self.quoted()?);
            } else {
                let ends = |it: char| it.is_whitespace() || ".=:{}+,\"#".contains(it);
                let end = self.rest.find(ends).unwrap_or(self.rest.len());
                if end == 0 {
                    return Err("a key is missing".to_owned());
                }
                path.push(self.rest[..end].to_owned());
                self.rest = &self.rest[end..];
            }
            if path.len() > limits::NESTING {
                return Err(format!("nested more than {} deep", limits::NESTING));
            }
            if !self.take(".") {
                return Ok(path);
            }
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut escaped = false;
        for (at, it) in self.rest.char_indices().skip(1) {
            match it {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    let (text, rest) = self.rest.split_at(at + 1);
                    self.rest = rest;
                    return serde_json::from_str(text).map_err(|error| error.to_string());
                }
                _ => {}
            }
        }
        Err("a text does not end".to_owned())
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > limits::NESTING {
            return Err(format!("nested more than {} deep", limits::NESTING));
        }
        if self.take("[") {
            let mut items = vec![];
            loop {
                self.skip(true);
                while self.take(",") {
                    self.skip(true);
                }
                if self.take("]") {
                    return Ok(Value::Array(items));
                }
                if self.rest.is_empty() {
                    return Err("a list does not end".to_owned());
                }
                self.left = self.left.checked_sub(1).ok_or("holds too many values")?;
                if self.take("{") {
                    let mut inner = Map::new();
                    self.members(&mut inner, true, depth + 1)?;
                    items.push(Value::Object(inner));
                } else {
                    items.push(self.value(depth + 1)?);
                }
            }
        }
        if let Some(rest) = self.rest.strip_prefix("\"\"\"") {
            let (text, rest) = rest.split_once("\"\"\"").ok_or("a text does not end")?;
            self.rest = rest;
            return Ok(text.into());
        }
        if self.rest.starts_with('"') {
            return self.quoted().map(|text| typed(&text));
        }
        let end = self.rest.find(['\n', ',', ']', '}', '#']).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        let (text, rest) = match text.find("//").filter(|at| text[..*at].ends_with(' ')) {
            Some(at) => (&text[..at], &self.rest[at..]),
            None => (text, rest),
        };
        if text.contains("${") {
            return Err("substitutions of HOCON are not read".to_owned());
        }
        self.rest = rest;
        Ok(typed(text.trim()))
    }
}

/// Puts a value at a path; objects merge, anything else is replaced.
fn put(into: &mut Map<String, Value>, path: &[String], value: Value) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else { return Err("a key is missing".to_owned()) };
    if !rest.is_empty() {
        let inner = into.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        return inner.as_object_mut().map_or(Ok(()), |inner| put(inner, rest, value));
    }
    match (into.get_mut(first), value) {
        (Some(Value::Object(old)), Value::Object(new)) => {
            for (key, value) in new {
                put(old, &[key], value)?;
            }
        }
        (_, value) => {
            into.insert(first.clone(), value);
        }
    }
    Ok(())
}

fn typed(text: &str) -> Value {
    match text {
        "true" => return true.into(),
        "false" => return false.into(),
        _ => {}
    }
    if let Ok(whole) = text.parse::<i64>() {
        return whole.into();
    }
    let is_number = text.bytes().any(|it| it.is_ascii_digit());
    let number = text.parse::<f64>().ok().filter(|_| is_number).and_then(Number::from_f64);
    number.map_or_else(|| text.into(), Value::Number)
}
