//! Policies load, answer within their limits, and hostile ones are refused.

use std::cell::Cell;
use std::fmt::Write as _;
use std::time::Duration;

use super::*;

fn compile(sources: &[(&str, &str)]) -> Result<Policy, CompileError> {
    let modules: Vec<_> =
        sources.iter().map(|(path, source)| Module::new(*path, *source)).collect();
    Policy::compile(&modules, Value::object(vec![]))
}

fn refusal(source: &str) -> String {
    compile(&[("p.rego", source)]).err().expect("refused").to_string()
}

/// `data.a.b` as a path.
fn path(text: &str) -> RulePath {
    let parts: Vec<String> = text.split('.').skip(1).map(str::to_owned).collect();
    let (name, package) = parts.split_last().unwrap();
    RulePath::new(package, name)
}

/// The answer, which must be defined.
fn value(policy: &Policy, rule: &str) -> Value {
    ask(policy, rule).unwrap().unwrap()
}

fn ask(policy: &Policy, rule: &str) -> Answer {
    ask_within(policy, rule, Duration::from_secs(5)).expect("in time").remove(0)
}

fn ask_within(
    policy: &Policy,
    rule: &str,
    limit: Duration,
) -> Result<Vec<Answer>, EvaluationError> {
    policy.answer(&Question {
        input: Value::object(vec![]),
        now_ns: 1_700_000_000_000_000_000,
        rules: &[path(rule)],
        rule_limit: limit,
        limit,
        steady: &|| Duration::ZERO,
    })
}

#[test]
fn a_rule_answers_with_its_value() {
    let policy = compile(&[("p.rego", "package p\nx contains 1 + 1\ny := 1 if false")]).unwrap();
    assert_eq!(value(&policy, "data.p.x"), Value::set(vec![Value::from(2_i64)]));
    assert_eq!(ask(&policy, "data.p.y").unwrap(), None);
}

#[test]
fn a_rule_with_empty_brackets_is_no_function() {
    let source = "package a\np() := x if x := input\nq := p\nr := p()\ns if { p() }\n";
    let policy = compile(&[("p.rego", source)]).unwrap();
    for rule in ["data.a.p", "data.a.q", "data.a.r"] {
        assert_eq!(value(&policy, rule), value(&policy, "data.a.p"), "{rule}");
    }
    assert_eq!(value(&policy, "data.a.s"), Value::Bool(true));
}

#[test]
fn answers_over_other_data_are_about_that() {
    let policy = compile(&[("p.rego", "package a\np := data.b\n")]).unwrap();
    let data = Value::object(vec![(Value::from("b"), Value::from("x"))]);
    let question = Question {
        input: Value::Null,
        now_ns: 0,
        rules: &[path("data.a.p")],
        rule_limit: Duration::from_secs(5),
        limit: Duration::from_secs(5),
        steady: &|| Duration::ZERO,
    };
    let answers = policy.answer_over(&question, data).unwrap();
    assert_eq!(answers, [Ok(Some(Value::from("x")))]);
    assert_eq!(policy.answer(&question).unwrap(), [Ok(None)]);
}

#[test]
fn an_engine_error_names_its_place_and_the_other_rules_are_asked() {
    let source = "package p\n\nx := 1 if {\n\ttrue\n}\nx := 2 if {\n\ttrue\n}\ny := 2";
    let policy = compile(&[("a/p.rego", source)]).unwrap();
    let question = Question {
        input: Value::Null,
        now_ns: 0,
        rules: &[path("data.p.x"), path("data.p.y")],
        rule_limit: Duration::from_secs(1),
        limit: Duration::from_secs(1),
        steady: &|| Duration::ZERO,
    };
    let answers = policy.answer(&question).unwrap();
    let Err(EvaluationError::Engine { place: Some(place), .. }) = &answers[0] else {
        panic!("{:?}", answers[0]);
    };
    assert_eq!((place.path.as_str(), place.line), ("a/p.rego", 6));
    assert_eq!(answers[1], Ok(Some(Value::from(2u64))));
}

#[test]
fn a_rule_that_runs_on_is_out_of_time() {
    let source = "package p\nx := count([1 | some i in numbers.range(1, 9999); some j in numbers.range(1, 9999); i == j])";
    let policy = compile(&[("p.rego", source)]).unwrap();
    let error = ask_within(&policy, "data.p.x", Duration::from_millis(20)).unwrap_err();
    assert!(matches!(error, EvaluationError::Timeout { .. }), "{error}");
}

#[test]
fn time_that_the_engine_did_not_notice_is_out_of_time_too() {
    let policy = compile(&[("p.rego", "package p\nx := 1")]).unwrap();
    let now = Cell::new(0);
    let steady = || {
        now.set(now.get() + 2);
        Duration::from_secs(now.get())
    };
    let question = Question {
        input: Value::Null,
        now_ns: 0,
        rules: &[path("data.p.x")],
        rule_limit: Duration::from_secs(1),
        limit: Duration::from_secs(9),
        steady: &steady,
    };
    assert!(matches!(policy.answer(&question), Err(EvaluationError::Timeout { .. })));
}

#[test]
fn the_time_is_the_one_handed_in() {
    let policy = compile(&[("p.rego", "package p\nx := time.now_ns()")]).unwrap();
    assert_eq!(value(&policy, "data.p.x"), Value::from(1_700_000_000_000_000_000_i64));
}

#[test]
fn functions_that_reach_outside_are_refused_with_their_place() {
    for call in ["http.send({})", "rand.intn(\"a\", 2)", "opa.runtime()", "uuid.rfc4122(\"k\")"] {
        let message = refusal(&format!("package p\n\nx := y if {{\n\ty := {call}\n}}"));
        assert!(message.starts_with("p.rego:4:"), "{message}");
        let told = ["may not be called here", "is not available"];
        assert!(told.iter().any(|words| message.contains(words)), "{message}");
    }
}

#[test]
fn a_function_that_does_not_exist_is_found_at_load() {
    let message = refusal("package p\nx contains 1 if not no.such.function(\"\")");
    assert!(message.contains("undefined function no.such.function"), "{message}");
}

#[test]
fn functions_of_imports_packages_and_defaults_are_found() {
    let library = "package lib.a\nf(x) := x\ndefault g(_) := 1\nh.i(x) := x";
    let user = "package p\nimport data.lib.a\nimport data.lib.a.f as fun\nx := [a.f(1), fun(2), data.lib.a.g(3), a.h.i(4), k(5)]\nk(x) := x";
    let policy = compile(&[("lib.rego", library), ("p.rego", user)]).unwrap();
    let answer = value(&policy, "data.p.x");
    assert_eq!(answer.to_string().replace(' ', ""), "[1,2,1,4,5]");
}

#[test]
fn a_function_that_calls_itself_would_overflow_the_stack_and_is_refused() {
    let message = refusal("package p\nf(n) := f(n + 1)\nx := f(1)");
    assert!(message.contains("recursive"), "{message}");
    let ring = "package p\nf(n) := [g(m) | m := n + 1][0]\ng(n) := data.p.f(n)\nx := f(1)";
    assert!(refusal(ring).contains("recursive"), "{}", refusal(ring));
}

#[test]
fn a_long_chain_of_functions_is_refused() {
    let mut source = "package p\nf0(x) := x\n".to_owned();
    for at in 1..=1_001 {
        writeln!(source, "f{at}(x) := f{}(x)", at - 1).unwrap();
    }
    assert!(refusal(&source).contains("chain of more than"));
}

#[test]
fn rules_that_depend_on_each_other_in_a_ring_are_refused() {
    let message = refusal("package p\na := b\nb := a");
    assert!(message.contains("recursive"), "{message}");
}

#[test]
fn a_range_that_would_take_all_memory_is_an_error() {
    let policy = compile(&[(
        "p.rego",
        "package p\nx := count(numbers.range(1, 1000000000))\ny := numbers.range(3, 1)",
    )])
    .unwrap();
    let error = ask(&policy, "data.p.x").unwrap_err().to_string();
    assert!(error.contains("p.rego:2:"), "{error}");
    assert_eq!(value(&policy, "data.p.y").to_string().replace(' ', ""), "[3,2,1]");
}

#[test]
fn counting_the_empty_text_does_not_panic() {
    let policy = compile(&[(
        "p.rego",
        "package p\nx := [strings.count(\"abc\", \"\"), strings.count(\"aaa\", \"aa\")]",
    )])
    .unwrap();
    assert_eq!(value(&policy, "data.p.x").to_string().replace(' ', ""), "[4,1]");
}

#[test]
fn walk_and_mixed_heads_are_answered_in_every_form() {
    for walk in ["[_, v] := walk([1])", "walk([1], [_, v])", "[_, v] = walk([1])"] {
        let policy = compile(&[("p.rego", &format!("package p\nx contains v if {walk}"))]).unwrap();
        assert_eq!(value(&policy, "data.p.x").to_string(), "{1, [1]}", "{walk}");
    }
    let heads = "package p\ny.k contains 1\ny[a] contains 2 if some a in [\"x\", \"k\"]";
    let policy = compile(&[("p.rego", heads)]).unwrap();
    assert_eq!(value(&policy, "data.p.y").to_string(), r#"{"k": {1, 2}, "x": {2}}"#);
    assert_eq!(value(&policy, "data.p.y.k").to_string(), "{1, 2}");
}

#[test]
fn sprintf_writes_as_go_does() {
    for (arguments, expected) in [
        (r#""%s %d %v", ["a", 1, {"b": [true, null]}]"#, r#"a 1 {"b": [true, null]}"#),
        (r#""%5d|%-5d|%05d|%+d", [1, 2, -3, 4]"#, "    1|2    |-0003|+4"),
        (r#""%.2f|%f|%8.3f", [1.234, 1.5, 2.5]"#, "1.23|1.500000|   2.500"),
        (r#""%e|%g|%v", [1.5, 1.5, 0.25]"#, "1.500000e+00|1.5|0.25"),
        (
            r#""%x|%X|%o|%b|%c|%U|%q", [255, 255, 8, 5, 65, 65, "a\"b"]"#,
            r#"ff|FF|10|101|A|U+0041|"a\"b""#,
        ),
        (
            r#""%v %v %v %g", [1234567.5, 123456.5, 0.00001234, 0.0001234]"#,
            "1.2345675e+06 123456.5 1.234e-05 0.0001234",
        ),
        (r#""%5s|%-5s|%.3s", ["a", "b", "abcdef"]"#, "    a|b    |abc"),
        (r#""%[2]s %[1]s", ["a", "b"]"#, "b a"),
        (r#""%d %t %s", ["x", true, 1]"#, "%!d(string=x) %!t(string=true) %!s(int64=1)"),
        (r#""%s %s", ["a"]"#, "a %!s(MISSING)"),
        (r#""%s", ["a", "b", 1]"#, "a%!(EXTRA string=b, int64=1)"),
        (r#""100%% 5%", []"#, "100% 5%!(NOVERB)"),
        (r#""%v %v %T", [set(), {1, "x"}, 1]"#, r#"set() {1, "x"} int64"#),
    ] {
        let source = format!("package p\nx := sprintf({arguments})");
        let policy = compile(&[("p.rego", &source)]).unwrap();
        assert_eq!(value(&policy, "data.p.x"), Value::from(expected), "{arguments}");
    }
    let wide = compile(&[("p.rego", "package p\nx := sprintf(\"%500000000d\", [1])")]).unwrap();
    assert!(value(&wide, "data.p.x").to_string().len() < 100);
}

#[test]
fn data_cannot_silence_a_rule() {
    let modules = [Module::new("p.rego", "package a.p\ndeny contains 1")];
    for data in [r#"{"a": {"p": {"deny": []}}}"#, r#"{"a": {"p": 1}}"#, r#"{"a": null}"#] {
        let data = Value::from_json(data).unwrap();
        let error = Policy::compile(&modules, data).err().expect("refused").to_string();
        assert!(error.contains("data stands in the place of data.a.p.deny"), "{error}");
    }
    let beside = Value::from_json(r#"{"a": {"p": {"other": 1}, "q": 1}}"#).unwrap();
    assert!(Policy::compile(&modules, beside).is_ok());
}

#[test]
fn entry_points_are_found_in_every_form_and_without_tests() {
    let sources = [
        ("a.rego", "package a\ndeny contains 1"),
        ("a2.rego", "package a\ndeny contains 2\nwarn contains 1 if false"),
        ("b.rego", "package b[\"c-d\"]\ndeny[x] := y if { x := \"k\"; y := 1 }"),
        ("c.rego", "package c\ndeny(x) := x\ndenying := 1"),
        ("d.rego", "package d\ndefault deny := false\ndeny if input.x"),
        ("a_test.rego", "package e\ndeny contains 1"),
        ("f.rego", "package f_test\ndeny contains 1"),
    ];
    let policy = compile(&sources).unwrap();
    let found: Vec<_> = policy
        .entry_points(&["deny", "warn"])
        .iter()
        .map(|(package, name)| RulePath::new(package, name).to_string())
        .collect();
    assert_eq!(found, ["data.a.deny", "data.a.warn", "data.b[\"c-d\"].deny", "data.d.deny"]);
    assert_eq!(value(&policy, "data.a.deny").as_set().unwrap().len(), 2);
}

#[test]
fn a_syntax_error_names_its_line() {
    let message = refusal("package p\n\ndeny contains { 1");
    assert!(message.starts_with("p.rego:3:"), "{message}");
}

#[test]
fn annotations_are_read_with_scope_and_place() {
    let source = "# METADATA\n# title: The package\n# description: >-\n#   Two\n#   lines\npackage p\n\nx := `\n# METADATA\n# : not yaml [\n`\n\n# METADATA\n# title: A rule\n# custom:\n#   short_name: a-rule\n#   effective_on: 2027-01-01T00:00:00Z\n#   evidence: [sbom]\ndeny contains 1\n\n# METADATA\n# scope: document\n# title: The document\ndeny contains 2\n";
    let policy = compile(&[("p.rego", source)]).unwrap();
    let [package, rule, document] = policy.annotations() else {
        panic!("{:?}", policy.annotations());
    };
    assert_eq!(package.scope, crate::Scope::Package);
    assert_eq!(package.description.as_deref(), Some("Two lines"));
    assert_eq!((rule.line, rule.rule.as_slice()), (13, &["deny".to_owned()][..]));
    assert_eq!(rule.custom["effective_on"], "2027-01-01T00:00:00Z");
    assert_eq!(document.scope, crate::Scope::Document);
}

#[test]
fn metadata_that_cannot_be_read_refuses_the_module() {
    for yaml in ["# title: [", "# just text", "# scope: galaxy", "# custom: 5"] {
        let source = format!("package p\n\n# METADATA\n{yaml}\ndeny contains 1");
        let message = refusal(&source);
        assert!(message.starts_with("p.rego:3:"), "{message}");
    }
    let message = refusal("package p\ndeny contains 1\n# METADATA\n# title: nothing follows\n");
    assert!(message.contains("not followed by"), "{message}");
}
