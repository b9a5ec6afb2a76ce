//! Each check finds its mistake, at its place, and leaves what is right alone.

use super::*;

fn found(source: &str) -> Vec<(&'static str, u32, u32)> {
    let modules = [
        Module::new("p.rego", source),
        Module::new("lib.rego", "package lib\n\nxs := [1]\n\nok(x) if x > 0\n"),
    ];
    let data = Value::from_json(r#"{"cfg": {"list": ["a"]}}"#).unwrap();
    let looked = Lint {
        modules: &modules,
        data,
        dialect: Dialect::default(),
        entries: &["deny"],
        always: &|path| path == ["now"],
    };
    let (_, found) = lint(&looked).unwrap();
    found.into_iter().map(|one| (one.check.code(), one.place.line, one.place.column)).collect()
}

/// A described `deny` with this body, whose first literal stands on line 7.
fn deny(body: &str) -> String {
    format!(
        "package p\n\n# METADATA\n# title: t\n# custom: {{short_name: c}}\ndeny contains \"x\" if {{\n\t{body}\n}}\n"
    )
}

#[test]
fn undescribed_rules_and_shared_codes_are_found() {
    assert_eq!(
        found("package p\n\ndeny contains \"x\" if input.x\n"),
        [("metadata-missing", 3, 1)]
    );
    let twice = deny("input.x")
        + "\n# METADATA\n# title: t\n# custom: {short_name: c}\ndeny contains \"y\" if input.y\n";
    assert_eq!(found(&twice), [("duplicate-code", 10, 1)]);
    assert_eq!(found(&deny("input.x")), []);
}

#[test]
fn what_cannot_hold_is_found() {
    assert_eq!(found(&deny("false")), [("never-fires", 7, 2)]);
    assert_eq!(found(&deny("not true")), [("never-fires", 7, 2)]);
    assert_eq!(found(&deny("1 == 2")), [("never-fires", 7, 2)]);
    assert_eq!(found(&deny("input.a == 1\n\tinput.a == 2")), [("never-fires", 8, 2)]);
    assert_eq!(found(&deny("some _ in []")), [("never-fires", 7, 2)]);
    assert_eq!(
        found(&deny("input.a == 1\n\tinput.b == 2\n\tinput.c[_] == 1\n\tinput.c[_] == 2")),
        []
    );
}

#[test]
fn a_negated_call_on_what_may_be_undefined_is_found() {
    assert_eq!(found(&deny("not startswith(input.image, \"r/\")")), [("negates-undefined", 7, 17)]);
    assert_eq!(found(&deny("not input.a.b == 1")), [("negates-undefined", 7, 6)]);
    assert_eq!(found(&deny("not input.a.b")), []);
    assert_eq!(found(&deny("not startswith(input.now, \"2\")")), []);
    assert_eq!(found(&deny("not data.lib.ok(count([x | some x in input.xs]))")), []);
}

#[test]
fn tests_that_assert_nothing_are_found() {
    let test = |body: &str| found(&format!("package p_test\n\n{body}\n"));
    assert_eq!(test("test_x if true"), [("asserts-nothing", 3, 1)]);
    assert_eq!(test("test_x if {\n\tx := data.lib.xs\n\tprint(x)\n}"), [("asserts-nothing", 3, 1)]);
    assert_eq!(test("test_x if data.lib.ok(1)"), []);
    assert_eq!(test("test_x := count(data.lib.xs) == 1"), []);
}

#[test]
fn loops_that_a_lookup_would_replace_are_found() {
    let join = "some a in input.as\n\tsome b in input.bs\n\ta.id == b.id";
    assert_eq!(found(&deny(join)), [("slow-loop", 9, 2)]);
    assert_eq!(found(&deny("some a in input.as\n\ta == input.b")), [("slow-loop", 8, 2)]);
    let nested = "some a in input.as\n\tsome b in a.bs\n\ta.id == b.id";
    assert_eq!(found(&deny(nested)), []);
}

#[test]
fn old_syntax_is_found() {
    assert_eq!(
        found("package p\n\nimport rego.v1\n\nx = 1\n"),
        [("deprecated-syntax", 3, 1), ("deprecated-syntax", 5, 1)]
    );
}

#[test]
fn references_to_nothing_are_found() {
    assert_eq!(found(&deny("data.cfg.lst[_] == 1")), [("undefined-data", 7, 2)]);
    assert_eq!(found("package p\n\nimport data.libb\n\nx := libb.y\n"), [("undefined-data", 3, 1)]);
    assert_eq!(
        found("package p\n\nimport data.lib\n\nx := lib.xs[0]\n\ny := lib.ys\n"),
        [("undefined-data", 7, 6)]
    );
    assert_eq!(found(&deny("\"a\" in data.cfg.list\n\tdata.lib.ok(input.x)")), []);
}

#[test]
fn a_comment_leaves_a_finding_out() {
    assert_eq!(found(&deny("false # gate:ignore never-fires")), []);
    assert_eq!(found(&deny("# gate:ignore never-fires\n\tfalse")), []);
    assert_eq!(found(&deny("false # gate:ignore slow-loop")), [("never-fires", 7, 2)]);
}
