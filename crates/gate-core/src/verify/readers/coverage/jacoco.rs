//! From a JaCoCo report to coverage.

use super::sheet::Sheet;
use super::{Report, number, read_xml};
use crate::facts::{Counted, Coverage};
use crate::markup::{Element, Token};
use crate::verify::failure::Failure;

/// Reads a report.
pub(super) fn read(text: &str) -> Result<Coverage, Failure> {
    read_xml::<JaCoCo>(text)
}

#[derive(Default)]
struct JaCoCo {
    open: Vec<String>,
    name: Option<String>,
    /// The open groups: modules may have packages of one name.
    groups: Vec<String>,
    package: String,
    file: String,
    is_report: bool,
    has_lines: bool,
    sheet: Sheet,
    /// Sums of the source files, for reports of classes that were compiled without line numbers.
    summed: [Counted; 2],
}

impl Report for JaCoCo {
    fn token(&mut self, token: &Token<'_>) -> Result<(), String> {
        match token {
            Token::Open(element) => {
                self.open(element)?;
                self.open.push(element.name.clone());
            }
            Token::Close => {
                if self.open.pop().is_some_and(|name| name == "group") {
                    self.groups.pop();
                }
            }
            Token::Text(_) => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Coverage, Failure> {
        if !self.is_report {
            return Err(Failure::malformed(
                "is no JaCoCo report: it has no package, group or session",
            ));
        }
        let coverage = self.sheet.finish("jacoco", self.name);
        if self.has_lines {
            return Ok(coverage);
        }
        let [lines, branches] = self.summed;
        let branches = (branches.total > 0).then_some(branches);
        Ok(Coverage { lines, branches, ..coverage })
    }
}

impl JaCoCo {
    fn open(&mut self, element: &Element) -> Result<(), String> {
        let name = || element.attribute("name").unwrap_or_default().to_owned();
        let within = self.open.last().map(String::as_str);
        match (within, element.name.as_str()) {
            (None, _) => self.name = Some(name()),
            (_, "package") => {
                self.is_report = true;
                self.package = name();
            }
            (_, "group") => {
                self.is_report = true;
                self.groups.push(name());
            }
            (_, "sessioninfo") => self.is_report = true,
            (Some("package"), "sourcefile") => {
                self.file = format!("{}/{}/{}", self.groups.join("/"), self.package, name());
                self.sheet.file(&self.file);
            }
            (Some("sourcefile"), "line") => {
                let count = |key| number(element.attribute(key), key);
                let line = count("nr")?;
                self.has_lines = true;
                self.sheet.line(&self.file, line, count("ci")? > 0);
                let (reached, missed) = (count("cb")?, count("mb")?);
                let total = reached.saturating_add(missed);
                if total > 0 {
                    self.sheet.branches(&self.file, line, reached, total);
                }
            }
            (Some("sourcefile"), "counter") => {
                let count = |key| number(element.attribute(key), key);
                let sum = match element.attribute("type") {
                    Some("LINE") => &mut self.summed[0],
                    Some("BRANCH") => &mut self.summed[1],
                    _ => return Ok(()),
                };
                let covered = count("covered")?;
                sum.covered = sum.covered.saturating_add(covered);
                sum.total = sum.total.saturating_add(covered.saturating_add(count("missed")?));
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_source_files_are_counted_and_the_sums_are_not_believed() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
            <report name="shop"><sessioninfo id="s" start="1" dump="2"/><group name="g"><package name="p">
            <class name="p/A"><method name="m"><counter type="LINE" missed="0" covered="9"/></method></class>
            <sourcefile name="A.java"><line nr="3" mi="0" ci="2" mb="1" cb="1"/><line nr="4" mi="2" ci="0" mb="0" cb="0"/>
            <counter type="LINE" missed="0" covered="9"/></sourcefile></package></group>
            <counter type="LINE" missed="0" covered="9"/></report>"#;
        let coverage = read(text).unwrap();
        assert_eq!((coverage.name.as_deref(), coverage.files), (Some("shop"), 1));
        assert_eq!(coverage.lines, Counted { covered: 1, total: 2 });
        assert_eq!(coverage.branches, Some(Counted { covered: 1, total: 2 }));
    }

    #[test]
    fn without_line_numbers_the_source_files_sums_count() {
        let text = "<report name='s'><package name='p'><sourcefile name='A'><counter type='LINE' missed='1' covered='2'/></sourcefile></package></report>";
        let coverage = read(text).unwrap();
        assert_eq!((coverage.lines, coverage.branches), (Counted { covered: 2, total: 3 }, None));
    }

    #[test]
    fn what_is_no_jacoco_is_refused() {
        for text in [
            "<report><item/></report>",
            "<report><package><sourcefile><line nr='1'/></sourcefile></package></report>",
            "<report><package><sourcefile><line nr='1' ci='-1' mb='0' cb='0'/></sourcefile></package></report>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
