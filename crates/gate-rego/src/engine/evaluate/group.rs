//! Groups: what all rules of one name make together.

use std::collections::BTreeMap;

use super::build::Tree;
use super::term::KEYS;
use super::{CALL_DEPTH, Defined, Failure, FailureKind, Flow, Frame, Next, Session};
use crate::engine::ast::Span;
use crate::engine::program::{Group, GroupId, GroupKind, Rule, RuleKind, Slot, Term};
use crate::engine::value::Value;

/// OPA's words for two values of one rule, and of one function.
const RULES: &str = "complete rules must not produce multiple outputs";
const FUNCTIONS: &str = "functions must not produce multiple outputs for same inputs";

impl<'p> Session<'p> {
    /// The document that a group's rules make, as far as it matters to a look under these keys. It is
    /// made once in each scope.
    ///
    /// OPA makes an object for the keys that are asked for alone: what other rules of it say then is
    /// no conflict, and they may even depend on this look. So rules whose path says that they are
    /// about other keys are left out; where none says so, the whole object is made, unless that
    /// fails.
    pub(super) fn made_at(&mut self, id: GroupId, keys: &[Value], span: Span) -> Defined {
        let known = &keys[..keys.len().min(said(self.program.group(id)))];
        if !known.is_empty() {
            return self.part(id, known, span);
        }
        match self.made(id, span) {
            // What else the rules make may fail where what is asked for does not.
            Err(failure) if !keys.is_empty() && is_of_a_rule(&failure) => {
                match self.program.group(id).kind {
                    GroupKind::Object => self.part(id, &keys[..1], span),
                    GroupKind::Set => self.member(id, &keys[0], span),
                    GroupKind::Complete | GroupKind::Function(_) => Err(failure),
                }
            }
            made => made,
        }
    }

    /// The set of a group, as far as it matters to whether it has one element.
    fn member(&mut self, id: GroupId, key: &Value, span: Span) -> Defined {
        let group = self.program.group(id);
        self.deeper(span, |session| {
            let mut found = Vec::new();
            for rule in &group.rules {
                let admitted = session.admitted(rule);
                let wanted = rule
                    .branches
                    .iter()
                    .filter_map(|branch| branch.value.slot())
                    .map(|slot| (slot, key.clone()))
                    .collect();
                session.rule(rule, (&[], wanted), &admitted, &mut |_, _, value, _| {
                    found.extend((value == *key).then_some(value));
                    Ok(if found.is_empty() { Next::More } else { Next::Enough })
                })?;
            }
            Ok(Some(Value::set(found)))
        })
    }

    fn made(&mut self, id: GroupId, span: Span) -> Defined {
        if let Some(known) = self.scope.documents.get(&id) {
            return Ok(known.clone());
        }
        let group = self.program.group(id);
        let made = self.deeper(span, |session| match group.kind {
            GroupKind::Complete => session.complete(group, &[], RULES),
            GroupKind::Set => session.set(group).map(Some),
            GroupKind::Object => session.object_for(group, &[]),
            GroupKind::Function(_) => Ok(None),
        })?;
        self.scope.documents.insert(id, made.clone());
        Ok(made)
    }

    fn part(&mut self, id: GroupId, keys: &[Value], span: Span) -> Defined {
        let place = (id, keys.to_vec());
        if let Some(known) = self.scope.parts.get(&place) {
            return Ok(known.clone());
        }
        let group = self.program.group(id);
        let made = self.deeper(span, |session| session.object_for(group, keys))?;
        self.scope.parts.insert(place, made.clone());
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

    /// The one value of rules that agree on it.
    ///
    /// If all that may hold give the same constant, the first that does is enough; else all are
    /// tried in every way, since each may disagree.
    fn complete(&mut self, group: &'p Group, arguments: &[Value], conflict: &str) -> Defined {
        let branches = group.rules.iter().flat_map(|rule| &rule.branches);
        let admitted: Vec<bool> =
            branches.clone().map(|one| self.admits(one, arguments, !group.agrees)).collect();
        let mut values = branches
            .zip(&admitted)
            .filter(|(_, is)| **is)
            .map(|(branch, _)| branch.value.constant());
        let first = values.next().flatten();
        let enough = first.is_some() && values.all(|value| value == first);
        let mut found: Option<Value> = None;
        let mut rest = admitted.as_slice();
        for rule in &group.rules {
            let (own, others) = rest.split_at(rule.branches.len());
            rest = others;
            self.rule(rule, (arguments, Vec::new()), own, &mut |_, _, value, _| match &found {
                Some(known) if *known != value => Err(Failure::conflict(rule.span, conflict)),
                _ => {
                    found = Some(value);
                    Ok(if enough { Next::Enough } else { Next::More })
                }
            })?;
            if enough && found.is_some() {
                return Ok(found);
            }
        }
        match (&found, &group.default) {
            (None, Some(rule)) => self.default(rule, arguments),
            _ => Ok(found),
        }
    }

    /// What a `default` rule gives: its body has nothing to fail.
    fn default(&mut self, rule: &'p Rule, arguments: &[Value]) -> Defined {
        let mut found = None;
        self.rule(rule, (arguments, Vec::new()), &[true], &mut |_, _, value, _| {
            found = Some(value);
            Ok(Next::Enough)
        })?;
        Ok(found)
    }

    /// The branches of a rule that makes a set or an object, and whether they may hold.
    pub(super) fn admitted(&self, rule: &Rule) -> Vec<bool> {
        rule.branches.iter().map(|branch| self.admits(branch, &[], true)).collect()
    }

    fn set(&mut self, group: &'p Group) -> Result<Value, Failure> {
        let mut items = Vec::new();
        for rule in &group.rules {
            let admitted = self.admitted(rule);
            self.rule(rule, (&[], Vec::new()), &admitted, &mut |session, _, value, constant| {
                session.keep::<Value>(rule.span)?;
                items.push(value);
                // With strict errors those of all further ways are to be seen.
                let enough = constant && !session.options.strict;
                Ok(if enough { Next::Enough } else { Next::More })
            })?;
        }
        Ok(Value::set(items))
    }

    /// The object that a group's rules make, or of it only what is under these keys.
    fn object_for(&mut self, group: &'p Group, keys: &[Value]) -> Defined {
        let mut tree = Tree::Object(BTreeMap::new());
        // Heads without variables are places of their own, and are there however their rules end.
        let ground =
            group.rules.iter().flat_map(|rule| &rule.path).all(|part| part.constant().is_some());
        for rule in &group.rules {
            let elsewhere =
                |(part, key): (&Term, &Value)| part.constant().is_some_and(|part| part != key);
            if rule.path.iter().zip(keys).any(elsewhere) {
                continue;
            }
            if ground {
                let path: Vec<_> = rule.path.iter().filter_map(Term::constant).cloned().collect();
                let set = rule.kind == RuleKind::Element;
                tree.reserve(&path[..path.len().saturating_sub(usize::from(!set))], set);
            }
            let admitted = self.admitted(rule);
            let slots = rule.path.iter().zip(keys);
            let wanted =
                slots.filter_map(|(part, key)| Some((part.slot()?, key.clone()))).collect();
            self.rule(rule, (&[], wanted), &admitted, &mut |session, frame, value, _| {
                let Some(path) = session.terms(&rule.path, frame)? else { return Ok(Next::More) };
                if path.iter().zip(keys).any(|(part, key)| part != key) {
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
            Some(rule) if empty => self.default(rule, &[]),
            _ => Ok(Some(value)),
        }
    }

    /// Calls `take` with each value that those branches of a rule give that are admitted, for these
    /// arguments, and whether it can give no other. Of variables that are wanted to be something only
    /// that is tried.
    pub(super) fn rule(
        &mut self,
        rule: &'p Rule,
        (arguments, wanted): (&[Value], Vec<(Slot, Value)>),
        admitted: &[bool],
        take: &mut dyn FnMut(&mut Self, &mut Frame, Value, bool) -> Flow,
    ) -> Result<(), Failure> {
        let outer = std::mem::replace(&mut self.wanted, wanted);
        let labels = self.entered(rule);
        let done = self.branches(rule, arguments, admitted, take);
        self.left(labels);
        self.wanted = outer;
        done
    }

    fn branches(
        &mut self,
        rule: &'p Rule,
        arguments: &[Value],
        admitted: &[bool],
        take: &mut dyn FnMut(&mut Self, &mut Frame, Value, bool) -> Flow,
    ) -> Result<(), Failure> {
        if !admitted.contains(&true) {
            return Ok(());
        }
        let mut frame = vec![None; rule.slots as usize];
        for (pattern, argument) in rule.arguments.iter().zip(arguments) {
            if !self.matches(pattern, argument, &mut frame)? {
                return Ok(());
            }
        }
        let admitted = rule.branches.iter().zip(admitted).enumerate();
        for (number, (branch, _)) in admitted.filter(|(_, (_, admitted))| **admitted) {
            let place = if number == 0 { rule.head } else { branch.span };
            let mut held = false;
            let constant = branch.value.constant().is_some() && rule.path.is_empty();
            self.block(&branch.body, &mut frame, &mut |session, frame| {
                let Some(value) = session.term(&branch.value, frame)? else {
                    return Ok(Next::More);
                };
                held = true;
                session.reached(place);
                session.gave(rule, &value, frame);
                take(session, frame, value, constant)
            })?;
            if held {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Whether something in a rule failed, rather than the evaluation having reached a limit.
fn is_of_a_rule(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Conflict | FailureKind::Builtin | FailureKind::Type)
}

/// How many leading parts of the rules' paths say something before the rules are evaluated.
fn said(group: &Group) -> usize {
    let last = |rule: &Rule| {
        let constant = |part: &Term| part.constant().is_some();
        rule.path.iter().rposition(constant).map_or(0, |at| at + 1)
    };
    group.rules.iter().map(last).max().unwrap_or(0)
}
