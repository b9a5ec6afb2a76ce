//! Reads times by a layout, with Go's complaints.

use super::calendar::{MONTHS, SECOND, WEEKDAYS, days, days_in};
use super::layout::{Fill, Part, next};
use crate::engine::value::quote;

/// What a time's text has said so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    afternoon: Option<bool>,
    /// Seconds east of Greenwich.
    offset: i64,
}

/// Why a part does not fit its text.
enum Miss {
    /// The text has another form.
    Form,
    /// A number is out of its range.
    Range(&'static str),
}

/// The instant in nanoseconds, or what follows `parsing time "..."` in the complaint.
pub(in crate::engine::builtins) fn parse(layout: &str, text: &str) -> Result<i128, String> {
    let mut fields = Fields::default();
    let (mut layout_rest, mut rest) = (layout, text);
    loop {
        let (before, part, behind) = next(layout_rest);
        let form = |rest: &str, wanted: &str| {
            let (layout, rest, wanted) = (quote(layout), quote(rest), quote(wanted));
            format!(" as {layout}: cannot parse {rest} as {wanted}")
        };
        rest = skip(rest, before).map_err(|at| form(at, before))?;
        let Some((part, own)) = part else {
            if rest.is_empty() {
                return fields.instant();
            }
            return Err(format!(": extra text: {}", quote(rest)));
        };
        let mut reader = Reader { rest, fields: &mut fields, behind };
        match reader.part(part) {
            Ok(()) => rest = reader.rest,
            Err(Miss::Form) => return Err(form(rest, own)),
            Err(Miss::Range(what)) => return Err(format!(": {what} out of range")),
        }
        layout_rest = behind;
    }
}

/// The text behind a literal part of the layout, any number of spaces being one.
fn skip<'a>(mut text: &'a str, mut literal: &str) -> Result<&'a str, &'a str> {
    while let Some(first) = literal.chars().next() {
        if first == ' ' {
            if !text.is_empty() && !text.starts_with(' ') {
                return Err(text);
            }
            literal = literal.trim_start_matches(' ');
            text = text.trim_start_matches(' ');
            continue;
        }
        text = text.strip_prefix(first).ok_or(text)?;
        literal = &literal[first.len_utf8()..];
    }
    Ok(text)
}

struct Reader<'a, 'f> {
    rest: &'a str,
    fields: &'f mut Fields,
    /// What follows the part in the layout.
    behind: &'f str,
}

impl<'a> Reader<'a, '_> {
    fn digit(&self, at: usize) -> bool {
        self.rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
    }

    fn take(&mut self, length: usize) -> Result<&'a str, Miss> {
        let taken = self.rest.get(..length).ok_or(Miss::Form)?;
        self.rest = &self.rest[length..];
        Ok(taken)
    }

    fn number(&mut self, least: usize, most: usize) -> Result<i64, Miss> {
        let digits = (0..most).take_while(|at| self.digit(*at)).count();
        if digits < least {
            return Err(Miss::Form);
        }
        self.take(digits)?.parse().map_err(|_| Miss::Form)
    }

    /// One or two digits; two where they are filled up with a zero.
    fn two(&mut self, fill: Fill) -> Result<i64, Miss> {
        self.number(if fill == Fill::Zero { 2 } else { 1 }, 2)
    }

    fn within(number: i64, range: std::ops::Range<i64>, what: &'static str) -> Result<i64, Miss> {
        if range.contains(&number) { Ok(number) } else { Err(Miss::Range(what)) }
    }

    fn name(&mut self, names: &[&str], length: Option<usize>) -> Result<i64, Miss> {
        for (at, name) in names.iter().enumerate() {
            let name = length.map_or(*name, |length| &name[..length]);
            let start = self.rest.get(..name.len());
            if start.is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                self.rest = &self.rest[name.len()..];
                return i64::try_from(at).map_err(|_| Miss::Form);
            }
        }
        Err(Miss::Form)
    }

    fn part(&mut self, part: Part) -> Result<(), Miss> {
        match part {
            Part::ShortYear => {
                let year = self.number(2, 2)?;
                self.fields.year = if year >= 69 { 1_900 + year } else { 2_000 + year };
            }
            Part::LongYear => self.fields.year = self.number(4, 4)?,
            Part::LongMonth => self.fields.month = Some(self.name(&MONTHS, None)? + 1),
            Part::ShortMonth => self.fields.month = Some(self.name(&MONTHS, Some(3))? + 1),
            Part::Month(fill) => {
                let month = self.two(fill)?;
                self.fields.month = Some(Self::within(month, 1..13, "month")?);
            }
            Part::LongWeekday => drop(self.name(&WEEKDAYS, None)?),
            Part::ShortWeekday => drop(self.name(&WEEKDAYS, Some(3))?),
            Part::Day(fill) => {
                if fill == Fill::Space {
                    self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
                }
                self.fields.day = Some(self.two(fill)?);
            }
            Part::DayOfYear(fill) => {
                for _ in 0..2 {
                    if fill == Fill::Space {
                        self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
                    }
                }
                let least = if fill == Fill::Zero { 3 } else { 1 };
                self.fields.day_of_year = Some(self.number(least, 3)?);
            }
            Part::Hour => self.fields.hour = Self::within(self.number(1, 2)?, 0..24, "hour")?,
            Part::Hour12(fill) => {
                self.fields.hour = Self::within(self.two(fill)?, 0..13, "hour")?;
            }
            Part::Minute(fill) => {
                self.fields.minute = Self::within(self.two(fill)?, 0..60, "minute")?;
            }
            Part::Second(fill) => {
                self.fields.second = Self::within(self.two(fill)?, 0..60, "second")?;
                self.unasked_fraction()?;
            }
            Part::Half { lower } => {
                let (before, after) = if lower { ("am", "pm") } else { ("AM", "PM") };
                let half = self.take(2)?;
                if half != before && half != after {
                    return Err(Miss::Form);
                }
                self.fields.afternoon = Some(half == after);
            }
            Part::ZoneName => self.zone()?,
            Part::Offset { zulu: true, .. } if self.rest.starts_with('Z') => {
                self.rest = &self.rest[1..];
            }
            Part::Offset { minutes, seconds, colons, .. } => {
                self.offset(minutes, seconds, colons)?;
            }
            Part::Fraction { digits, trimmed: false, .. } => self.fraction(digits)?,
            Part::Fraction { .. } => {
                if self.at_fraction() {
                    self.whole_fraction()?;
                }
            }
        }
        Ok(())
    }

    fn at_fraction(&self) -> bool {
        self.rest.starts_with(['.', ',']) && self.digit(1)
    }

    /// A fraction behind seconds, which the layout need not have.
    fn unasked_fraction(&mut self) -> Result<(), Miss> {
        let asked = matches!(next(self.behind), (_, Some((Part::Fraction { .. }, _)), _));
        if self.at_fraction() && !asked { self.whole_fraction() } else { Ok(()) }
    }

    fn whole_fraction(&mut self) -> Result<(), Miss> {
        let digits = self.rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        self.fraction(digits)
    }

    fn fraction(&mut self, digits: usize) -> Result<(), Miss> {
        let text = self.take(digits + 1)?;
        let text = text.strip_prefix(['.', ',']).ok_or(Miss::Form)?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Miss::Form);
        }
        let nine = format!("{:0<9}", &text[..text.len().min(9)]);
        self.fields.nanosecond = nine.parse().map_err(|_| Miss::Form)?;
        Ok(())
    }

    fn offset(&mut self, minutes: bool, seconds: bool, colons: bool) -> Result<(), Miss> {
        let sign = match self.take(1)? {
            "+" => 1,
            "-" => -1,
            _ => return Err(Miss::Form),
        };
        let hour = self.number(2, 2)?;
        let mut more = |wanted: bool| {
            if !wanted {
                return Ok(0);
            }
            if colons && self.take(1)? != ":" {
                return Err(Miss::Form);
            }
            self.number(2, 2)
        };
        let (minute, second) = (more(minutes)?, more(seconds)?);
        Self::within(hour, 0..25, "time zone offset hour")?;
        Self::within(minute, 0..61, "time zone offset minute")?;
        Self::within(second, 0..61, "time zone offset second")?;
        self.fields.offset = sign * ((hour * 60 + minute) * 60 + second);
        Ok(())
    }

    /// A zone's abbreviation, which says nothing about its offset.
    fn zone(&mut self) -> Result<(), Miss> {
        let length = zone_length(self.rest).ok_or(Miss::Form)?;
        self.take(length).map(drop)
    }
}

fn zone_length(text: &str) -> Option<usize> {
    if text.starts_with("UTC") {
        return Some(3);
    }
    if text.len() < 3 {
        return None;
    }
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed_length(rest).unwrap_or(0));
    }
    if text.starts_with(['+', '-']) {
        return signed_length(text);
    }
    match text.bytes().take(6).take_while(u8::is_ascii_uppercase).count() {
        5 if text.as_bytes()[4] == b'T' => Some(5),
        4 if text.as_bytes()[3] == b'T' || text.starts_with("WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// The length of a sign and an hour.
fn signed_length(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(['+', '-'])?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let hour: u64 = rest[..digits].parse().ok()?;
    if hour > 23 { None } else { Some(1 + digits) }
}

impl Fields {
    fn instant(self) -> Result<i128, String> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let (month, day) = self.date()?;
        if day < 1 || day > days_in(self.year, month) {
            return Err(": day out of range".to_owned());
        }
        let days = days(self.year.into(), month.into(), day.into());
        let clock = (hour * 60 + self.minute) * 60 + self.second - self.offset;
        Ok((days * 86_400 + i128::from(clock)) * SECOND + i128::from(self.nanosecond))
    }

    fn date(&self) -> Result<(i64, i64), String> {
        let Some(mut day) = self.day_of_year else {
            return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1)));
        };
        let mut month = 1;
        while month <= 12 && day > days_in(self.year, month) {
            day -= days_in(self.year, month);
            month += 1;
        }
        if day < 1 || month > 12 {
            return Err(": day-of-year out of range".to_owned());
        }
        if self.month.is_some_and(|given| given != month) {
            return Err(": day-of-year does not match month".to_owned());
        }
        if self.day.is_some_and(|given| given != day) {
            return Err(": day-of-year does not match day".to_owned());
        }
        Ok((month, day))
    }
}
