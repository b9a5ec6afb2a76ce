//! A constraint: what it matches, with which parameters, and how it is enforced.

use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::text_at;
use super::matching::Match;

/// A constraint.
pub(super) struct Constraint {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) matches: Match,
    parameters: Option<Value>,
    none: Value,
    enforcement: Enforcement,
}

/// What is done with its violations.
enum Enforcement {
    Everywhere(String),
    /// By the place that asks.
    Scoped(Vec<Scoped>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scoped {
    action: String,
    #[serde(default)]
    enforcement_points: Vec<Point>,
}

#[derive(Debug, Deserialize)]
struct Point {
    name: String,
}

impl Constraint {
    /// Reads a constraint.
    pub(super) fn read(object: &Value) -> Result<Self, String> {
        let (kind, name) = (text_at(object, "/kind"), text_at(object, "/metadata/name"));
        if kind.is_empty() || name.is_empty() {
            return Err("a constraint has a kind and a name".to_owned());
        }
        let about = |error: serde_json::Error| format!("the constraint `{name}`: {error}");
        let spec = object.get("spec").filter(|spec| !spec.is_null());
        let part = |key: &str| spec.and_then(|spec| spec.get(key)).filter(|it| !it.is_null());
        let matches = match part("match") {
            None => Match::default(),
            Some(matches) => serde_json::from_value(matches.clone()).map_err(about)?,
        };
        matches.check().map_err(|why| format!("the constraint `{name}`: {why}"))?;
        let action = part("enforcementAction").and_then(Value::as_str).unwrap_or("deny");
        let enforcement = match action {
            "scoped" => {
                let scoped = part("scopedEnforcementActions").cloned().unwrap_or(json!([]));
                Enforcement::Scoped(serde_json::from_value(scoped).map_err(about)?)
            }
            action => Enforcement::Everywhere(action.to_owned()),
        };
        Ok(Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            matches,
            parameters: part("parameters").cloned(),
            none: json!({}),
            enforcement,
        })
    }

    /// The code of its findings.
    pub(super) fn code(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// `spec.parameters`; an empty object where there are none.
    pub(super) fn parameters(&self) -> &Value {
        self.parameters.as_ref().unwrap_or(&self.none)
    }

    /// `spec.parameters` where they are given.
    pub(super) fn given(&self) -> Option<&Value> {
        self.parameters.as_ref()
    }

    /// What a place of enforcement does with violations; empty where it does not ask.
    pub(super) fn actions(&self, point: &str) -> Vec<&str> {
        match &self.enforcement {
            Enforcement::Everywhere(action) => vec![action],
            Enforcement::Scoped(scoped) => scoped
                .iter()
                .filter(|it| {
                    it.enforcement_points.iter().any(|at| at.name == point || at.name == "*")
                })
                .map(|it| it.action.as_str())
                .collect(),
        }
    }
}
