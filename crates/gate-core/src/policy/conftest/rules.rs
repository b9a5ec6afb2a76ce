//! The rules that Conftest asks: `deny`, `violation` and `warn`, each also with a suffix.

use std::collections::BTreeMap;

use gate_rego::{Policy, RuleForm, RulePath, RuleText, package_name};

use super::namespaces;
use crate::decision::{AskedRule, Severity};
use crate::policy::{BundleError, Reading};

/// The rules of a bundle that are asked, in a fixed order.
pub(in crate::policy) struct Rules {
    /// Whether no package is of the namespace that is asked where nobody names one.
    unasked: bool,
    entries: Vec<Entry>,
    paths: Vec<RulePath>,
    combine: bool,
}

/// One rule.
pub(super) struct Entry {
    /// Its namespace.
    pub(super) namespace: String,
    /// Its name.
    pub(super) name: String,
    /// What its words do.
    pub(super) severity: Severity,
    /// Where the answer of the namespace's `exception` stands among the answers.
    pub(super) exceptions: Option<usize>,
}

impl Entry {
    /// The code of its findings.
    pub(super) fn code(&self) -> String {
        format!("{}.{}", self.namespace, self.name)
    }

    /// What an exception calls the rule: its name without `deny_`, `violation_` or `warn_`.
    pub(super) fn short(&self) -> &str {
        let prefixes = ["violation", "deny", "warn"];
        let rest = prefixes.iter().find_map(|prefix| self.name.strip_prefix(prefix));
        rest.map_or("", |rest| rest.strip_prefix('_').unwrap_or(rest))
    }
}

impl Rules {
    /// The rules of a compiled policy.
    pub(in crate::policy) fn of(policy: &Policy, reading: &Reading) -> Result<Self, BundleError> {
        for rule in policy.rules() {
            refuse_keyed(rule)?;
        }
        let namespaces = namespaces::asked(reading, policy.rules());
        let mut found: BTreeMap<(String, String), (Vec<String>, Severity)> = BTreeMap::new();
        for rule in policy.rules() {
            let namespace = package_name(&rule.package);
            let Some((name, severity)) = asked(rule) else { continue };
            if namespaces.contains(&namespace) {
                found.insert((namespace, name), (rule.package.clone(), severity));
            }
        }
        let mut paths: Vec<_> =
            found.iter().map(|((_, name), (package, _))| RulePath::new(package, name)).collect();
        let mut exceptions = BTreeMap::new();
        for rule in policy.rules().iter().filter(|rule| rule.name == ["exception"]) {
            let namespace = package_name(&rule.package);
            if found.keys().any(|(other, _)| *other == namespace)
                && !exceptions.contains_key(&namespace)
            {
                exceptions.insert(namespace, paths.len());
                paths.push(RulePath::new(&rule.package, "exception"));
            }
        }
        let entry = |((namespace, name), (_, severity)): ((String, String), (_, Severity))| {
            let exceptions = exceptions.get(&namespace).copied();
            Entry { namespace, name, severity, exceptions }
        };
        let entries = found.into_iter().map(entry).collect();
        let named = reading.all_namespaces || !reading.namespaces.is_empty();
        let unasked = namespaces.is_empty() && !named;
        Ok(Self { unasked, entries, paths, combine: reading.combine })
    }

    pub(super) fn is_unasked(&self) -> bool {
        self.unasked
    }

    pub(super) fn combines(&self) -> bool {
        self.combine
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn paths(&self) -> &[RulePath] {
        &self.paths
    }

    /// The rules, for those who explain a decision.
    pub(in crate::policy) fn asked(&self) -> Vec<AskedRule> {
        let asked = |entry: &Entry| AskedRule {
            code: entry.code(),
            package: entry.namespace.clone(),
            title: None,
            evidence: vec![],
            subject: None,
        };
        self.entries.iter().map(asked).collect()
    }
}

/// The name of a rule that is asked, and what its words do.
fn asked(rule: &RuleText) -> Option<(String, Severity)> {
    let [name] = rule.name.as_slice() else { return None };
    if rule.form == RuleForm::Function || !rule.whole {
        return None;
    }
    let is = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| {
            let mut parts = rest.split('_');
            parts.next() == Some("")
                && parts.all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric()))
        })
    };
    if is("deny") || is("violation") {
        Some((name.clone(), Severity::Deny))
    } else if is("warn") {
        Some((name.clone(), Severity::Warn))
    } else {
        None
    }
}

/// `deny[msg] if { ... }` makes an object whose values say `true`: nothing would ever be found.
fn refuse_keyed(rule: &RuleText) -> Result<(), BundleError> {
    let mut whole = rule.clone();
    whole.whole = true;
    whole.name.truncate(1);
    if rule.whole || !rule.says_true || asked(&whole).is_none() {
        return Ok(());
    }
    Err(BundleError {
        path: format!("{}:{}", rule.file, rule.line),
        message:
            "the rule has `if` and no `contains`, so it would make an object and find nothing: \
                  write `deny contains msg if { ... }`"
                .to_owned(),
    })
}
