//! INI: sections of keys, whose values are numbers and booleans wherever they can be read so. Keys
//! before the first section are left out.

use serde_json::{Map, Number, Value};

use crate::limits;

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut sections = Map::new();
    let mut section: Option<String> = None;
    let mut values = 0;
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let end = rest
                .rfind(']')
                .ok_or_else(|| format!("a section does not end at line {}", at + 1))?;
            let name = rest[..end].to_owned();
            if name != "DEFAULT" {
                sections.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            }
            section = Some(name).filter(|name| name != "DEFAULT");
            continue;
        }
        let (key, value) = pair(line).ok_or_else(|| format!("line {} has no `=`", at + 1))?;
        let mut value = value.trim().to_owned();
        if let Some(begin) = value.strip_prefix("\"\"\"") {
            let mut whole = begin.to_owned();
            while !whole.contains("\"\"\"") {
                let (_, more) = lines.next().ok_or("a text does not end")?;
                whole.push('\n');
                whole.push_str(more);
            }
            // A quote of the other kind keeps what stands in it.
            value = format!("`{}`", whole.split("\"\"\"").next().unwrap_or_default());
        }
        while let Some(before) = value.strip_suffix('\\') {
            let Some((_, more)) = lines.next() else { break };
            value = format!("{before}{}", more.trim());
        }
        values += 1;
        if values > limits::DOCUMENT_VALUES {
            return Err(format!("holds more than {} values", limits::DOCUMENT_VALUES));
        }
        if let Some(section) = &section {
            sections[section][key] = typed(&bare(&value));
        }
    }
    Ok(Value::Object(sections))
}

/// Key and value; a key may be quoted.
fn pair(line: &str) -> Option<(&str, &str)> {
    for quote in ["\"", "`"] {
        if let Some((key, rest)) = line.strip_prefix(quote).and_then(|rest| rest.split_once(quote))
        {
            let (_, value) = rest.split_once(['=', ':'])?;
            return Some((key.trim(), value));
        }
    }
    let (key, value) = line.split_once(['=', ':'])?;
    Some((key.trim(), value))
}

/// A value without its quotes, or without the comment behind it.
fn bare(value: &str) -> String {
    if let Some(rest) = value.strip_prefix('`') {
        return rest.split('`').next().unwrap_or_default().to_owned();
    }
    let is_quoted = |it: &str, quote: char| {
        it.len() > 1
            && it.starts_with(quote)
            && it.find(quote) != it.rfind(quote)
            && it.ends_with(quote)
    };
    let without = match value.find(['#', ';']) {
        Some(at) => value[..at].trim(),
        None => value,
    };
    for quote in ['"', '\''] {
        if is_quoted(without, quote) {
            return without[1..without.len() - 1].to_owned();
        }
    }
    without.to_owned()
}

/// A number or boolean where Go's `strconv` reads one.
fn typed(value: &str) -> Value {
    let number = plain(value).parse::<f64>().ok().filter(|_| {
        // Rust reads names of what is no number in more ways; neither has a JSON form.
        value.bytes().any(|it| it.is_ascii_digit())
    });
    if let Some(number) = number.and_then(whole) {
        return Value::Number(number);
    }
    match value {
        "t" | "T" | "TRUE" | "true" | "True" => true.into(),
        "f" | "F" | "FALSE" | "false" | "False" => false.into(),
        text => text.into(),
    }
}

/// A number without the underscores between its digits.
fn plain(value: &str) -> String {
    let between = !value.starts_with('_') && !value.ends_with('_') && !value.contains("__");
    if between { value.replace('_', "") } else { value.to_owned() }
}

/// A whole number stays one.
fn whole(number: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within what is exact")]
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}
