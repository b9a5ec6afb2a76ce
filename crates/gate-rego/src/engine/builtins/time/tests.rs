//! Times, with results that OPA gives.

use crate::engine::builtins::testing::{call, check};

const N: &str = "1700000000123456789";

#[test]
fn times_are_written_by_a_layout() {
    for (rest, expected) in [
        ("", "2023-11-14T22:13:20.123456789Z"),
        (", \"America/New_York\"", "2023-11-14T17:13:20.123456789-05:00"),
        (", \"Europe/Berlin\", \"RFC1123\"", "Tue, 14 Nov 2023 23:13:20 CET"),
        (
            ", \"UTC\", \"2006-01-02 15:04:05.000 MST -0700 Z07:00 Mon Monday Jan January _2 02 002 06 3 03 pm PM .999 ,000 Z0700 -07 Z07 -07:00:00\"",
            "2023-11-14 22:13:20.123 UTC +0000 Z Tue Tuesday Nov November 14 14 318 23 10 10 pm PM .123 ,123 Z +00 Z +00:00:00",
        ),
        (", \"Asia/Kolkata\", \"MST Z0700\"", "IST +0530"),
    ] {
        assert_eq!(call("time.format", &[&format!("[{N}{rest}]")]), format!("\"{expected}\""));
    }
    check(&[
        ("time.format", &["[0, \"X\"]"], "time.format: unknown time zone X"),
        ("time.format", &["1e30"], "time.format: timestamp too big"),
        (
            "time.format",
            &["\"x\""],
            "time.format: operand 1 must be either number (ns) or [number (ns), string (tz)] but got string",
        ),
    ]);
}

#[test]
fn times_are_read_by_a_layout() {
    check(&[
        (
            "time.parse_ns",
            &["\"RFC1123Z\"", "\"Mon, 02 Jan 2006 15:04:05 -0700\""],
            "1136239445000000000",
        ),
        (
            "time.parse_ns",
            &["\"Jan _2 2006 3:04PM\"", "\"Feb  5 2024 4:05PM\""],
            "1707149100000000000",
        ),
        ("time.parse_ns", &["\"MST 2006\"", "\"CET 2024\""], "1704067200000000000"),
        ("time.parse_ns", &["\"RFC822\"", "\"02 Jan 06 15:04 PST\""], "1136214240000000000"),
        (
            "time.parse_ns",
            &["\"2006-01-02 15:04:05\"", "\"2024-01-01 12:00:00.123\""],
            "1704110400123000000",
        ),
        ("time.parse_rfc3339_ns", &["\"2024-01-01T00:00:00.5+01:00\""], "1704063600500000000"),
        (
            "time.parse_ns",
            &["\"2006-01-02\"", "\"2024-02-30\""],
            "time.parse_ns: parsing time \"2024-02-30\": day out of range",
        ),
        (
            "time.parse_ns",
            &["\"2006-01-02\"", "\"2024-2-3\""],
            "time.parse_ns: parsing time \"2024-2-3\" as \"2006-01-02\": cannot parse \"2-3\" as \"01\"",
        ),
        (
            "time.parse_rfc3339_ns",
            &["\"2024-01-01\""],
            "time.parse_rfc3339_ns: parsing time \"2024-01-01\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\"",
        ),
        (
            "time.parse_rfc3339_ns",
            &["\"2024-13-01T00:00:00Z\""],
            "time.parse_rfc3339_ns: parsing time \"2024-13-01T00:00:00Z\": month out of range",
        ),
        (
            "time.parse_rfc3339_ns",
            &["\"9999-01-01T00:00:00Z\""],
            "time.parse_rfc3339_ns: time outside of valid range",
        ),
        (
            "time.parse_ns",
            &["\"2006-01-02x\"", "\"2024-01-01y\""],
            "time.parse_ns: parsing time \"2024-01-01y\" as \"2006-01-02x\": cannot parse \"y\" as \"x\"",
        ),
        (
            "time.parse_ns",
            &["\"2006\"", "\"2024x\""],
            "time.parse_ns: parsing time \"2024x\": extra text: \"x\"",
        ),
        ("time.parse_ns", &["\"2006 002\"", "\"2024 060\""], "1709164800000000000"),
    ]);
}

#[test]
fn durations_know_days() {
    check(&[
        ("time.parse_duration_ns", &["\"1h2m3.5s\""], "3723500000000"),
        ("time.parse_duration_ns", &["\"-1d2h\""], "-93600000000000"),
        (
            "time.parse_duration_ns",
            &["\"x\""],
            "time.parse_duration_ns: time: invalid duration \"x\"",
        ),
        (
            "time.parse_duration_ns",
            &["\"1x\""],
            "time.parse_duration_ns: time: unknown unit \"x\" in duration \"1x\"",
        ),
        (
            "time.parse_duration_ns",
            &["\"\""],
            "time.parse_duration_ns: time: invalid duration \"\"",
        ),
        (
            "time.parse_duration_ns",
            &["\"1\""],
            "time.parse_duration_ns: time: missing unit in duration \"1\"",
        ),
        (
            "time.parse_duration_ns",
            &["\"1w1x\""],
            "time.parse_duration_ns: time: unknown unit \"x\" in duration \"1w1x\"",
        ),
    ]);
}

#[test]
fn dates_are_computed_in_zones() {
    check(&[
        ("time.date", &["[1700000000123456789, \"Asia/Tokyo\"]"], "[2023, 11, 15]"),
        ("time.clock", &[N], "[22, 13, 20]"),
        ("time.weekday", &[N], "\"Tuesday\""),
        ("time.add_date", &[N, "1", "-14", "40"], "1698185600123456789"),
        (
            "time.add_date",
            &["9223372036854775807", "1", "0", "0"],
            "time.add_date: time outside of valid range",
        ),
        (
            "time.diff",
            &["[1700000000123456789, \"UTC\"]", "[1600000000000000000, \"America/New_York\"]"],
            "[3, 2, 1, 9, 46, 40]",
        ),
        ("time.diff", &["1580428800000000000", "1583020800000000000"], "[0, 1, 1, 0, 0, 0]"),
        ("time.now_ns", &[], "1700000000000000000"),
    ]);
}
