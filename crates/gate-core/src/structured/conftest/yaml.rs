//! YAML as Conftest takes it apart: documents are parted by a line that is `---` and nothing else.

use serde_json::Value;

use crate::structured::yaml;

/// One document, or several as a list in which empty ones are `null`.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let separator = if text.contains("\r\n") { "\r\n---\r\n" } else { "\n---\n" };
    let mut parts: Vec<String> = text.split(separator).map(str::to_owned).collect();
    // What stands before the first separator belongs to the first document if it is a directive.
    if text.starts_with('%') && parts.len() > 1 {
        let first = parts.remove(0);
        parts[0] = format!("{first}{separator}{}", parts[0]);
    }
    if parts.len() == 1 {
        return one(text);
    }
    parts.iter().map(|part| one(part)).collect()
}

/// The first document of a text.
fn one(text: &str) -> Result<Value, String> {
    Ok(yaml::typed_documents(text)?.into_iter().next().unwrap_or(Value::Null))
}
