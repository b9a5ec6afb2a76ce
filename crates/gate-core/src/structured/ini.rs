//! INI: sections of keys, whose values are numbers and booleans where they look like it. Keys before
//! the first section stand under `DEFAULT`.

use serde_json::{Map, Value};

use crate::limits;

/// Reads a file. A line that is no section, key or comment makes it none.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut sections = Map::new();
    let mut section = "DEFAULT".to_owned();
    let mut has_section = false;
    let mut values = 0;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            if !line.contains(']') {
                return Err(format!("a section does not end at line {}", at + 1));
            }
            name.trim().clone_into(&mut section);
            sections.entry(section.clone()).or_insert_with(|| Value::Object(Map::new()));
            has_section = true;
            continue;
        }
        let (key, value) = line
            .split_once(['=', ':'])
            .ok_or_else(|| format!("line {} is no section, key or comment", at + 1))?;
        values += 1;
        if values > limits::DOCUMENT_VALUES {
            return Err(format!("holds more than {} values", limits::DOCUMENT_VALUES));
        }
        let keys = sections.entry(section.clone()).or_insert_with(|| Value::Object(Map::new()));
        keys[key.trim()] = typed(value);
    }
    Ok(if has_section || values > 0 { Value::Object(sections) } else { Value::Null })
}

/// A value without its quotes or the comment after it.
fn typed(value: &str) -> Value {
    let value = value.trim();
    for quote in ['"', '\''] {
        let quoted = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote));
        if let Some((inner, rest)) = quoted
            && (rest.trim().is_empty() || rest.trim_start().starts_with([';', '#']))
        {
            return inner.into();
        }
    }
    let comment = [" ;", " #", "\t;", "\t#"].into_iter().filter_map(|it| value.find(it)).min();
    let value = comment.map_or(value, |at| value[..at].trim_end());
    match value {
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => number(value).unwrap_or_else(|| value.into()),
    }
}

/// A decimal number; not `0644`, `1e999` or `+1`, which are more likely something else.
fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && (!digits.starts_with('0') || digits == "0" || digits.starts_with("0."));
    if !plain {
        return None;
    }
    let whole = text.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| {
        text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_stand_in_their_sections_with_types() {
        let text = "; top\nmode = production\n[server]\nport = 3000 ; the port\nratio=0.5\non = true\nurl = http://h/a#b\nempty =\nquoted = \"a;b\" ; c\nperm: 0644\n[auth.ldap]\n[server]\nmore = -1\n";
        let expected = json!({
            "DEFAULT": {"mode": "production"},
            "server": {"port": 3000, "ratio": 0.5, "on": true, "url": "http://h/a#b", "empty": "", "quoted": "a;b", "perm": "0644", "more": -1},
            "auth.ldap": {},
        });
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn other_text_is_none() {
        for text in ["just words\n", "[open\n", "[a]\nwords\n"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(read("# nothing\n").unwrap(), Value::Null);
    }
}
