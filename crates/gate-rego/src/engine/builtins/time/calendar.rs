//! Instants as dates and clocks, and days counted from 1970.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::engine::builtins::BuiltinError;

pub(super) const SECOND: i128 = 1_000_000_000;
pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// An instant as people of a zone name it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine::builtins) struct Moment {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanosecond: i64,
    /// Seconds east of Greenwich.
    pub(super) offset: i64,
    pub(super) zone: String,
}

impl Moment {
    pub(in crate::engine::builtins) fn of(ns: i64, zone: &TimeZone) -> Result<Self, BuiltinError> {
        let timestamp = Timestamp::from_nanosecond(i128::from(ns))
            .map_err(|_| BuiltinError::evaluation("timestamp too big"))?;
        let info = zone.to_offset_info(timestamp);
        let time = info.offset().to_datetime(timestamp);
        let name = if *zone == TimeZone::UTC { "UTC" } else { info.abbreviation() };
        Ok(Self {
            year: i64::from(time.year()),
            month: i64::from(time.month()),
            day: i64::from(time.day()),
            hour: i64::from(time.hour()),
            minute: i64::from(time.minute()),
            second: i64::from(time.second()),
            nanosecond: i64::from(time.subsec_nanosecond()),
            offset: i64::from(info.offset().seconds()),
            zone: name.to_owned(),
        })
    }

    /// Seconds since midnight.
    pub(super) fn seconds(&self) -> i64 {
        (self.hour * 60 + self.minute) * 60 + self.second
    }

    fn days(&self) -> i128 {
        days(self.year.into(), self.month.into(), self.day.into())
    }

    /// From 0 for Sunday.
    pub(super) fn weekday(&self) -> usize {
        // 1970 began on a Thursday.
        usize::try_from((self.days() + 4).rem_euclid(7)).unwrap_or(0)
    }

    /// From 1 for the first of January.
    pub(super) fn day_of_year(&self) -> i64 {
        let first = days(self.year.into(), 1, 1);
        i64::try_from(self.days() - first).unwrap_or(0) + 1
    }

    /// Years, months, days, hours, minutes and seconds until a later moment of the same zone.
    pub(super) fn until(&self, later: &Self) -> [i64; 6] {
        let mut year = later.year - self.year;
        let mut month = later.month - self.month;
        let mut day = later.day - self.day;
        let mut hour = later.hour - self.hour;
        let mut minute = later.minute - self.minute;
        let mut second = later.second - self.second;
        let carry = |value: &mut i64, from: &mut i64, size: i64| {
            if *value < 0 {
                *value += size;
                *from -= 1;
            }
        };
        carry(&mut second, &mut minute, 60);
        carry(&mut minute, &mut hour, 60);
        carry(&mut hour, &mut day, 24);
        carry(&mut day, &mut month, days_in(self.year, self.month));
        carry(&mut month, &mut year, 12);
        [year, month, day, hour, minute, second]
    }
}

/// The offset of a zone at an instant, in nanoseconds.
pub(super) fn offset(zone: &TimeZone, ns: i128) -> i128 {
    let Ok(timestamp) = Timestamp::from_nanosecond(ns) else { return 0 };
    i128::from(zone.to_offset(timestamp).seconds()) * SECOND
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to a date, whose month and day may be any number.
pub(super) fn days(year: i128, month: i128, day: i128) -> i128 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    // Years that begin in March have the leap day at their end.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
