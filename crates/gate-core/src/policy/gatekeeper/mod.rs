//! Gatekeeper's policies: constraint templates and constraints, asked about Kubernetes objects.

mod ask;
mod constraint;
mod documents;
mod expansion;
mod inventory;
mod judge;
mod labels;
mod matching;
mod review;
pub mod suite;
mod template;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(super) use ask::{Asked, ask};
use constraint::Constraint;
use documents::Manifest;
use template::Template;

use super::BundleError;
use crate::decision::{AskedRule, Severity};

/// Compiled templates with the constraints that use them.
pub(super) struct Constraints {
    templates: BTreeMap<String, Template>,
    constraints: Vec<Constraint>,
}

impl Constraints {
    /// Reads and compiles YAML and JSON files: path and text. Objects of other groups are refused.
    pub(super) fn load(files: &BTreeMap<String, String>) -> Result<Self, BundleError> {
        let mut templates = BTreeMap::new();
        let mut found = vec![];
        for (path, text) in files {
            for manifest in documents::read(path, text)? {
                match manifest {
                    Manifest::Template(object) => {
                        let template = Template::compile(path, &object)?;
                        let kind = template.kind.clone();
                        if templates.insert(kind.clone(), template).is_some() {
                            let message = format!("another template has the kind `{kind}`");
                            return Err(BundleError { path: path.clone(), message });
                        }
                    }
                    Manifest::Constraint(object) => found.push((path.clone(), object)),
                }
            }
        }
        let mut constraints = vec![];
        for (path, object) in found {
            let constraint = Constraint::read(&object)
                .map_err(|message| BundleError { path: path.clone(), message })?;
            let Some(template) = templates.get(&constraint.kind) else {
                let message = format!(
                    "there is no template for the constraint `{}` of kind `{}`",
                    constraint.name, constraint.kind
                );
                return Err(BundleError { path, message });
            };
            template.check(&constraint).map_err(|message| BundleError { path, message })?;
            constraints.push(constraint);
        }
        Ok(Self { templates, constraints })
    }

    /// The constraints, for those who explain a decision.
    pub(super) fn asked(&self) -> Vec<AskedRule> {
        let asked = |constraint: &Constraint| AskedRule {
            code: constraint.code(),
            package: constraint.kind.clone(),
            title: self.templates.get(&constraint.kind).and_then(|it| it.title.clone()),
            evidence: vec![],
            subject: None,
        };
        self.constraints.iter().map(asked).collect()
    }
}

/// What an enforcement action does with a violation.
fn severity(action: &str) -> (Severity, bool) {
    match action {
        "warn" => (Severity::Warn, false),
        "dryrun" => (Severity::Deny, true),
        _ => (Severity::Deny, false),
    }
}
