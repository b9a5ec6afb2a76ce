//! What an evaluation tells of itself: which rules were entered, which expressions did not hold and
//! what their terms were then, and how long each line took.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::{Defined, Frame, Session};
use crate::engine::ast::Span;
use crate::engine::program::{
    Access, Label, Pattern, Query, Rule, Scan, Slot, Step, StepKind, Term, WithValue,
};
use crate::engine::value::Value;

/// After so many events the rest is only counted.
const EVENTS: usize = 20_000;
/// The most terms that are told of one expression.
const TERMS: usize = 12;

/// Something that happened, at a depth of rules.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) depth: u32,
    pub(crate) span: Span,
    pub(crate) kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum EventKind {
    /// A rule is tried; the place is its head.
    Enter,
    /// A rule gives a value, its variables being these.
    Exit(Value, Vec<(String, Option<Value>)>),
    /// An expression does not hold, with its terms: their text and value, none where undefined.
    Fail(Vec<(String, Option<Value>)>),
}

/// The events of an evaluation.
#[derive(Debug, Default)]
pub(crate) struct Watch<'p> {
    pub(crate) events: Vec<Event>,
    /// How many events there were beyond those kept.
    pub(crate) dropped: usize,
    labels: &'p [(Slot, Label)],
    /// Within how many negations and comprehensions evaluation is: what fails there is no reason.
    quiet: u32,
}

impl Watch<'_> {
    fn add(&mut self, depth: u32, span: Span, kind: EventKind) {
        if self.events.len() < EVENTS {
            self.events.push(Event { depth, span, kind });
        } else {
            self.dropped += 1;
        }
    }
}

/// Time and count by file and line.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) lines: HashMap<(u32, u32), (u64, Duration)>,
    at: (u32, u32),
    since: Instant,
}

impl Profile {
    pub(super) fn new() -> Self {
        Self { lines: HashMap::new(), at: (u32::MAX, 0), since: Instant::now() }
    }

    /// The time since the last expression began belongs to that one's line.
    pub(super) fn reached(&mut self, span: Span) {
        self.settle();
        self.at = (span.file, span.line);
        self.lines.entry(self.at).or_default().0 += 1;
    }

    pub(super) fn settle(&mut self) {
        let now = Instant::now();
        self.lines.entry(self.at).or_default().1 += now.saturating_duration_since(self.since);
        self.since = now;
    }
}

impl<'p> Session<'p> {
    /// What happened, where it is watched.
    pub(crate) fn take_events(&mut self) -> (Vec<Event>, usize) {
        match &mut self.watch {
            Some(watch) => (std::mem::take(&mut watch.events), watch.dropped),
            None => (vec![], 0),
        }
    }

    /// Time and count by file and line, where they are kept.
    pub(crate) fn take_profile(&mut self) -> HashMap<(u32, u32), (u64, Duration)> {
        match &mut self.profile {
            Some(profile) => {
                profile.settle();
                std::mem::take(&mut profile.lines)
            }
            None => HashMap::new(),
        }
    }

    /// Tells that a rule is tried; gives back the labels of the one around it.
    pub(super) fn entered(&mut self, rule: &'p Rule) -> &'p [(Slot, Label)] {
        let depth = self.depth;
        match &mut self.watch {
            Some(watch) => {
                watch.add(depth, rule.head, EventKind::Enter);
                std::mem::replace(&mut watch.labels, &rule.labels)
            }
            None => &[],
        }
    }

    pub(super) fn left(&mut self, labels: &'p [(Slot, Label)]) {
        if let Some(watch) = &mut self.watch {
            watch.labels = labels;
        }
    }

    pub(super) fn gave(&mut self, rule: &'p Rule, value: &Value, frame: &Frame) {
        let depth = self.depth;
        if let Some(watch) = &mut self.watch {
            let bound = |(slot, label): &(Slot, Label)| match label {
                Label::Name(name) => {
                    Some((name.to_string(), Some(frame.get(*slot as usize)?.clone()?)))
                }
                Label::Text(_) => None,
            };
            let variables = rule.labels.iter().filter_map(bound).take(TERMS).collect();
            watch.add(depth, rule.head, EventKind::Exit(value.clone(), variables));
        }
    }

    /// Runs what may fail without being a reason: the inside of `not` and of comprehensions.
    pub(super) fn quietly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let add = u32::from(self.watch.is_some());
        self.quiet(add);
        let result = run(self);
        if let Some(watch) = &mut self.watch {
            watch.quiet -= add;
        }
        result
    }

    fn quiet(&mut self, add: u32) {
        if let Some(watch) = &mut self.watch {
            watch.quiet += add;
        }
    }

    /// Tells that a step does not hold, with what its terms are.
    pub(super) fn failed(&mut self, step: &'p Step, frame: &mut Frame) {
        let Some(watch) = &self.watch else { return };
        let known =
            |event: &Event| event.span == step.span && matches!(event.kind, EventKind::Fail(_));
        if watch.quiet > 0 || watch.events.last().is_some_and(known) {
            return;
        }
        let labels = watch.labels;
        let mut terms = Vec::new();
        of_step(&step.kind, labels, &mut terms);
        for with in &step.with {
            if let WithValue::Term(term @ Term::Slot(_)) = &with.value {
                of_term(term, labels, &mut terms);
            }
        }
        // Telling must not be told, and what it costs is no part of the evaluation.
        let watch = self.watch.take();
        let mut told: Vec<(String, Option<Value>)> = Vec::new();
        for (label, term) in terms {
            let text = match label {
                Label::Name(name) => name.to_string(),
                Label::Text(span) => self.program.text(span).to_owned(),
            };
            // The text of a look by all keys is that of one place in it, and has no value of its own.
            let named = !matches!(term, Told::Scan(_)) || !text.contains('[');
            if named && told.len() < TERMS && !told.iter().any(|(known, _)| *known == text) {
                let value = match term {
                    Told::Slot(slot) => frame.get(slot as usize).cloned().flatten(),
                    Told::Term(term) => {
                        self.told(step, frame, |session, frame| session.term(term, frame))
                    }
                    Told::Scan(scan) => {
                        self.told(step, frame, |session, frame| session.scanned(scan, frame))
                    }
                };
                told.push((text, value));
            }
        }
        self.watch = watch;
        let depth = self.depth;
        if let Some(watch) = &mut self.watch {
            watch.add(depth, step.span, EventKind::Fail(told));
        }
    }

    /// A value as it is within the step.
    fn told(
        &mut self,
        step: &'p Step,
        frame: &mut Frame,
        ask: impl FnOnce(&mut Self, &mut Frame) -> Defined,
    ) -> Option<Value> {
        if step.with.is_empty() {
            return ask(self, frame).ok().flatten();
        }
        let mut other = self.scope_with(&step.with, frame).ok().flatten()?;
        std::mem::swap(&mut self.scope, &mut other);
        let value = ask(self, frame).ok().flatten();
        std::mem::swap(&mut self.scope, &mut other);
        value
    }

    /// What a scan goes through: the document at the keys before the first that is tried.
    fn scanned(&mut self, scan: &'p Scan, frame: &mut Frame) -> Defined {
        let Some(mut place) = self.base(&scan.base, frame, scan.span)? else { return Ok(None) };
        for access in &scan.path {
            let Access::Key(key) = access else { break };
            let Some(key) = self.term(key, frame)? else { return Ok(None) };
            match self.under(&place, &key, scan.span)? {
                Some(below) => place = below,
                None => return Ok(None),
            }
        }
        self.whole(place, scan.span)
    }

    /// How many events there are, to come back to.
    pub(super) fn mark(&self) -> usize {
        self.watch.as_ref().map_or(0, |watch| watch.events.len())
    }

    /// Forgets what happened since a mark: it is no reason for anything.
    pub(super) fn rewind(&mut self, mark: usize) {
        if let Some(watch) = &mut self.watch {
            watch.events.truncate(mark);
        }
    }

    /// Names for the variables of a query, so that its expressions can be told too.
    pub(super) fn label_query(&mut self, query: &'p Query) {
        if let Some(watch) = &mut self.watch {
            watch.labels = &query.labels;
        }
    }
}

enum Told<'p> {
    Slot(Slot),
    Term(&'p Term),
    Scan(&'p Scan),
}

type Terms<'p> = Vec<(Label, Told<'p>)>;

fn of_step<'p>(kind: &'p StepKind, labels: &[(Slot, Label)], found: &mut Terms<'p>) {
    match kind {
        StepKind::Test(term) => of_term(term, labels, found),
        StepKind::Match(term, pattern) => {
            of_term(term, labels, found);
            of_pattern(pattern, labels, found);
        }
        StepKind::Scan(scan) => of_scan(scan, labels, found),
        StepKind::Relation(call, _) => {
            call.arguments.iter().for_each(|one| of_term(one, labels, found));
        }
        StepKind::Not(block) => {
            for step in &block.steps {
                // What should not have held: its value says why it does.
                if let StepKind::Test(term @ Term::Call(call)) = &step.kind {
                    found.push((Label::Text(call.span), Told::Term(term)));
                }
                of_step(&step.kind, labels, found);
            }
        }
        StepKind::Block(block) => {
            block.steps.iter().for_each(|step| of_step(&step.kind, labels, found));
        }
        StepKind::Every { domain, .. } => of_term(domain, labels, found),
        StepKind::Print(_) => {}
    }
}

fn of_scan<'p>(scan: &'p Scan, labels: &[(Slot, Label)], found: &mut Terms<'p>) {
    if let super::super::program::Base::Term(term) = &scan.base {
        of_term(term, labels, found);
    }
    found.push((Label::Text(scan.span), Told::Scan(scan)));
    for access in &scan.path {
        if let Access::Key(term) = access {
            of_term(term, labels, found);
        }
    }
    of_pattern(&scan.value, labels, found);
}

fn of_pattern<'p>(pattern: &'p Pattern, labels: &[(Slot, Label)], found: &mut Terms<'p>) {
    match pattern {
        Pattern::Any | Pattern::Bind(_) => {}
        Pattern::Equal(term) => of_term(term, labels, found),
        Pattern::Array(parts) => parts.iter().for_each(|part| of_pattern(part, labels, found)),
        Pattern::Object(parts) => {
            parts.iter().for_each(|(_, part)| of_pattern(part, labels, found));
        }
    }
}

fn of_term<'p>(term: &'p Term, labels: &[(Slot, Label)], found: &mut Terms<'p>) {
    match term {
        Term::Constant(_) => {}
        Term::Slot(slot) => {
            if let Some((_, label)) = labels.iter().find(|(known, _)| known == slot) {
                found.push((label.clone(), Told::Slot(*slot)));
            }
        }
        Term::Array(terms) | Term::Set(terms) => {
            terms.iter().for_each(|term| of_term(term, labels, found));
        }
        Term::Object(entries) => entries.iter().for_each(|(key, value)| {
            of_term(key, labels, found);
            of_term(value, labels, found);
        }),
        Term::Reference(reference) => {
            found.push((Label::Text(reference.span), Told::Term(term)));
            reference.path.iter().for_each(|part| of_term(part, labels, found));
        }
        Term::Call(call) => call.arguments.iter().for_each(|one| of_term(one, labels, found)),
        Term::Comprehension(one) => found.push((Label::Text(one.span), Told::Term(term))),
    }
}
