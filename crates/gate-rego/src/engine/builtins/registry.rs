//! The builtins by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Builtin, Type};

/// What a builtin takes from outside its operands: such calls can be refused at load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Impurity {
    /// The network.
    Network,
    /// The environment and the process.
    Environment,
    /// Randomness.
    Random,
}

impl Impurity {
    /// What a policy can do instead.
    pub(crate) fn instead(self) -> &'static str {
        match self {
            Self::Network => "a policy has no network; put what it needs into input or data",
            Self::Environment => {
                "a policy has no environment; put what it needs into input or data"
            }
            Self::Random => "a policy draws no lots; take what it needs from input",
        }
    }
}

/// What a builtin takes and gives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declaration {
    pub(crate) name: &'static str,
    /// The types of the operands.
    pub(crate) arguments: &'static [Type],
    /// The type of the result; of each result, where there are many.
    pub(crate) result: Type,
    /// The operator that calls it, where it has one.
    pub(crate) infix: Option<&'static str>,
    /// What it takes from outside.
    pub(crate) impure: Option<Impurity>,
}

/// Where a builtin is done.
#[derive(Clone, Copy)]
pub(crate) enum Implementation {
    /// By a function of its operands.
    Function(Builtin),
    /// By the evaluator, since it needs the program or gives many results (`walk`).
    Evaluator,
    /// Nowhere: the name and its types are known, calls are refused at load with this reason.
    Absent(&'static str),
}

/// A builtin.
#[derive(Clone, Copy)]
pub(crate) struct Declared {
    pub(crate) declaration: Declaration,
    pub(crate) implementation: Implementation,
}

impl std::fmt::Debug for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.declaration.name)
    }
}

impl Declared {
    /// A pure function.
    pub(crate) const fn new(
        name: &'static str,
        arguments: &'static [Type],
        result: Type,
        function: Builtin,
    ) -> Self {
        let declaration = Declaration { name, arguments, result, infix: None, impure: None };
        Self { declaration, implementation: Implementation::Function(function) }
    }

    /// What the evaluator does itself.
    pub(crate) const fn evaluator(
        name: &'static str,
        arguments: &'static [Type],
        result: Type,
    ) -> Self {
        let declaration = Declaration { name, arguments, result, infix: None, impure: None };
        Self { declaration, implementation: Implementation::Evaluator }
    }

    /// What is known by name only.
    pub(crate) const fn absent(
        name: &'static str,
        arguments: &'static [Type],
        result: Type,
        reason: &'static str,
    ) -> Self {
        let declaration = Declaration { name, arguments, result, infix: None, impure: None };
        Self { declaration, implementation: Implementation::Absent(reason) }
    }

    /// The same with an operator.
    pub(crate) const fn infix(mut self, operator: &'static str) -> Self {
        self.declaration.infix = Some(operator);
        self
    }

    /// The same, taking something from outside.
    pub(crate) const fn impure(mut self, impurity: Impurity) -> Self {
        self.declaration.impure = Some(impurity);
        self
    }

    /// Whether a call has any number of results, each of which is tried.
    pub(crate) fn is_relation(&self) -> bool {
        self.declaration.name == "walk"
    }
}

const FAMILIES: &[&[Declared]] = &[
    super::aggregates::TABLE,
    super::arithmetic::TABLE,
    super::arrays::TABLE,
    super::bits::TABLE,
    super::casts::TABLE,
    super::cidr::TABLE,
    super::comparison::TABLE,
    super::conforma::TABLE,
    super::conftest::TABLE,
    super::conversions::TABLE,
    super::crypto::TABLE,
    super::encoding::TABLE,
    super::glob::TABLE,
    super::graph::TABLE,
    super::graphql::TABLE,
    super::json::TABLE,
    super::jwt::TABLE,
    super::language::TABLE,
    super::numbers::TABLE,
    super::objects::TABLE,
    super::providers::TABLE,
    super::random::TABLE,
    super::regular::TABLE,
    super::semantic_version::TABLE,
    super::sets::TABLE,
    super::strings::TABLE,
    super::time::TABLE,
    super::type_tests::TABLE,
    super::units::TABLE,
    super::uri::TABLE,
    super::uuid::TABLE,
    super::x509::TABLE,
    super::yaml::TABLE,
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Declared>> =
    LazyLock::new(|| all().map(|declared| (declared.declaration.name, declared)).collect());

/// The builtin of a name.
pub(crate) fn find(name: &str) -> Option<&'static Declared> {
    BY_NAME.get(name).copied()
}

/// All builtins, family by family.
pub(crate) fn all() -> impl Iterator<Item = &'static Declared> {
    FAMILIES.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_taken_twice() {
        let mut names: Vec<_> = all().map(|declared| declared.declaration.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
