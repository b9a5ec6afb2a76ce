//! Globs that are plain texts and `*` between delimiters.

use std::sync::Arc;

use crate::engine::program::Want;
use crate::engine::value::{Array, Value};

/// What a glob demands, if it has no other wildcard than `*` alone between delimiters.
pub(super) fn parts(pattern: &str, delimiters: &Array) -> Option<Want> {
    let delimiters: String = if delimiters.is_empty() {
        ".".to_owned()
    } else {
        delimiters.iter().map(Value::as_str).collect::<Option<_>>()?
    };
    let parts =
        split(pattern, &delimiters)
            .into_iter()
            .map(|part| {
                if part == "*" {
                    Some(None)
                } else {
                    is_literal(part).then(|| Some(Arc::from(part)))
                }
            })
            .collect::<Option<Vec<_>>>()?;
    Some(Want::Parts { delimiters: delimiters.into(), parts })
}

fn is_literal(part: &str) -> bool {
    let mut escaped = false;
    for letter in part.chars() {
        if letter == '\\' {
            escaped = !escaped;
            continue;
        }
        if !escaped && matches!(letter, '[' | '?' | '{' | '*') {
            return false;
        }
        escaped = false;
    }
    true
}

/// The parts of a text between delimiters of one byte that no backslash escapes.
fn split<'t>(text: &'t str, delimiters: &str) -> Vec<&'t str> {
    crate::engine::program::split(text, delimiters)
}
