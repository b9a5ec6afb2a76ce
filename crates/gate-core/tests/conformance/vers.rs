//! The published suite of version ranges, read from `GATE_CONFORMANCE_DATA`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::cmp::Ordering;

use gate_core::vers::{Comparator, Range, Scheme, from_native};
use serde_json::{Value, json};

use crate::data::data;

/// Cases of the files together: fewer means that the data is not whole.
const LEAST: usize = 150;

#[test]
fn the_published_cases_come_out_as_they_say() {
    let Some(folder) = data("purl-cvss-licence/vers-spec/tests") else { return };
    let mut count = 0;
    let mut misses = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let suite: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for case in suite["tests"].as_array().unwrap() {
            count += 1;
            let found = outcome(case);
            let wanted = if case["expected_failure"] == true {
                Err(())
            } else {
                Ok(case["expected_output"].clone())
            };
            if found != wanted {
                misses.push(format!("{}: {} gave {found:?}", path.display(), case["input"]));
            }
        }
    }
    println!("{} of {count} cases", count - misses.len());
    assert!(count >= LEAST, "{count} cases");
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

fn outcome(case: &Value) -> Result<Value, ()> {
    let input = &case["input"];
    match case["test_type"].as_str().unwrap() {
        "comparison" => {
            let (scheme, mut versions) = versions(input);
            versions.sort_by(|a, b| scheme.compare(a, b).unwrap().then_with(|| a.cmp(b)));
            // Some suites write a version in another case than they gave it in.
            let wanted = case["expected_output"].as_array().unwrap().clone();
            let same = versions.iter().zip(&wanted).all(|(found, wanted)| {
                scheme.compare(found, wanted.as_str().unwrap()) == Some(Ordering::Equal)
            });
            Ok(if same { json!(wanted) } else { json!(versions) })
        }
        "equality" => {
            let (scheme, versions) = versions(input);
            Ok(json!(scheme.compare(&versions[0], &versions[1]) == Some(Ordering::Equal)))
        }
        "containment" => {
            let range = Range::parse(input["vers"].as_str().unwrap()).map_err(drop)?;
            range.contains(input["version"].as_str().unwrap()).map(Value::from).map_err(drop)
        }
        "from_native" => {
            let text = |key: &str| input[key].as_str().unwrap();
            let range = from_native(text("scheme"), text("native_range")).map_err(drop)?;
            Ok(json!(range.to_string()))
        }
        "validate" | "roundtrip" => {
            let range = Range::parse(input.as_str().unwrap()).map_err(drop)?;
            Ok(json!(range.to_string()))
        }
        "parse" => {
            let range = Range::parse_canonical(input.as_str().unwrap()).map_err(drop)?;
            let newer = case["expected_output"].get("type").is_some();
            let constraints: Vec<_> = range
                .constraints()
                .iter()
                .map(|it| match it.comparator {
                    Comparator::Equal if !newer => json!(["=", it.version]),
                    comparator => json!([comparator.sign(), it.version]),
                })
                .collect();
            Ok(if newer {
                json!({"type": range.name(), "constraints": constraints})
            } else {
                json!({"scheme": range.name(), "version_constraints": constraints})
            })
        }
        other => panic!("a case of the unknown type `{other}`"),
    }
}

fn versions(input: &Value) -> (Scheme, Vec<String>) {
    let name = input["input_scheme"].as_str().or(input["input_type"].as_str()).unwrap();
    let versions = input["versions"].as_array().unwrap();
    let versions = versions.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    (Scheme::named(name).unwrap(), versions)
}
