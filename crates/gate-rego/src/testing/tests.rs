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
        parallel: 3,
        outside: None,
    })
    .unwrap()
}

#[test]
fn tests_pass_fail_err_and_are_skipped() {
    let report = tests(None);
    let endings: Vec<_> =
        report.cases.iter().map(|case| (case.name.as_str(), ending(case))).collect();
    let expected = [
        ("test_pass", "PASS"),
        ("test_fail", "FAIL"),
        ("todo_test_later", "SKIPPED"),
        ("test_undefined", "FAIL"),
        ("test_false", "FAIL"),
        ("test_print", "FAIL"),
        ("test_error", "ERROR"),
    ];
    assert_eq!(endings, expected);
    assert!(!report.passed());
    let text = report.text(false);
    assert!(text.contains("a_test.rego:7:\ndata.a_test.test_fail: FAIL ("), "{text}");
    assert!(text.contains("hi 1"), "{text}");
    assert!(text.ends_with("PASS: 1/7\nFAIL: 4/7\nSKIPPED: 1/7\nERROR: 1/7\n"), "{text}");
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

fn ending(case: &Case) -> &'static str {
    match case.ending {
        Ending::Pass => "PASS",
        Ending::Fail => "FAIL",
        Ending::Skipped => "SKIPPED",
        Ending::Error { .. } => "ERROR",
    }
}

fn run_one(source: &str) -> Case {
    let mut report = run(Tests {
        modules: vec![Module::new("a.rego", POLICY), Module::new("b_test.rego", source)],
        data: Value::object(vec![]),
        dialect: Dialect::default(),
        now_ns: 0,
        limit: Duration::from_secs(5),
        only: None,
        parallel: 1,
        outside: None,
    })
    .unwrap();
    report.cases.remove(0)
}

#[test]
fn a_failure_names_the_expression_and_the_values_in_it() {
    let case = run_one(
        "package b_test\n\nimport data.a\n\ntest_x if {\n\tn := 1\n\tm := {\"k\": n + 1}\n\tm.k == count(a.warn) with input as {\"y\": true}\n}\n",
    );
    assert_eq!(case.ending, Ending::Fail);
    let text = case.explanation.text(crate::explain::Detail::Fails);
    assert!(text.contains("b_test.rego:8:2: m.k == count(a.warn)"), "{text}");
    assert!(text.contains("m.k: 2"), "{text}");
    assert!(text.contains("count(a.warn): 0"), "{text}");
    assert!(text.contains("a.rego:7:2: input.z does not hold"), "{text}");
    assert!(text.contains("input.z: undefined"), "{text}");
}

#[test]
fn each_case_of_a_head_with_variables_is_told() {
    let source = "package b_test\n\ntest_x[note] if {\n\tsome note, n in {\"a\": 1, \"b\": 2}\n\tm := n * 2\n\tm == 2\n}\n";
    let case = run_one(source);
    assert_eq!(case.ending, Ending::Fail);
    let told: Vec<_> = case.cases.iter().map(|one| (one.name.as_str(), one.passed)).collect();
    assert_eq!(told, [("a", true), ("b", false)]);
    let nested = "package b_test\n\ntest_x[a][b] if {\n\tsome a in [1, 2]\n\tsome b in [1, 2]\n\ta != 2\n}\n";
    let case = run_one(nested);
    assert_eq!(case.cases.len(), 2);
    assert!(case.cases[0].passed && !case.cases[1].passed);
    assert_eq!(case.cases[1].below.len(), 2);
}

#[test]
fn two_tests_of_one_name_are_two_tests() {
    let source = "package b_test\n\ntest_x if true\n\ntest_x if false\n";
    let report = run(Tests {
        modules: vec![Module::new("b_test.rego", source)],
        data: Value::object(vec![]),
        dialect: Dialect::default(),
        now_ns: 0,
        limit: Duration::from_secs(5),
        only: None,
        parallel: 2,
        outside: None,
    })
    .unwrap();
    let told: Vec<_> = report.cases.iter().map(|case| (case.name.as_str(), ending(case))).collect();
    assert_eq!(told, [("test_x", "PASS"), ("test_x#01", "FAIL")]);
}

#[test]
fn a_filter_that_is_no_expression_is_refused() {
    let tests = Tests {
        modules: vec![],
        data: Value::object(vec![]),
        dialect: Dialect::default(),
        now_ns: 0,
        limit: Duration::from_secs(5),
        only: Some("(".to_owned()),
        parallel: 1,
        outside: None,
    };
    assert_eq!(run(tests), Err(TestsError::Filter("(".to_owned())));
}

#[test]
fn coverage_has_the_form_of_lcov() {
    let lcov = tests(None).coverage.lcov();
    assert!(lcov.starts_with("TN:\nSF:a.rego\nDA:3,1\n"), "{lcov}");
    assert!(lcov.contains("DA:7,0\n"), "{lcov}");
    assert!(lcov.ends_with("end_of_record\n"), "{lcov}");
}
