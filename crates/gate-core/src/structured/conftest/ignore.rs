//! `.gitignore` and `.dockerignore`: a list of lines, each `{Kind, Value, Original}`.

use serde_json::{Value, json};

/// Reads a file. What follows the last line end is a line too.
#[expect(clippy::unnecessary_wraps, reason = "as every parser")]
pub(super) fn read(text: &str) -> Result<Value, String> {
    Ok(text.split('\n').map(entry).collect())
}

fn entry(line: &str) -> Value {
    let kept = kept(line);
    let (kind, value) = match line.chars().next() {
        _ if kept.is_empty() => ("Empty", line.to_owned()),
        Some('#') => ("Comment", kept[1..].trim().to_owned()),
        Some('!') => ("NegatedPath", unescaped(&kept[1..])),
        _ => ("Path", unescaped(kept)),
    };
    json!({"Kind": kind, "Value": value, "Original": line})
}

/// A line without the spaces at its end, but for one that a backslash keeps.
fn kept(line: &str) -> &str {
    let bare = line.trim_end_matches(' ');
    let keeps_one = bare.ends_with('\\') && bare.len() < line.len();
    if keeps_one { &line[..=bare.len()] } else { bare }
}

/// Two backslashes are one, and one is none.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(it) = rest.next() {
        if it != '\\' {
            out.push(it);
        } else if rest.next_if_eq(&'\\').is_some() {
            out.push('\\');
        }
    }
    out
}
