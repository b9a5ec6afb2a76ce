//! Bytes as text: a text is UTF-8, where OPA's may be any bytes.

use super::BuiltinError;

/// The text of bytes. Bytes that are no UTF-8 stop the evaluation: whatever stood in for them would
/// compare, count and hash otherwise than in OPA.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, BuiltinError> {
    String::from_utf8(bytes)
        .map_err(|_| BuiltinError::limit("result is no UTF-8 text, which is not supported"))
}
