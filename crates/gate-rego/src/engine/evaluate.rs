//! Evaluates compiled policies: a program, base data and an input in, documents out.
//!
//! Terms have one value or none (`term`), steps may hold in several ways (`block`, `scan`), and
//! each way goes on in a continuation. What `with` replaces is a [`scope::Scope`] that is swapped
//! in for one step and out again for what follows it.

mod block;
mod build;
mod call;
mod cases;
mod document;
mod failure;
mod group;
mod guard;
mod lines;
mod matching;
mod scan;
mod scope;
mod term;
mod walk;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub(crate) use failure::{Failure, FailureKind};
pub(crate) use lines::lines;
pub(crate) use watch::{Event, EventKind};

use super::ast::Span;
use super::builtins::Context;
use super::program::{Program, Query, Slot};
use super::value::Value;
use scope::Scope;
use watch::{Profile, Watch};

/// How deep rules and functions may be nested in each other: each level takes stack.
const CALL_DEPTH: u32 = 1_000;

/// The slots of one call of one rule.
pub(crate) type Frame = [Option<Value>];

/// Whether a solution's taker wants another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    More,
    Enough,
}

type Flow = Result<Next, Failure>;
type Defined = Result<Option<Value>, Failure>;

/// What is called with each solution of a block.
type Taker<'t, 'p> = &'t mut dyn FnMut(&mut Session<'p>, &mut Frame) -> Flow;

/// How an evaluation counts and what it tells beside its result.
#[expect(clippy::struct_excessive_bools, reason = "each is asked for alone")]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Whether a builtin's error ends the evaluation; else the call is undefined.
    pub(crate) strict: bool,
    /// Whether the lines that were reached are kept.
    pub(crate) coverage: bool,
    /// Whether rules and failing expressions are told.
    pub(crate) watch: bool,
    /// Whether the time of each line is kept.
    pub(crate) profile: bool,
}

/// One solution of a query.
#[derive(Debug, Clone)]
pub(crate) struct Solution {
    /// The query's variables in their order; those without a value in this solution are left out.
    pub(crate) bindings: Vec<(std::sync::Arc<str>, Value)>,
    /// The value of each literal.
    pub(crate) expressions: Vec<(Span, Value)>,
}

/// The evaluation of one question: what it found out is remembered until it ends.
pub(crate) struct Session<'p> {
    program: &'p Program,
    context: Context,
    options: Options,
    scope: Scope,
    /// Variables of the rule at work whose values the keys of a look say.
    wanted: Vec<(Slot, Value)>,
    depth: u32,
    prints: Vec<(Span, String)>,
    covered: HashSet<(u32, u32)>,
    watch: Option<Box<Watch<'p>>>,
    profile: Option<Box<Profile>>,
}

impl<'p> Session<'p> {
    /// A session over a program, the base documents (an object) and an input.
    pub(crate) fn new(
        program: &'p Program,
        data: Value,
        input: Option<Value>,
        context: Context,
        options: Options,
    ) -> Self {
        let scope = Scope::new(data, input);
        let (prints, covered, wanted) = (Vec::new(), HashSet::new(), Vec::new());
        let watch = options.watch.then(Box::default);
        let profile = options.profile.then(|| Box::new(Profile::new()));
        Self { program, context, options, scope, wanted, depth: 0, prints, covered, watch, profile }
    }

    /// From now on evaluation ends at this moment.
    pub(crate) fn limit(&mut self, deadline: Option<std::time::Instant>) {
        self.context.budget.until(deadline);
    }

    /// From now on calls that ask for what is outside find it here, or note it.
    pub(crate) fn know(&mut self, outside: Option<std::sync::Arc<crate::outside::Outside>>) {
        self.context.outside = outside;
    }

    /// The document at a path from `data`; `None` where it is undefined.
    pub(crate) fn document(&mut self, path: &[&str]) -> Defined {
        let path: Vec<_> = path.iter().map(|part| Value::from(*part)).collect();
        self.document_at(&path)
    }

    /// The document at a path of keys of any kind. In base data a number finds the key that is it in
    /// text.
    pub(crate) fn document_at(&mut self, path: &[Value]) -> Defined {
        let (mut place, mut made) = (document::Place::root(self), false);
        for key in path {
            made |= self.is_made(&place);
            let under = match self.under(&place, key, Span::default())? {
                None if !made => document::kept(&place, key),
                under => under,
            };
            match under {
                Some(under) => place = under,
                None => return Ok(None),
            }
        }
        self.whole(place, Span::default())
    }

    /// The solutions of a query, at most so many.
    pub(crate) fn query(
        &mut self,
        query: &'p Query,
        most: usize,
    ) -> Result<Vec<Solution>, Failure> {
        let mut solutions = Vec::new();
        let mut frame = vec![None; query.slots as usize];
        self.label_query(query);
        self.block(&query.body, &mut frame, &mut |session, frame| {
            session.keep::<Solution>(Span::default())?;
            solutions.push(session.solution(query, frame)?);
            Ok(if solutions.len() < most { Next::More } else { Next::Enough })
        })?;
        Ok(solutions)
    }

    fn solution(&mut self, query: &'p Query, frame: &mut Frame) -> Result<Solution, Failure> {
        let bound = |(name, slot): &(std::sync::Arc<str>, u32)| {
            frame[*slot as usize].clone().map(|value| (name.clone(), value))
        };
        let bindings = query.variables.iter().filter_map(bound).collect();
        let mut expressions = Vec::with_capacity(query.expressions.len());
        for (span, term) in &query.expressions {
            if let Some(value) = self.term(term, frame)? {
                expressions.push((*span, value));
            }
        }
        Ok(Solution { bindings, expressions })
    }

    /// What was printed since the last time, each line with its place.
    pub(crate) fn take_prints(&mut self) -> Vec<(Span, String)> {
        std::mem::take(&mut self.prints)
    }

    /// The lines that were reached, as file and line.
    pub(crate) fn covered(&self) -> &HashSet<(u32, u32)> {
        &self.covered
    }

    fn reached(&mut self, span: Span) {
        if self.options.coverage {
            self.covered.insert((span.file, span.line));
        }
        if let Some(profile) = &mut self.profile {
            profile.reached(span);
        }
    }

    fn step(&mut self, span: Span) -> Result<(), Failure> {
        self.context.step().map_err(|error| Failure::builtin(&error, "", span))
    }

    /// Takes the memory of one more `T` from the budget.
    fn keep<T>(&mut self, span: Span) -> Result<(), Failure> {
        let bytes = size_of::<T>();
        self.context.allocate(bytes).map_err(|error| Failure::builtin(&error, "", span))
    }
}
