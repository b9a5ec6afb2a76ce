//! PEM blocks as Go finds them: what is malformed is passed over.

use crate::engine::builtins::encoding::base64;

pub(super) struct Block<'a> {
    pub(super) kind: &'a str,
    pub(super) content: Vec<u8>,
}

/// The first block of a text and what stands behind it.
pub(super) fn block(text: &str) -> Option<(Block<'_>, &str)> {
    let mut rest = text;
    loop {
        let start = start(rest)?;
        rest = &rest[start..];
        let (kind, body) = rest.split_once("-----")?;
        if !kind.contains('\n')
            && let Some(found) = ended(kind, body)
        {
            return Some(found);
        }
    }
}

/// Where the first label begins.
fn start(text: &str) -> Option<usize> {
    let mark = "-----BEGIN ";
    if text.starts_with(mark) {
        return Some(mark.len());
    }
    text.find("\n-----BEGIN ").map(|at| at + 1 + mark.len())
}

fn ended<'a>(kind: &'a str, body: &'a str) -> Option<(Block<'a>, &'a str)> {
    let (first_line, body) = body.split_once('\n')?;
    if !first_line.trim().is_empty() {
        return None;
    }
    let mark = format!("-----END {kind}-----");
    let end = if body.starts_with(&mark) { 0 } else { body.find(&format!("\n{mark}"))? + 1 };
    let behind = &body[end + mark.len()..];
    let (last_line, behind) = behind.split_once('\n').unwrap_or((behind, ""));
    if !last_line.trim().is_empty() {
        return None;
    }
    let mut lines = body[..end].lines().peekable();
    // Headers stand before the content.
    while lines.next_if(|line| line.contains(':')).is_some() {}
    let digits: String =
        lines.flat_map(str::chars).filter(|letter| !letter.is_ascii_whitespace()).collect();
    let content = base64::decode(&digits, base64::STANDARD).ok()?;
    Some((Block { kind, content }, behind))
}
