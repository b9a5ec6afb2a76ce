//! Groups: what all rules of one name make together.

use std::collections::BTreeMap;

use super::build::Tree;
use super::term::KEYS;
use super::{CALL_DEPTH, Defined, Failure, Flow, Frame, Next, Session};
use crate::engine::ast::Span;
use crate::engine::program::{Group, GroupId, GroupKind, Rule, RuleKind};
use crate::engine::value::Value;

/// OPA's words for two values of one rule, and of one function.
const RULES: &str = "complete rules must not produce multiple outputs";
const FUNCTIONS: &str = "functions must not produce multiple outputs for same inputs";

impl<'p> Session<'p> {
    /// The document that a group's rules make; it is made once in each scope.
    pub(super) fn made(&mut self, id: GroupId, span: Span) -> Defined {
        if let Some(known) = self.scope.documents.get(&id) {
            return Ok(known.clone());
        }
        let group = self.program.group(id);
        let made = self.deeper(span, |session| match group.kind {
            GroupKind::Complete => session.complete(group, &[], RULES),
            GroupKind::Set => session.set(group).map(Some),
            GroupKind::Object => session.object_for(id, None),
            GroupKind::Function(_) => Ok(None),
        })?;
        self.scope.documents.insert(id, made.clone());
        Ok(made)
    }

    /// What a function of the policy gives for these arguments.
    pub(super) fn function(&mut self, id: GroupId, arguments: &[Value], span: Span) -> Defined {
        let group = self.program.group(id);
        self.step(span)?;
        self.deeper(span, |session| session.complete(group, arguments, FUNCTIONS))
    }

    /// Goes one level deeper into rules: each takes stack, of which there is so much.
    fn deeper<T>(
        &mut self,
        span: Span,
        run: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if self.depth >= CALL_DEPTH {
            return Err(Failure::depth(span));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    fn complete(&mut self, group: &'p Group, arguments: &[Value], conflict: &str) -> Defined {
        let mut found: Option<Value> = None;
        for rule in &group.rules {
            // What can only agree need not be asked.
            let constant = |value: &Value| {
                rule.branches.iter().all(|branch| branch.value.constant() == Some(value))
            };
            if found.as_ref().is_some_and(constant) {
                continue;
            }
            self.rule(rule, arguments, &mut |_, _, value, constant| match &found {
                Some(known) if *known != value => Err(Failure::conflict(rule.span, conflict)),
                _ => {
                    found = Some(value);
                    Ok(if constant { Next::Enough } else { Next::More })
                }
            })?;
        }
        match (&found, &group.default) {
            (None, Some(rule)) => {
                self.rule(rule, arguments, &mut |_, _, value, _| {
                    found = Some(value);
                    Ok(Next::Enough)
                })?;
                Ok(found)
            }
            _ => Ok(found),
        }
    }

    fn set(&mut self, group: &'p Group) -> Result<Value, Failure> {
        let mut items = Vec::new();
        for rule in &group.rules {
            self.rule(rule, &[], &mut |session, _, value, constant| {
                session.keep::<Value>(rule.span)?;
                items.push(value);
                Ok(if constant { Next::Enough } else { Next::More })
            })?;
        }
        Ok(Value::set(items))
    }

    /// The object that a group's rules make, or of it only what is under one key.
    pub(super) fn object_for(&mut self, id: GroupId, only: Option<&Value>) -> Defined {
        let group = self.program.group(id);
        let mut tree = Tree::Object(BTreeMap::new());
        for rule in &group.rules {
            self.rule(rule, &[], &mut |session, frame, value, _| {
                let Some(path) = session.terms(&rule.path, frame)? else { return Ok(Next::More) };
                if only.is_some_and(|only| path.first().is_some_and(|first| first != only)) {
                    return Ok(Next::More);
                }
                session.keep::<(Value, Value)>(rule.span)?;
                let element = rule.kind == RuleKind::Element;
                tree.add(&path, value, element).map_err(|_| Failure::conflict(rule.span, KEYS))?;
                Ok(Next::More)
            })?;
        }
        let value = tree.finish();
        let empty = value.as_object().is_some_and(crate::engine::value::Object::is_empty);
        match &group.default {
            Some(rule) if empty => {
                let mut found = None;
                self.rule(rule, &[], &mut |_, _, value, _| {
                    found = Some(value);
                    Ok(Next::Enough)
                })?;
                Ok(found)
            }
            _ => Ok(Some(value)),
        }
    }

    /// Calls `take` with each value that a rule gives for these arguments, and whether it can give
    /// no other.
    fn rule(
        &mut self,
        rule: &'p Rule,
        arguments: &[Value],
        take: &mut dyn FnMut(&mut Self, &mut Frame, Value, bool) -> Flow,
    ) -> Result<(), Failure> {
        let mut frame = vec![None; rule.slots as usize];
        for (pattern, argument) in rule.arguments.iter().zip(arguments) {
            if !self.matches(pattern, argument, &mut frame)? {
                return Ok(());
            }
        }
        for branch in &rule.branches {
            let mut held = false;
            let constant = branch.value.constant().is_some() && rule.path.is_empty();
            self.block(&branch.body, &mut frame, &mut |session, frame| {
                let Some(value) = session.term(&branch.value, frame)? else {
                    return Ok(Next::More);
                };
                held = true;
                session.reached(rule.head);
                take(session, frame, value, constant)
            })?;
            if held {
                self.reached(branch.span);
                return Ok(());
            }
        }
        Ok(())
    }
}
