//! Which paths of the input document always have a value.

use std::sync::LazyLock;

use serde_json::Value;

use super::input::Input;

/// Whether every input document has a value at a path of fields, `null` perhaps.
pub fn always_there(path: &[&str]) -> bool {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| Input::schema().to_value());
    let mut at = &*SCHEMA;
    for part in path {
        let required = at.get("required").and_then(Value::as_array);
        if !required.is_some_and(|names| names.iter().any(|name| name == part)) {
            return false;
        }
        let Some(mut next) = at.get("properties").and_then(|all| all.get(part)) else {
            return false;
        };
        if let Some(name) = next.get("$ref").and_then(Value::as_str) {
            let Some(target) = name.strip_prefix('#').and_then(|name| SCHEMA.pointer(name)) else {
                return false;
            };
            next = target;
        }
        at = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_out_always_is_there_and_the_rest_may_not_be() {
        assert!(
            always_there(&[]) && always_there(&["sbom"]) && always_there(&["subject", "digest"])
        );
        assert!(!always_there(&["sbmo"]), "there is no such field");
        assert!(!always_there(&["object", "spec"]), "the object may have any shape");
        assert!(!always_there(&["request", "admission", "name"]), "no admission, no name");
    }
}
