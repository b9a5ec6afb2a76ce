//! The words of a rule: its METADATA read into types at load, and its message with the finding's
//! detail filled in.

use std::collections::BTreeMap;

use gate_rego::Annotation;
use serde_json::Value;

use crate::Timestamp;
use crate::decision::Severity;
use crate::evidence::Kind;
use crate::request::SubjectKind;

/// The longest message that a finding carries, in characters.
const MESSAGE: usize = 2_000;

/// What METADATA says about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// The rule's code: `custom.short_name`.
    pub(super) code: Option<String>,
    /// Title.
    pub(super) title: Option<String>,
    /// Description.
    pub(super) description: Option<String>,
    /// The message, with `{{placeholders}}` from detail.
    pub(super) failure_msg: Option<String>,
    /// How to mend it.
    pub(super) solution: Option<String>,
    /// How grave it is, where not as the rule's name says.
    pub(super) severity: Option<Severity>,
    /// From when on it denies.
    pub(super) effective_on: Option<Timestamp>,
    /// What is said where the rule is deprecated.
    pub(super) deprecated: Option<String>,
    /// The code of the rule that takes its place.
    pub(super) successor: Option<String>,
    /// Kinds of evidence it is about.
    pub(super) evidence: Vec<Kind>,
    /// What it judges, where it says: artifacts or objects.
    pub(super) subject: Option<SubjectKind>,
}

impl Words {
    /// Reads an annotation. What would weaken a rule if it were misread refuses the bundle.
    pub(super) fn read(annotation: &Annotation) -> Result<Self, String> {
        let custom = &annotation.custom;
        Ok(Self {
            code: text(custom, "short_name")?,
            title: annotation.title.clone(),
            description: annotation.description.clone(),
            failure_msg: text(custom, "failure_msg")?,
            solution: text(custom, "solution")?,
            severity: severity(custom)?,
            effective_on: effective_on(custom)?,
            deprecated: text(custom, "deprecated")?,
            successor: text(custom, "successor")?,
            evidence: evidence(custom)?,
            subject: subject(custom)?,
        })
    }

    /// How to mend a finding, and what becomes of the rule.
    pub(super) fn remedy(&self) -> Option<String> {
        let deprecated = match (&self.deprecated, &self.successor) {
            (None, None) => return self.solution.clone(),
            (why, successor) => {
                let why = why.as_ref().map(|why| format!(" {why}")).unwrap_or_default();
                let successor = successor.as_ref();
                let successor =
                    successor.map(|code| format!(" `{code}` takes its place.")).unwrap_or_default();
                format!("This rule is deprecated.{why}{successor}")
            }
        };
        Some(
            self.solution
                .as_ref()
                .map_or(deprecated.clone(), |text| format!("{text} {deprecated}")),
        )
    }

    /// The message about a finding.
    pub(super) fn message(&self, detail: &Value) -> Option<String> {
        let message = match &self.failure_msg {
            Some(template) => filled(template, detail),
            None => self.title.clone().or_else(|| self.description.clone())?,
        };
        Some(shortened(message))
    }
}

/// A message within bounds.
pub(super) fn shortened(message: String) -> String {
    match message.char_indices().nth(MESSAGE) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message,
    }
}

fn text(custom: &BTreeMap<String, Value>, name: &str) -> Result<Option<String>, String> {
    match custom.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(other) => Err(format!("METADATA custom.{name} is {other}, not text")),
    }
}

fn severity(custom: &BTreeMap<String, Value>) -> Result<Option<Severity>, String> {
    match text(custom, "severity")?.as_deref() {
        None => Ok(None),
        Some("deny" | "failure") => Ok(Some(Severity::Deny)),
        Some("warn" | "warning") => Ok(Some(Severity::Warn)),
        Some(other) => {
            Err(format!("METADATA custom.severity is `{other}`: write `deny` or `warn`"))
        }
    }
}

fn effective_on(custom: &BTreeMap<String, Value>) -> Result<Option<Timestamp>, String> {
    text(custom, "effective_on")?
        .map(|time| time.parse().map_err(|error| format!("METADATA custom.effective_on: {error}")))
        .transpose()
}

/// Only words: the rule itself must ask for what it judges.
fn subject(custom: &BTreeMap<String, Value>) -> Result<Option<SubjectKind>, String> {
    match text(custom, "subject")?.as_deref() {
        None => Ok(None),
        Some("artifact") => Ok(Some(SubjectKind::Artifact)),
        Some("object") => Ok(Some(SubjectKind::Object)),
        Some(other) => {
            Err(format!("METADATA custom.subject is `{other}`: write `artifact` or `object`"))
        }
    }
}

fn evidence(custom: &BTreeMap<String, Value>) -> Result<Vec<Kind>, String> {
    let Some(kinds) = custom.get("evidence") else { return Ok(vec![]) };
    serde_json::from_value(kinds.clone())
        .map_err(|error| format!("METADATA custom.evidence: {error}"))
}

/// Fills `{{name}}` and `{{name.part}}` from detail.
fn filled(template: &str, detail: &Value) -> String {
    let mut message = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        message.push_str(before);
        let value = name.trim().split('.').try_fold(detail, |at, part| at.get(part));
        message.push_str(&value.map_or_else(|| "(unknown)".to_owned(), written));
        rest = tail;
    }
    message.push_str(rest);
    message
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "(unknown)".to_owned(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_filled_from_detail() {
        let detail = json!({"a": "x", "n": 3, "list": ["p", "q"], "in": {"deep": true}, "no": []});
        assert_eq!(
            filled("{{a}}/{{ n }}/{{list}}/{{in.deep}}/{{no}}/{{absent}} {{open", &detail),
            "x/3/p, q/true/none/(unknown) {{open"
        );
    }

    #[test]
    fn a_placeholder_in_the_detail_is_not_filled_again() {
        assert_eq!(filled("{{a}}", &json!({"a": "{{b}}", "b": "secret"})), "{{b}}");
    }

    #[test]
    fn what_would_weaken_a_rule_if_misread_is_refused() {
        let custom = |name: &str, value: Value| BTreeMap::from([(name.to_owned(), value)]);
        assert!(effective_on(&custom("effective_on", json!("soon"))).is_err());
        assert!(effective_on(&custom("effective_on", json!(2027))).is_err());
        assert!(severity(&custom("severity", json!("low"))).is_err());
        assert!(severity(&custom("severity", json!(["warn"]))).is_err());
        assert!(evidence(&custom("evidence", json!(["sbon"]))).is_err());
        assert!(text(&custom("short_name", json!(5)), "short_name").is_err());
    }
}
