//! The report for people: what `opa test` prints, and why a test failed.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Case, Ending, Report, SubCase};
use crate::explain::Detail;

impl Report {
    /// The lines that `opa test` ends with: what failed and why, then counts. `verbose` names every
    /// test.
    pub fn text(&self, verbose: bool) -> String {
        let mut out = String::new();
        for case in &self.cases {
            if verbose || case.ending != Ending::Pass {
                one(&mut out, case, verbose);
            }
        }
        if !out.is_empty() {
            let _ = writeln!(out, "{}", "-".repeat(80));
        }
        let names = ["PASS", "FAIL", "SKIPPED", "ERROR"];
        let all: usize = names.iter().map(|name| self.counted(name)).sum();
        for name in names {
            let count = self.counted(name);
            if count > 0 {
                let _ = writeln!(out, "{name}: {count}/{all}");
            }
        }
        out
    }

    /// How many ended so. Of a test with cases each case counts, as in OPA.
    fn counted(&self, name: &str) -> usize {
        let count = |case: &Case| match case.cases.as_slice() {
            [] => usize::from(word(&case.ending) == name),
            cases => leaves(cases, name),
        };
        self.cases.iter().map(count).sum()
    }
}

fn leaves(cases: &[SubCase], name: &str) -> usize {
    let count = |case: &SubCase| match case.below.as_slice() {
        [] => usize::from((case.passed && name == "PASS") || (!case.passed && name == "FAIL")),
        below => leaves(below, name),
    };
    cases.iter().map(count).sum()
}

fn one(out: &mut String, case: &Case, verbose: bool) {
    let word = word(&case.ending);
    let _ = write!(out, "{}:{}:\n{}.{}: {word}", case.file, case.line, case.package, case.name);
    if case.ending != Ending::Skipped {
        let _ = write!(out, " ({})", duration(case.time));
    }
    out.push('\n');
    if let Ending::Error { code, place, message } = &case.ending {
        let at = place.as_ref().map(|at| format!("{}:{}: ", at.path, at.line)).unwrap_or_default();
        let _ = writeln!(out, "  {at}{code}: {message}");
    }
    sub_cases(out, &case.cases, 1, verbose);
    let why = case.explanation.text(Detail::Fails);
    let mut printed = String::new();
    for line in &case.prints {
        let _ = writeln!(printed, "  {line}");
    }
    let blocks: Vec<_> = [printed, why].into_iter().filter(|block| !block.is_empty()).collect();
    if !blocks.is_empty() {
        let _ = writeln!(out, "\n{}", blocks.join("\n"));
    }
}

fn sub_cases(out: &mut String, cases: &[SubCase], depth: usize, verbose: bool) {
    for case in cases.iter().filter(|case| verbose || !case.passed) {
        let word = if case.passed { "PASS" } else { "FAIL" };
        let _ = writeln!(out, "{}{}: {word}", "  ".repeat(depth), case.name);
        sub_cases(out, &case.below, depth + 1, verbose);
    }
}

const fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Pass => "PASS",
        Ending::Fail => "FAIL",
        Ending::Skipped => "SKIPPED",
        Ending::Error { .. } => "ERROR",
    }
}

/// A time as OPA writes it: `1.234ms`.
fn duration(time: Duration) -> String {
    let nanoseconds = time.as_nanos();
    let (unit, digits, name) = match nanoseconds {
        0..1_000 => return format!("{nanoseconds}ns"),
        1_000..1_000_000 => (1_000, 3, "\u{b5}s"),
        1_000_000..1_000_000_000 => (1_000_000, 6, "ms"),
        _ => (1_000_000_000, 9, "s"),
    };
    let rest = format!("{:0digits$}", nanoseconds % unit);
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{}{point}{rest}{name}", nanoseconds / unit)
}
