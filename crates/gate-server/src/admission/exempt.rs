//! Which reviews pass without judgement, since nothing new would run.

use gate_core::object::pod_spec;
use serde_json::Value;

use super::review::Asked;

/// Why a review passes without judgement; `None` if it is to be judged, as are operations that
/// nobody knows yet.
pub(super) fn exempt(asked: &Asked) -> Option<&'static str> {
    match asked.operation.as_deref() {
        Some("DELETE") => Some("deleted"),
        Some("CONNECT") => Some("connected"),
        Some("UPDATE") => unchanged(asked),
        _ => None,
    }
}

/// Why an update starts nothing new.
fn unchanged(asked: &Asked) -> Option<&'static str> {
    let object = asked.object()?;
    // API servers refuse updates that set this time, so only what is being deleted has it. A CREATE
    // that has it is judged: there it is no more than the caller's word.
    let deleted = object.pointer("/metadata/deletionTimestamp");
    if deleted.and_then(Value::as_str).is_some_and(|time| !time.is_empty()) {
        return Some("being-deleted");
    }
    let text = |key| object.get(key).and_then(Value::as_str).unwrap_or_default();
    if asked.sub_resource.as_deref() == Some("scale")
        && text("kind") == "Scale"
        && text("apiVersion").starts_with("autoscaling/")
    {
        return Some("scaled");
    }
    let old = asked.old_object()?;
    let same_kind = ["apiVersion", "kind"].iter().all(|key| object.get(key) == old.get(key));
    match (pod_spec(object), pod_spec(old)) {
        (Ok(Some((new, _))), Ok(Some((old, _)))) if same_kind && new == old => {
            Some("pod-spec-unchanged")
        }
        _ => None,
    }
}
