//! Blocks: steps that must all hold, each way in which they do handed on.

use super::Failure;
use super::{Flow, Frame, Next, Session, Taker};
use crate::engine::ast::Span;
use crate::engine::program::{Block, Pattern, Print, Step, StepKind, Term};
use crate::engine::value::Value;

impl<'p> Session<'p> {
    /// Calls `then` for each way in which the block holds, until it has enough.
    pub(super) fn block(
        &mut self,
        block: &'p Block,
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        self.steps(&block.steps, frame, then)
    }

    /// Whether the block holds in some way.
    pub(super) fn holds(&mut self, block: &'p Block, frame: &mut Frame) -> Result<bool, Failure> {
        Ok(self.block(block, frame, &mut |_, _| Ok(Next::Enough))? == Next::Enough)
    }

    pub(super) fn steps(
        &mut self,
        mut steps: &'p [Step],
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        // Steps that hold in one way at most need no continuation, and so no stack.
        while let Some((step, rest)) = steps.split_first() {
            if !step.with.is_empty() || !is_single(&step.kind) {
                if self.watch.is_some() {
                    return self.watched(step, rest, frame, then);
                }
                return self
                    .several(step, frame, &mut |session, frame| session.steps(rest, frame, then));
            }
            self.step(step.span)?;
            self.reached(step.span);
            if !self.single(step, frame)? {
                self.failed(step, frame);
                return Ok(Next::More);
            }
            steps = rest;
        }
        then(self, frame)
    }

    /// Tries a step in all its ways, and tells where it holds in none.
    fn watched(
        &mut self,
        step: &'p Step,
        rest: &'p [Step],
        frame: &mut Frame,
        then: Taker<'_, 'p>,
    ) -> Flow {
        let mut held = false;
        let flow = self.several(step, frame, &mut |session, frame| {
            held = true;
            session.steps(rest, frame, then)
        })?;
        if !held {
            self.failed(step, frame);
        }
        Ok(flow)
    }

    fn single(&mut self, step: &'p Step, frame: &mut Frame) -> Result<bool, Failure> {
        match &step.kind {
            StepKind::Test(term) => Ok(self
                .term(term, frame)?
                .is_some_and(|value| !matches!(value, Value::Bool(false)))),
            StepKind::Match(term, pattern) => match self.term(term, frame)? {
                Some(value) => self.matches(pattern, &value, frame),
                None => Ok(false),
            },
            StepKind::Not(block) => Ok(!self.quietly(|session| session.holds(block, frame))?),
            StepKind::Every { key, value, domain, body } => {
                self.every(step.span, (key, value), domain, body, frame)
            }
            StepKind::Print(print) => {
                self.print(print, frame)?;
                Ok(true)
            }
            StepKind::Scan(_) | StepKind::Relation(..) | StepKind::Block(_) => {
                self.several(step, frame, &mut |_, _| Ok(Next::Enough)).map(|it| it == Next::Enough)
            }
        }
    }

    fn several(&mut self, step: &'p Step, frame: &mut Frame, then: Taker<'_, 'p>) -> Flow {
        self.step(step.span)?;
        self.reached(step.span);
        if step.with.is_empty() {
            return self.ways(step, frame, then);
        }
        let Some(mut other) = self.scope_with(&step.with, frame)? else { return Ok(Next::More) };
        // `other` is always the scope that is not in force.
        std::mem::swap(&mut self.scope, &mut other);
        let flow = self.ways(step, frame, &mut |session, frame| {
            std::mem::swap(&mut session.scope, &mut other);
            let flow = then(session, frame);
            std::mem::swap(&mut session.scope, &mut other);
            flow
        });
        std::mem::swap(&mut self.scope, &mut other);
        flow
    }

    fn ways(&mut self, step: &'p Step, frame: &mut Frame, then: Taker<'_, 'p>) -> Flow {
        match &step.kind {
            StepKind::Scan(scan) => self.scan(scan, frame, then),
            StepKind::Relation(call, pattern) => self.relation(call, pattern, frame, then),
            StepKind::Block(block) => self.block(block, frame, then),
            _ if self.single(step, frame)? => then(self, frame),
            _ => Ok(Next::More),
        }
    }

    fn every(
        &mut self,
        span: Span,
        (key, value): (&'p Pattern, &'p Pattern),
        domain: &'p Term,
        body: &'p Block,
        frame: &mut Frame,
    ) -> Result<bool, Failure> {
        let Some(domain) = self.term(domain, frame)? else { return Ok(false) };
        let mut each = |session: &mut Self, at: &Value, item: &Value| {
            session.step(span)?;
            // A pattern of `every` is a fresh variable, which matches everything.
            Ok::<_, Failure>(
                session.matches(key, at, frame)?
                    && session.matches(value, item, frame)?
                    && session.holds(body, frame)?,
            )
        };
        match &domain {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if !each(self, &Value::from(at), item)? {
                        return Ok(false);
                    }
                }
            }
            Value::Object(object) => {
                for (at, item) in object.iter() {
                    if !each(self, at, item)? {
                        return Ok(false);
                    }
                }
            }
            Value::Set(items) => {
                for item in items.iter() {
                    if !each(self, item, item)? {
                        return Ok(false);
                    }
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn print(&mut self, print: &'p Print, frame: &mut Frame) -> Result<(), Failure> {
        let mut lines = vec![String::new()];
        for argument in &print.arguments {
            let values = self.comprehension(argument, frame)?;
            let words: Vec<String> = match values.as_set() {
                Some(set) if !set.is_empty() => set.iter().map(printed).collect(),
                _ => vec!["<undefined>".to_owned()],
            };
            let mut longer = Vec::with_capacity(lines.len() * words.len());
            for line in &lines {
                for word in &words {
                    self.step(print.span)?;
                    self.context
                        .allocate(line.len() + word.len())
                        .map_err(|error| Failure::builtin(&error, "print", print.span))?;
                    longer.push(if line.is_empty() {
                        word.clone()
                    } else {
                        format!("{line} {word}")
                    });
                }
            }
            lines = longer;
        }
        self.prints.extend(lines.into_iter().map(|line| (print.span, line)));
        Ok(())
    }
}

/// Text as it is, everything else as Rego writes it.
fn printed(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

const fn is_single(kind: &StepKind) -> bool {
    !matches!(kind, StepKind::Scan(_) | StepKind::Relation(..) | StepKind::Block(_))
}
