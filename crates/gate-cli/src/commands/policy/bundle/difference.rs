//! What tells two bundles apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use gate_core::policy::Bundle;
use gate_io::bundle::BundleFiles;
use gate_io::policy::{PolicyFiles, PolicyFilesError};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::terminal::plain;

/// Names that only one has, or that mean something else in the other.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Changes {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Difference {
    old: String,
    new: String,
    rules: Changes,
    modules: Changes,
    data: Changes,
}

pub(super) fn of(
    (old, old_bundle): (&BundleFiles, &Bundle),
    (new, new_bundle): (&BundleFiles, &Bundle),
) -> Result<Difference, PolicyFilesError> {
    let (before, after) = (PolicyFiles::of_bundle(old)?, PolicyFiles::of_bundle(new)?);
    Ok(Difference {
        old: old_bundle.digest().to_string(),
        new: new_bundle.digest().to_string(),
        rules: changes(&rules(old_bundle), &rules(new_bundle)),
        modules: changes(
            &before.modules.into_iter().collect(),
            &after.modules.into_iter().collect(),
        ),
        data: changes(&leaves(&before.data), &leaves(&after.data)),
    })
}

fn rules(bundle: &Bundle) -> BTreeMap<String, String> {
    let told = |rule: &gate_core::decision::AskedRule| {
        (format!("{}.{}", rule.package, rule.code), rule.title.clone().unwrap_or_default())
    };
    bundle.asked().iter().map(told).collect()
}

/// The values of data that are no objects, by path.
fn leaves(data: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting: Vec<(String, &Value)> =
        data.iter().map(|(key, value)| (key.clone(), value)).collect();
    while let Some((path, value)) = waiting.pop() {
        match value {
            Value::Object(object) if !object.is_empty() => {
                waiting.extend(object.iter().map(|(key, value)| (format!("{path}.{key}"), value)));
            }
            value => drop(found.insert(path, value.to_string())),
        }
    }
    found
}

fn changes(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Changes {
    let mut changes = Changes::default();
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        match (old.get(name), new.get(name)) {
            (None, _) => changes.added.push(name.clone()),
            (_, None) => changes.removed.push(name.clone()),
            (Some(one), Some(other)) if one != other => changes.changed.push(name.clone()),
            _ => {}
        }
    }
    changes
}

impl Difference {
    /// Whether both judge by the same.
    pub(super) fn is_none(&self) -> bool {
        self.old == self.new
    }

    pub(super) fn text(&self) -> String {
        if self.is_none() {
            return format!("the same policy: {}\n", self.old);
        }
        let mut out = format!("{} -> {}\n", self.old, self.new);
        for (kind, changes) in
            [("rule", &self.rules), ("module", &self.modules), ("data", &self.data)]
        {
            let lists = [("+", &changes.added), ("-", &changes.removed), ("~", &changes.changed)];
            for (mark, names) in lists {
                for name in names {
                    let _ = writeln!(out, "{mark} {kind} {}", plain(name));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_gone_and_other_is_told() {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let told = changes(
            &map(&[("a", "1"), ("b", "1"), ("c", "1")]),
            &map(&[("b", "2"), ("c", "1"), ("d", "1")]),
        );
        let list = |text: &str| vec![text.to_owned()];
        let expected = Changes { added: list("d"), removed: list("a"), changed: list("b") };
        assert_eq!(told, expected);
    }
}
