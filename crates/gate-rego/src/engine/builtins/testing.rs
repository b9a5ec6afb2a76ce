//! Calls builtins in tests.

use super::{Budget, BuiltinError, Context, Implementation, find};
use crate::engine::value::Value;

/// Calls a builtin with operands in JSON; the result in Rego's notation, `undefined` without one.
pub(crate) fn call(name: &str, operands: &[&str]) -> String {
    let operands: Vec<Value> =
        operands.iter().map(|text| Value::from_json(text).unwrap()).collect();
    match call_with(name, &operands) {
        Ok(Some(value)) => value.to_string(),
        Ok(None) => "undefined".to_owned(),
        Err(error) => error.named(name),
    }
}

/// Calls a builtin.
pub(crate) fn call_with(name: &str, operands: &[Value]) -> Result<Option<Value>, BuiltinError> {
    let declared = find(name).unwrap_or_else(|| panic!("no builtin {name}"));
    assert_eq!(declared.declaration.arguments.len(), operands.len(), "operands of {name}");
    let Implementation::Function(function) = declared.implementation else {
        panic!("{name} is not a function");
    };
    function(&mut context(), operands)
}

/// A context at a fixed time.
pub(crate) fn context() -> Context {
    Context::new(1_700_000_000_000_000_000, Budget::new(None, 256 << 20))
}

/// Calls builtins, each with operands in JSON, and compares the results.
pub(crate) fn check(cases: &[(&str, &[&str], &str)]) {
    for (name, operands, expected) in cases {
        assert_eq!(call(name, operands), *expected, "{name}({})", operands.join(", "));
    }
}
