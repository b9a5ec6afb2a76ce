//! Tests of policies end as `opa test` ends them, and coverage tells the lines that none reached.

use super::*;

const POLICY: &str = "package a\n\ndeny contains \"x\" if input.x\n\nwarn contains \"y\" if {\n\tinput.y\n\tinput.z\n}\n";
const TESTS: &str = "package a_test\n\nimport data.a\n\ntest_pass if a.deny == {\"x\"} with input as {\"x\": true}\n\ntest_fail if a.deny == {\"q\"} with input as {\"x\": true}\n\ntodo_test_later if false\n\ntest_undefined if 1 / 0 == 1\n\ntest_false := false\n\ntest_print if {\n\tprint(\"hi\", 1)\n\tfalse\n}\n\ntest_error if {\n\tsome z in [1]\n\ttwo(z) == 2\n}\n\ntwo(z) := z\n\ntwo(z) := z + 1\n";

fn tests(only: Option<&str>) -> Report {
    run(Tests {
        modules: vec![Module::new("a.rego", POLICY), Module::new("a_test.rego", TESTS)],
        data: Value::object(vec![]),
        dialect: Dialect::default(),
        now_ns: 0,
        limit: Duration::from_secs(5),
        only: only.map(str::to_owned),
    })
    .unwrap()
}

#[test]
fn tests_pass_fail_err_and_are_skipped() {
    let report = tests(None);
    let endings: Vec<_> = report
        .cases
        .iter()
        .map(|case| (case.name.trim_start_matches("data.a_test."), word(case)))
        .map(|(name, word)| (name, word.lines().next().unwrap_or_default().to_owned()))
        .collect();
    let expected = [
        ("test_pass", "PASS"),
        ("test_fail", "FAIL"),
        ("todo_test_later", "SKIPPED"),
        ("test_undefined", "FAIL"),
        ("test_false", "FAIL"),
        ("test_print", "FAIL"),
        ("test_error", "ERROR"),
    ];
    assert_eq!(endings, expected.map(|(name, word)| (name, word.to_owned())));
    assert!(!report.passed());
    let text = report.text(false);
    assert!(text.contains("a_test.rego:7:\ndata.a_test.test_fail: FAIL\n"), "{text}");
    assert!(text.contains("hi 1"), "{text}");
    assert!(text.ends_with("PASS: 1/7\nFAIL: 4/7\nERROR: 1/7\nSKIPPED: 1/7\n"), "{text}");
}

#[test]
fn a_run_that_passes_ends_with_its_count() {
    let report = tests(Some("test_pass"));
    assert!(report.passed());
    assert_eq!(report.text(false), "PASS: 1/1\n");
}

#[test]
fn coverage_names_the_lines_that_no_test_reaches() {
    let coverage = tests(None).coverage;
    let [file] = coverage.files.as_slice() else { panic!("{coverage:?}") };
    assert_eq!(file.path, "a.rego");
    assert!(file.covered.contains(&3), "{file:?}");
    assert!(file.not_covered.contains(&7), "{file:?}");
    assert!(coverage.text().contains("not reached: "), "{}", coverage.text());
}
