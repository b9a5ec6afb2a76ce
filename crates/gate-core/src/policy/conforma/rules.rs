//! What METADATA says of Conforma's rules, by their codes.

use std::collections::BTreeMap;

use gate_rego::{Annotation, Policy, RulePath, Scope, package_name};
use serde_json::Value;

use crate::Timestamp;
use crate::decision::{AskedRule, Severity};

/// The rules that Conforma asks for.
const NAMES: [&str; 3] = ["deny", "violation", "warn"];

/// A package's `deny`, `violation` or `warn`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) package: String,
    pub(super) name: String,
}

/// What is known of a rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Info {
    pub(super) package: String,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) solution: Option<String>,
    pub(super) effective_on: Option<Timestamp>,
    pub(super) severity: Option<Severity>,
    pub(super) collections: Vec<String>,
    pub(super) depends_on: Vec<String>,
    pub(super) intentions: Vec<String>,
}

/// The rules of a bundle.
pub(in crate::policy) struct Rules {
    pub(super) entries: Vec<Entry>,
    pub(super) paths: Vec<RulePath>,
    /// By code: `package.short_name`. Rules without METADATA stand under `package.name`.
    pub(super) infos: BTreeMap<String, Info>,
}

impl Rules {
    /// Reads the METADATA of a policy.
    pub(in crate::policy) fn of(policy: &Policy) -> Self {
        let points = policy.entry_points(&NAMES);
        let paths = points.iter().map(|(package, name)| RulePath::new(package, name)).collect();
        let mut infos = BTreeMap::new();
        for annotation in policy.annotations().iter().filter(|it| it.scope == Scope::Rule) {
            let is_asked =
                annotation.rule.first().is_some_and(|name| NAMES.contains(&name.as_str()));
            let Some(short) = annotation.custom.get("short_name").filter(|_| is_asked) else {
                continue;
            };
            let package = package_name(&annotation.package);
            let code = format!("{package}.{}", word(short));
            infos.insert(code, Info::read(package, annotation));
        }
        let entries: Vec<_> = points
            .into_iter()
            .map(|(package, name)| Entry { package: package_name(&package), name })
            .collect();
        for entry in &entries {
            let described = infos.values().any(|info| info.package == entry.package);
            if !described {
                let info = Info { package: entry.package.clone(), ..Info::default() };
                infos.insert(format!("{}.{}", entry.package, entry.name), info);
            }
        }
        Self { entries, paths, infos }
    }

    /// The rules for those who ask what is asked.
    pub(in crate::policy) fn asked(&self) -> Vec<AskedRule> {
        let rule = |(code, info): (&String, &Info)| AskedRule {
            code: code.clone(),
            package: info.package.clone(),
            title: info.title.clone(),
            evidence: vec![],
            subject: None,
        };
        self.infos.iter().map(rule).collect()
    }
}

impl Info {
    /// What cannot be read says nothing, as in Conforma; a result may say it itself.
    fn read(package: String, annotation: &Annotation) -> Self {
        let custom = &annotation.custom;
        let text = |name: &str| custom.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| match custom.get(name) {
            Some(Value::Array(items)) => items.iter().map(word).collect(),
            Some(Value::Null) | None => vec![],
            Some(one) => vec![word(one)],
        };
        Self {
            package,
            title: annotation.title.clone(),
            description: annotation.description.as_deref().map(without_links),
            solution: text("solution").as_deref().map(without_links),
            effective_on: text("effective_on").and_then(|time| time.parse().ok()),
            severity: text("severity").as_deref().and_then(severity),
            collections: list("collections"),
            depends_on: list("depends_on"),
            intentions: list("pipeline_intention"),
        }
    }
}

/// What Conforma calls severities.
pub(super) fn severity(text: &str) -> Option<Severity> {
    match text {
        "failure" => Some(Severity::Deny),
        "warning" => Some(Severity::Warn),
        _ => None,
    }
}

/// A scalar as text.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Text without the links of AsciiDoc: `xref:page.adoc[its label]` is its label.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("xref:") {
        let label = link.split_once('[').and_then(|(target, after)| {
            let (label, after) = after.split_once(']')?;
            (!target.contains(char::is_whitespace)).then_some((label, after))
        });
        plain.push_str(before);
        let Some((label, after)) = label else {
            plain.push_str("xref:");
            rest = link;
            continue;
        };
        plain.push_str(label);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_their_labels() {
        let text = "Use xref:a:ROOT:b.adoc#c[the other] one, xref: no link, xref:a$b.yml[x y].";
        assert_eq!(without_links(text), "Use the other one, xref: no link, x y.");
    }
}
