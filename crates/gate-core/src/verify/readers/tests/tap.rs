//! From TAP 12 to 14 to counts of test points, those of subtests among them.

use std::sync::LazyLock;

use regex::Regex;

use super::counts::{Counts, Outcome};
use crate::facts::Tests;
use crate::limits;
use crate::verify::failure::Failure;

static POINT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\A(not )?ok\b(?:[ \t]+([0-9]{1,9})\b)?[ \t]*(?:-[ \t]*)?(.*)\z").ok()
});
static PLAN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\A1\.\.([0-9]{1,9})[ \t]*(?:#[ \t]*(skip\w*)?.*)?\z").ok());
static DIRECTIVE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:\A|[ \t])#[ \t]*(todo|skip\w*)\b").ok());

/// Whether this is TAP: a version or a plan comes first, or a plan comes after test points. Output that
/// merely begins with `ok`, as that of `go test` does, is none.
pub(super) fn is_tap(text: &str) -> bool {
    const LOOKED_AT: usize = 10_000;
    let mut lines = text.lines().take(LOOKED_AT).map(str::trim_end);
    let mut points = false;
    lines.find_map(|line| match line {
        _ if version(line).is_some() || plan(line).is_some() => Some(true),
        _ if is_point(line) => {
            points = true;
            None
        }
        _ if line.trim().is_empty() || line.starts_with('#') || points => None,
        _ => Some(false),
    }) == Some(true)
}

/// Reads a report and its version, where it says one.
pub(super) fn read(text: &str) -> Result<(Tests, Option<String>), Failure> {
    let mut report = Report { levels: vec![Level::default()], ..Report::default() };
    for line in text.lines() {
        report.line(line.trim_end())?;
        if report.bailed {
            break;
        }
    }
    report.finish()
}

/// A test with its subtests, or the whole report.
#[derive(Default)]
struct Level {
    indent: usize,
    planned: Option<u64>,
    points: u64,
    /// Cases that did not go well when it began: more of them since then explain its failure.
    bad_before: u64,
    out_of_order: bool,
}

#[derive(Default)]
struct Report {
    levels: Vec<Level>,
    /// A subtest that ended and waits for the test point that sums it up.
    ended: Option<u64>,
    /// The indent of an open YAML block.
    block: Option<usize>,
    version: Option<String>,
    name: Option<String>,
    counts: Counts,
    bailed: bool,
}

impl Report {
    fn line(&mut self, line: &str) -> Result<(), Failure> {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if let Some(block) = self.block {
            if content == "..." && indent <= block {
                self.block = None;
            }
            if indent >= block {
                return Ok(());
            }
            self.block = None;
        }
        if content == "---" && indent > 0 {
            self.block = Some(indent);
            return Ok(());
        }
        if let Some(version) = version(line) {
            self.version = Some(version.to_owned());
            return Ok(());
        }
        if let Some(reason) = content.strip_prefix("Bail out!") {
            self.bailed = true;
            return self.counts.add(&format!("Bail out!{reason}"), Outcome::Error);
        }
        if let Some(name) = content.strip_prefix("# Subtest") {
            self.name.get_or_insert_with(|| name.trim_start_matches(':').trim().to_owned());
            return Ok(());
        }
        if plan(content).is_none() && !is_point(content) {
            return Ok(());
        }
        self.level_of(indent)?;
        match plan(content) {
            Some(count) => self.level().planned = Some(count),
            None => self.point(content)?,
        }
        Ok(())
    }

    /// Enters or leaves subtests so that the level of this indent is the innermost.
    fn level_of(&mut self, indent: usize) -> Result<(), Failure> {
        while self.levels.len() > 1 && self.level().indent > indent {
            self.leave()?;
        }
        if self.level().indent < indent {
            if self.levels.len() == limits::NESTING {
                return Err(Failure::malformed(format!(
                    "nested more than {} deep",
                    limits::NESTING
                )));
            }
            let bad_before = self.counts.bad();
            self.levels.push(Level { indent, bad_before, ..Level::default() });
        }
        Ok(())
    }

    fn level(&mut self) -> &mut Level {
        // The level of the report itself is never left.
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn leave(&mut self) -> Result<(), Failure> {
        if let Some(level) = self.levels.pop() {
            self.ended = Some(level.bad_before);
            self.settle(&level, "subtest")?;
        }
        Ok(())
    }

    /// Holds a level against its plan: what was planned and did not run must not read as success.
    fn settle(&mut self, level: &Level, what: &str) -> Result<(), Failure> {
        let points = level.points;
        match level.planned {
            None if !self.bailed => {
                self.counts.add(&format!("{what} without a plan"), Outcome::Error)
            }
            Some(planned) if planned != points && !self.bailed => {
                let name = format!("{what}: {planned} planned, {points} ran");
                self.counts.add(&name, Outcome::Error)
            }
            _ if level.out_of_order => {
                self.counts.add(&format!("{what}: numbers are out of order"), Outcome::Error)
            }
            _ => Ok(()),
        }
    }

    fn point(&mut self, content: &str) -> Result<(), Failure> {
        let Some(found) = POINT.as_ref().and_then(|pattern| pattern.captures(content)) else {
            return Ok(());
        };
        let group = |at: usize| found.get(at).map(|it| it.as_str());
        let description = group(3).unwrap_or_default();
        let directive = DIRECTIVE.as_ref().and_then(|pattern| pattern.find(description));
        let name = directive.map_or(description, |it| &description[..it.start()]).trim();
        let outcome = match (group(1), directive) {
            (_, Some(_)) => Outcome::Skipped,
            (Some(_), None) => Outcome::Failed,
            (None, None) => Outcome::Passed,
        };
        let number = group(2).and_then(|text| text.parse::<u64>().ok());
        let level = self.level();
        level.points += 1;
        level.out_of_order |= number.is_some_and(|it| it != level.points);
        // The point after a subtest sums it up: its cases are counted already. It counts where it
        // failed for a reason of its own.
        if let Some(bad_before) = self.ended.take() {
            let explained = self.counts.bad() > bad_before;
            if outcome != Outcome::Failed || explained {
                return Ok(());
            }
        }
        self.counts.add(name, outcome)
    }

    fn finish(mut self) -> Result<(Tests, Option<String>), Failure> {
        while self.levels.len() > 1 {
            self.leave()?;
            self.ended = None;
        }
        if let Some(level) = self.levels.pop() {
            self.settle(&level, "report")?;
        }
        let tests = self.counts.finish("tap", &self.name.unwrap_or_default());
        Ok((tests, self.version))
    }
}

fn version(line: &str) -> Option<&str> {
    let version = line.trim_start().strip_prefix("TAP version ")?.trim();
    (!version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())).then_some(version)
}

fn plan(line: &str) -> Option<u64> {
    PLAN.as_ref()?.captures(line)?.get(1)?.as_str().parse().ok()
}

fn is_point(line: &str) -> bool {
    (line.starts_with("ok") || line.starts_with("not ok"))
        && POINT.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Total, passed, failed, errors, skipped.
    fn counts(text: &str) -> [u64; 5] {
        assert!(is_tap(text), "{text}");
        let it = read(text).unwrap().0;
        [it.total, it.passed, it.failed, it.errors, it.skipped]
    }

    #[test]
    fn points_are_counted_with_their_directives() {
        let text = "TAP version 13\n1..5\nok 1 - reads\nnot ok 2 - writes\n  ---\n  message: ok 9 not ok\n  not ok 7\n  ...\n\
                    ok 3 # SKIP no disk\nnot ok 4 - soon # TODO later\nok 5 counts \\# things\n# done\n";
        assert_eq!(counts(text), [5, 2, 1, 0, 2]);
        let (tests, version) = read(text).unwrap();
        assert_eq!((tests.failing, version.as_deref()), (vec!["writes".to_owned()], Some("13")));
        assert_eq!(counts("ok\nok\n1..2\n"), [2, 2, 0, 0, 0]);
        assert_eq!(counts("1..0 # SKIP nothing to do\n"), [0; 5]);
    }

    #[test]
    fn what_was_planned_and_did_not_run_is_an_error() {
        assert_eq!(counts("1..3\nok 1\nok 2\n"), [3, 2, 0, 1, 0]);
        assert_eq!(counts("1..1\nok 1\nok 2\n"), [3, 2, 0, 1, 0]);
        assert_eq!(counts("TAP version 13\nok 1\n"), [2, 1, 0, 1, 0]);
        assert_eq!(counts("1..2\nok 1\nok 1\n"), [3, 2, 0, 1, 0]);
        assert_eq!(counts("1..3\nok 1\nBail out! no database\nok 2\n"), [2, 1, 0, 1, 0]);
    }

    #[test]
    fn the_cases_of_subtests_count_once() {
        let text = "TAP version 14\n1..2\n# Subtest: inner\n    1..2\n    ok 1 - a\n    not ok 2 - b\nnot ok 1 - inner\nok 2 - c\n";
        assert_eq!(counts(text), [3, 2, 1, 0, 0]);
        assert_eq!(read(text).unwrap().0.name, "inner");
        // The point failed although its subtests passed; a subtest without its plan.
        assert_eq!(counts("1..1\n    1..1\n    ok 1\nnot ok 1 - teardown\n"), [2, 1, 1, 0, 0]);
        assert_eq!(counts("1..1\n    ok 1\nok 1 - inner\n"), [2, 1, 0, 1, 0]);
        let deep: String = (0..200).flat_map(|at| [" ".repeat(at), "ok 1\n".to_owned()]).collect();
        assert!(read(&format!("1..1\n{deep}")).is_err());
    }

    #[test]
    fn other_text_is_no_tap() {
        for text in [
            "ok  \tshop/cart\t0.1s\n",
            "okay\n1..1\n",
            "hello\n1..1\n",
            "",
            "TAP version x\n",
            "1..x\n",
        ] {
            assert!(!is_tap(text), "{text}");
        }
    }
}
