//! `eval` answers as `opa eval` does: a table of queries, with OPA's answers written down, and the
//! same table asked of the real `opa` where it is at hand.

use std::process::Command;

use serde_json::json;

use super::*;

const MODULE: &str = r#"package p

x := 1

y contains z if some z in [3, 1, 2]

f(a) := a + 1

u := 1 if false

c := 1

c := 2 if input.two

obj[k] := v if some k, v in {"a": 1, "b": 2}

ratio := 1 / input.zero

now := time.now_ns()

text := "<&>"
"#;

fn evaluation(query: &str) -> Evaluation {
    Evaluation {
        modules: vec![Module::new("p.rego", MODULE)],
        data: Value::from_json(r#"{"d": {"list": [1, 2, 3], "name": "n"}}"#).unwrap(),
        input: Some(Value::from_json(r#"{"two": true, "zero": 0, "deep": {"a": [1]}}"#).unwrap()),
        dialect: Dialect::default(),
        query: query.to_owned(),
        now_ns: 5,
        limit: None,
    }
}

/// Queries that this engine answers as OPA does.
const QUERIES: &[&str] = &[
    "1+1",
    "x := 1; y := [1, 2][_]",
    "data.p.u",
    "data.p.x",
    "data.p.y",
    "data.p.f(2)",
    "data.p.obj",
    "data.p.text",
    "data.d",
    "data.d.list[i]",
    "data.d.list[_] == 2",
    "input.deep",
    "input.deep.a[i] = v",
    "input.none",
    "1 == 2",
    "true; false",
    "false",
    "some x in [1, 2]",
    "[v | v := data.p.y[_]]",
    "{1, 2}; _ = 3; x = \"a\"",
    "{\"a\": {\"b\": null}}",
    "x = 1; x > 0",
    "not data.p.u",
    "every v in [1, 2] { v > 0 }",
    "count(data.p.y) > 2",
    "data.p.ratio",
    "startswith(\"abc\", \"a\")",
    "sprintf(\"%s-%d\", [\"a\", 1])",
    "walk([1], [path, value])",
    "{k: v | some k, v in {\"x\": 1}}",
    "\"text\"",
    "null",
    "[]",
    "set()",
    "12345678901234567890123",
    "1 - 98765432109876543210 * 10",
    "x := [18446744073709551616, 1e400, 0.10, 1e3, 100000000000000000000000]",
    "json.marshal([12345678901234567890123, 1.50])",
    "sprintf(\"%d %v\", [12345678901234567890123, 1e30])",
    "{12345678901234567890123: 1}",
    "x := 12345678901234567890123; y := x + 1",
    "json.unmarshal(\"[12345678901234567890123, 1E2]\")",
];

const FORMATS: [(Format, &str); 3] =
    [(Format::Json, "json"), (Format::Raw, "raw"), (Format::Pretty, "pretty")];

#[test]
fn every_query_of_the_table_is_answered_as_opa_answers_it() {
    let Some(opa) = opa() else {
        println!("not run: no `opa` on PATH or in GATE_PEERS");
        return;
    };
    let folder = std::env::temp_dir().join(format!("gate-rego-eval-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("p.rego"), MODULE).unwrap();
    std::fs::write(folder.join("data.json"), r#"{"d": {"list": [1, 2, 3], "name": "n"}}"#).unwrap();
    std::fs::write(folder.join("input"), r#"{"two": true, "zero": 0, "deep": {"a": [1]}}"#)
        .unwrap();
    let mut differences = Vec::new();
    for query in QUERIES {
        for (format, name) in FORMATS {
            let theirs = Command::new(&opa)
                .current_dir(&folder)
                .args(["eval", "-d", "p.rego", "-d", "data.json", "-i", "input"])
                .args(["--format", name, query])
                .output()
                .unwrap();
            let ours = render(&eval(evaluation(query)), format).stdout;
            let theirs = String::from_utf8(theirs.stdout).unwrap();
            if ours != theirs {
                differences.push(format!("{query} ({name})\nours:   {ours}\ntheirs: {theirs}"));
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn opa() -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let peers = std::env::var_os("GATE_PEERS").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(std::env::split_paths(&peers))
        .map(|folder| folder.join("opa"))
        .find(|file| file.is_file())
}

fn json(query: &str) -> serde_json::Value {
    plain(&eval(evaluation(query)))
}

/// The document, numbers as near as `serde_json` has them.
fn plain(output: &Output) -> serde_json::Value {
    crate::value::to_json(&output.document)
}

#[test]
fn undefined_is_an_empty_object() {
    assert_eq!(json("data.p.u"), json!({}));
    assert_eq!(render(&eval(evaluation("data.p.u")), Format::Json).stdout, "{}\n");
    assert_eq!(render(&eval(evaluation("data.p.u")), Format::Raw).stdout, "");
    assert_eq!(render(&eval(evaluation("data.p.u")), Format::Pretty).stdout, "undefined\n");
}

#[test]
fn bindings_and_expressions_have_opas_shape() {
    assert_eq!(
        json("x := 1; y := [1, 2][_]")["result"][1],
        json!({
            "expressions": [
                {"value": true, "text": "x := 1", "location": {"row": 1, "col": 1}},
                {"value": true, "text": "y := [1, 2][_]", "location": {"row": 1, "col": 9}}
            ],
            "bindings": {"x": 1, "y": 2}
        })
    );
    let table = "┌───┬─────────┐\n│ x │    y    │\n├───┼─────────┤\n│ 1 │ {\"a\":1} │\n│ 2 │ {\"a\":2} │\n└───┴─────────┘\n";
    let output = eval(evaluation("x := [1,2][_]; y := {\"a\": x}"));
    assert_eq!(render(&output, Format::Pretty).stdout, table);
}

#[test]
fn errors_have_opas_shape_and_fail() {
    for (query, code) in [
        ("foo(", "rego_parse_error"),
        ("foo(1)", "rego_type_error"),
        ("http.send({})", "rego_type_error"),
        ("data.p.c", "eval_conflict_error"),
    ] {
        let output = eval(evaluation(query));
        assert!(output.failed, "{query}");
        let error = &plain(&output)["errors"][0];
        assert!(error["message"].is_string(), "{query}: {output:?}");
        assert!(error["location"]["row"].is_u64(), "{query}: {output:?}");
        if query != "foo(" {
            assert_eq!(error["code"], code, "{query}: {output:?}");
        }
        let rendered = render(&output, Format::Raw);
        assert_eq!(rendered.stdout, "");
        assert!(rendered.stderr.starts_with("1 error occurred: "), "{}", rendered.stderr);
    }
}

#[test]
fn builtin_errors_are_undefined_unless_strict() {
    assert_eq!(json("data.p.ratio"), json!({}));
    let dialect = Dialect { strict_builtin_errors: true, ..Dialect::default() };
    let output = eval(Evaluation { dialect, ..evaluation("data.p.ratio") });
    assert!(output.failed, "{output:?}");
    assert_eq!(plain(&output)["errors"][0]["location"]["file"], "p.rego");
    assert_eq!(plain(&output)["errors"][0]["code"], "eval_builtin_error", "{output:?}");
}

#[test]
fn version_zero_modules_are_read_when_asked_for() {
    let modules = vec![Module::new("v0.rego", "package v\ndeny[x] { x := 1 }")];
    let v0 = Dialect { v0: true, ..Dialect::default() };
    let output =
        eval(Evaluation { modules: modules.clone(), dialect: v0, ..evaluation("data.v.deny") });
    assert_eq!(plain(&output)["result"][0]["expressions"][0]["value"], json!([1]), "{output:?}");
    assert!(eval(Evaluation { modules, ..evaluation("data.v.deny") }).failed);
}

#[test]
fn without_input_it_is_undefined_and_the_time_is_given() {
    let output = eval(Evaluation { input: None, ..evaluation("input") });
    assert_eq!(plain(&output), json!({}));
    assert_eq!(json("data.p.now")["result"][0]["expressions"][0]["value"], json!(5));
}

#[test]
fn a_query_that_would_stall_the_parser_is_refused() {
    assert!(eval(evaluation(&"[".repeat(60))).failed);
    let slow =
        "count([1 | some i in numbers.range(1, 9999); some j in numbers.range(1, 9999); i == j])";
    let limit = Some(Duration::from_millis(20));
    let output = eval(Evaluation { limit, ..evaluation(slow) });
    assert_eq!(plain(&output)["errors"][0]["code"], "eval_cancel_error", "{output:?}");
}

#[test]
fn an_explanation_names_the_failing_expression_and_its_values() {
    let explained = Evaluation {
        modules: vec![Module::new(
            "q.rego",
            "package q\n\nallow if {\n\tn := input.two\n\tn == input.zero\n}\n",
        )],
        ..evaluation("data.q.allow")
    };
    let output = eval_telling(explained, Telling { explain: Some(Detail::Fails), profile: true });
    let pretty = render(&output, Format::Pretty).stdout;
    assert!(pretty.contains("q.rego:5:2: n == input.zero does not hold"), "{pretty}");
    assert!(pretty.contains("input.zero: 0") && pretty.contains("n: true"), "{pretty}");
    let json: serde_json::Value =
        serde_json::from_str(&render(&output, Format::Json).stdout).unwrap();
    assert_eq!(json["explanation"][0]["op"], "enter");
    let lines = json["profile"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["location"]["row"] == 5 && line["num_eval"] == 1));
}
