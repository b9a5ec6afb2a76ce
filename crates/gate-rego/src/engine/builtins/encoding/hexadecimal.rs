//! Hexadecimal digits as bytes, with Go's complaints.

/// The bytes that digits say; a wrong digit is told before an odd number of them.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    if let Some(byte) = text.bytes().find(|byte| !byte.is_ascii_hexdigit()) {
        let character = char::from(byte);
        let shown = !character.is_control() && byte != 0xad;
        let shown = if shown { format!(" '{character}'") } else { String::new() };
        return Err(format!("encoding/hex: invalid byte: U+{byte:04X}{shown}"));
    }
    hex::decode(text).map_err(|_| "encoding/hex: odd length hex string".to_owned())
}
