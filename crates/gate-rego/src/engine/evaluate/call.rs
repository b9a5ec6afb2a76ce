//! Calls of builtins and of the policy's functions, and what `with` puts in their place.

use std::sync::Arc;

use super::scope::Substitute;
use super::{Defined, Failure, Frame, Session};
use crate::engine::ast::Span;
use crate::engine::builtins::{Declared, ErrorKind, Implementation};
use crate::engine::program::{Call, Callee};
use crate::engine::value::Value;

impl<'p> Session<'p> {
    /// What a call gives; undefined where an argument is.
    pub(super) fn call(&mut self, call: &'p Call, frame: &mut Frame) -> Defined {
        let Some(arguments) = self.terms(&call.arguments, frame)? else { return Ok(None) };
        let substitute = match call.callee {
            Callee::Builtin(declared) => {
                self.scope.builtins.get(declared.declaration.name).cloned()
            }
            Callee::Function(group) => self.scope.functions.get(&group).cloned(),
        };
        if let Some(substitute) = substitute {
            return self.substituted(substitute, &arguments, call.span);
        }
        match call.callee {
            Callee::Builtin(declared) => self.builtin(declared, &arguments, call.span),
            Callee::Function(group) => self.function(group, &arguments, call.span),
        }
    }

    /// A function that stands for another calls what it calls itself as it is: the replacement does
    /// not count within it.
    fn substituted(&mut self, substitute: Substitute, arguments: &[Value], span: Span) -> Defined {
        let functions = std::mem::take(&mut self.scope.functions);
        let builtins = std::mem::take(&mut self.scope.builtins);
        let value = match substitute {
            Substitute::Value(value) => Ok(Some(value)),
            Substitute::Function(group) => self.function(group, arguments, span),
            Substitute::Builtin(declared) => self.builtin(declared, arguments, span),
        };
        self.scope.functions = functions;
        self.scope.builtins = builtins;
        value
    }

    fn builtin(&mut self, declared: &'static Declared, arguments: &[Value], span: Span) -> Defined {
        self.step(span)?;
        if self.context.outside.is_some()
            && let Some(file) = self.program.files.get(span.file as usize)
        {
            self.context.module = Arc::clone(&file.path);
        }
        let name = declared.declaration.name;
        let error = match declared.implementation {
            Implementation::Function(function) => match function(&mut self.context, arguments) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            },
            Implementation::Evaluator | Implementation::Absent(_) => {
                crate::engine::builtins::BuiltinError::not_available("cannot be called here")
            }
        };
        match error.kind {
            ErrorKind::Type | ErrorKind::Evaluation if !self.options.strict => Ok(None),
            _ => Err(Failure::builtin(&error, name, span)),
        }
    }
}
