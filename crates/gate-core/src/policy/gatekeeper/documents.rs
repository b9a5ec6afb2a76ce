//! The Kubernetes objects in YAML and JSON files.

use serde_json::Value;

use crate::policy::BundleError;
use crate::structured;

/// An object of a policy.
pub(super) enum Manifest {
    Template(Value),
    Constraint(Value),
}

/// The templates and constraints of a file.
pub(super) fn read(path: &str, text: &str) -> Result<Vec<Manifest>, BundleError> {
    let wrong = |message: String| BundleError { path: path.to_owned(), message };
    let mut found = vec![];
    for object in structured::documents(text).map_err(wrong)? {
        let (group, kind) = (group(&object), text_at(&object, "/kind"));
        match (group, kind) {
            ("templates.gatekeeper.sh", "ConstraintTemplate") => {
                found.push(Manifest::Template(object));
            }
            ("constraints.gatekeeper.sh", _) => found.push(Manifest::Constraint(object)),
            (group, kind) => {
                return Err(wrong(format!(
                    "`{kind}` of `{group}` is neither a ConstraintTemplate nor a constraint"
                )));
            }
        }
    }
    Ok(found)
}

/// The API group of an object; empty for the core group.
pub(super) fn group(object: &Value) -> &str {
    text_at(object, "/apiVersion").split_once('/').map_or("", |(group, _)| group)
}

/// The API version of an object without its group.
pub(super) fn version(object: &Value) -> &str {
    let whole = text_at(object, "/apiVersion");
    whole.split_once('/').map_or(whole, |(_, version)| version)
}

/// The text at a JSON pointer; empty where there is none.
pub(super) fn text_at<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Whether an object is a namespace.
pub(super) fn is_namespace(object: &Value) -> bool {
    group(object).is_empty() && text_at(object, "/kind") == "Namespace"
}
