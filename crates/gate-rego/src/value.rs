//! Values as Rego has them, and their way from and to Rust and JSON.

pub use crate::engine::number::Number;
pub use crate::engine::value::{Array, JsonError, Object, Set, Value, ValueError, from};

/// The JSON form: sets are arrays in Rego's order, object keys that are no strings are written as
/// JSON text. A number beyond what JSON numbers of Rust hold becomes the nearest one.
pub fn to_json(value: &Value) -> serde_json::Value {
    // Every value has a JSON form: keys are made text, numbers are finite.
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}

/// The value that a YAML document of one part says.
pub fn from_yaml(text: &str) -> Result<Value, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}
