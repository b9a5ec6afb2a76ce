//! Java properties: every value is text, as it is written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::limits;

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut raw = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim_start().to_owned();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        while continues(&line) {
            line.pop();
            match lines.next() {
                Some(more) => line.push_str(more.trim_start()),
                None => break,
            }
        }
        if raw.len() > limits::DOCUMENT_VALUES {
            return Err(format!("holds more than {} values", limits::DOCUMENT_VALUES));
        }
        let (key, value) = pair(&line);
        raw.insert(unescaped(key)?, unescaped(value)?);
    }
    Ok(raw.into_iter().map(|(key, value)| (key, Value::from(value))).collect())
}

/// Whether a line ends with an odd number of backslashes.
fn continues(line: &str) -> bool {
    line.bytes().rev().take_while(|it| *it == b'\\').count() % 2 == 1
}

/// Key and value, parted by `=`, `:` or white space that no backslash stands before.
fn pair(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, it) in line.char_indices() {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '=' | ':' => return (&line[..at], line[at + 1..].trim_start()),
            _ if it.is_whitespace() => {
                let rest = line[at..].trim_start();
                let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
                return (&line[..at], rest.trim_start());
            }
            _ => {}
        }
    }
    (line, "")
}

fn unescaped(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(it) = rest.next() {
        if it != '\\' {
            out.push(it);
            continue;
        }
        match rest.next() {
            Some('u') => {
                let code: String = rest.by_ref().take(4).collect();
                let it = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                out.push(it.ok_or_else(|| format!("`\\u{code}` is no character"))?);
            }
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    Ok(out)
}
