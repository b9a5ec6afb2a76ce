//! A policy bundle: modules and rule data, compiled, with their canonical bytes and digests.

use std::collections::BTreeMap;
use std::sync::Arc;

use gate_rego::{CompileError, Policy, RulePath, Scope, package_name};
use serde::{Deserialize, Serialize};

use super::compiled::{Compiled, Foreign, sources};
use super::dialect::{Dialect, Reading};
use super::words::Words;
use crate::decision::{AskedRule, Severity};
use crate::reason::GateCode;
use crate::record::Blob;
use crate::structured::conftest::Parser;
use crate::{Digest, canonical, limits};

/// A compiled policy bundle: immutable, shared between requests.
pub struct Bundle {
    policy: Policy,
    asked: Vec<AskedRule>,
    words: BTreeMap<(String, String), Words>,
    entries: Vec<Entry>,
    paths: Vec<RulePath>,
    dialect: Dialect,
    parser: Option<Parser>,
    foreign: Foreign,
    manifest: Blob,
    modules: Blob,
    data: Blob,
}

/// One package's `deny` or `warn`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The package, as people write it.
    pub(super) package: String,
    /// `deny` or `warn`.
    pub(super) name: String,
    /// What its words do.
    pub(super) severity: Severity,
}

impl Entry {
    /// The code of a finding that names no rule.
    pub(super) fn code(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }
}

/// A bundle that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct BundleError {
    /// The module or data file.
    pub path: String,
    /// What is wrong, with line and column.
    pub message: String,
}

impl BundleError {
    pub(super) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl From<CompileError> for BundleError {
    fn from(error: CompileError) -> Self {
        Self { path: error.place.to_string(), message: error.message }
    }
}

/// What a bundle is named by. Gate's own dialect, which nothing asks for, is not written.
#[derive(Serialize, Deserialize)]
struct Manifest {
    data: Digest,
    modules: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reading: Option<Reading>,
}

impl Bundle {
    /// Compiles modules (path relative to the policy folder, source) and rule data (an object, the
    /// document `data`) in the dialect that they show. Files named `*_test.rego` are no part of a
    /// bundle and are left out.
    pub fn load(
        modules: Vec<(String, String)>,
        data: serde_json::Value,
    ) -> Result<Self, BundleError> {
        Self::load_as(modules, data, Reading::default())
    }

    /// The same, read and asked as `reading` says. In Gatekeeper's dialect the files are YAML and
    /// JSON, and the objects of the inventory stand under `objects` in the data.
    pub fn load_as(
        modules: Vec<(String, String)>,
        data: serde_json::Value,
        mut reading: Reading,
    ) -> Result<Self, BundleError> {
        let sources = sources(modules)?;
        let serde_json::Value::Object(data) = data else {
            return Err(BundleError::new("data", "rule data is an object at its root"));
        };
        let refused =
            |error: canonical::CanonicalError| BundleError::new("data", error.to_string());
        let modules = Blob::canonical(&sources).map_err(refused)?;
        let data_blob = Blob::canonical(&data).map_err(refused)?;
        if modules.bytes.len() + data_blob.bytes.len() > limits::POLICY_BYTES {
            let message = format!("the bundle has more than {} bytes", limits::POLICY_BYTES);
            return Err(BundleError::new("policy", message));
        }
        let Compiled { policy, foreign, dialect } = Compiled::of(&sources, data, &reading)?;
        reading.dialect = Some(dialect);
        let parser = reading.parser;
        let plain = Reading { dialect: Some(Dialect::Gate), ..Reading::default() };
        let reading = (reading != plain).then_some(reading);
        let manifest = Manifest { data: data_blob.digest, modules: modules.digest, reading };
        let manifest = Blob::canonical(&manifest).map_err(refused)?;
        let foreign_asked = match &foreign {
            Foreign::None => None,
            Foreign::Conftest(rules) => Some(rules.asked()),
            Foreign::Conforma(rules, _) => Some(rules.asked()),
            Foreign::Gatekeeper(constraints, _) => Some(constraints.asked()),
        };
        let (mut words, mut points) = (BTreeMap::new(), vec![]);
        if foreign_asked.is_none() {
            words = self::words(&policy)?;
            points = policy.entry_points(&["deny", "warn"]);
        }
        let paths = points.iter().map(|(package, name)| RulePath::new(package, name)).collect();
        let entries: Vec<_> = points.into_iter().map(entry).collect();
        let asked = match foreign_asked {
            Some(asked) => asked,
            None => asked(&policy, &entries)?,
        };
        Ok(Self {
            policy,
            asked,
            words,
            entries,
            paths,
            dialect,
            parser,
            foreign,
            manifest,
            modules,
            data: data_blob,
        })
    }

    /// Compiles the bundle that a record holds, from [`Bundle::manifest_bytes`],
    /// [`Bundle::modules_bytes`] and [`Bundle::data_bytes`].
    pub fn recorded(manifest: &[u8], modules: &[u8], data: &[u8]) -> Result<Self, BundleError> {
        let malformed = |path: &str| {
            let path = path.to_owned();
            move |error: serde_json::Error| BundleError::new(path, error.to_string())
        };
        let manifest: Manifest = serde_json::from_slice(manifest).map_err(malformed("manifest"))?;
        let modules: BTreeMap<String, String> =
            serde_json::from_slice(modules).map_err(malformed("modules"))?;
        let data = serde_json::from_slice(data).map_err(malformed("data"))?;
        // What a manifest does not say was Gate's own when it was written.
        let plain = Reading { dialect: Some(Dialect::Gate), ..Reading::default() };
        Self::load_as(modules.into_iter().collect(), data, manifest.reading.unwrap_or(plain))
    }

    /// The dialect of its rules.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The parser that reads every file of a subject, where one is named.
    pub fn parser(&self) -> Option<Parser> {
        self.parser
    }

    pub(super) fn foreign(&self) -> &Foreign {
        &self.foreign
    }

    /// Digest of [`Bundle::manifest_bytes`]: the name of the bundle.
    pub fn digest(&self) -> Digest {
        self.manifest.digest
    }

    /// Manifest, modules and data with their digests, as a record holds them: hashed once, at load.
    pub fn blobs(&self) -> [&Blob; 3] {
        [&self.manifest, &self.modules, &self.data]
    }

    /// Canonical JSON `{"data": digest, "modules": digest}`.
    pub fn manifest_bytes(&self) -> &Arc<[u8]> {
        &self.manifest.bytes
    }

    /// Canonical JSON object from path to source.
    pub fn modules_bytes(&self) -> &Arc<[u8]> {
        &self.modules.bytes
    }

    /// The rule data as canonical JSON.
    pub fn data_bytes(&self) -> &Arc<[u8]> {
        &self.data.bytes
    }

    /// The rules that are asked.
    pub fn asked(&self) -> &[AskedRule] {
        &self.asked
    }

    /// Packages that have rules of a name which is asked, and that Conftest's dialect does not ask.
    pub fn unasked(&self) -> Vec<String> {
        let Foreign::Conftest(_) = &self.foreign else { return vec![] };
        let points = self.policy.entry_points(&["deny", "violation", "warn"]);
        let names = points.iter().map(|(package, _)| gate_rego::package_name(package));
        let mut names: Vec<_> =
            names.filter(|name| self.asked.iter().all(|rule| rule.package != *name)).collect();
        names.dedup();
        names
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Every package's `deny` and `warn`, with its full path, in a fixed order.
    pub(super) fn entries(&self) -> (&[Entry], &[RulePath]) {
        (&self.entries, &self.paths)
    }

    pub(super) fn words(&self, package: &str, code: &str) -> Option<&Words> {
        self.words.get(&(package.to_owned(), code.to_owned()))
    }
}

fn entry((package, name): (Vec<String>, String)) -> Entry {
    let severity = if name == "deny" { Severity::Deny } else { Severity::Warn };
    Entry { package: package_name(&package), name, severity }
}

/// Words by package and code. Two rules may share a code if they agree on what it does.
fn words(policy: &Policy) -> Result<BTreeMap<(String, String), Words>, BundleError> {
    let mut all: BTreeMap<(String, String), Words> = BTreeMap::new();
    for annotation in policy.annotations() {
        let place = format!("{}:{}", annotation.file, annotation.line);
        let words = Words::read(annotation).map_err(|error| BundleError::new(&place, error))?;
        let Some(code) = words.code.clone() else { continue };
        if annotation.scope != Scope::Rule {
            continue;
        }
        // A reader must be able to tell what a rule said from what Gate said, whom no exception excuses.
        if GateCode::ALL.iter().any(|own| own.code() == code) {
            let message = format!("the short_name `{code}` is one of Gate's own codes");
            return Err(BundleError::new(place, message));
        }
        let key = (package_name(&annotation.package), code);
        match all.get(&key) {
            Some(other)
                if (other.severity, other.effective_on) != (words.severity, words.effective_on) =>
            {
                let message = format!(
                    "another rule with the short_name `{}` has another severity or effective_on",
                    key.1
                );
                return Err(BundleError::new(place, message));
            }
            Some(_) => {}
            None => drop(all.insert(key, words)),
        }
    }
    for ((_, code), words) in &all {
        let successor = words.successor.as_ref();
        if let Some(next) = successor.filter(|next| !all.keys().any(|(_, code)| code == *next)) {
            let message =
                format!("the successor `{next}` of the rule `{code}` is no rule of this bundle");
            return Err(BundleError::new("policy", message));
        }
    }
    Ok(all)
}

/// The rules that are asked, by their METADATA; a rule without any by its package and name.
fn asked(policy: &Policy, entries: &[Entry]) -> Result<Vec<AskedRule>, BundleError> {
    let mut asked = Vec::new();
    for entry in entries {
        let mut described = 0;
        for annotation in policy.annotations() {
            let about = annotation.scope == Scope::Rule
                && annotation.rule.first() == Some(&entry.name)
                && package_name(&annotation.package) == entry.package;
            if !about {
                continue;
            }
            let words = Words::read(annotation)
                .map_err(|error| BundleError::new(annotation.file.clone(), error))?;
            described += 1;
            asked.push(AskedRule {
                code: words.code.unwrap_or_else(|| entry.code()),
                package: entry.package.clone(),
                title: words.title,
                evidence: words.evidence,
                subject: words.subject,
            });
        }
        let rules = policy.rules().iter().filter(|rule| {
            rule.name.first() == Some(&entry.name) && package_name(&rule.package) == entry.package
        });
        if described < rules.count() {
            asked.push(AskedRule {
                code: entry.code(),
                package: entry.package.clone(),
                title: None,
                evidence: vec![],
                subject: None,
            });
        }
    }
    asked.sort_by(|a, b| (&a.package, &a.code).cmp(&(&b.package, &b.code)));
    asked.dedup();
    Ok(asked)
}
