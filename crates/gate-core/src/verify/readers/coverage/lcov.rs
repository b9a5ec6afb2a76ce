//! From an LCOV trace file to coverage.

use std::collections::BTreeMap;

use super::number;
use super::sheet::Sheet;
use crate::facts::{Coverage, Located};
use crate::verify::failure::Failure;

/// Whether this is a trace file: a record begins, and one ends.
pub(super) fn is_lcov(text: &str) -> bool {
    const LOOKED_AT: usize = 1_000;
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let begins =
        lines.next().is_some_and(|line| line.starts_with("TN:") || line.starts_with("SF:"));
    begins
        && lines.take(LOOKED_AT).any(|line| {
            line == "end_of_record" || ["DA:", "SF:", "FN:"].iter().any(|it| line.starts_with(it))
        })
}

/// Reads a trace file. Lines are counted; its own sums (`LF`, `LH`) are only held against them.
pub(super) fn read(text: &str) -> Result<Coverage, Failure> {
    let mut trace = Trace::default();
    for (at, line) in text.lines().enumerate() {
        trace.line(line.trim()).map_err(|message| {
            Failure::invalid(vec![Located { place: format!("line {}", at + 1), message }])
        })?;
    }
    if trace.file.is_some() {
        return Err(Failure::malformed("ends within a record"));
    }
    Ok(trace.sheet.finish("lcov", trace.name))
}

#[derive(Default)]
struct Trace {
    name: Option<String>,
    file: Option<String>,
    lines: u64,
    claimed: u64,
    /// Branches of the open record by line.
    branches: BTreeMap<u64, (u64, u64)>,
    sheet: Sheet,
}

impl Trace {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line == "end_of_record" {
            return self.end();
        }
        let Some((key, value)) = line.split_once(':') else { return Ok(()) };
        let mut fields = value.split(',');
        match key {
            "TN" => {
                self.name.get_or_insert_with(|| value.to_owned());
            }
            "SF" if self.file.is_some() => return Err("begins a record within another".to_owned()),
            "SF" => {
                self.sheet.file(value);
                self.file = Some(value.to_owned());
            }
            "DA" => {
                let file = self.file.as_deref().ok_or("stands outside of a record")?;
                let line = number(fields.next(), "line")?;
                let hits = fields.next().ok_or("`hits` is missing")?;
                // Some tools write negative or broken-down counts; none of them is a hit.
                let reached = hits.trim().parse::<f64>().map_err(|_| "`hits` is no count")? > 0.0;
                self.sheet.line(file, line, reached);
                self.lines += 1;
            }
            "BRDA" => {
                let line = number(fields.next(), "line")?;
                let taken = fields.nth(2).ok_or("`taken` is missing")?.trim();
                let counted = self.branches.entry(line).or_default();
                counted.1 += 1;
                counted.0 += u64::from(taken != "-" && number(Some(taken), "taken")? > 0);
            }
            "LF" => self.claimed = number(Some(value), "LF")?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let file = self.file.take().ok_or("ends a record that did not begin")?;
        if self.claimed > 0 && self.lines == 0 {
            return Err(format!("the record claims {} lines and lists none", self.claimed));
        }
        for (line, (reached, total)) in std::mem::take(&mut self.branches) {
            self.sheet.branches(&file, line, reached, total);
        }
        (self.lines, self.claimed) = (0, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Counted;

    #[test]
    fn lines_and_branches_are_counted_once_over_all_records() {
        let text = "TN:unit\nSF:a.c\nDA:1,1\nDA:2,0,hash\nDA:3,0\nBRDA:2,0,0,-\nBRDA:2,0,1,3\nLF:9\nLH:9\nend_of_record\n\
                    SF:b.c\nDA:1,2\nend_of_record\nSF:a.c\nDA:2,5\nBRDA:2,0,0,1\nBRDA:2,0,1,0\nend_of_record\n";
        assert!(is_lcov(text));
        let coverage = read(text).unwrap();
        assert_eq!((coverage.files, coverage.name.as_deref()), (2, Some("unit")));
        assert_eq!(coverage.lines, Counted { covered: 3, total: 4 });
        assert_eq!(coverage.branches, Some(Counted { covered: 1, total: 2 }));
    }

    #[test]
    fn sums_without_lines_and_broken_records_are_refused() {
        for text in [
            "SF:a\nLF:3\nLH:3\nend_of_record\n",
            "SF:a\nDA:1,1\n",
            "SF:a\nSF:b\nend_of_record\n",
            "SF:a\nDA:x,1\nend_of_record\n",
            "SF:a\nDA:1,many\nend_of_record\n",
            "TN:\nDA:1,1\nend_of_record\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        for text in ["TN:x\n", "SF:", "hello\nSF:a\nend_of_record\n", ""] {
            assert!(!is_lcov(text), "{text}");
        }
    }
}
