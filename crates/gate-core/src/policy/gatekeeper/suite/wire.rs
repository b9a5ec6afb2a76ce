//! A suite as it is written.

use serde::Deserialize;

use super::assertion::Assertion;

#[derive(Debug, Deserialize)]
pub(super) struct Suite {
    #[serde(default)]
    pub(super) tests: Vec<Test>,
    #[serde(default)]
    pub(super) skip: bool,
}

/// One template and constraint. Paths are relative to the suite.
#[derive(Debug, Deserialize)]
pub(super) struct Test {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) template: String,
    #[serde(default)]
    pub(super) constraint: String,
    #[serde(default)]
    pub(super) expansion: String,
    #[serde(default)]
    pub(super) cases: Vec<Case>,
    /// The constraint's parameters are expected not to be of the template's schema.
    #[serde(default)]
    pub(super) invalid: bool,
    #[serde(default)]
    pub(super) skip: bool,
}

/// One object.
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) object: String,
    #[serde(default)]
    pub(super) inventory: Vec<String>,
    #[serde(default)]
    pub(super) assertions: Vec<Assertion>,
    #[serde(default)]
    pub(super) skip: bool,
}
