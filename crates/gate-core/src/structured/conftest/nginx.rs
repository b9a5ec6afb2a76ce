//! nginx: directives with parameters and blocks.

use serde_json::{Map, Value, json};

use crate::limits;

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut open: Vec<Vec<Value>> = vec![vec![]];
    let mut words: Vec<String> = vec![];
    let mut heads: Vec<Vec<String>> = vec![];
    for token in tokens(text)? {
        match token {
            Token::Word(word) => words.push(word),
            Token::Semicolon => add(&mut open, std::mem::take(&mut words), None)?,
            Token::Open => {
                if open.len() > limits::NESTING {
                    return Err(format!("nested more than {} deep", limits::NESTING));
                }
                heads.push(std::mem::take(&mut words));
                open.push(vec![]);
            }
            Token::Close => {
                let (Some(head), Some(block)) = (heads.pop(), open.pop()) else {
                    return Err("a block is closed that none opened".to_owned());
                };
                add(&mut open, head, Some(block))?;
            }
        }
    }
    match (open.pop(), heads.is_empty() && words.is_empty()) {
        (Some(directives), true) => Ok(json!({"directives": directives})),
        _ => Err("a directive or block does not end".to_owned()),
    }
}

fn add(
    open: &mut [Vec<Value>],
    words: Vec<String>,
    block: Option<Vec<Value>>,
) -> Result<(), String> {
    let mut words = words.into_iter();
    let name = words.next().ok_or("a directive has no name")?;
    let parameters: Vec<_> = words.collect();
    let mut directive = Map::from_iter([("name".to_owned(), name.into())]);
    if !parameters.is_empty() {
        directive.insert("parameters".to_owned(), json!(parameters));
    }
    if let Some(mut block) = block {
        // The parser behind Conftest keeps the servers of these apart.
        if directive["name"] == "http" || directive["name"] == "upstream" {
            block.sort_by_key(|it| it["name"] == "server");
        }
        directive.insert("block".to_owned(), json!({"directives": block}));
    }
    if let Some(place) = open.last_mut() {
        place.push(Value::Object(directive));
    }
    Ok(())
}

enum Token {
    Word(String),
    Semicolon,
    Open,
    Close,
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = vec![];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if found.len() > limits::DOCUMENT_VALUES {
            return Err(format!("holds more than {} values", limits::DOCUMENT_VALUES));
        }
        let taken = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            ';' | '{' | '}' => {
                found.push(match first {
                    ';' => Token::Semicolon,
                    '{' => Token::Open,
                    _ => Token::Close,
                });
                1
            }
            '"' | '\'' => {
                let end = quoted(rest, first).ok_or("a text does not end")?;
                found.push(Token::Word(rest[..end].to_owned()));
                end
            }
            _ => {
                let end = word(rest);
                found.push(Token::Word(rest[..end].to_owned()));
                end
            }
        };
        rest = rest[taken..].trim_start();
    }
    Ok(found)
}

fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, it) in text.char_indices().skip(1) {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if it == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The end of a bare word; `${name}` belongs to it.
fn word(text: &str) -> usize {
    let mut braces = 0;
    let mut before = ' ';
    for (at, it) in text.char_indices() {
        match it {
            '{' if before == '$' => braces += 1,
            '}' if braces > 0 => braces -= 1,
            '{' | '}' | ';' if braces == 0 => return at.max(1),
            _ if it.is_whitespace() => return at,
            _ => {}
        }
        before = it;
    }
    text.len()
}
