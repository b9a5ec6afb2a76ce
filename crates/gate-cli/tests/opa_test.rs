//! `gate policy test` ends each test as `opa test` does, where that is at hand.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "this is a test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const POLICY: &str = r#"package a

deny contains "x" if input.x

allow if {
	input.y
	input.z
}

kind := "big" if {
	input.n > 10
} else := "small" if {
	input.n > 5
} else := "tiny"

f(x) := y if {
	y := x + 1
}

list := data.shop.list
"#;

const TESTS: &str = r#"package a_test

import data.a

test_pass if a.deny == {"x"} with input as {"x": true}

test_fail if {
	x := 1
	print("before", x)
	a.deny == {"q"} with input as {"x": true}
}

todo_test_later if false

test_undefined if 1 / 0 == 1

test_false := false

test_text := "x"

test_object := {"a": 1}

test_set contains x if {
	some x in [1, 2]
}

test_print if {
	print("hi", [1], {"a"})
	false
}

test_conflict if {
	some z in [1]
	two(z) == 2
}

two(z) := z

two(z) := z + 1

test_cases[note] if {
	some note, tc in {"one": {"in": 1, "out": 2}, "two": {"in": 2, "out": 4}}
	a.f(tc.in) == tc.out
}

test_all_hold[note] if {
	some note, tc in {"one": 1, "two": 2}
	tc > 0
}

test_nested[note][sub] if {
	some note in ["x", "y"]
	some sub in ["s", "t"]
	note == "x"
}

test_numbers[n] if {
	some n in [1, 2]
	n < 2
}

test_no_case[note] if {
	some note in []
	note == 1
}

test_late[note] if {
	r := 1
	r == 2
	some note in ["q"]
}

test_constant["one"] if 1 == 1

test_function(x) := true

test_every if {
	every n in [1, 2, 3] {
		n < 3
	}
}

test_not if not a.f(1)

test_twice if true

test_twice if false

test_bodies if { 1 == 2 } { 1 == 1 }

test_else if {
	false
} else := true

test_data if a.list == ["one"]

test_kind if a.kind == "small" with input.n as 7

test_replaced if a.f(1) == 9 with data.a.f as 9

test_time if time.now_ns() > 0

helper if true
"#;

const DATA: &str = "list: [one]\n";

fn opa() -> Option<PathBuf> {
    let opa = std::env::var_os("GATE_PEERS").map(|folder| PathBuf::from(folder).join("opa"));
    let found = opa.filter(|path| path.is_file());
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "CI must have opa");
    if found.is_none() {
        println!("NOT RUN: there is no opa; scripts/peers.sh builds it");
    }
    found
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("shop")).unwrap();
    for (name, text) in [("a.rego", POLICY), ("a_test.rego", TESTS), ("shop/data.yaml", DATA)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(program: &Path, folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GATE_") {
            command.env_remove(name);
        }
    }
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// How each test ended, with what it printed and its cases.
fn endings(json: &str) -> BTreeMap<String, (String, Value, Value)> {
    let tests: Vec<Value> = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"));
    let one = |test: &Value| {
        let ending = match () {
            () if test["error"].is_object() || test["error"].is_array() => "error",
            () if test["fail"] == true => "fail",
            () if test["skip"] == true => "skip",
            () => "pass",
        };
        let name = format!(
            "{}.{} {}:{}",
            test["package"].as_str().unwrap(),
            test["name"].as_str().unwrap(),
            test["location"]["file"].as_str().unwrap(),
            test["location"]["row"],
        );
        (name, (ending.to_owned(), test["output"].clone(), test["sub_results"].clone()))
    };
    tests.iter().map(one).collect()
}

#[test]
fn every_test_ends_as_in_opa() {
    let Some(opa) = opa() else { return };
    let (folder, gate) = (folder(), Path::new(env!("CARGO_BIN_EXE_gate")));
    let theirs = endings(&run(&opa, folder.path(), &["test", "--format", "json", "."]));
    let ours = endings(&run(gate, folder.path(), &["policy", "test", "--format", "json", "."]));
    assert!(theirs.len() > 25, "{}", theirs.len());
    for (name, ending) in &theirs {
        assert_eq!(ours.get(name), Some(ending), "{name}");
    }
    assert_eq!(ours.len(), theirs.len());
}

/// The lines with counts, which stand at the end.
fn counts(text: &str) -> Vec<String> {
    let words = ["PASS: ", "FAIL: ", "ERROR: ", "SKIPPED: "];
    let is_count = |line: &&str| {
        words.iter().any(|word| line.strip_prefix(word).is_some_and(|rest| rest.contains('/')))
    };
    text.lines().filter(is_count).map(str::to_owned).collect()
}

#[test]
fn the_counts_are_opas_with_and_without_a_filter() {
    let Some(opa) = opa() else { return };
    let (folder, gate) = (folder(), Path::new(env!("CARGO_BIN_EXE_gate")));
    for filter in ["", "_test\\.test_(p|n)", "data.a_test.test_twice$", "cases", "nothing at all"] {
        let theirs = run(&opa, folder.path(), &["test", "-r", filter, "."]);
        let ours = run(gate, folder.path(), &["policy", "test", "-r", filter, "."]);
        assert_eq!(counts(&ours), counts(&theirs), "{filter}");
    }
}

#[test]
fn the_lines_that_no_test_reaches_are_opas() {
    let Some(opa) = opa() else { return };
    let (folder, gate) = (folder(), Path::new(env!("CARGO_BIN_EXE_gate")));
    let missed = |json: &str| {
        let report: Value = serde_json::from_str(json).unwrap();
        let mut rows = Vec::new();
        for range in report["files"]["a.rego"]["not_covered"].as_array().unwrap() {
            let row = |end: &str| range[end]["row"].as_u64().unwrap();
            rows.extend(row("start")..=row("end"));
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    };
    // OPA tells of coverage only where every test passes.
    let only = ["--coverage", "-r", "test_(pass|kind|data|all_hold)$", "."];
    let theirs = run(&opa, folder.path(), &[&["test"], &only[..]].concat());
    let ours = [&["policy", "test", "--format", "json"], &only[..]].concat();
    let ours = run(gate, folder.path(), &ours);
    assert_eq!(missed(&ours), missed(&theirs));
}
