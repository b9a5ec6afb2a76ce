//! The `opa` section: policies and data for callers of OPA's REST API.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use gate_core::Digest;
use gate_rego::Dialect;
use gate_rego::documents::{Documents, ModuleError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::policy::{DataFiles, PolicyFiles, PolicyFilesError};

/// Policies and data for callers of OPA's REST API. They decide nothing of Gate's own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    /// Policy folders or modules; every JSON and YAML file in a folder is data.
    #[serde(default)]
    pub policy: Vec<String>,
    /// Data: files or folders, later ones over earlier ones.
    #[serde(default)]
    pub data: Vec<String>,
    /// Whether modules are read as Rego v0.
    #[serde(default)]
    pub v0: bool,
    /// Path of the document that `POST /` answers.
    #[serde(default = "default_decision")]
    pub default_decision: String,
    /// Whether callers with the right `data` may change policies and data, in memory.
    #[serde(default)]
    pub write: bool,
    /// Whether answers carry a `decision_id`, which the log names too.
    #[serde(default)]
    pub decision_ids: bool,
    /// Milliseconds that a question may take.
    #[serde(default = "query_ms")]
    pub query_ms: u64,
}

fn default_decision() -> String {
    "/system/main".to_owned()
}

fn query_ms() -> u64 {
    5_000
}

/// The loaded section.
pub struct Opa {
    /// Modules and data, compiled.
    pub documents: Documents,
    /// What they were compiled from: the same files give the same digest.
    pub source: Digest,
    /// Path of the document that `POST /` answers.
    pub default_decision: String,
    /// Whether policies and data may be changed.
    pub write: bool,
    /// Whether answers carry a decision id.
    pub decision_ids: bool,
    /// Time for one question.
    pub limit: Duration,
}

/// A section that does not load.
#[derive(Debug)]
pub(super) enum OpaError {
    Files(PolicyFilesError),
    Policy(String),
}

/// Reads and compiles the section's files.
pub(super) fn load(
    section: &Section,
    policy: &[PathBuf],
    data: &[PathBuf],
) -> Result<Opa, OpaError> {
    let mut files = PolicyFiles::read(policy, DataFiles::All, false).map_err(OpaError::Files)?;
    let over = PolicyFiles::read(data, DataFiles::All, false).map_err(OpaError::Files)?;
    if let Some((path, _)) = over.modules.first() {
        let message = format!("`{path}`: Rego belongs under `policy`, not under `data`");
        return Err(OpaError::Policy(message));
    }
    files.lay_over(over.data);
    let modules: BTreeMap<_, _> = files.modules.into_iter().collect();
    let whole = json!({ "modules": modules, "data": files.data, "v0": section.v0 });
    let source = Digest::of(whole.to_string().as_bytes());
    let values = gate_rego::value::from(&Value::Object(files.data))
        .map_err(|error| OpaError::Policy(error.to_string()))?;
    let dialect = Dialect { v0: section.v0, strict_builtin_errors: false };
    let documents = Documents::new(modules, values, dialect).map_err(|error| {
        OpaError::Policy(match error {
            ModuleError::Compile(report) => {
                let at = &report.location;
                format!("{}:{}: {}: {}", at.file, at.row, report.code, report.message)
            }
            ModuleError::Conflict(message) => message,
            ModuleError::Unknown => "a module is unknown".to_owned(),
        })
    })?;
    Ok(Opa {
        documents,
        source,
        default_decision: section.default_decision.clone(),
        write: section.write,
        decision_ids: section.decision_ids,
        limit: Duration::from_millis(section.query_ms.clamp(1, 600_000)),
    })
}
