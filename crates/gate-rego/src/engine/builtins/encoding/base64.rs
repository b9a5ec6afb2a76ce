//! Base64 as Go reads it: line breaks are skipped, bits behind the last byte are not looked at.

use base64::Engine as _;
use base64::engine::general_purpose;

/// An alphabet by its last two characters.
#[derive(Clone, Copy)]
pub(in crate::engine::builtins) struct Alphabet {
    last: [u8; 2],
    padded: bool,
}

pub(in crate::engine::builtins) const STANDARD: Alphabet = Alphabet { last: *b"+/", padded: true };
const URL: Alphabet = Alphabet { last: *b"-_", padded: true };

pub(in crate::engine::builtins) fn standard(bytes: &[u8]) -> String {
    general_purpose::STANDARD.encode(bytes)
}

pub(super) fn url(bytes: &[u8]) -> String {
    general_purpose::URL_SAFE.encode(bytes)
}

pub(in crate::engine::builtins) fn url_without_padding(bytes: &[u8]) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

impl Alphabet {
    fn digit(self, byte: u8) -> Option<u32> {
        match byte {
            b'A'..=b'Z' => Some(u32::from(byte - b'A')),
            b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
            b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
            _ if byte == self.last[0] => Some(62),
            _ if byte == self.last[1] => Some(63),
            _ => None,
        }
    }
}

fn illegal<T>(at: usize) -> Result<T, String> {
    Err(format!("illegal base64 data at input byte {at}"))
}

/// The bytes that a text encodes.
pub(in crate::engine::builtins) fn decode(
    text: &str,
    alphabet: Alphabet,
) -> Result<Vec<u8>, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut bits, mut digits) = (0u32, 0usize);
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        if matches!(byte, b'\n' | b'\r') {
            continue;
        }
        let Some(digit) = alphabet.digit(byte) else {
            if byte != b'=' || !alphabet.padded {
                return illegal(at - 1);
            }
            padding(bytes, at, digits)?;
            return Ok(finished(out, bits, digits));
        };
        bits = bits << 6 | digit;
        digits += 1;
        if digits == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, digits) = (0, 0);
        }
    }
    if digits == 1 || (digits > 0 && alphabet.padded) {
        return illegal(bytes.len() - digits);
    }
    Ok(finished(out, bits, digits))
}

/// The bytes of the last, short group.
fn finished(mut out: Vec<u8>, bits: u32, digits: usize) -> Vec<u8> {
    if digits > 1 {
        let bits = bits << (6 * (4 - digits));
        out.extend_from_slice(&bits.to_be_bytes()[1..digits]);
    }
    out
}

/// Checks what follows the first `=`, with so many digits before it: another one, or nothing.
fn padding(bytes: &[u8], mut at: usize, digits: usize) -> Result<(), String> {
    let skip = |mut at: usize| {
        while bytes.get(at).is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            at += 1;
        }
        at
    };
    match digits {
        0 | 1 => return illegal(at - 1),
        2 => {
            at = skip(at);
            match bytes.get(at) {
                None => return illegal(bytes.len()),
                Some(b'=') => at += 1,
                Some(_) => return illegal(at - 1),
            }
        }
        _ => {}
    }
    at = skip(at);
    if at < bytes.len() { illegal(at) } else { Ok(()) }
}

/// The bytes that a text encodes in the alphabet of URLs, with or without padding.
pub(in crate::engine::builtins) fn decode_url(text: &str) -> Result<Vec<u8>, String> {
    if text.ends_with('=') {
        return decode(text, URL);
    }
    match text.len() % 4 {
        0 => decode(text, URL),
        2 => decode(&format!("{text}=="), URL),
        3 => decode(&format!("{text}="), URL),
        _ => Err(format!("illegal base64url string: {text}")),
    }
}
