//! The times at which a certificate begins and ends to hold.

use super::der::{Element, Reader};

/// A second of universal time.
pub(super) struct Moment {
    pub(super) seconds: i64,
    pub(super) text: String,
}

impl Moment {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let Element { tag, content, .. } = reader.next()?;
        let digits = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = match (tag, digits.len()) {
            // Years of two digits end with 2049.
            (0x17, 12) if digits < "50" => format!("20{digits}"),
            (0x17, 12) => format!("19{digits}"),
            (0x18, 14) => digits.to_owned(),
            _ => return None,
        };
        let [year, month, day, hour, minute, second] =
            [0..4, 4..6, 6..8, 8..10, 10..12, 12..14].map(|range| &digits[range]);
        let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        // A minute of 61 seconds is none to Go.
        let timestamp: jiff::Timestamp = text.parse().ok().filter(|_| second < "60")?;
        Some(Self { seconds: timestamp.as_second(), text })
    }
}
