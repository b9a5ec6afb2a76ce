//! Go's layouts: an example of a time, in which each part stands for what is written in its place.

pub(super) const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
pub(super) const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// A layout by its name, or the text itself.
pub(super) fn named(layout: &str) -> &str {
    match layout {
        "ANSIC" => "Mon Jan _2 15:04:05 2006",
        "UnixDate" => "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate" => "Mon Jan 02 15:04:05 -0700 2006",
        "RFC822" => "02 Jan 06 15:04 MST",
        "RFC822Z" => "02 Jan 06 15:04 -0700",
        "RFC850" => "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123" => "Mon, 02 Jan 2006 15:04:05 MST",
        "RFC1123Z" => "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339" => RFC3339,
        "RFC3339Nano" => RFC3339_NANO,
        other => other,
    }
}

/// How a number is filled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    None,
    Zero,
    Space,
}

/// A part of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    ShortMonth,
    Month(Fill),
    LongWeekday,
    ShortWeekday,
    Day(Fill),
    DayOfYear(Fill),
    Hour,
    Hour12(Fill),
    Minute(Fill),
    Second(Fill),
    LongYear,
    ShortYear,
    /// `PM`, or `pm` where it is lower.
    Half {
        lower: bool,
    },
    ZoneName,
    /// An offset: `Z` for none where `zulu`, with minutes, with seconds, with colons.
    Offset {
        zulu: bool,
        minutes: bool,
        seconds: bool,
        colons: bool,
    },
    /// A fraction of a second: so many digits, behind a point or a comma.
    Fraction {
        digits: usize,
        trimmed: bool,
        comma: bool,
    },
}

/// The text before the first part, the part with its own text, and what is behind it.
pub(super) fn next(layout: &str) -> (&str, Option<(Part, &str)>, &str) {
    for (at, byte) in layout.bytes().enumerate() {
        if !layout.is_char_boundary(at) {
            continue;
        }
        let rest = &layout[at..];
        // In `_2006` the underscore is text.
        if let Some(behind) = rest.strip_prefix("_2006") {
            return (&layout[..=at], Some((Part::LongYear, &rest[1..5])), behind);
        }
        if let Some((part, length)) = part(byte, rest) {
            return (&layout[..at], Some((part, &rest[..length])), &rest[length..]);
        }
    }
    (layout, None, "")
}

fn part(byte: u8, rest: &str) -> Option<(Part, usize)> {
    let ends = |length: usize| !rest[length..].starts_with(|c: char| c.is_ascii_lowercase());
    let found = match byte {
        b'J' if rest.starts_with("January") => (Part::LongMonth, 7),
        b'J' if rest.starts_with("Jan") && ends(3) => (Part::ShortMonth, 3),
        b'M' if rest.starts_with("Monday") => (Part::LongWeekday, 6),
        b'M' if rest.starts_with("Mon") && ends(3) => (Part::ShortWeekday, 3),
        b'M' if rest.starts_with("MST") => (Part::ZoneName, 3),
        b'0' if rest.starts_with("002") => (Part::DayOfYear(Fill::Zero), 3),
        b'0' => (zero(*rest.as_bytes().get(1)?)?, 2),
        b'1' if rest.starts_with("15") => (Part::Hour, 2),
        b'1' => (Part::Month(Fill::None), 1),
        b'2' if rest.starts_with("2006") => (Part::LongYear, 4),
        b'2' => (Part::Day(Fill::None), 1),
        b'_' if rest.starts_with("_2") => (Part::Day(Fill::Space), 2),
        b'_' if rest.starts_with("__2") => (Part::DayOfYear(Fill::Space), 3),
        b'3' => (Part::Hour12(Fill::None), 1),
        b'4' => (Part::Minute(Fill::None), 1),
        b'5' => (Part::Second(Fill::None), 1),
        b'P' if rest.starts_with("PM") => (Part::Half { lower: false }, 2),
        b'p' if rest.starts_with("pm") => (Part::Half { lower: true }, 2),
        b'-' | b'Z' => offset(&rest[1..], byte == b'Z')?,
        b'.' | b',' => fraction(rest.as_bytes())?,
        _ => return None,
    };
    Some(found)
}

fn zero(second: u8) -> Option<Part> {
    Some(match second {
        b'1' => Part::Month(Fill::Zero),
        b'2' => Part::Day(Fill::Zero),
        b'3' => Part::Hour12(Fill::Zero),
        b'4' => Part::Minute(Fill::Zero),
        b'5' => Part::Second(Fill::Zero),
        b'6' => Part::ShortYear,
        _ => return None,
    })
}

fn offset(rest: &str, zulu: bool) -> Option<(Part, usize)> {
    let forms = [
        ("070000", true, true, false),
        ("07:00:00", true, true, true),
        ("0700", true, false, false),
        ("07:00", true, false, true),
        ("07", false, false, false),
    ];
    let (text, minutes, seconds, colons) =
        forms.into_iter().find(|(text, ..)| rest.starts_with(text))?;
    Some((Part::Offset { zulu, minutes, seconds, colons }, text.len() + 1))
}

/// `.000` or `.999`, where no other digit follows.
fn fraction(rest: &[u8]) -> Option<(Part, usize)> {
    let digit = *rest.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = rest[1..].iter().take_while(|byte| **byte == digit).count();
    if rest.get(1 + digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let part = Part::Fraction { digits, trimmed: digit == b'9', comma: rest[0] == b',' };
    Some((part, 1 + digits))
}
