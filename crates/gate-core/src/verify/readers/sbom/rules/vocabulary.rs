//! What all tables share: versions, patterns, enumerations, types of text and numbers, captures.

use std::collections::HashMap;
use std::sync::Arc;

use regex::Regex;

use super::{Format, Rule, Text, Type};

/// What is wrong with a table. A test reads every table at every version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct TableError(pub(in super::super) String);

pub(in super::super) fn wrong<T>(what: impl Into<String>) -> Result<T, TableError> {
    Err(TableError(what.into()))
}

/// The words of tables at one version.
#[derive(Default)]
pub(in super::super) struct Vocabulary<'t> {
    version: u8,
    patterns: HashMap<&'t str, Regex>,
    drafts: HashMap<&'t str, Vec<String>>,
    enums: HashMap<&'t str, Arc<[String]>>,
    /// The enumeration that the lines belong to.
    open: Option<&'t str>,
}

impl<'t> Vocabulary<'t> {
    pub(in super::super) fn new(version: u8) -> Self {
        Self { version, ..Self::default() }
    }

    /// Takes a line that is empty, a comment, a pattern or of an enumeration.
    pub(in super::super) fn takes(
        &mut self,
        line: &'t str,
        words: &[&'t str],
    ) -> Result<bool, TableError> {
        if !line.starts_with(' ') && !line.is_empty() {
            self.open = None;
        }
        match (line.starts_with(' '), words, self.open) {
            (_, [] | ["#", ..], _) => {}
            (false, ["pattern", name, regex], _) => {
                let regex = Regex::new(regex).map_err(|error| TableError(error.to_string()))?;
                self.patterns.insert(name, regex);
            }
            (false, ["enum", name], _) => {
                self.drafts.insert(name, vec![]);
                self.open = Some(name);
            }
            (true, words, Some(name)) => {
                let values = words.iter().filter(|word| self.holds(word));
                let values: Vec<_> =
                    values.map(|word| without_versions(word).replace('~', " ")).collect();
                self.drafts.entry(name).or_default().extend(values);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// All lines have been taken.
    pub(in super::super) fn close(&mut self) {
        for (name, mut values) in self.drafts.drain() {
            values.sort_unstable();
            self.enums.insert(name, values.into());
        }
    }

    /// Takes the versions off a line, and says whether it holds.
    pub(in super::super) fn strip_versions(&self, words: &mut Vec<&str>) -> bool {
        match words.last().filter(|word| is_versions(word)) {
            Some(versions) => {
                let holds = self.holds(versions);
                words.pop();
                holds
            }
            None => true,
        }
    }

    /// Whether a word's versions, where it has any, include this one.
    pub(in super::super) fn holds(&self, word: &str) -> bool {
        let Some((_, ranges)) = word.rsplit_once('@') else { return true };
        ranges.split(',').any(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.parse::<u8>().unwrap_or(u8::MAX);
            (number(first)..=number(last)).contains(&self.version)
        })
    }

    /// The type of this name, where it is one of text or numbers.
    pub(in super::super) fn scalar(&self, text: &str) -> Result<Option<Type>, TableError> {
        let (text, lenient) = text.strip_prefix('~').map_or((text, false), |text| (text, true));
        let (word, options) = text.split_once('+').unwrap_or((text, ""));
        let option = |name: &str| options.split('+').find_map(|it| it.strip_prefix(name));
        let number = |name: &str| option(name).and_then(|it| it.parse::<f64>().ok());
        let size = |name: &str| option(name).and_then(|it| it.parse::<usize>().ok());
        let rule = match word.split_once(':').unwrap_or((word, "")) {
            ("int" | "num", _) => {
                let (least, most) = (number("min"), number("max"));
                return Ok(Some(Type::Number { whole: word == "int", least, most }));
            }
            ("text", _) => Rule::Free,
            ("integer", _) => Rule::Number { whole: true, least: None, most: None },
            ("natural", _) => Rule::Number { whole: true, least: Some(0.0), most: None },
            ("positive-integer", _) => Rule::Number { whole: true, least: Some(1.0), most: None },
            ("decimal", _) => {
                Rule::Number { whole: false, least: number("ge"), most: number("le") }
            }
            ("const", value) => Rule::Enum([value.to_owned()].into()),
            ("enum", name) => match self.enums.get(name) {
                Some(values) => Rule::Enum(Arc::clone(values)),
                None => return wrong(format!("no enum {name}")),
            },
            ("pat", name) => match self.patterns.get(name) {
                Some(pattern) => Rule::Pattern(pattern.clone()),
                None => return wrong(format!("no pattern {name}")),
            },
            _ => match Format::named(word) {
                Some(format) => Rule::Format(format),
                None => return Ok(None),
            },
        };
        let (least, most) = (size("min").unwrap_or(0), size("max").unwrap_or(usize::MAX));
        Ok(Some(Type::Text(Text { rule, least, most, lenient })))
    }
}

/// The capture that the end of a line names.
pub(in super::super) fn capture(
    words: &[&str],
    captures: &[&'static str],
) -> Result<Option<&'static str>, TableError> {
    match words {
        [] => Ok(None),
        [word] => {
            let name = word.strip_prefix('>').unwrap_or_default();
            match captures.iter().find(|known| **known == name) {
                Some(known) => Ok(Some(*known)),
                None => wrong(format!("nobody captures {word}")),
            }
        }
        _ => wrong(words.join(" ")),
    }
}

/// `@2-4`, and no attribute's name.
fn is_versions(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
}

fn without_versions(word: &str) -> &str {
    word.rsplit_once('@').map_or(word, |(word, _)| word)
}
