//! Policy: a bundle of Rego modules and rule data, and what its rules say about the facts.

mod always;
mod answers;
mod bundle;
mod compiled;
mod conforma;
mod conftest;
mod dialect;
mod evaluate;
mod fields;
mod gatekeeper;
mod input;
mod inquire;
mod schema;
mod words;

pub use always::always_there;
pub use bundle::{Bundle, BundleError};
pub use conftest::{ReadBeside, configurations};
pub use dialect::{Dialect, Reading};
pub use evaluate::{evaluate, explain};
pub use fields::{UnknownField, unknown_fields};
pub use gatekeeper::suite;
pub use input::{EnvironmentInput, Input};
pub(crate) use inquire::Nobody;
pub use inquire::{answers, settle};

use crate::Timestamp;
use crate::decision::Severity;
use crate::reason::GateCode;

/// A word of a rule, joined with its metadata, before `decide` says what it does to the verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleFinding {
    /// The rule's code.
    pub code: String,
    /// Its package, without `data.`.
    pub package: String,
    /// How grave it is.
    pub severity: Severity,
    /// Title.
    pub title: String,
    /// What was found, in words.
    pub message: String,
    /// How to mend it.
    pub solution: Option<String>,
    /// What was found, as data.
    pub detail: serde_json::Value,
    /// From when on it denies.
    pub effective_on: Option<Timestamp>,
    /// Whether the policy itself excuses it: Conftest's `exception`, Gatekeeper's `dryrun`.
    pub excused: bool,
}

/// A word of Gate's own about the evaluation or the request.
#[derive(Debug, Clone, PartialEq)]
pub struct GateFinding {
    /// Its code.
    pub code: GateCode,
    /// What was found, in words.
    pub message: String,
    /// What was found, as data.
    pub detail: serde_json::Value,
}

/// What evaluation returns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// What the rules said.
    pub rules: Vec<RuleFinding>,
    /// What Gate has to say (`policy-empty`, `policy-error`).
    pub gate: Vec<GateFinding>,
}

#[cfg(test)]
mod tests;
