//! Writes moments by a layout.

use super::calendar::{MONTHS, Moment, WEEKDAYS};
use super::layout::{Fill, Part, next};

pub(in crate::engine::builtins) fn format(moment: &Moment, layout: &str) -> String {
    let mut out = String::new();
    let mut rest = layout;
    loop {
        let (before, part, behind) = next(rest);
        out.push_str(before);
        let Some((part, _)) = part else { return out };
        out.push_str(&written(moment, part));
        rest = behind;
    }
}

fn filled(number: i64, fill: Fill, width: usize) -> String {
    match fill {
        Fill::None => number.to_string(),
        Fill::Zero => format!("{number:0width$}"),
        Fill::Space => format!("{number:width$}"),
    }
}

fn written(moment: &Moment, part: Part) -> String {
    let month = usize::try_from(moment.month - 1).unwrap_or(0);
    match part {
        Part::LongMonth => MONTHS[month].to_owned(),
        Part::ShortMonth => MONTHS[month][..3].to_owned(),
        Part::Month(fill) => filled(moment.month, fill, 2),
        Part::LongWeekday => WEEKDAYS[moment.weekday()].to_owned(),
        Part::ShortWeekday => WEEKDAYS[moment.weekday()][..3].to_owned(),
        Part::Day(fill) => filled(moment.day, fill, 2),
        Part::DayOfYear(fill) => filled(moment.day_of_year(), fill, 3),
        Part::Hour => filled(moment.hour, Fill::Zero, 2),
        Part::Hour12(fill) => filled((moment.hour + 11) % 12 + 1, fill, 2),
        Part::Minute(fill) => filled(moment.minute, fill, 2),
        Part::Second(fill) => filled(moment.second, fill, 2),
        Part::LongYear => filled(moment.year, Fill::Zero, 4),
        Part::ShortYear => filled(moment.year % 100, Fill::Zero, 2),
        Part::Half { lower } => match (moment.hour >= 12, lower) {
            (true, true) => "pm",
            (true, false) => "PM",
            (false, true) => "am",
            (false, false) => "AM",
        }
        .to_owned(),
        Part::ZoneName => moment.zone.clone(),
        Part::Offset { zulu: true, .. } if moment.offset == 0 => "Z".to_owned(),
        Part::Offset { minutes, seconds, colons, .. } => {
            offset(moment.offset, minutes, seconds, colons)
        }
        Part::Fraction { digits, trimmed, comma } => {
            fraction(moment.nanosecond, digits, trimmed, comma)
        }
    }
}

fn offset(offset: i64, minutes: bool, seconds: bool, colons: bool) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (size, colon) = (offset.abs(), if colons { ":" } else { "" });
    let mut text = format!("{sign}{:02}", size / 3_600);
    if minutes {
        text.extend([colon, &filled(size / 60 % 60, Fill::Zero, 2)]);
    }
    if seconds {
        text.extend([colon, &filled(size % 60, Fill::Zero, 2)]);
    }
    text
}

fn fraction(nanosecond: i64, digits: usize, trimmed: bool, comma: bool) -> String {
    let all = format!("{nanosecond:09}");
    let shown = &all[..digits.min(9)];
    let point = if comma { ',' } else { '.' };
    if !trimmed {
        return format!("{point}{shown}{}", "0".repeat(digits.saturating_sub(9)));
    }
    let shown = shown.trim_end_matches('0');
    if shown.is_empty() { String::new() } else { format!("{point}{shown}") }
}
