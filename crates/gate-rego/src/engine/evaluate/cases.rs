//! Tests: one rule alone, and the cases of a rule whose head has variables.

use std::collections::BTreeMap;

use super::{Failure, Next, Session};
use crate::engine::program::{
    Access, Block, GroupId, Pattern, Rule, RuleKind, Slot, Step, StepKind, Term,
};
use crate::engine::value::Value;

/// OPA's words for two values of one rule.
const CONFLICT: &str = "complete rules must not produce multiple outputs";

impl Session<'_> {
    /// The value of one rule of a group, as if it stood alone; of one that makes a set, some set.
    pub(crate) fn alone(&mut self, id: GroupId, at: usize) -> Result<Option<Value>, Failure> {
        let Some(rule) = self.program.group(id).rules.get(at) else { return Ok(None) };
        if rule.kind == RuleKind::Element {
            return Ok(Some(Value::set(vec![])));
        }
        let mut found: Option<Value> = None;
        self.depth += 1;
        let admitted = self.admitted(rule);
        self.rule(rule, (&[], Vec::new()), &admitted, &mut |_, _, value, constant| match &found {
            Some(known) if *known != value => Err(Failure::conflict(rule.span, CONFLICT)),
            _ => {
                found = Some(value);
                Ok(if constant { Next::Enough } else { Next::More })
            }
        })?;
        self.depth -= 1;
        Ok(found)
    }

    /// The cases of a test: each way in which the variables of its head are bound, and whether the
    /// rest of the body holds then and gives `true`.
    pub(crate) fn cases(
        &mut self,
        id: GroupId,
        at: usize,
    ) -> Result<BTreeMap<Vec<Value>, bool>, Failure> {
        let mut cases = BTreeMap::new();
        let Some(rule) = self.program.group(id).rules.get(at) else { return Ok(cases) };
        self.depth += 1;
        let outer = self.entered(rule);
        for branch in &rule.branches {
            let (before, after) = branch.body.steps.split_at(bound_after(rule, &branch.body));
            let mut frame = vec![None; rule.slots as usize];
            self.steps(before, &mut frame, &mut |session, frame| {
                let Some(keys) = session.terms(&rule.path, frame)? else { return Ok(Next::More) };
                session.keep::<(Value, Value)>(rule.span)?;
                let (mut holds, mark) = (false, session.mark());
                session.steps(after, frame, &mut |session, frame| {
                    let value = session.term(&branch.value, frame)?;
                    holds = value == Some(Value::Bool(true));
                    session.reached(rule.head);
                    Ok(if holds { Next::Enough } else { Next::More })
                })?;
                if holds {
                    session.rewind(mark);
                }
                *cases.entry(keys).or_insert(false) |= holds;
                Ok(Next::More)
            })?;
        }
        self.left(outer);
        self.depth -= 1;
        Ok(cases)
    }
}

/// How many steps it takes until every variable of the rule's path is bound.
fn bound_after(rule: &Rule, body: &Block) -> usize {
    let mut missing: Vec<Slot> = rule
        .path
        .iter()
        .filter_map(|part| if let Term::Slot(slot) = part { Some(*slot) } else { None })
        .collect();
    for (at, step) in body.steps.iter().enumerate() {
        if missing.is_empty() {
            return at;
        }
        step_binds(step, &mut missing);
    }
    body.steps.len()
}

fn step_binds(step: &Step, missing: &mut Vec<Slot>) {
    match &step.kind {
        StepKind::Match(_, pattern) | StepKind::Relation(_, pattern) => binds(pattern, missing),
        StepKind::Scan(scan) => {
            for access in &scan.path {
                if let Access::Each(pattern) = access {
                    binds(pattern, missing);
                }
            }
            binds(&scan.value, missing);
        }
        StepKind::Block(block) => block.steps.iter().for_each(|step| step_binds(step, missing)),
        StepKind::Test(_) | StepKind::Not(_) | StepKind::Every { .. } | StepKind::Print(_) => {}
    }
}

fn binds(pattern: &Pattern, missing: &mut Vec<Slot>) {
    match pattern {
        Pattern::Bind(slot) => missing.retain(|known| known != slot),
        Pattern::Any | Pattern::Equal(_) => {}
        Pattern::Array(parts) => parts.iter().for_each(|part| binds(part, missing)),
        Pattern::Object(parts) => parts.iter().for_each(|(_, part)| binds(part, missing)),
    }
}
