//! From YAML to the shape that SPDX's JSON has.

use serde_json::Value;

use crate::verify::failure::Failure;

/// Reads YAML; aliases, depth and size have bounds of the parser's own.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Failure> {
    let text = super::super::rules::read_text(bytes)?;
    serde_saphyr::from_str(text).map_err(|error| Failure::malformed(format!("is no YAML: {error}")))
}
