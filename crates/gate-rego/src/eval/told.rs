//! How an evaluation's account and its hottest lines are shown.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Output;
use crate::explain::HotLine;

/// The most lines of a profile for people.
const LINES: usize = 20;

/// The hottest lines in the form of `opa eval --profile`, with each line's text.
pub(super) fn profile(output: &Output) -> Option<Value> {
    let one = |line: &HotLine| {
        json!({
            "total_time_ns": u64::try_from(line.time.as_nanos()).unwrap_or(u64::MAX),
            "num_eval": line.count,
            "location": {"file": line.place.path, "row": line.place.line, "col": 1},
            "text": line.text,
        })
    };
    output.profile.as_ref().map(|lines| lines.iter().map(one).collect())
}

/// The account in JSON.
pub(super) fn explanation(output: &Output) -> Option<Value> {
    output.explanation.as_ref().map(|(detail, explanation)| explanation.json(*detail))
}

/// The account for people, before the answer.
pub(super) fn before(output: &Output) -> String {
    let text = output.explanation.as_ref().map(|(detail, told)| told.text(*detail));
    text.unwrap_or_default()
}

/// The hottest lines for people, behind the answer.
pub(super) fn after(output: &Output) -> String {
    let Some(lines) = &output.profile else { return String::new() };
    let mut out = format!("{:>12} {:>8}  LINE\n", "MICROSECONDS", "COUNT");
    for line in lines.iter().take(LINES) {
        let _ = writeln!(
            out,
            "{:>12} {:>8}  {}:{}: {}",
            line.time.as_micros(),
            line.count,
            line.place.path,
            line.place.line,
            line.text
        );
    }
    out
}
