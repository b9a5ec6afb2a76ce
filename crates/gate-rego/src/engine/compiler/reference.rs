//! Terms of the syntax tree as terms with resolved names; nested calls become literals before them.

use std::sync::Arc;

use super::intermediate::{
    Call, Comprehension, Kind, Literal, LiteralKind, Reference, Root, Term, Variable,
};
use super::names::Global;
use super::scope::{Meaning, Scopes, World};
use super::tree::Site;
use super::{Code, Error, unused};
use crate::engine::ast::{self, ComprehensionKind, Name, Notation, Span, TemplatePart, TermKind};
use crate::engine::builtins::{self, Declared, Implementation};
use crate::engine::program::{Callee, GroupKind};
use crate::engine::value::Value;

pub(super) type Made<T> = Result<T, Error>;

/// Makes one rule, or one query.
pub(super) struct Builder<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) scopes: Scopes,
    /// The rule that is made, for what it can ask about itself.
    pub(super) site: Option<&'a Site>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(world: &'a World<'a>, site: Option<&'a Site>) -> Self {
        Self { world, scopes: Scopes::new(), site }
    }

    /// A term; the literals that it needs go into `before`.
    pub(super) fn term(&mut self, term: &ast::Term, before: &mut Vec<Literal>) -> Made<Term> {
        Ok(match &term.kind {
            TermKind::Null => Term::Constant(Value::Null),
            TermKind::Bool(value) => Term::Constant(Value::Bool(*value)),
            TermKind::Number(number) => Term::Constant(Value::Number(number.clone())),
            TermKind::String(text) => Term::Constant(Value::String(Arc::clone(text))),
            TermKind::Template(template) => self.template(template, term.span, before)?,
            TermKind::Variable(name) => self.variable(name, term.span),
            TermKind::Reference(reference) => self.reference(reference, term.span, before)?,
            TermKind::Call(call) => self.nested_call(call, term.span, before)?,
            TermKind::Array(items) => Term::Array(self.terms(items, before)?),
            TermKind::Set(items) => Term::Set(self.terms(items, before)?),
            TermKind::Object(entries) => {
                let mut made = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    made.push((self.term(key, before)?, self.term(value, before)?));
                }
                Term::Object(made)
            }
            TermKind::Comprehension(comprehension) => {
                Term::Comprehension(Box::new(self.comprehension(comprehension, term.span)?))
            }
        })
    }

    pub(super) fn terms(
        &mut self,
        terms: &[ast::Term],
        before: &mut Vec<Literal>,
    ) -> Made<Vec<Term>> {
        terms.iter().map(|term| self.term(term, before)).collect()
    }

    /// A name alone.
    fn variable(&mut self, name: &Arc<str>, span: Span) -> Term {
        match self.root(name) {
            (Root::Variable(variable), _) => Term::Variable(variable),
            (root, path) => Term::Reference(Box::new(Reference { span, root, path })),
        }
    }

    /// What a name at the start of a reference means.
    fn root(&mut self, name: &Arc<str>) -> (Root, Vec<Term>) {
        let constants = |path: Vec<Arc<str>>| {
            path.into_iter().map(|part| Term::Constant(Value::String(part))).collect()
        };
        if &**name == "_" {
            return (Root::Variable(self.scopes.wildcard()), Vec::new());
        }
        match self.scopes.find(name, self.world.names) {
            Some(Meaning::Variable(variable)) => (Root::Variable(variable), Vec::new()),
            Some(Meaning::Global(Global::Data(path))) => (Root::Data, constants(path)),
            Some(Meaning::Global(Global::Input(path))) => (Root::Input, constants(path)),
            None if &**name == "input" => (Root::Input, Vec::new()),
            None if &**name == "data" => (Root::Data, Vec::new()),
            None => (Root::Variable(self.scopes.see(name)), Vec::new()),
        }
    }

    fn reference(
        &mut self,
        reference: &ast::Reference,
        span: Span,
        before: &mut Vec<Literal>,
    ) -> Made<Term> {
        let (root, mut path) = if let Some(name) = reference.head.as_variable() {
            self.root(name)
        } else {
            let head = self.term(&reference.head, before)?;
            (Root::Variable(self.captured(head, reference.head.span, before)), Vec::new())
        };
        path.append(&mut self.terms(&reference.path, before)?);
        Ok(Term::Reference(Box::new(Reference { span, root, path })))
    }

    /// A variable that holds a term's value.
    pub(super) fn captured(
        &mut self,
        term: Term,
        span: Span,
        before: &mut Vec<Literal>,
    ) -> Variable {
        if let Term::Variable(variable) = term {
            return variable;
        }
        let variable = self.scopes.fresh_for(span);
        before.push(Literal::capture(span, variable, term));
        variable
    }

    fn nested_call(
        &mut self,
        call: &ast::Call,
        span: Span,
        before: &mut Vec<Literal>,
    ) -> Made<Term> {
        if let Some(value) = self.metadata_call(call, span)? {
            return Ok(Term::Constant(value));
        }
        if let Some(read) = self.rule_called(call, span) {
            return Ok(read);
        }
        let (callee, arity) = self.callee(call, span)?;
        if is_print(callee) {
            return Err(Error::new(Code::Type, span, "print(...) used as value"));
        }
        if call.arguments.len() != arity {
            return Err(wrong_arity(call, span, arity));
        }
        let mut arguments = self.terms(&call.arguments, before)?;
        let result = self.scopes.fresh_for(span);
        arguments.push(Term::Variable(result));
        let call = Call { span, callee, arity, arguments };
        before.push(Literal::new(span, LiteralKind::Call(call)));
        Ok(Term::Variable(result))
    }

    /// `p()` of a rule that was written with empty brackets: it is no function, and read.
    pub(super) fn rule_called(&mut self, call: &ast::Call, span: Span) -> Option<Term> {
        if !call.arguments.is_empty() || call.notation == Notation::Infix {
            return None;
        }
        let [first, rest @ ..] = call.operator.as_slice() else { return None };
        let path = match self.scopes.find(&first.text, self.world.names) {
            Some(Meaning::Global(Global::Data(path))) => path,
            None if &*first.text == "data" => vec![],
            _ => return None,
        };
        let path: Vec<_> =
            path.into_iter().chain(rest.iter().map(|name| Arc::clone(&name.text))).collect();
        let (id, taken) = self.world.skeleton.descend(path.iter().map(|part| &**part));
        let group = self.world.skeleton.node(id).group.filter(|_| taken == path.len());
        let is_read = group.is_some_and(|group| {
            !matches!(self.world.skeleton.group(group).kind, GroupKind::Function(_))
        });
        if !is_read {
            return None;
        }
        let path = path.into_iter().map(|part| Term::Constant(Value::String(part))).collect();
        Some(Term::Reference(Box::new(Reference { span, root: Root::Data, path })))
    }

    /// What a call calls, and how many arguments that takes.
    pub(super) fn callee(&mut self, call: &ast::Call, span: Span) -> Made<(Callee, usize)> {
        if call.notation == Notation::Infix {
            return self.builtin(&call.operator, span);
        }
        let first = &call.operator[0].text;
        let rest = call.operator[1..].iter().map(|name| Arc::clone(&name.text));
        match self.scopes.find(first, self.world.names) {
            Some(Meaning::Variable(_)) => {
                let message = format!("called function {} shadowed", dotted(&call.operator));
                Err(Error::new(Code::Compile, span, message))
            }
            Some(Meaning::Global(Global::Data(path))) => {
                let path: Vec<_> = path.into_iter().chain(rest).collect();
                self.function(&path).ok_or_else(|| undefined(&path, span))
            }
            None if &**first == "data" => {
                let path: Vec<_> = rest.collect();
                self.function(&path).ok_or_else(|| undefined(&path, span))
            }
            _ => self.builtin(&call.operator, span),
        }
    }

    /// The function at a path under `data`.
    pub(super) fn function(&self, path: &[Arc<str>]) -> Option<(Callee, usize)> {
        let (id, taken) = self.world.skeleton.descend(path.iter().map(|part| &**part));
        let group = self.world.skeleton.node(id).group.filter(|_| taken == path.len())?;
        match self.world.skeleton.group(group).kind {
            GroupKind::Function(arity) => Some((Callee::Function(group), arity as usize)),
            _ => None,
        }
    }

    fn builtin(&self, operator: &[Name], span: Span) -> Made<(Callee, usize)> {
        let name = dotted(operator);
        let Some(declared) = builtins::find(&name) else {
            return Err(Error::new(Code::Type, span, format!("undefined function {name}")));
        };
        self.check_allowed(declared, span)?;
        Ok((Callee::Builtin(declared), declared.declaration.arguments.len()))
    }

    /// Refuses builtins that are not there, or that take something from outside.
    pub(super) fn check_allowed(&self, declared: &Declared, span: Span) -> Made<()> {
        let name = declared.declaration.name;
        if let Implementation::Absent(reason) = declared.implementation {
            let message = format!("{name} is not available: {reason}");
            return Err(Error::new(Code::Type, span, message));
        }
        match declared.declaration.impure {
            Some(impurity) if !self.world.options.impure => {
                let message = format!("{name} may not be called here: {}", impurity.instead());
                Err(Error::new(Code::Type, span, message))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn comprehension(
        &mut self,
        comprehension: &ast::Comprehension,
        span: Span,
    ) -> Made<Comprehension> {
        self.scopes.enter(unused::declared_names(&comprehension.body));
        let mut body = Vec::new();
        for literal in &comprehension.body.literals {
            self.literal(literal, &mut body)?;
        }
        let head = |builder: &mut Self, term: &ast::Term, body: &mut Vec<Literal>| {
            let made = builder.term(term, body)?;
            Ok(builder.settled(made, term.span, body))
        };
        let kind = match &comprehension.kind {
            ComprehensionKind::Array(term) => Kind::Array(head(self, term, &mut body)?),
            ComprehensionKind::Set(term) => Kind::Set(head(self, term, &mut body)?),
            ComprehensionKind::Object(key, value) => {
                let key = head(self, key, &mut body)?;
                Kind::Object(key, head(self, value, &mut body)?)
            }
        };
        self.scopes.leave()?;
        Ok(Comprehension { span, kind, body })
    }

    /// A term whose references are literals of their own.
    pub(super) fn settled(&mut self, term: Term, span: Span, body: &mut Vec<Literal>) -> Term {
        if term.is_dynamic() { Term::Variable(self.captured(term, span, body)) } else { term }
    }

    /// An interpolated text: a call with its parts, each expression as the set of its values.
    fn template(
        &mut self,
        template: &ast::Template,
        span: Span,
        before: &mut Vec<Literal>,
    ) -> Made<Term> {
        let mut parts = Vec::with_capacity(template.parts.len());
        for part in &template.parts {
            parts.push(match part {
                TemplatePart::Text(text) => Term::Constant(Value::String(Arc::clone(text))),
                TemplatePart::Expression(literal) => self.interpolated(literal)?,
            });
        }
        if parts.is_empty() {
            parts.push(Term::Constant(Value::from("")));
        }
        let operator = [Name { text: Arc::from("internal.template_string"), span }];
        let (callee, arity) = self.builtin(&operator, span)?;
        let result = self.scopes.fresh();
        let arguments = vec![Term::Array(parts), Term::Variable(result)];
        let call = Call { span, callee, arity, arguments };
        before.push(Literal::new(span, LiteralKind::Call(call)));
        Ok(Term::Variable(result))
    }

    fn interpolated(&mut self, literal: &ast::Literal) -> Made<Term> {
        let ast::LiteralKind::Expression(term) = &literal.kind else {
            let message = "unexpected template-string expression type";
            return Err(Error::new(Code::Compile, literal.span, message));
        };
        match &term.kind {
            TermKind::Null | TermKind::Bool(_) | TermKind::Number(_) | TermKind::String(_) => {
                return self.term(term, &mut Vec::new());
            }
            TermKind::Variable(name) if literal.with.is_empty() => {
                if let Term::Variable(variable) = self.variable(name, term.span) {
                    return Ok(Term::Set(vec![Term::Variable(variable)]));
                }
            }
            _ => {}
        }
        self.set_of_values(term, &literal.with).map(|set| Term::Comprehension(Box::new(set)))
    }

    /// `{x | x = term}`: nothing, one or more values, so that undefined ones do not stop a literal.
    pub(super) fn set_of_values(
        &mut self,
        term: &ast::Term,
        with: &[ast::With],
    ) -> Made<Comprehension> {
        let span = term.span;
        self.scopes.enter(std::collections::HashSet::new());
        let mut body = Vec::new();
        let with = self.with(with, &mut body)?;
        let first = body.len();
        let made = self.term(term, &mut body)?;
        let value = self.scopes.fresh();
        body.push(Literal::capture(span, value, made));
        for literal in &mut body[first..] {
            literal.with.clone_from(&with);
        }
        self.scopes.leave()?;
        Ok(Comprehension { span, kind: Kind::Set(Term::Variable(value)), body })
    }
}

pub(super) fn is_print(callee: Callee) -> bool {
    matches!(callee, Callee::Builtin(declared) if declared.declaration.name == "print")
}

pub(super) fn dotted(operator: &[Name]) -> String {
    operator.iter().map(|name| &*name.text).collect::<Vec<_>>().join(".")
}

fn undefined(path: &[Arc<str>], span: Span) -> Error {
    Error::new(Code::Type, span, format!("undefined function data.{}", path.join(".")))
}

pub(super) fn wrong_arity(call: &ast::Call, span: Span, arity: usize) -> Error {
    let (name, given) = (dotted(&call.operator), call.arguments.len());
    let plural = if given == 1 { "" } else { "s" };
    let message = format!("function {name} has arity {arity}, got {given} argument{plural}");
    Error::new(Code::Type, span, message)
}
