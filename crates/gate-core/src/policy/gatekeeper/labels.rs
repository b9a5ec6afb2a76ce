//! Label selectors.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A label selector: every part must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Selector {
    #[serde(default)]
    match_labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    match_expressions: Option<Vec<Expression>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Expression {
    key: String,
    operator: String,
    #[serde(default)]
    values: Option<Vec<String>>,
}

impl Selector {
    /// Refuses what selects nothing that anybody could mean.
    pub(super) fn check(&self) -> Result<(), String> {
        for expression in self.match_expressions.iter().flatten() {
            let values = expression.values.as_deref().unwrap_or_default();
            let sound = match expression.operator.as_str() {
                "In" | "NotIn" => !values.is_empty(),
                "Exists" | "DoesNotExist" => values.is_empty(),
                _ => false,
            };
            if !sound {
                return Err(format!(
                    "the expression about the label `{}` with `{}` and {} values selects nothing",
                    expression.key,
                    expression.operator,
                    values.len()
                ));
            }
        }
        Ok(())
    }

    /// Whether the labels of an object are selected.
    pub(super) fn selects(&self, object: &Value) -> bool {
        let labels = object.pointer("/metadata/labels");
        let label = |key: &str| labels.and_then(|all| all.get(key)).and_then(Value::as_str);
        self.match_labels.iter().flatten().all(|(key, value)| label(key) == Some(value))
            && self.match_expressions.iter().flatten().all(|it| it.holds(label(&it.key)))
    }
}

impl Expression {
    fn holds(&self, label: Option<&str>) -> bool {
        let listed = |label: &str| self.values.iter().flatten().any(|value| value == label);
        match self.operator.as_str() {
            "In" => label.is_some_and(listed),
            "NotIn" => !label.is_some_and(listed),
            "Exists" => label.is_some(),
            _ => label.is_none(),
        }
    }
}
