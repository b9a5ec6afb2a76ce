//! EDN, in which all that is no list, vector or map becomes text.

use serde_json::{Map, Value};

use crate::limits;

/// Reads the first value of a text.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text, left: limits::DOCUMENT_VALUES };
    reader.value(0)?.ok_or_else(|| "holds no value".to_owned())
}

struct Reader<'a> {
    rest: &'a str,
    left: usize,
}

impl Reader<'_> {
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches(|it: char| it.is_whitespace() || it == ',');
            if !self.rest.starts_with(';') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    /// The next value; none at the end or before a closing bracket.
    fn value(&mut self, depth: usize) -> Result<Option<Value>, String> {
        if depth > limits::NESTING {
            return Err(format!("nested more than {} deep", limits::NESTING));
        }
        self.left = self.left.checked_sub(1).ok_or("holds too many values")?;
        self.skip();
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        match first {
            ']' | ')' | '}' => Ok(None),
            '[' => self.items("[", "]", depth).map(|it| Some(Value::Array(it))),
            '(' => self.items("(", ")", depth).map(|it| Some(Value::Array(it))),
            '{' => {
                let items = self.items("{", "}", depth)?;
                if items.len() % 2 == 1 {
                    return Err("a map has a key without a value".to_owned());
                }
                let mut map = Map::new();
                let mut items = items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                    map.insert(key, value);
                }
                Ok(Some(Value::Object(map)))
            }
            '"' => self.string().map(Some),
            '#' if self.rest.starts_with("#_") => {
                self.rest = &self.rest[2..];
                self.value(depth + 1)?;
                self.value(depth + 1)
            }
            '#' if self.rest.starts_with("#{") => {
                self.rest = &self.rest[1..];
                let items = self.items("{", "}", depth)?;
                Ok(Some(set(&items).into()))
            }
            '#' => self.tagged(depth).map(Some),
            '\\' => self.character().map(Some),
            _ => {
                let word = self.word();
                let is_number = word.starts_with(|it: char| it.is_ascii_digit() || it == '-');
                if is_number && word.ends_with(['N', 'M']) {
                    return Err(format!("the exact number `{word}` is not read"));
                }
                Ok(Some(word.into()))
            }
        }
    }

    /// A value with a tag, which is text like all that is no list or map.
    fn tagged(&mut self, depth: usize) -> Result<Value, String> {
        self.rest = &self.rest[1..];
        let tag = self.word();
        let value = self.value(depth + 1)?.ok_or("a tag has no value")?;
        match (tag.as_str(), value.as_str().map(|text| text.split_once('T'))) {
            ("inst", Some(Some((day, time)))) if time.ends_with('Z') => {
                Ok(format!("{day} {} +0000 UTC", time.trim_end_matches('Z')).into())
            }
            ("inst", _) => Err("an instant is not in UTC".to_owned()),
            _ => Ok(format!("#{tag} {}", written(&value)).into()),
        }
    }

    fn items(&mut self, open: &str, close: &str, depth: usize) -> Result<Vec<Value>, String> {
        self.rest = self.rest.strip_prefix(open).unwrap_or(self.rest);
        let mut items = vec![];
        while let Some(item) = self.value(depth + 1)? {
            items.push(item);
        }
        self.rest =
            self.rest.strip_prefix(close).ok_or_else(|| format!("a `{open}` is not closed"))?;
        Ok(items)
    }

    fn string(&mut self) -> Result<Value, String> {
        let mut out = String::new();
        let mut all = self.rest.char_indices().skip(1);
        while let Some((at, it)) = all.next() {
            match it {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(out.into());
                }
                '\\' => match all.next().map(|(_, it)| it) {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('r') => out.push('\r'),
                    Some(other) => out.push(other),
                    None => break,
                },
                _ => out.push(it),
            }
        }
        Err("a text does not end".to_owned())
    }

    /// A character, which is the number of its code.
    fn character(&mut self) -> Result<Value, String> {
        self.rest = &self.rest[1..];
        let first = self.rest.chars().next().ok_or("a character is missing")?;
        let word = self.word();
        let it = match word.as_str() {
            "newline" => '\n',
            "return" => '\r',
            "space" => ' ',
            "tab" => '\t',
            one if one.chars().count() == 1 => first,
            _ => return Err(format!("`\\{word}` is no character")),
        };
        Ok(u32::from(it).to_string().into())
    }

    fn word(&mut self) -> String {
        let ends = |it: char| it.is_whitespace() || "[](){}\",;".contains(it);
        let end = self.rest.find(ends).unwrap_or(self.rest.len()).max(1);
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if word == "nil" { "<nil>".to_owned() } else { word.to_owned() }
    }
}

/// A set as Go writes the map that it is there.
fn set(items: &[Value]) -> String {
    let mut items: Vec<_> = items.iter().map(|item| format!("{}:true", written(item))).collect();
    items.sort();
    format!("map[{}]", items.join(" "))
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
