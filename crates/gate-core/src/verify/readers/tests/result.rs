//! From in-toto's test-result predicate to counts.

use serde::Deserialize;

use super::counts::{Counts, Outcome};
use crate::facts::Tests;
use crate::verify::failure::Failure;
use crate::verify::statement::Statement;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    result: Verdict,
    configuration: Vec<Configuration>,
    url: Option<String>,
    passed_tests: Option<Vec<String>>,
    warned_tests: Option<Vec<String>>,
    failed_tests: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verdict {
    Passed,
    Warned,
    Failed,
}

#[derive(Deserialize)]
struct Configuration {
    name: Option<String>,
    uri: Option<String>,
}

/// Reads a result. A run that lists no tests counts as one; a run that failed has at least one error,
/// whatever its lists say.
pub(in crate::verify::readers) fn read(statement: &Statement<'_>) -> Result<Tests, Failure> {
    let predicate: Predicate = statement.predicate()?;
    let first = predicate.configuration.first();
    let name = [
        first.and_then(|it| it.name.clone()),
        first.and_then(|it| it.uri.clone()),
        predicate.url.clone(),
    ];
    let name = name.into_iter().flatten().next().unwrap_or_default();
    let mut counts = Counts::default();
    let mut listed = 0;
    for (names, outcome) in [
        (predicate.passed_tests, Outcome::Passed),
        // A warning does not stop: the test went through.
        (predicate.warned_tests, Outcome::Passed),
        (predicate.failed_tests, Outcome::Failed),
    ] {
        for name in names.unwrap_or_default() {
            listed += 1;
            counts.add(&name, outcome)?;
        }
    }
    match predicate.result {
        Verdict::Failed if counts.bad() == 0 => counts.add(&name, Outcome::Error)?,
        Verdict::Passed | Verdict::Warned if listed == 0 => counts.add(&name, Outcome::Passed)?,
        _ => {}
    }
    Ok(counts.finish("in-toto-test-result", &name))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn counts(predicate: &Value) -> Result<[u64; 4], Failure> {
        let payload = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"digest": {"sha256": "0".repeat(64)}}],
            "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
            "predicate": predicate,
        })
        .to_string();
        let tests = read(&Statement::from_json(payload.as_bytes())?)?;
        Ok([tests.total, tests.passed, tests.failed, tests.errors])
    }

    #[test]
    fn the_worst_of_verdict_and_lists_counts() {
        let of = |result: &str, passed: &[&str], failed: &[&str]| {
            counts(&json!({"result": result, "configuration": [], "passedTests": passed, "failedTests": failed}))
                .unwrap()
        };
        assert_eq!(of("PASSED", &["a", "b"], &[]), [2, 2, 0, 0]);
        assert_eq!(of("PASSED", &["a"], &["b"]), [2, 1, 1, 0]);
        assert_eq!(of("FAILED", &["a"], &[]), [2, 1, 0, 1]);
        assert_eq!(of("FAILED", &[], &["b"]), [1, 0, 1, 0]);
        assert_eq!(of("WARNED", &[], &[]), [1, 1, 0, 0]);
        assert!(counts(&json!({"result": "GOOD", "configuration": []})).is_err());
        assert!(counts(&json!({"result": "PASSED"})).is_err());
    }
}
