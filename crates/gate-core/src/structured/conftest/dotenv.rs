//! Environment files: `KEY=value` lines, with quotes, comments and `$OTHER` filled in.

use serde_json::{Map, Value};

/// Reads a file. A line that is no assignment or comment makes it none.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut all: Map<String, Value> = Map::new();
    let text = text.replace("\r\n", "\n");
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = || format!("line {} is no assignment", at + 1);
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let end = line.find(|it: char| !(it.is_alphanumeric() || it == '_' || it == '.'));
        let (name, rest) = line.split_at(end.unwrap_or(line.len()));
        if name.is_empty() {
            return Err(wrong());
        }
        let rest = rest.trim_start();
        if rest.is_empty() {
            // `export NAME` of something that is set already.
            if all.contains_key(name) {
                continue;
            }
            return Err(wrong());
        }
        let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": ")).ok_or_else(wrong)?;
        let mut value = value.trim().to_owned();
        // A quoted value may go on over lines.
        while let Some(quote) = value.chars().next().filter(|it| ['"', '\''].contains(it)) {
            if closing(&value, quote).is_some() {
                break;
            }
            let Some((_, more)) = lines.next() else { return Err(wrong()) };
            value.push('\n');
            value.push_str(more);
        }
        let value = typed(&value, &all).ok_or_else(wrong)?;
        all.insert(name.to_owned(), value.into());
    }
    Ok(Value::Object(all))
}

/// Where a quoted value ends.
fn closing(value: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, it) in value.char_indices().skip(1) {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if it == quote => return Some(at),
            _ => {}
        }
    }
    None
}

fn typed(value: &str, all: &Map<String, Value>) -> Option<String> {
    if let Some(quote) = value.chars().next().filter(|it| ['"', '\''].contains(it)) {
        let end = closing(value, quote)?;
        let after = value[end + 1..].trim();
        if !after.is_empty() && !after.starts_with('#') {
            return None;
        }
        let inner = &value[1..end];
        return Some(if quote == '"' { filled(&escapes(inner), all) } else { inner.to_owned() });
    }
    let bare = value.split('#').next().unwrap_or_default().trim();
    Some(filled(bare, all))
}

fn escapes(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\r", "\r").replace("\\\"", "\"")
}

/// `$NAME` and `${NAME}` by what stands above; what is not there is empty. `\$` stays.
fn filled(text: &str, all: &Map<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        if let Some(kept) = before.strip_suffix('\\') {
            out.push_str(kept);
            out.push('$');
            rest = &after[1..];
            continue;
        }
        out.push_str(before);
        let inner = &after[1..];
        let braced = inner.strip_prefix('{').and_then(|it| it.split_once('}'));
        let (name, tail) = braced.unwrap_or_else(|| {
            let end = inner.find(|it: char| !(it.is_alphanumeric() || it == '_'));
            inner.split_at(end.unwrap_or(inner.len()))
        });
        match all.get(name) {
            _ if name.is_empty() => out.push('$'),
            Some(Value::String(value)) => out.push_str(value),
            _ => {}
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
