//! `time.*`: instants in nanoseconds since 1970, in time zones from a table that is built in.

use jiff::tz::TimeZone;

use super::operands::{integer, number, string, wrong_type};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::{Value, quote};

mod calendar;
mod duration;
mod format;
mod layout;
mod parse;

pub(super) use calendar::Moment;
pub(super) use format::format;
pub(super) use parse::parse;

const ZONED: Type = Type::Array(&[Type::Number, Type::String], None);
const INSTANT: Type = Type::OneOf(&[Type::Number, ZONED]);
const LAID_OUT: Type = Type::Array(&[Type::Number, Type::String, Type::String], None);
const FORMATTED: Type = Type::OneOf(&[Type::Number, ZONED, LAID_OUT]);
const THREE: Type = Type::Array(&[Type::Number, Type::Number, Type::Number], None);
const SIX: Type = Type::Array(&[Type::Number; 6], None);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("time.add_date", &[Type::Number; 4], Type::Number, add_date),
    Declared::new("time.clock", &[INSTANT], THREE, clock),
    Declared::new("time.date", &[INSTANT], THREE, date),
    Declared::new("time.diff", &[INSTANT, INSTANT], SIX, diff),
    Declared::new("time.format", &[FORMATTED], Type::String, formatted),
    Declared::new("time.now_ns", &[], Type::Number, |c, _| Ok(Some(Value::from(c.now_ns)))),
    Declared::new("time.parse_duration_ns", &[Type::String], Type::Number, parse_duration),
    Declared::new("time.parse_ns", &[Type::String, Type::String], Type::Number, parse_time),
    Declared::new("time.parse_rfc3339_ns", &[Type::String], Type::Number, parse_rfc3339),
    Declared::new("time.weekday", &[INSTANT], Type::String, weekday),
];

const FORM: &str = "either number (ns) or [number (ns), string (tz)]";

/// An instant in a zone, and the layout where one is given.
struct Zoned<'a> {
    ns: i64,
    zone: TimeZone,
    layout: &'a str,
}

impl<'a> Zoned<'a> {
    fn of(value: &'a Value) -> Result<Self, BuiltinError> {
        let items = match value {
            Value::Number(_) => std::slice::from_ref(value),
            Value::Array(items) => items.as_slice(),
            _ => return Err(wrong_type(1, value, &[FORM])),
        };
        let Some(first) = items.first() else { return Err(wrong_type(1, value, &[FORM])) };
        let instant = number(first, 1)?;
        let zone = items.get(1).map_or(Ok(TimeZone::UTC), |name| zone(string(name, 1)?))?;
        let layout = items.get(2).map_or(Ok(""), |layout| string(layout, 1))?;
        let ns = instant.as_integer().and_then(|integer| i64::try_from(integer).ok());
        let ns = ns.ok_or_else(|| BuiltinError::evaluation("timestamp too big"))?;
        Ok(Self { ns, zone, layout })
    }

    fn moment(&self) -> Result<Moment, BuiltinError> {
        Moment::of(self.ns, &self.zone)
    }
}

/// The zone of a name. `Local` is UTC: a decision does not depend on the machine.
fn zone(name: &str) -> Result<TimeZone, BuiltinError> {
    if matches!(name, "" | "UTC" | "Local") {
        return Ok(TimeZone::UTC);
    }
    let unknown = || BuiltinError::evaluation(format!("unknown time zone {name}"));
    if name.contains("..") || name.starts_with(['/', '\\']) {
        return Err(BuiltinError::evaluation("time: invalid location name"));
    }
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(name).map_err(|_| unknown())?;
    // Names are told apart by case in OPA.
    if zone.iana_name() == Some(name) { Ok(zone) } else { Err(unknown()) }
}

fn numbers(numbers: &[i64]) -> Value {
    Value::array(numbers.iter().copied().map(Value::from).collect())
}

fn date(_: &mut Context, operands: &[Value]) -> Outcome {
    let moment = Zoned::of(&operands[0])?.moment()?;
    Ok(Some(numbers(&[moment.year, moment.month, moment.day])))
}

fn clock(_: &mut Context, operands: &[Value]) -> Outcome {
    let moment = Zoned::of(&operands[0])?.moment()?;
    Ok(Some(numbers(&[moment.hour, moment.minute, moment.second])))
}

fn weekday(_: &mut Context, operands: &[Value]) -> Outcome {
    let moment = Zoned::of(&operands[0])?.moment()?;
    Ok(Some(Value::from(calendar::WEEKDAYS[moment.weekday()])))
}

fn in_range(ns: i128) -> Outcome {
    match i64::try_from(ns) {
        Ok(ns) => Ok(Some(Value::from(ns))),
        Err(_) => Err(BuiltinError::evaluation("time outside of valid range")),
    }
}

fn add_date(_: &mut Context, operands: &[Value]) -> Outcome {
    let zoned = Zoned::of(&operands[0])?;
    let moment = zoned.moment()?;
    let years = integer(&operands[1], 2)?;
    let months = integer(&operands[2], 3)?;
    let days = integer(&operands[3], 4)?;
    let year = i128::from(moment.year) + i128::from(years);
    let month = i128::from(moment.month) + i128::from(months);
    let day = i128::from(moment.day) + i128::from(days);
    let date = calendar::days(year, month, day);
    let local = (date * 86_400 + i128::from(moment.seconds())) * calendar::SECOND;
    let local = local + i128::from(moment.nanosecond);
    // The offset of the zone where the local time is, not where it was.
    let guess = local - calendar::offset(&zoned.zone, local);
    in_range(local - calendar::offset(&zoned.zone, guess))
}

fn diff(_: &mut Context, operands: &[Value]) -> Outcome {
    let (first, second) = (Zoned::of(&operands[0])?, Zoned::of(&operands[1])?);
    let (early, late) = (first.ns.min(second.ns), first.ns.max(second.ns));
    let early = Moment::of(early, &first.zone)?;
    let late = Moment::of(late, &first.zone)?;
    Ok(Some(numbers(&early.until(&late))))
}

fn formatted(context: &mut Context, operands: &[Value]) -> Outcome {
    let zoned = Zoned::of(&operands[0])?;
    let layout = match zoned.layout {
        "" => layout::RFC3339_NANO,
        other => layout::named(other),
    };
    // A name of a month or zone is longer than what stands for it, if not by much.
    context.allocate(layout.len().saturating_mul(16))?;
    context.work(layout.len().saturating_mul(16))?;
    Ok(Some(Value::from(format(&zoned.moment()?, layout))))
}

fn parse_time(context: &mut Context, operands: &[Value]) -> Outcome {
    let (layout, text) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    parsed(context, layout::named(layout), text)
}

fn parse_rfc3339(context: &mut Context, operands: &[Value]) -> Outcome {
    parsed(context, layout::RFC3339, string(&operands[0], 1)?)
}

fn parsed(context: &mut Context, layout: &str, text: &str) -> Outcome {
    context.work(layout.len().saturating_add(text.len()).saturating_mul(4))?;
    match parse::parse(layout, text) {
        Ok(ns) => in_range(ns),
        Err(why) => {
            let text = quote(text);
            Err(BuiltinError::evaluation(format!("parsing time {text}{why}")))
        }
    }
}

fn parse_duration(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    context.work(text.len().saturating_mul(4))?;
    let ns = duration::parse(text).map_err(BuiltinError::evaluation)?;
    Ok(Some(Value::from(ns)))
}

#[cfg(test)]
mod tests;
