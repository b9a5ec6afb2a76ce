//! `.manifest`: the revision of a bundle and the roots that it owns.

use std::collections::BTreeMap;

use gate_rego::Module;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Contents;

/// The most roots of one bundle.
const ROOTS: usize = 1_000;

/// OPA's manifest; what Gate does not know of it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What its maker calls this state of it.
    #[serde(default)]
    pub revision: String,
    /// Paths under `data` that it owns, as `shop/base`. Without any it owns everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<Vec<String>>,
    /// The version of Rego that its modules are written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rego_version: Option<u32>,
    /// Whatever its maker notes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
}

impl Manifest {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| format!("no manifest: {error}"))?;
        if manifest.rego_version == Some(0) {
            return Err("its modules are Rego v0: build it again with v1".to_owned());
        }
        let roots = manifest.roots.as_deref().unwrap_or_default();
        if roots.len() > ROOTS {
            return Err(format!("it has more than {ROOTS} roots"));
        }
        for (at, root) in roots.iter().enumerate() {
            let other = roots[..at]
                .iter()
                .find(|other| owns(other, &split(root)) || owns(root, &split(other)));
            if let Some(other) = other {
                return Err(format!("the roots `{other}` and `{root}` overlap"));
            }
        }
        Ok(manifest)
    }

    /// Refuses modules and data outside of the roots: a bundle must not speak for what others own.
    pub(super) fn check(&self, contents: &Contents) -> Result<(), (String, String)> {
        let Some(roots) = &self.roots else { return Ok(()) };
        let within = |path: &[String]| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            roots.iter().any(|root| owns(root, &path))
        };
        let outside = |path: &[String]| {
            format!(
                "`{}` is outside of the roots of the manifest ({})",
                path.join("/"),
                roots.join(", ")
            )
        };
        for (path, source) in &contents.modules {
            let package = Module::new(path.clone(), source.clone())
                .package()
                .map_err(|error| (path.clone(), error.to_string()))?;
            if !within(&package) {
                return Err((path.clone(), outside(&package)));
            }
        }
        for (below, value, file) in &contents.data {
            if let Some(path) = stray(roots, below, value) {
                return Err((file.clone(), outside(&path)));
            }
        }
        Ok(())
    }

    /// Roots that own exactly these packages and data, none within another.
    pub fn roots_of(contents: &Contents) -> Result<Vec<String>, gate_rego::CompileError> {
        let mut all: Vec<Vec<String>> = Vec::new();
        for (path, source) in &contents.modules {
            all.push(Module::new(path.clone(), source.clone()).package()?);
        }
        for (below, value, _) in &contents.data {
            match value.as_object() {
                Some(object) if below.is_empty() => {
                    all.extend(object.keys().map(|key| vec![key.clone()]));
                }
                _ => all.push(below.clone()),
            }
        }
        all.sort();
        let mut roots: Vec<Vec<String>> = Vec::new();
        for path in all {
            if !roots.last().is_some_and(|root| path.starts_with(root)) {
                roots.push(path);
            }
        }
        Ok(roots.into_iter().map(|root| root.join("/")).collect())
    }
}

fn split(root: &str) -> Vec<&str> {
    root.split('/').filter(|part| !part.is_empty()).collect()
}

fn owns(root: &str, path: &[&str]) -> bool {
    path.starts_with(&split(root))
}

/// A path of data that no root owns.
fn stray(roots: &[String], at: &[String], value: &Value) -> Option<Vec<String>> {
    let path: Vec<&str> = at.iter().map(String::as_str).collect();
    if roots.iter().any(|root| owns(root, &path)) {
        return None;
    }
    // Above a root there may be objects, but nothing else.
    let above = roots.iter().any(|root| split(root).starts_with(&path));
    match value.as_object() {
        Some(object) if above => object.iter().find_map(|(key, value)| {
            let at: Vec<String> = at.iter().cloned().chain([key.clone()]).collect();
            stray(roots, &at, value)
        }),
        _ => Some(at.to_vec()),
    }
}
