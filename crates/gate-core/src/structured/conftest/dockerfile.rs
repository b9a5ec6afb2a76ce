//! A Dockerfile as BuildKit takes it apart: its commands with their comments, values as they are written.

use serde_json::{Value, json};

use super::super::dockerfile::{KNOWN, flags, heredocs, short, split, values, words_as_written};

/// The list of commands.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut commands = vec![];
    let mut stage: i64 = -1;
    for part in parts(text)? {
        let (line, text) = match part {
            Part::Comment(comment) => {
                commands.push(command("comment", "", None, false, stage, &[comment]));
                continue;
            }
            Part::Instruction(line, text) => (line, text),
        };
        let (word, rest) = split(&text);
        let lower = word.to_ascii_lowercase();
        if !KNOWN.contains(&lower.as_str()) {
            return Err(format!("`{}` at line {line} is no instruction", short(word)));
        }
        if lower == "from" {
            stage += 1;
        } else if stage < 0 && lower != "arg" {
            return Err(format!("`{lower}` at line {line} comes before the first FROM"));
        }
        let (sub, inner, rest) = match lower.as_str() {
            "onbuild" => {
                let (inner, rest) = split(rest);
                (inner, inner.to_ascii_lowercase(), rest)
            }
            _ => ("", lower.clone(), rest),
        };
        let (flags, rest) = flags(rest);
        let (value, is_json) = written(&inner, rest);
        if value.is_empty() {
            return Err(format!("`{lower}` at line {line} says nothing"));
        }
        commands.push(command(&lower, sub, Some(&flags), is_json, stage, &value));
    }
    match stage {
        ..0 => Err("has no FROM".to_owned()),
        _ => Ok(Value::Array(commands)),
    }
}

fn command(
    word: &str,
    sub: &str,
    flags: Option<&[&str]>,
    is_json: bool,
    stage: i64,
    value: &[String],
) -> Value {
    json!({
        "Cmd": word,
        "SubCmd": sub,
        "Flags": flags,
        "JSON": is_json,
        "Stage": stage.max(0),
        "Value": value,
    })
}

/// The values of an instruction; quotes stay, and pairs say with what they are written.
fn written(word: &str, rest: &str) -> (Vec<String>, bool) {
    match word {
        "env" | "label" => (pairs(rest), false),
        "healthcheck" => {
            let (kind, rest) = split(rest);
            let (value, is_json) = values("cmd", rest);
            let kind = kind.to_ascii_uppercase();
            (std::iter::once(kind).chain(value).collect(), is_json)
        }
        "run" => {
            let (value, is_json) = values("run", rest);
            let begins = rest.starts_with("<<");
            let first = |text: String| {
                if begins { text.lines().next().unwrap_or_default().to_owned() } else { text }
            };
            (value.into_iter().map(first).collect(), is_json)
        }
        other => values(other, rest),
    }
}

/// `a=b` as `a, b, =`, and the old form `a b c` as `a, b c,` and nothing.
fn pairs(text: &str) -> Vec<String> {
    let words = words_as_written(text);
    if words.first().is_some_and(|word| word.contains('=')) {
        let pair = |word: &String| {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            [key.to_owned(), value.to_owned(), "=".to_owned()]
        };
        return words.iter().flat_map(pair).collect();
    }
    let (key, value) = split(text);
    if value.is_empty() { vec![] } else { vec![key.to_owned(), value.to_owned(), String::new()] }
}

enum Part {
    /// Without its `#`.
    Comment(String),
    /// The line where it begins, and its text in one line.
    Instruction(usize, String),
}

/// Comments and instructions in order. The directives at the top are neither; an empty comment
/// forgets those before it.
fn parts(text: &str) -> Result<Vec<Part>, String> {
    let is_directive = |line: &str| {
        let line = line.trim_start_matches('#').trim().to_ascii_lowercase();
        ["syntax", "escape", "check"].iter().any(|name| {
            line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    let directives = text.lines().take_while(|line| line.starts_with('#') && is_directive(line));
    let count = directives.clone().count();
    let escape =
        if directives.clone().any(|line| line.trim_end().ends_with('`')) { '`' } else { '\\' };
    let mut found: Vec<Part> = vec![];
    let mut comments: Vec<String> = vec![];
    let mut open: Option<(usize, String)> = None;
    let mut lines = text.lines().enumerate().skip(count);
    while let Some((at, line)) = lines.next() {
        let bare = line.trim();
        if let Some(comment) = bare.strip_prefix('#') {
            if open.is_none() {
                match comment.trim() {
                    "" => comments.clear(),
                    comment => comments.push(comment.to_owned()),
                }
            }
            continue;
        }
        if bare.is_empty() {
            continue;
        }
        let right = line.trim_end();
        let continues = right.ends_with(escape);
        let content = right.strip_suffix(escape).unwrap_or(right);
        let (begun, mut text) = open.take().unwrap_or((at + 1, String::new()));
        text.push_str(if text.is_empty() { content.trim_start() } else { content });
        if continues {
            open = Some((begun, text));
            continue;
        }
        skip_heredocs(&text, &mut lines, begun)?;
        found.extend(comments.drain(..).map(Part::Comment));
        found.push(Part::Instruction(begun, text));
    }
    if let Some((begun, text)) = open {
        found.extend(comments.drain(..).map(Part::Comment));
        found.push(Part::Instruction(begun, text));
    }
    Ok(found)
}

fn skip_heredocs<'a>(
    text: &str,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
    begun: usize,
) -> Result<(), String> {
    for delimiter in heredocs(text) {
        if !lines.by_ref().any(|(_, line)| line.trim_start_matches('\t') == delimiter) {
            return Err(format!("`{}` at line {begun} does not end", short(&delimiter)));
        }
    }
    Ok(())
}
