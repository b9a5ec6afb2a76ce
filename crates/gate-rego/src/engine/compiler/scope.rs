//! Which variable a name means at a place of a rule.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::intermediate::Variable;
use super::names::{Global, Names};
use super::tree::Skeleton;
use super::{Code, Error, Options};
use crate::engine::ast::{Module, Span};
use crate::engine::program::Label;

/// What all rules of a module share.
pub(super) struct World<'a> {
    pub(super) skeleton: &'a Skeleton,
    pub(super) modules: &'a [Module],
    pub(super) options: Options,
    pub(super) names: &'a Names,
}

/// How a name came to be known in its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurrence {
    Argument,
    Seen,
    Assigned,
    Declared,
}

/// What a name means.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    Variable(Variable),
    Global(Global),
}

#[derive(Debug, Clone, Default)]
struct Level {
    known: HashMap<Arc<str>, (Variable, Occurrence)>,
    /// Declared by `some` or `every`, and so to be used.
    declared: Vec<(Arc<str>, Variable, Span)>,
}

/// The scopes of one rule, the innermost last.
pub(super) struct Scopes {
    levels: Vec<Level>,
    /// Names that a body declares somewhere, so that they are not the globals of that name.
    hidden: Vec<HashSet<Arc<str>>>,
    /// Variables that nothing declares: one for each name of the rule.
    free: HashMap<Arc<str>, Variable>,
    /// The names of all variables; none for those of the compiler and wildcards.
    names: Vec<Option<Arc<str>>>,
    wildcards: HashSet<Variable>,
    /// Variables whose types are not inferred.
    opaque: HashSet<Variable>,
    used: HashSet<Variable>,
    /// The terms whose values the compiler's own variables hold.
    origins: Vec<(Variable, Span)>,
}

impl Scopes {
    pub(super) fn new() -> Self {
        Self {
            levels: vec![Level::default()],
            hidden: Vec::new(),
            free: HashMap::new(),
            names: Vec::new(),
            wildcards: HashSet::new(),
            opaque: HashSet::new(),
            used: HashSet::new(),
            origins: Vec::new(),
        }
    }

    pub(super) fn enter(&mut self, hidden: HashSet<Arc<str>>) {
        self.levels.push(Level::default());
        self.hidden.push(hidden);
    }

    /// Leaves a scope; an error where it declares a variable that nothing uses.
    pub(super) fn leave(&mut self) -> Result<(), Error> {
        self.hidden.pop();
        let level = self.levels.pop().unwrap_or_default();
        self.check_used(&level)
    }

    /// Enters a rule's body, whose scope is that of its arguments.
    pub(super) fn enter_body(&mut self, hidden: HashSet<Arc<str>>) {
        let level = self.levels.last().cloned().unwrap_or_default();
        self.levels.push(level);
        self.hidden.push(hidden);
    }

    fn check_used(&self, level: &Level) -> Result<(), Error> {
        let unused = level.declared.iter().find(|(_, variable, _)| !self.used.contains(variable));
        match unused {
            Some((name, _, span)) => {
                Err(Error::new(Code::Compile, *span, format!("declared var {name} unused")))
            }
            None => Ok(()),
        }
    }

    /// A new variable without a name.
    pub(super) fn fresh(&mut self) -> Variable {
        self.add(None)
    }

    /// A new variable for the value of a term of the source.
    pub(super) fn fresh_for(&mut self, span: Span) -> Variable {
        let variable = self.fresh();
        self.origins.push((variable, span));
        variable
    }

    /// What the source calls the variables, for explanations.
    pub(super) fn labels(&self) -> Box<[(Variable, Label)]> {
        let named = self.named().map(|(variable, name)| (variable, Label::Name(Arc::clone(name))));
        let texts = self.origins.iter().map(|(variable, span)| (*variable, Label::Text(*span)));
        named.chain(texts).collect()
    }

    fn add(&mut self, name: Option<Arc<str>>) -> Variable {
        let variable = Variable::try_from(self.names.len()).unwrap_or(Variable::MAX);
        self.names.push(name);
        variable
    }

    pub(super) fn wildcard(&mut self) -> Variable {
        let variable = self.fresh();
        self.wildcards.insert(variable);
        variable
    }

    /// What a name means here, outside of `_`.
    pub(super) fn find(&mut self, name: &Arc<str>, names: &Names) -> Option<Meaning> {
        for level in self.levels.iter().rev() {
            if let Some((variable, occurrence)) = level.known.get(name)
                && *occurrence != Occurrence::Seen
            {
                self.used.insert(*variable);
                return Some(Meaning::Variable(*variable));
            }
        }
        let hidden = self.hidden.iter().any(|hidden| hidden.contains(name));
        if !hidden && let Some(global) = names.find(name) {
            return Some(Meaning::Global(global.clone()));
        }
        None
    }

    /// The variable of a name that nothing declares so far.
    pub(super) fn see(&mut self, name: &Arc<str>) -> Variable {
        let variable = if let Some(variable) = self.free.get(name) {
            *variable
        } else {
            let variable = self.add(Some(Arc::clone(name)));
            self.free.insert(Arc::clone(name), variable);
            variable
        };
        if let Some(level) = self.levels.last_mut() {
            level.known.entry(Arc::clone(name)).or_insert((variable, Occurrence::Seen));
        }
        self.used.insert(variable);
        variable
    }

    /// Declares a variable in the innermost scope.
    pub(super) fn declare(
        &mut self,
        name: &Arc<str>,
        occurrence: Occurrence,
        span: Span,
    ) -> Result<Variable, Error> {
        if &**name == "_" {
            return Ok(self.wildcard());
        }
        let error = |message: String| Err(Error::new(Code::Compile, span, message));
        let known = self.levels.last().and_then(|level| level.known.get(name));
        match known.map(|(_, occurrence)| *occurrence) {
            Some(Occurrence::Seen) => return error(format!("var {name} referenced above")),
            Some(Occurrence::Assigned) => return error(format!("var {name} assigned above")),
            Some(Occurrence::Declared) => return error(format!("var {name} declared above")),
            Some(Occurrence::Argument) => return error(format!("arg {name} redeclared")),
            None => {}
        }
        let variable = self.add(Some(Arc::clone(name)));
        if let Some(level) = self.levels.last_mut() {
            level.known.insert(Arc::clone(name), (variable, occurrence));
            if occurrence == Occurrence::Declared {
                level.declared.push((Arc::clone(name), variable, span));
            }
        }
        Ok(variable)
    }

    /// Declares an argument; of one name there is one variable.
    pub(super) fn argument(&mut self, name: &Arc<str>) -> Variable {
        if &**name == "_" {
            return self.wildcard();
        }
        let known = self.levels.last().and_then(|level| level.known.get(name));
        if let Some((variable, _)) = known {
            return *variable;
        }
        let variable = self.add(Some(Arc::clone(name)));
        if let Some(level) = self.levels.last_mut() {
            level.known.insert(Arc::clone(name), (variable, Occurrence::Argument));
        }
        variable
    }

    /// Marks a variable as used.
    pub(super) fn used(&mut self, variable: Variable) -> Variable {
        self.used.insert(variable);
        variable
    }

    /// The name of a variable, for messages.
    pub(super) fn name(&self, variable: Variable) -> Arc<str> {
        let named = self.names.get(variable as usize).cloned().flatten();
        named.unwrap_or_else(|| Arc::from("_"))
    }

    pub(super) fn is_wildcard(&self, variable: Variable) -> bool {
        self.wildcards.contains(&variable)
    }

    /// Keeps the type of a variable from being inferred.
    pub(super) fn hide_type(&mut self, variable: Variable) {
        self.opaque.insert(variable);
    }

    pub(super) fn hides_type(&self, variable: Variable) -> bool {
        self.opaque.contains(&variable)
    }

    pub(super) fn is_generated(&self, variable: Variable) -> bool {
        !self.is_wildcard(variable) && matches!(self.names.get(variable as usize), Some(None))
    }

    /// How many variables there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// The variables that the source names.
    pub(super) fn named(&self) -> impl Iterator<Item = (Variable, &Arc<str>)> {
        self.names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((Variable::try_from(at).ok()?, name.as_ref()?)))
    }
}
