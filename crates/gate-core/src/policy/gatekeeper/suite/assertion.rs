//! What a case asserts of the violations that were found.

use serde::Deserialize;
use serde_json::Value;

/// A violation.
pub(super) struct Found {
    pub(super) message: String,
}

/// How many violations there are, of those whose message matches.
#[derive(Debug, Deserialize)]
pub(super) struct Assertion {
    /// `yes`, `no` or a number; `yes` where it is absent.
    #[serde(default)]
    violations: Option<Value>,
    /// An expression that messages match.
    #[serde(default)]
    message: Option<String>,
}

impl Assertion {
    /// What is not as asserted.
    pub(super) fn failure(&self, found: &[Found]) -> Option<String> {
        let expression = match self.message.as_deref().map(regex::Regex::new).transpose() {
            Ok(expression) => expression,
            Err(error) => return Some(format!("the message is no expression: {error}")),
        };
        let matching = |found: &&Found| {
            expression.as_ref().is_none_or(|expression| expression.is_match(&found.message))
        };
        let count = found.iter().filter(matching).count();
        let wanted = match self.wanted() {
            Ok(wanted) => wanted,
            Err(why) => return Some(why),
        };
        let holds = match wanted {
            Wanted::Some => count > 0,
            Wanted::Exactly(number) => count as u64 == number,
        };
        (!holds).then(|| {
            let wanted = match wanted {
                Wanted::Some => "at least one".to_owned(),
                Wanted::Exactly(number) => number.to_string(),
            };
            let about = self.message.as_deref().map(|it| format!(" matching `{it}`"));
            let messages: Vec<_> = found.iter().map(|found| found.message.as_str()).collect();
            format!(
                "{count} violations{}, expected {wanted}; found: {messages:?}",
                about.unwrap_or_default()
            )
        })
    }

    fn wanted(&self) -> Result<Wanted, String> {
        match &self.violations {
            None | Some(Value::Null | Value::Bool(true)) => Ok(Wanted::Some),
            Some(Value::Bool(false)) => Ok(Wanted::Exactly(0)),
            Some(Value::String(text)) if text == "yes" => Ok(Wanted::Some),
            Some(Value::String(text)) if text == "no" => Ok(Wanted::Exactly(0)),
            Some(Value::Number(number)) if number.as_u64().is_some() => {
                Ok(Wanted::Exactly(number.as_u64().unwrap_or_default()))
            }
            Some(other) => Err(format!("`violations: {other}`: write yes, no or a number")),
        }
    }
}

enum Wanted {
    Some,
    Exactly(u64),
}
