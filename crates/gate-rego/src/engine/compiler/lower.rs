//! Literals in order as steps: where each variable is bound is known from here on.

use std::collections::HashSet;
use std::sync::Arc;

use super::body::is_relation;
use super::intermediate::{
    self, Call, Comprehension, Kind, Literal, LiteralKind, Reference, Root, Term, Variable,
};
use super::scope::Scopes;
use super::tree::Skeleton;
use super::variables::{Variables, Where, of_comprehension, of_term};
use crate::engine::ast::Span;
use crate::engine::program::{
    self, Access, Base, Block, Collection, Pattern, Print, Scan, Step, StepKind, With, WithTarget,
};
use crate::engine::value::Value;

mod equation;

/// The variables that are bound at a place.
pub(super) type Bound = HashSet<Variable>;

/// Makes steps of a rule's literals.
pub(super) struct Lowering<'a> {
    skeleton: &'a Skeleton,
    scopes: &'a Scopes,
    span: Span,
    /// How many slots there are, those included that lowering adds.
    slots: u32,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(skeleton: &'a Skeleton, scopes: &'a Scopes) -> Self {
        Self { skeleton, scopes, span: Span::default(), slots: scopes.count() }
    }

    /// How many slots a frame needs.
    pub(super) fn slots(&self) -> u32 {
        self.slots
    }

    /// A slot beyond those of the variables.
    fn spare(&mut self) -> Variable {
        self.slots += 1;
        self.slots - 1
    }

    pub(super) fn block(&mut self, literals: Vec<Literal>, bound: &mut Bound) -> Block {
        let mut steps = Vec::with_capacity(literals.len());
        for literal in literals {
            self.literal(literal, bound, &mut steps);
        }
        Block { steps: steps.into() }
    }

    fn literal(&mut self, literal: Literal, bound: &mut Bound, steps: &mut Vec<Step>) {
        let Literal { span, kind, with } = literal;
        self.span = span;
        let with: Box<[With]> = with.into_iter().map(|with| self.with(with)).collect();
        let mut kinds = Vec::new();
        self.kind(kind, bound, &mut kinds);
        // What is replaced is replaced once for all steps of a literal.
        if kinds.len() > 1 && !with.is_empty() {
            let inner = kinds.into_iter().map(|kind| Step { span, kind, with: Box::new([]) });
            let kind = StepKind::Block(Block { steps: inner.collect() });
            steps.push(Step { span, kind, with });
            return;
        }
        let mut with = Some(with);
        steps.extend(kinds.into_iter().map(|kind| Step {
            span,
            kind,
            with: with.take().unwrap_or_default(),
        }));
    }

    fn with(&mut self, with: intermediate::With) -> With {
        let target = match &*with.target.0 {
            WithTarget::Input(path) => WithTarget::Input(path.clone()),
            WithTarget::Data(path) => WithTarget::Data(path.clone()),
            WithTarget::Function(group) => WithTarget::Function(*group),
            WithTarget::Builtin(declared) => WithTarget::Builtin(declared),
        };
        let value = match with.value {
            intermediate::WithValue::Term(term) => program::WithValue::Term(self.term(term)),
            intermediate::WithValue::Function(program::Callee::Builtin(declared)) => {
                program::WithValue::Builtin(declared)
            }
            intermediate::WithValue::Function(program::Callee::Function(group)) => {
                program::WithValue::Function(group)
            }
        };
        With { target, value }
    }

    fn kind(&mut self, kind: LiteralKind, bound: &mut Bound, steps: &mut Vec<StepKind>) {
        match kind {
            LiteralKind::Term(Term::Reference(reference)) => {
                let step = self.look(*reference, None, bound, true);
                steps.push(step);
            }
            LiteralKind::Term(term) => steps.push(StepKind::Test(self.term(term))),
            LiteralKind::Unify { left, right, .. } => self.equation(left, right, bound, steps),
            LiteralKind::Call(call) => steps.push(self.call(call, bound)),
            LiteralKind::Not(inner) => {
                let mut kinds = Vec::new();
                // What a negation binds is not bound behind it.
                self.kind(*inner, &mut bound.clone(), &mut kinds);
                steps.push(StepKind::Not(self.plain_block(kinds)));
            }
            LiteralKind::Every { key, value, domain, body } => {
                let domain = self.term(domain);
                let mut inner = bound.clone();
                let key = self.pattern(Term::Variable(key), &mut inner);
                let value = self.pattern(Term::Variable(value), &mut inner);
                let body = self.block(body, &mut inner);
                steps.push(StepKind::Every { key, value, domain, body });
            }
            LiteralKind::Print(span, arguments) => {
                let arguments =
                    arguments.into_iter().map(|one| self.comprehension(one, bound)).collect();
                steps.push(StepKind::Print(Box::new(Print { span, arguments })));
            }
        }
    }

    fn plain_block(&self, kinds: Vec<StepKind>) -> Block {
        let span = self.span;
        let steps = kinds.into_iter().map(|kind| Step { span, kind, with: Box::new([]) });
        Block { steps: steps.collect() }
    }

    fn call(&mut self, call: Call, bound: &mut Bound) -> StepKind {
        let Call { span, callee, arity, mut arguments } = call;
        let result = if arguments.len() > arity { arguments.pop() } else { None };
        let arguments = arguments.into_iter().map(|one| self.term_in(one, bound)).collect();
        let call = Box::new(program::Call { span, callee, arguments });
        match result {
            Some(result) if is_relation(callee) => {
                StepKind::Relation(call, self.pattern(result, bound))
            }
            Some(result) => StepKind::Match(program::Term::Call(call), self.pattern(result, bound)),
            None if is_relation(callee) => StepKind::Relation(call, Pattern::Any),
            None => StepKind::Test(program::Term::Call(call)),
        }
    }

    /// A look into a document, whose result matches a pattern.
    fn look(
        &mut self,
        reference: Reference,
        value: Option<Term>,
        bound: &mut Bound,
        truthy: bool,
    ) -> StepKind {
        let Reference { span, root, path } = reference;
        let is_known = |term: &Term, bound: &Bound| {
            let mut used = Variables::new();
            of_term(term, Where::Open, &mut used);
            used.iter().all(|variable| bound.contains(variable))
        };
        if path.iter().all(|part| is_known(part, bound)) {
            let term = self.reference(Reference { span, root, path });
            return match value {
                Some(value) => StepKind::Match(term, self.pattern(value, bound)),
                None if truthy => StepKind::Test(term),
                None => StepKind::Match(term, Pattern::Any),
            };
        }
        let (base, path) = self.base(root, path);
        let mut accesses = Vec::with_capacity(path.len());
        for part in path {
            if is_known(&part, bound) {
                accesses.push(Access::Key(self.term(part)));
            } else {
                accesses.push(Access::Each(self.pattern(part, bound)));
            }
        }
        let value = value.map_or(Pattern::Any, |value| self.pattern(value, bound));
        StepKind::Scan(Box::new(Scan { span, base, path: accesses.into(), value, truthy }))
    }

    /// Where a reference starts, and the rest of its path: constant parts lead to a node.
    fn base(&mut self, root: Root, mut path: Vec<Term>) -> (Base, Vec<Term>) {
        match root {
            Root::Input => (Base::Input, path),
            Root::Variable(variable) => (Base::Term(program::Term::Slot(variable)), path),
            Root::Data => {
                let constants = constant_prefix(&path);
                let (id, taken) = self.skeleton.descend(constants.iter().map(|part| &**part));
                let node = self.skeleton.node(id);
                if let Some(group) = node.group {
                    return (Base::Group(group), path.split_off(taken));
                }
                // No node where a constant part leads: there is base data alone.
                if taken < constants.len() {
                    let rest = path.split_off(constants.len());
                    return (Base::Data(constants.into()), rest);
                }
                (Base::Node(id), path.split_off(taken))
            }
        }
    }

    fn reference(&mut self, reference: Reference) -> program::Term {
        let Reference { span, root, path } = reference;
        if let (Root::Variable(variable), true) = (root, path.is_empty()) {
            return program::Term::Slot(variable);
        }
        let (base, path) = self.base(root, path);
        let path = path.into_iter().map(|part| self.term(part)).collect();
        program::Term::Reference(Box::new(program::Reference { span, base, path }))
    }

    /// A term whose variables are bound.
    pub(super) fn term(&mut self, term: Term) -> program::Term {
        self.term_in(term, &Bound::new())
    }

    fn term_in(&mut self, term: Term, bound: &Bound) -> program::Term {
        if let Some(value) = term.constant() {
            return program::Term::Constant(value);
        }
        match term {
            Term::Constant(value) => program::Term::Constant(value),
            Term::Variable(variable) => program::Term::Slot(variable),
            Term::Array(items) => program::Term::Array(
                items.into_iter().map(|one| self.term_in(one, bound)).collect(),
            ),
            Term::Set(items) => {
                program::Term::Set(items.into_iter().map(|one| self.term_in(one, bound)).collect())
            }
            Term::Object(mut entries) => {
                // Of equal keys the last one counts; OPA has constant keys before others.
                entries.sort_by_key(|(key, _)| key.constant().is_none());
                let entry = |(key, value)| (self.term_in(key, bound), self.term_in(value, bound));
                program::Term::Object(entries.into_iter().map(entry).collect())
            }
            Term::Reference(reference) => self.reference(*reference),
            Term::Comprehension(one) => {
                program::Term::Comprehension(Box::new(self.comprehension(*one, bound)))
            }
        }
    }

    fn comprehension(&mut self, one: Comprehension, bound: &Bound) -> program::Comprehension {
        let mut used = Variables::new();
        of_comprehension(&one, &mut used);
        let captures = used.into_iter().filter(|variable| bound.contains(variable)).collect();
        let mut inner = bound.clone();
        let body = self.block(one.body, &mut inner);
        let collection = match one.kind {
            Kind::Array(term) => Collection::Array(self.term_in(term, &inner)),
            Kind::Set(term) => Collection::Set(self.term_in(term, &inner)),
            Kind::Object(key, value) => {
                let key = self.term_in(key, &inner);
                Collection::Object(key, self.term_in(value, &inner))
            }
        };
        program::Comprehension { span: one.span, collection, body, captures }
    }

    /// A pattern; it binds the variables that are not bound yet.
    pub(super) fn pattern(&mut self, term: Term, bound: &mut Bound) -> Pattern {
        match term {
            Term::Variable(variable) if bound.contains(&variable) => {
                Pattern::Equal(program::Term::Slot(variable))
            }
            Term::Variable(variable) if self.scopes.is_wildcard(variable) => Pattern::Any,
            Term::Variable(variable) => {
                bound.insert(variable);
                Pattern::Bind(variable)
            }
            Term::Array(items) if !is_bound(&items, bound) => {
                let items = items.into_iter().map(|item| self.pattern(item, bound));
                Pattern::Array(items.collect())
            }
            Term::Object(entries) if !entries.iter().all(|(_, value)| all_bound(value, bound)) => {
                let mut made = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    made.push((self.term_in(key, bound), self.pattern(value, bound)));
                }
                Pattern::Object(made.into())
            }
            other => Pattern::Equal(self.term_in(other, bound)),
        }
    }
}

fn constant_prefix(path: &[Term]) -> Vec<Arc<str>> {
    let text = |part: &Term| match part {
        Term::Constant(Value::String(text)) => Some(Arc::clone(text)),
        _ => None,
    };
    path.iter().map_while(text).collect()
}

fn all_bound(term: &Term, bound: &Bound) -> bool {
    let mut used = Variables::new();
    of_term(term, Where::Open, &mut used);
    used.iter().all(|variable| bound.contains(variable))
}

fn is_bound(items: &[Term], bound: &Bound) -> bool {
    items.iter().all(|item| all_bound(item, bound))
}
