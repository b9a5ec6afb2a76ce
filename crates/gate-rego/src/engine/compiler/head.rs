//! A whole rule: arguments, bodies, and what they give.

use std::collections::HashSet;
use std::sync::Arc;

use super::intermediate::{Literal, Term};
use super::lower::Lowering;
use super::reference::{Builder, Made};
use super::scope::World;
use super::tree::Site;
use super::types::{Draft, DraftBranch};
use super::variables::{Variables, Where, of_literal, of_term};
use super::{Code, Error, dynamics, guard, safety, unused};
use crate::engine::ast::{self, Body, Key, Span, TermKind};
use crate::engine::program::{self, Branch, Rule, RuleKind};
use crate::engine::value::Value;

/// Compiles a rule, and gives what types are inferred from.
pub(super) fn rule(world: &World<'_>, site: &Site) -> Result<(Rule, Draft), Vec<Error>> {
    let ast = site.ast(world.modules);
    let mut builder = Builder::new(world, Some(site));
    let arguments = builder.arguments(ast).map_err(|error| vec![error])?;
    let mut branches = Vec::new();
    let mut path = Vec::new();
    for part in parts(ast) {
        let made = builder.branch(ast, site, &part, &arguments)?;
        path = made.path;
        branches.push((part.span, made.body, made.value));
    }
    Ok(builder.finish(ast, site, arguments.terms, path, branches))
}

/// The arguments as terms, and the literals that they need in each body.
pub(super) struct Arguments {
    terms: Vec<Term>,
    before: Vec<Literal>,
}

/// A body and its value: the rule's own, or one of `else`.
struct Part<'a> {
    span: Span,
    body: Option<&'a Body>,
    value: Option<&'a ast::Term>,
}

struct BranchParts {
    body: Vec<Literal>,
    value: Term,
    path: Vec<Term>,
}

fn parts(rule: &ast::Rule) -> Vec<Part<'_>> {
    let value = match &rule.head.key {
        Key::Value(value) => value.as_ref(),
        Key::Contains(element) => Some(element),
    };
    let first = Part { span: rule.span, body: rule.body.as_ref(), value };
    let others = rule.otherwise.iter().map(|branch| Part {
        span: branch.span,
        body: branch.body.as_ref(),
        value: branch.value.as_ref(),
    });
    std::iter::once(first).chain(others).collect()
}

impl Builder<'_> {
    fn arguments(&mut self, rule: &ast::Rule) -> Made<Arguments> {
        let mut arguments = Arguments { terms: Vec::new(), before: Vec::new() };
        let all = rule.head.arguments.iter().flatten();
        let mut names = HashSet::new();
        for argument in all.clone() {
            argument_names(argument, &mut names)?;
        }
        // The names that arguments bind hide globals of the same name.
        let mut declared: Vec<_> = names.into_iter().collect();
        declared.sort();
        for name in &declared {
            self.scopes.argument(name);
        }
        for argument in all {
            let mut before = Vec::new();
            let made = self.term(argument, &mut before)?;
            let settled = self.settled(made, argument.span, &mut before);
            arguments.terms.push(settled);
            arguments.before.append(&mut before);
        }
        Ok(arguments)
    }

    fn branch(
        &mut self,
        rule: &ast::Rule,
        site: &Site,
        part: &Part<'_>,
        arguments: &Arguments,
    ) -> Result<BranchParts, Vec<Error>> {
        let one = |error| vec![error];
        let mut body = Vec::new();
        let hidden = part.body.map(unused::declared_names).unwrap_or_default();
        self.scopes.enter_body(hidden);
        for literal in part.body.iter().flat_map(|body| &body.literals) {
            self.literal(literal, &mut body).map_err(one)?;
        }
        body.extend(arguments.before.iter().cloned());
        let path = self.path(rule, site, &mut body).map_err(one)?;
        let value = match part.value {
            Some(value) => {
                let made = self.term(value, &mut body).map_err(one)?;
                self.settled(made, value.span, &mut body)
            }
            None => Term::Constant(Value::Bool(true)),
        };
        self.scopes.leave().map_err(one)?;
        self.check_head(rule, &body, arguments, (&value, &path))?;
        let mut known = Variables::new();
        for term in &arguments.terms {
            of_term(term, Where::Open, &mut known);
        }
        let body = self.ordered(body, &known, part.span)?;
        let body = dynamics::body(body, &mut self.scopes, true);
        Ok(BranchParts { body, value, path })
    }

    /// The parts of the head's path that the group's place does not include.
    fn path(&mut self, rule: &ast::Rule, site: &Site, body: &mut Vec<Literal>) -> Made<Vec<Term>> {
        let mut path: Vec<Term> = Vec::new();
        let prefix = site.prefix.iter().map(|part| Term::Constant(Value::String(Arc::clone(part))));
        path.extend(prefix);
        for part in &rule.head.path[site.taken..] {
            let made = self.term(part, body)?;
            path.push(match made {
                Term::Constant(_) | Term::Variable(_) => made,
                other => Term::Variable(self.captured(other, part.span, body)),
            });
        }
        Ok(path)
    }

    /// Variables of the head have to be in the body, or among the arguments.
    fn check_head(
        &self,
        rule: &ast::Rule,
        body: &[Literal],
        arguments: &Arguments,
        (value, path): (&Term, &[Term]),
    ) -> Result<(), Vec<Error>> {
        let (mut bound, mut used) = (Variables::new(), Variables::new());
        for term in &arguments.terms {
            of_term(term, Where::Open, &mut bound);
        }
        for literal in body {
            of_literal(literal, Where::Open, &mut bound);
        }
        of_term(value, Where::Open, &mut used);
        for part in path {
            of_term(part, Where::Open, &mut used);
        }
        let missing: Vec<_> =
            used.difference(&bound).map(|variable| (rule.head.span, *variable)).collect();
        if missing.is_empty() { Ok(()) } else { Err(self.unsafe_errors(&missing)) }
    }

    /// A body in order.
    pub(super) fn ordered(
        &self,
        body: Vec<Literal>,
        known: &Variables,
        span: Span,
    ) -> Result<Vec<Literal>, Vec<Error>> {
        if body.len() > safety::LITERALS {
            let message = format!("a body has more than {} literals", safety::LITERALS);
            return Err(vec![Error::new(Code::Compile, span, message)]);
        }
        let mut errors = Vec::new();
        let body = safety::order(body, known, &mut errors);
        if errors.is_empty() { Ok(body) } else { Err(self.unsafe_errors(&errors)) }
    }

    fn unsafe_errors(&self, found: &[safety::Unsafe]) -> Vec<Error> {
        // A variable of the compiler's own waits on one of the source, which is the one to name.
        let named = found.iter().filter(|(_, variable)| !self.scopes.is_generated(*variable));
        let mut seen = HashSet::new();
        let mut errors: Vec<_> = named
            .filter(|(_, variable)| seen.insert(*variable))
            .map(|(span, variable)| {
                let message = format!("var {} is unsafe", self.scopes.name(*variable));
                Error::new(Code::Unsafe, *span, message)
            })
            .collect();
        if errors.is_empty() && !found.is_empty() {
            errors.push(Error::new(Code::Unsafe, found[0].0, "expression is unsafe"));
        }
        errors
    }

    fn finish(
        self,
        rule: &ast::Rule,
        site: &Site,
        arguments: Vec<Term>,
        path: Vec<Term>,
        branches: Vec<(Span, Vec<Literal>, Term)>,
    ) -> (Rule, Draft) {
        let mut known = HashSet::new();
        let mut lowering = Lowering::new(self.world.skeleton, &self.scopes);
        let patterns: Box<[program::Pattern]> =
            arguments.iter().map(|term| lowering.pattern(term.clone(), &mut known)).collect();
        let mut made = Vec::with_capacity(branches.len());
        let mut drafts = Vec::with_capacity(branches.len());
        for (span, body, value) in branches {
            let guards = guard::guards(&body, &arguments, self.world.skeleton);
            drafts.push(DraftBranch { body: body.clone(), value: value.clone() });
            let mut bound = known.clone();
            let body = lowering.block(body, &mut bound);
            let value = lowering.term(value);
            made.push(Branch { span, guards, body, value });
        }
        let labels = self.scopes.labels();
        let kind = match rule.head.key {
            Key::Contains(_) => RuleKind::Element,
            Key::Value(_) => RuleKind::Value,
        };
        let compiled = Rule {
            span: rule.span,
            head: rule.head.span,
            kind,
            arguments: patterns,
            path: path.iter().map(|part| lowering.term(part.clone())).collect(),
            branches: made.into(),
            slots: lowering.slots(),
            labels,
        };
        let draft = Draft {
            group: site.group,
            scopes: self.scopes,
            arguments,
            path,
            element: kind == RuleKind::Element,
            branches: drafts,
        };
        (compiled, draft)
    }
}

/// The names that an argument binds.
fn argument_names(term: &ast::Term, names: &mut HashSet<Arc<str>>) -> Made<()> {
    match &term.kind {
        TermKind::Variable(name) if matches!(&**name, "input" | "data") => {
            let message = format!("args must not shadow {name} (use a different variable name)");
            Err(Error::new(Code::Compile, term.span, message))
        }
        TermKind::Variable(name) => {
            if &**name != "_" {
                names.insert(Arc::clone(name));
            }
            Ok(())
        }
        TermKind::Array(items) => items.iter().try_for_each(|item| argument_names(item, names)),
        TermKind::Object(entries) => {
            entries.iter().try_for_each(|(_, value)| argument_names(value, names))
        }
        _ => Ok(()),
    }
}
