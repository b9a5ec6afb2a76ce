//! What METADATA says about packages and rules, in the order of a page.

use std::collections::BTreeMap;

use gate_rego::{Annotation, Policy, RuleForm, Scope, package_name};
use serde_json::Value;

/// A package and its rules.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) rules: Vec<Rule>,
}

/// A rule that finds something.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Rule {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) description: Option<String>,
    /// What else is said, as name and text.
    pub(super) facts: Vec<(&'static str, String)>,
    /// Frameworks and their controls.
    pub(super) controls: Vec<(String, String)>,
}

/// The packages that have rules which find something, by name.
pub(super) fn packages(policy: &Policy) -> Vec<Package> {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    let entries = policy.entry_points(&["deny", "warn", "violation"]);
    for (package, _) in &entries {
        let name = package_name(package);
        packages.entry(name.clone()).or_insert_with(|| Package { name, ..Package::default() });
    }
    for annotation in policy.annotations() {
        let Some(package) = packages.get_mut(&package_name(&annotation.package)) else { continue };
        match annotation.scope {
            Scope::Package | Scope::Subpackages => {
                package.title.clone_from(&annotation.title);
                package.description.clone_from(&annotation.description);
            }
            Scope::Rule | Scope::Document => {
                let Some(name) = annotation.rule.first() else { continue };
                if ["deny", "warn", "violation"].contains(&name.as_str()) {
                    package.rules.push(rule(annotation, name));
                }
            }
        }
    }
    for found in policy.rules().iter().filter(|rule| rule.form != RuleForm::Function) {
        let Some(package) = packages.get_mut(&package_name(&found.package)) else { continue };
        let described = policy.annotations().iter().any(|annotation| {
            annotation.package == found.package && annotation.rule.first() == found.name.first()
        });
        let entry = found
            .name
            .first()
            .filter(|name| ["deny", "warn", "violation"].contains(&name.as_str()) && !described);
        if let Some(name) = entry {
            let code = format!("{}.{name}", package.name);
            package.rules.push(Rule { title: code.clone(), code, ..Rule::default() });
        }
    }
    packages.into_values().collect()
}

fn rule(annotation: &Annotation, name: &str) -> Rule {
    let text = |key: &str| annotation.custom.get(key).map(written).filter(|text| !text.is_empty());
    let code = text("short_name")
        .unwrap_or_else(|| format!("{}.{name}", package_name(&annotation.package)));
    let effect = if name == "warn" { "warns" } else { "denies" };
    let effect = text("severity").unwrap_or_else(|| effect.to_owned());
    let mut facts = vec![("Effect", effect)];
    for (key, label) in [
        ("failure_msg", "Message"),
        ("solution", "Solution"),
        ("effective_on", "In force from"),
        ("deprecated", "Deprecated"),
        ("successor", "Successor"),
        ("evidence", "Evidence"),
        ("collections", "Collections"),
    ] {
        facts.extend(text(key).map(|text| (label, text)));
    }
    let controls = annotation.custom.get("controls").and_then(Value::as_object);
    let controls = controls.into_iter().flatten();
    Rule {
        title: annotation.title.clone().unwrap_or_else(|| code.clone()),
        code,
        description: annotation.description.clone(),
        facts,
        controls: controls.map(|(framework, ids)| (framework.clone(), written(ids))).collect(),
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        other => other.to_string(),
    }
}
