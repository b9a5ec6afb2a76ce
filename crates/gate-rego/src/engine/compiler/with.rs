//! `with target as value`.

use std::sync::Arc;

use super::intermediate::{Literal, Reference, Root, Target, Term, With, WithValue};
use super::reference::{Builder, Made, dotted};
use super::{Code, Error};
use crate::engine::ast::{self, Name, Span, TermKind};
use crate::engine::builtins::{self, Declared};
use crate::engine::program::{Callee, GroupKind, WithTarget};
use crate::engine::value::Value;

impl Builder<'_> {
    /// Modifiers; what their values need goes into `before`.
    pub(super) fn with(
        &mut self,
        modifiers: &[ast::With],
        before: &mut Vec<Literal>,
    ) -> Made<Vec<With>> {
        modifiers.iter().map(|modifier| self.modifier(modifier, before)).collect()
    }

    fn modifier(&mut self, with: &ast::With, before: &mut Vec<Literal>) -> Made<With> {
        let (target, arity) = self.target(&with.target)?;
        let value = if let (Some(arity), Some((callee, found))) =
            (arity, self.function_value(&with.value))
        {
            if arity != found {
                let message = "with keyword replacing function: the replacement takes another \
                     number of arguments";
                return Err(Error::new(Code::Type, with.span, message));
            }
            WithValue::Function(callee)
        } else {
            let value = self.term(&with.value, before)?;
            WithValue::Term(self.settled(value, with.span, before))
        };
        Ok(With { target: Target(Arc::new(target)), value })
    }

    /// What is replaced, and of a function how many arguments it takes.
    fn target(&mut self, term: &ast::Term) -> Made<(WithTarget, Option<usize>)> {
        let error = |code, message: &str| Error::new(code, term.span, message);
        if let Some(names) = names(term)
            && self.is_free(&names[0])
            && let Some(declared) = builtins::find(&dotted(&names))
        {
            check_replaceable(declared, term.span)?;
            self.check_allowed(declared, term.span)?;
            let arity = declared.declaration.arguments.len();
            return Ok((WithTarget::Builtin(declared), Some(arity)));
        }
        let Term::Reference(reference) = self.term(term, &mut Vec::new())? else {
            return Err(error(
                Code::Type,
                "with keyword target must reference existing input, data, or a function",
            ));
        };
        let constant = |part: &Term| match part {
            Term::Constant(Value::String(text)) => Some(Arc::clone(text)),
            _ => None,
        };
        let Some(path) = reference.path.iter().map(constant).collect::<Option<Vec<_>>>() else {
            return Err(error(Code::Compile, "with keyword target must be a constant path"));
        };
        match reference.root {
            Root::Input => Ok((WithTarget::Input(path.into()), None)),
            Root::Data => self.data_target(path, term.span),
            Root::Variable(_) => Err(error(
                Code::Type,
                "with keyword target must reference existing input, data, or a function",
            )),
        }
    }

    fn data_target(&self, path: Vec<Arc<str>>, span: Span) -> Made<(WithTarget, Option<usize>)> {
        let skeleton = self.world.skeleton;
        let (id, taken) = skeleton.descend(path.iter().map(|part| &**part));
        let group = skeleton.node(id).group;
        if group.is_some() && taken < path.len() {
            let message = "with keyword cannot partially replace virtual document(s)";
            return Err(Error::new(Code::Compile, span, message));
        }
        match group.map(|group| (group, skeleton.group(group).kind)) {
            Some((group, GroupKind::Function(arity))) => {
                Ok((WithTarget::Function(group), Some(arity as usize)))
            }
            _ => Ok((WithTarget::Data(path.into()), None)),
        }
    }

    /// The function that a value names without calling it.
    fn function_value(&mut self, term: &ast::Term) -> Option<(Callee, usize)> {
        let names = names(term)?;
        if self.is_free(&names[0])
            && let Some(declared) = builtins::find(&dotted(&names))
        {
            let arity = declared.declaration.arguments.len();
            return Some((Callee::Builtin(declared), arity));
        }
        let Ok(Term::Reference(reference)) = self.term(term, &mut Vec::new()) else {
            return None;
        };
        let Reference { root: Root::Data, path, .. } = *reference else { return None };
        let constant = |part: &Term| match part {
            Term::Constant(Value::String(text)) => Some(Arc::clone(text)),
            _ => None,
        };
        self.function(&path.iter().map(constant).collect::<Option<Vec<_>>>()?)
    }

    /// Whether a name is no local variable, rule or import.
    fn is_free(&mut self, name: &Name) -> bool {
        self.scopes.find(&name.text, self.world.names).is_none()
    }
}

/// The names of a term that consists of names alone.
fn names(term: &ast::Term) -> Option<Vec<Name>> {
    let name = |term: &ast::Term| match &term.kind {
        TermKind::Variable(text) | TermKind::String(text) => {
            Some(Name { text: Arc::clone(text), span: term.span })
        }
        _ => None,
    };
    match &term.kind {
        TermKind::Variable(_) => Some(vec![name(term)?]),
        TermKind::Reference(reference) => {
            reference.head.as_variable()?;
            std::iter::once(&reference.head).chain(&reference.path).map(name).collect()
        }
        _ => None,
    }
}

fn check_replaceable(declared: &Declared, span: Span) -> Made<()> {
    let name = declared.declaration.name;
    let refused = |what: String| {
        let message = format!("with keyword replacing built-in function: {what}");
        Err(Error::new(Code::Compile, span, message))
    };
    match name {
        "eq" | "rego.metadata.chain" | "rego.metadata.rule" => {
            refused(format!("replacement of {name:?} invalid"))
        }
        "print" => refused("target must not be a void function".to_owned()),
        _ if name.starts_with("internal.") => {
            refused(format!("replacement of internal function {name:?} invalid"))
        }
        _ if declared.is_relation() => refused("target must not be a relation".to_owned()),
        _ => Ok(()),
    }
}
