//! All rules, each after those that it depends on: what they make is known to the later ones.

use super::Checker;
use crate::engine::compiler::intermediate::{Literal, Term};
use crate::engine::compiler::scope::Scopes;
use crate::engine::compiler::tree::Skeleton;
use crate::engine::compiler::{ERRORS, Error};
use crate::engine::program::GroupId;
use crate::engine::types::{Maybe, Type, Typing};
use crate::engine::value::Value;

/// A rule before it is lowered.
pub(in crate::engine::compiler) struct Draft {
    pub(in crate::engine::compiler) group: GroupId,
    pub(in crate::engine::compiler) scopes: Scopes,
    pub(in crate::engine::compiler) arguments: Vec<Term>,
    /// The path behind the group's.
    pub(in crate::engine::compiler) path: Vec<Term>,
    /// Whether it makes an element of a set.
    pub(in crate::engine::compiler) element: bool,
    pub(in crate::engine::compiler) branches: Vec<DraftBranch>,
}

pub(in crate::engine::compiler) struct DraftBranch {
    pub(in crate::engine::compiler) body: Vec<Literal>,
    pub(in crate::engine::compiler) value: Term,
}

/// Checks rules in the order given, which has what a rule depends on before it, and adds the types
/// of what they make to `typing`.
pub(in crate::engine::compiler) fn check_rules(
    drafts: &[Draft],
    order: &[usize],
    skeleton: &Skeleton,
    typing: &mut Typing,
) -> Vec<Error> {
    let mut errors = Vec::new();
    for draft in order.iter().filter_map(|at| drafts.get(*at)) {
        for branch in &draft.branches {
            let (place, made) = {
                let mut checker = Checker::new(&draft.scopes, skeleton, typing);
                checker.body(&branch.body);
                let place = place(draft, skeleton);
                if checker.errors.is_empty() {
                    (place, checker.made(draft, branch))
                } else {
                    errors.append(&mut checker.errors);
                    // What refers to the rule is not to blame for it.
                    (place, Some(Type::Anything))
                }
            };
            if let Some(of) = made {
                typing.tree.insert(&place, &of);
            }
        }
        if errors.len() >= ERRORS {
            break;
        }
    }
    errors
}

/// The constant start of a rule's path, `data` included.
pub(super) fn place(draft: &Draft, skeleton: &Skeleton) -> Vec<Value> {
    let group = skeleton.group(draft.group).path.iter().cloned().map(Value::String);
    let own = draft.path.iter().map_while(Term::constant);
    std::iter::once(Value::from("data")).chain(group).chain(own).collect()
}

impl Draft {
    /// The constant start of its path, `data` included.
    pub(in crate::engine::compiler) fn place(&self, skeleton: &Skeleton) -> Vec<Value> {
        place(self, skeleton)
    }
}

impl Checker<'_> {
    /// The type of what a rule makes at the constant start of its path.
    fn made(&mut self, draft: &Draft, branch: &DraftBranch) -> Maybe {
        if !draft.arguments.is_empty() {
            for argument in &draft.arguments {
                self.assume_anything(argument);
            }
            let arguments = draft.arguments.iter().map(|one| self.of(one)).collect();
            return Some(Type::function(arguments, self.of(&branch.value)));
        }
        let mut of = self.of(&branch.value)?;
        if draft.element {
            of = Type::set(Some(of));
        }
        let constant = draft.path.iter().take_while(|part| part.constant().is_some()).count();
        for part in draft.path[constant..].iter().rev() {
            let key = self.of(part)?;
            of = Type::object(Vec::new(), Some((Some(key), Some(of))));
        }
        Some(of)
    }

    /// Variables of arguments that nothing says anything of may be anything.
    fn assume_anything(&mut self, term: &Term) {
        match term {
            Term::Variable(variable) if self.variable(*variable).is_none() => {
                self.learn(*variable, Some(Type::Anything));
            }
            Term::Array(items) | Term::Set(items) => {
                for item in items {
                    self.assume_anything(item);
                }
            }
            Term::Object(entries) => {
                for (key, value) in entries {
                    self.assume_anything(key);
                    self.assume_anything(value);
                }
            }
            _ => {}
        }
    }
}
