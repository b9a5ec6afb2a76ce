//! The files of a bundle compiled in their dialect.

use std::collections::BTreeMap;
use std::path::Path;

use gate_rego::{Dialect as Syntax, Module, Policy};

use super::dialect::{Dialect, Reading};
use super::fields::unknown_fields;
use super::gatekeeper::Constraints;
use super::{BundleError, conforma, conftest};
use crate::limits;

/// Files by path, tests left out.
pub(super) fn sources(
    files: Vec<(String, String)>,
) -> Result<BTreeMap<String, String>, BundleError> {
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    for (path, source) in files {
        if path.ends_with("_test.rego") {
            continue;
        }
        if sources.contains_key(&path) {
            return Err(BundleError::new(path, "two modules have this path"));
        }
        sources.insert(path, source);
    }
    if sources.len() > limits::MODULES {
        let message = format!("the bundle has more than {} modules", limits::MODULES);
        return Err(BundleError::new("policy", message));
    }
    Ok(sources)
}

/// The rules of a bundle.
pub(super) struct Compiled {
    pub(super) policy: Policy,
    pub(super) foreign: Foreign,
    pub(super) dialect: Dialect,
}

/// The rules of a dialect that asks otherwise than Gate.
pub(super) enum Foreign {
    /// Rules are asked as Gate asks them.
    None,
    Conftest(conftest::Rules),
    /// Rules, with the rule data, which holds the policy's specification.
    Conforma(conforma::Rules, serde_json::Map<String, serde_json::Value>),
    /// Templates and constraints, with the data that is their inventory.
    Gatekeeper(Constraints, serde_json::Value),
}

impl Compiled {
    /// Compiles files in the dialect that is named, or that they show.
    pub(super) fn of(
        sources: &BTreeMap<String, String>,
        data: serde_json::Map<String, serde_json::Value>,
        reading: &Reading,
    ) -> Result<Self, BundleError> {
        let templates = sources.keys().any(|path| !is_rego(path));
        match reading.dialect.or(templates.then_some(Dialect::Gatekeeper)) {
            Some(Dialect::Gatekeeper) => constraints(sources, data),
            given => rules(sources, &data, given, reading),
        }
    }
}

fn is_rego(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rego")
}

fn constraints(
    sources: &BTreeMap<String, String>,
    data: serde_json::Map<String, serde_json::Value>,
) -> Result<Compiled, BundleError> {
    if let Some(path) = sources.keys().find(|path| is_rego(path)) {
        let message =
            "a policy of Gatekeeper is templates and constraints: Rego stands in a template";
        return Err(BundleError::new(path.clone(), message));
    }
    let constraints = Constraints::load(sources)?;
    let policy = Policy::compile(&[], gate_rego::Value::object(vec![]))?;
    let foreign = Foreign::Gatekeeper(constraints, serde_json::Value::Object(data));
    Ok(Compiled { policy, foreign, dialect: Dialect::Gatekeeper })
}

fn rules(
    sources: &BTreeMap<String, String>,
    data: &serde_json::Map<String, serde_json::Value>,
    given: Option<Dialect>,
    reading: &Reading,
) -> Result<Compiled, BundleError> {
    let values = gate_rego::value::from(data)
        .map_err(|error| BundleError::new("data", error.to_string()))?;
    let modules: Vec<_> =
        sources.iter().map(|(path, source)| Module::new(path.clone(), source.clone())).collect();
    let compile = |dialect: Dialect| {
        let syntax = Syntax { v0: reading.v0, strict_builtin_errors: dialect.strict() };
        Policy::compile_as(&modules, values.clone(), syntax)
    };
    // The rules say what dialect they are in once they are read, and only then how they fail.
    let mut policy = compile(given.unwrap_or_default())?;
    let shown = given.unwrap_or_else(|| Dialect::shown(false, policy.rules()));
    if shown.strict() != given.unwrap_or_default().strict() {
        policy = compile(shown)?;
    }
    let foreign = match shown {
        Dialect::Conftest => {
            refuse_reading(&policy)?;
            Foreign::Conftest(conftest::Rules::of(&policy, reading)?)
        }
        Dialect::Gate => {
            refuse_unknown_fields(&policy)?;
            Foreign::None
        }
        Dialect::Conforma => {
            conforma::Specification::of(data).map_err(|error| BundleError::new("data", error))?;
            Foreign::Conforma(conforma::Rules::of(&policy), data.clone())
        }
        Dialect::Gatekeeper => Foreign::None,
    };
    Ok(Compiled { policy, foreign, dialect: shown })
}

/// A decision has no disk; a file that is not read would be undefined, and its rule silent.
fn refuse_reading(policy: &Policy) -> Result<(), BundleError> {
    let calls = policy.calls().iter();
    match calls.into_iter().find(|call| conftest::READING.contains(&call.name.as_str())) {
        None => Ok(()),
        Some(call) => Err(BundleError::new(
            call.place.to_string(),
            format!(
                "`{}` reads a file, which a decision cannot replay: only tests may; give the file \
                 as data",
                call.name
            ),
        )),
    }
}

/// A rule that reads what no input has would never fire, and so allow.
fn refuse_unknown_fields(policy: &Policy) -> Result<(), BundleError> {
    match unknown_fields(policy.input_reads()).first() {
        None => Ok(()),
        Some(unknown) => Err(BundleError::new(
            format!("{}:{}:{}", unknown.file, unknown.line, unknown.column),
            unknown.message.clone(),
        )),
    }
}
