//! OPA's own cases, where they are at hand: how many are answered as OPA answers them, how many are
//! refused, and how many are answered otherwise, which is the number that matters to a gate.

#![expect(clippy::unwrap_used, reason = "a test: what is not as expected ends it")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use gate_rego::eval::{Evaluation, Output, eval};
use gate_rego::{Dialect, Module, bounds};
use serde_json::json;

/// Cases that are answered as OPA answers them. It only grows.
const AGREED: usize = 1_153;
/// Cases that have another answer than OPA's, without an error. It only shrinks.
const OTHERWISE: usize = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Agreed,
    Refused,
    Otherwise,
}

#[test]
fn opas_cases_are_answered_or_refused() {
    let Some(data) = std::env::var_os("GATE_CONFORMANCE_DATA") else {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("rego/opa-conformance/v1");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    files.sort();
    let verdicts = std::thread::Builder::new()
        .stack_size(bounds::STACK_BYTES)
        .spawn(move || files.iter().flat_map(|file| judged(file)).collect::<Vec<_>>())
        .unwrap()
        .join()
        .unwrap();
    let count = |wanted| verdicts.iter().filter(|(_, verdict)| *verdict == wanted).count();
    for (name, _) in verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Otherwise) {
        println!("otherwise: {name}");
    }
    for (name, _) in verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Refused) {
        println!("refused: {name}");
    }
    let (agreed, otherwise) = (count(Verdict::Agreed), count(Verdict::Otherwise));
    println!(
        "{} cases: {agreed} agreed, {} refused, {otherwise} otherwise",
        verdicts.len(),
        count(Verdict::Refused)
    );
    assert!(agreed >= AGREED, "{agreed} cases agree; there were {AGREED}");
    assert!(otherwise <= OTHERWISE, "{otherwise} cases answer otherwise; there were {OTHERWISE}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

fn judged(file: &Path) -> Vec<(String, Verdict)> {
    let text = std::fs::read_to_string(file).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = document["cases"].as_array().unwrap();
    cases
        .iter()
        .map(|case| {
            let (verdict, words) = verdict(case);
            (format!("{}: {words}", case["note"]), verdict)
        })
        .collect()
}

fn verdict(case: &serde_json::Value) -> (Verdict, String) {
    let modules = case["modules"].as_array().into_iter().flatten().enumerate();
    let modules: Vec<_> = modules
        .map(|(at, source)| Module::new(format!("{at}.rego"), source.as_str().unwrap_or_default()))
        .collect();
    let data = case.get("data").filter(|data| data.is_object()).cloned().unwrap_or(json!({}));
    let input = case.get("input").map(|input| gate_rego::value::from(input).unwrap());
    let mut query = case["query"].as_str().unwrap_or_default().to_owned();
    if let Some(term) = case.get("input_term").and_then(|term| term.as_str()) {
        // Terms are Rego, not JSON: sets among them.
        query = format!("{query} with input as {term}");
    }
    let strict = case["strict_error"].as_bool().unwrap_or_default();
    let output = eval(Evaluation {
        modules,
        data: gate_rego::value::from(&data).unwrap(),
        input,
        dialect: Dialect { v0: false, strict_builtin_errors: strict },
        query,
        // Within the validity of the certificates of the cases.
        now_ns: 1_735_000_000_000_000_000,
        limit: Some(Duration::from_secs(2)),
    });
    let words: String = output.document.to_json().chars().take(200).collect();
    (compared(case, &output), words)
}

fn compared(case: &serde_json::Value, output: &Output) -> Verdict {
    let wants_error = case.get("want_error").is_some() || case.get("want_error_code").is_some();
    if output.failed {
        return if wants_error { Verdict::Agreed } else { Verdict::Refused };
    }
    if wants_error {
        return Verdict::Otherwise;
    }
    let sorted = case["sort_bindings"].as_bool().unwrap_or_default();
    let results = gate_rego::value::to_json(&output.document)["result"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut found: Vec<String> = results
        .iter()
        .map(|result| result.get("bindings").cloned().unwrap_or(json!({})))
        .map(|bindings| comparable(bindings, sorted))
        .collect();
    let agreed = if let Some(wanted) = case["want_result"].as_array() {
        let mut wanted: Vec<String> =
            wanted.iter().map(|bindings| comparable(bindings.clone(), sorted)).collect();
        wanted.sort();
        found.sort();
        wanted == found
    } else if let Some(defined) = case["want_defined"].as_bool() {
        defined != found.is_empty()
    } else {
        found.is_empty()
    };
    if agreed { Verdict::Agreed } else { Verdict::Otherwise }
}

/// A value as text: equal numbers alike, and lists in order where the case asks for no order.
fn comparable(value: serde_json::Value, sorted: bool) -> String {
    fn alike(value: serde_json::Value, sorted: bool) -> serde_json::Value {
        match value {
            serde_json::Value::Number(number) => json!(number.as_f64()),
            serde_json::Value::Array(items) => {
                let mut items: Vec<_> = items.into_iter().map(|item| alike(item, sorted)).collect();
                if sorted {
                    items.sort_by_key(ToString::to_string);
                }
                items.into()
            }
            serde_json::Value::Object(fields) => fields
                .into_iter()
                .map(|(key, item)| (key, alike(item, sorted)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other,
        }
    }
    alike(value, sorted).to_string()
}
