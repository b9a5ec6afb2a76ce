//! From a Cobertura report to coverage.

use super::sheet::Sheet;
use super::{Report, number, read_xml};
use crate::facts::Coverage;
use crate::markup::{Element, Token};
use crate::verify::failure::Failure;

/// Reads a report.
pub(super) fn read(text: &str) -> Result<Coverage, Failure> {
    read_xml::<Cobertura>(text)
}

#[derive(Default)]
struct Cobertura {
    open: Vec<String>,
    file: String,
    has_packages: bool,
    sheet: Sheet,
}

impl Report for Cobertura {
    fn token(&mut self, token: &Token<'_>) -> Result<(), String> {
        match token {
            Token::Open(element) => {
                self.open(element)?;
                self.open.push(element.name.clone());
            }
            Token::Close => {
                self.open.pop();
            }
            Token::Text(_) => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Coverage, Failure> {
        if !self.has_packages {
            return Err(Failure::malformed("is no Cobertura report: it has no `packages`"));
        }
        Ok(self.sheet.finish("cobertura", None))
    }
}

impl Cobertura {
    fn open(&mut self, element: &Element) -> Result<(), String> {
        match element.name.as_str() {
            "packages" if self.open == ["coverage"] => self.has_packages = true,
            "class" => {
                let file = element.attribute("filename").or_else(|| element.attribute("name"));
                file.unwrap_or_default().clone_into(&mut self.file);
                self.sheet.file(&self.file);
            }
            // The lines of methods stand in their class once more, or there alone.
            "line" if self.open.iter().any(|name| name == "class") => {
                let line = number(element.attribute("number"), "number")?;
                let hits = number(element.attribute("hits"), "hits")?;
                self.sheet.line(&self.file, line, hits > 0);
                if let Some((reached, total)) =
                    element.attribute("condition-coverage").and_then(conditions)
                {
                    self.sheet.branches(&self.file, line, reached, total);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `50% (1/2)`.
fn conditions(text: &str) -> Option<(u64, u64)> {
    let (reached, total) = text.split_once('(')?.1.strip_suffix(')')?.split_once('/')?;
    Some((reached.trim().parse().ok()?, total.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Counted;

    #[test]
    fn a_line_counts_once_and_the_header_is_not_believed() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://h/coverage-04.dtd">
            <coverage line-rate="1.0" lines-covered="99"><sources><source>/s</source></sources><packages><package><classes>
            <class name="A" filename="a.py"><methods><method><lines><line number="1" hits="1"/></lines></method></methods>
            <lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
            <class name="A$1" filename="a.py"><lines><line number="2" hits="0"/><line number="3" hits="4"/></lines></class>
            </classes></package></packages></coverage>"#;
        let coverage = read(text).unwrap();
        assert_eq!((coverage.files, coverage.lines), (1, Counted { covered: 2, total: 3 }));
        assert_eq!(coverage.branches, Some(Counted { covered: 1, total: 2 }));
    }

    #[test]
    fn what_is_no_cobertura_is_refused() {
        for text in [
            "<coverage clover='4'><project/></coverage>",
            "<coverage><packages><class><line number='1' hits='x'/></class></packages></coverage>",
            "<coverage><packages><class><line hits='1'/></class></packages></coverage>",
            "<coverage><packages>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
