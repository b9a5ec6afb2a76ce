//! What an evaluation tells of itself, for people and programs: rules that were tried, expressions
//! that did not hold with the values of their terms, and the lines that took the time.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use crate::engine::ast::Span;
use crate::engine::evaluate::{Event, EventKind, Session};
use crate::error::Place;
use crate::policy::Policy;
use crate::value::{self, Value};

/// The longest value that a line shows, in characters.
const SHOWN: usize = 160;
/// The most failing expressions that are shown of one rule.
const FAILS: usize = 5;
/// Between the frames of rules: how deep they may be shown.
const DEPTH: usize = 12;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Rules that gave nothing, with the expressions that did not hold.
    Fails,
    /// The same, and what the outermost rules gave with the values of their variables.
    Rules,
    /// Every rule that was tried, with what it gave.
    Full,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// How deep in rules.
    pub depth: usize,
    /// What.
    pub event: Happened,
    /// Where.
    pub place: Place,
    /// The source text: of a rule its head, else the expression.
    pub text: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// A rule was tried.
    Tried,
    /// A rule gave a value, its variables being these.
    Gave(Value, Vec<(String, Option<Value>)>),
    /// An expression did not hold; its terms and their values.
    Failed(Vec<(String, Option<Value>)>),
}

/// The account of an evaluation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// In order.
    pub told: Vec<Told>,
    /// How much more happened than is kept.
    pub left_out: usize,
}

/// What one line took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotLine {
    /// The line; column 1.
    pub place: Place,
    /// How often one of its expressions was tried.
    pub count: u64,
    /// The time that went into them, without that of other lines.
    pub time: Duration,
    /// The line's text.
    pub text: String,
}

impl Explanation {
    pub(crate) fn of(policy: &Policy, session: &mut Session<'_>, query: &str) -> Self {
        let (events, left_out) = session.take_events();
        let told = events.into_iter().map(|event| told(policy, event, query)).collect();
        Self { told, left_out }
    }

    /// Lines for people, indented by the depth of rules.
    pub fn text(&self, detail: Detail) -> String {
        let mut out = String::new();
        for (at, told) in self.told.iter().enumerate() {
            let indent = "  ".repeat(told.depth.min(DEPTH));
            if !self.is_shown(at, detail) {
                continue;
            }
            let head = format!("{indent}{}: {}", told.place, told.text);
            match &told.event {
                Happened::Tried => {
                    let _ = writeln!(out, "{head}");
                }
                Happened::Gave(value, terms) => {
                    let _ = writeln!(out, "{head} gave {}", shortened(&value.to_string()));
                    values(&mut out, &indent, terms);
                }
                Happened::Failed(terms) => {
                    let _ = writeln!(out, "{indent}  {}: {} does not hold", told.place, told.text);
                    values(&mut out, &indent, terms);
                }
            }
        }
        if self.left_out > 0 {
            let _ = writeln!(out, "({} more are not kept)", self.left_out);
        }
        out
    }

    fn is_shown(&self, at: usize, detail: Detail) -> bool {
        match detail {
            Detail::Full => true,
            Detail::Fails => self.is_reason(at),
            Detail::Rules => {
                let told = &self.told[at];
                let outermost = told.depth <= 1 && matches!(told.event, Happened::Gave(..));
                outermost || self.is_reason(at)
            }
        }
    }

    /// Whether an event belongs to why nothing came of it: the rules around it gave no value.
    fn is_reason(&self, at: usize) -> bool {
        let told = &self.told[at];
        match told.event {
            Happened::Gave(..) => false,
            Happened::Tried => !self.gave(at) && self.around(at) && self.failed(at),
            Happened::Failed(_) => {
                let rule = self.rule_of(at);
                let earlier = self.told[rule.unwrap_or(0)..at].iter();
                let same = |other: &&Told| {
                    other.depth == told.depth && matches!(other.event, Happened::Failed(_))
                };
                earlier.filter(same).count() < FAILS
                    && rule.is_none_or(|rule| !self.gave(rule) && self.around(rule))
            }
        }
    }

    /// Whether something failed in a rule that was tried, or in those that it asked.
    fn failed(&self, rule: usize) -> bool {
        let depth = self.told[rule].depth;
        self.told[rule + 1..]
            .iter()
            .take_while(|told| told.depth > depth || !matches!(told.event, Happened::Tried))
            .any(|told| told.depth >= depth && matches!(told.event, Happened::Failed(_)))
    }

    /// The rule that an event is in: the last that was tried at its depth.
    fn rule_of(&self, at: usize) -> Option<usize> {
        let depth = self.told[at].depth;
        (0..at).rev().find(|other| {
            let other = &self.told[*other];
            other.event == Happened::Tried && other.depth == depth
        })
    }

    /// Whether the rules around one that was tried gave nothing either.
    fn around(&self, rule: usize) -> bool {
        let mut depth = self.told[rule].depth;
        for other in (0..rule).rev() {
            let told = &self.told[other];
            if told.event == Happened::Tried && told.depth < depth {
                depth = told.depth;
                if self.gave(other) {
                    return false;
                }
            }
        }
        true
    }

    /// Whether a rule that was tried gave a value.
    fn gave(&self, rule: usize) -> bool {
        let depth = self.told[rule].depth;
        self.told[rule + 1..]
            .iter()
            .take_while(|told| told.event != Happened::Tried || told.depth > depth)
            .any(|told| told.depth == depth && matches!(told.event, Happened::Gave(..)))
    }

    /// A list of objects: `op` (`enter`, `exit`, `fail`), `location`, `text`, `depth`, and `value` or
    /// `terms`.
    pub fn json(&self, detail: Detail) -> serde_json::Value {
        let shown = |at: &usize| self.is_shown(*at, detail);
        (0..self.told.len()).filter(shown).map(|at| one(&self.told[at])).collect()
    }
}

fn one(told: &Told) -> serde_json::Value {
    let mut out = json!({
        "op": "enter",
        "location": {"file": told.place.path, "row": told.place.line, "col": told.place.column},
        "text": told.text,
        "depth": told.depth,
    });
    match &told.event {
        Happened::Tried => {}
        Happened::Gave(value, terms) => {
            out["op"] = "exit".into();
            out["value"] = value::to_json(value);
            out["terms"] = json_terms(terms);
        }
        Happened::Failed(terms) => {
            out["op"] = "fail".into();
            out["terms"] = json_terms(terms);
        }
    }
    out
}

fn json_terms(terms: &[(String, Option<Value>)]) -> serde_json::Value {
    let term = |(name, value): &(String, Option<Value>)| match value {
        Some(value) => json!({"text": name, "value": value::to_json(value)}),
        None => json!({"text": name}),
    };
    terms.iter().map(term).collect()
}

fn values(out: &mut String, indent: &str, terms: &[(String, Option<Value>)]) {
    for (name, value) in terms {
        let value = value.as_ref().map(ToString::to_string);
        let value = value.map_or("undefined".to_owned(), |text| shortened(&text));
        let _ = writeln!(out, "{indent}    {}: {value}", one_line(name));
    }
}

fn told(policy: &Policy, event: Event, query: &str) -> Told {
    let Event { depth, span, kind } = event;
    let event = match kind {
        EventKind::Enter => Happened::Tried,
        EventKind::Exit(value, terms) => Happened::Gave(value, terms),
        EventKind::Fail(terms) => Happened::Failed(terms),
    };
    let (place, text) = match policy.program.files.get(span.file as usize) {
        Some(file) => (place(&file.path, span), span.text(&file.source)),
        None => (place("query", span), span.text(query)),
    };
    Told { depth: depth as usize, event, place, text: shortened(&one_line(text)) }
}

fn place(path: &str, span: Span) -> Place {
    Place { path: path.to_owned(), line: span.line, column: span.column }
}

/// The hottest lines of a session, the one that took longest first.
pub(crate) fn hottest(policy: &Policy, session: &mut Session<'_>, query: &str) -> Vec<HotLine> {
    let mut lines: Vec<_> = session
        .take_profile()
        .into_iter()
        .filter(|((_, line), _)| *line > 0)
        .map(|((file, line), (count, time))| {
            let (path, source) = match policy.program.files.get(file as usize) {
                Some(file) => (&*file.path, &*file.source),
                None => ("query", query),
            };
            let text = source.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
            let place = Place { path: path.to_owned(), line, column: 1 };
            HotLine { place, count, time, text: shortened(text.trim()) }
        })
        .collect();
    lines.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.place.cmp(&b.place)));
    lines
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
