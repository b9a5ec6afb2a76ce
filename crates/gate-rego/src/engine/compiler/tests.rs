//! What the compiler accepts, and what it refuses and how.

use super::*;
use crate::engine::ast::Version;
use crate::engine::parser;
use crate::engine::program::{GroupKind, StepKind};

fn compiled(sources: &[&str]) -> Result<Program, Vec<Error>> {
    let modules = sources.iter().enumerate().map(|(number, source)| {
        let number = u32::try_from(number).unwrap();
        parser::module(number, "p.rego", source, Version::V1)
            .unwrap_or_else(|error| panic!("{source}: {error:?}"))
    });
    compile(modules.collect(), Options::default())
}

fn accept(rules: &str) -> Program {
    let source = format!("package p\n{rules}");
    compiled(&[&source]).unwrap_or_else(|errors| panic!("{source}: {errors:?}"))
}

/// The first error: code, line and message.
fn refuse_all(sources: &[&str]) -> String {
    let errors = compiled(sources).err().unwrap_or_else(|| panic!("accepted: {sources:?}"));
    format!("{} {} {}", errors[0].code.as_str(), errors[0].span.line, errors[0].message)
}

fn refuse(rules: &str) -> String {
    refuse_all(&[&format!("package p\n{rules}")])
}

#[test]
fn what_nothing_binds_is_unsafe() {
    for rules in [
        "x := y if true",
        "x := y if y == z",
        "x contains y if true",
        "x[y] := 1 if true",
        "x if not y == 1",
        "x if not 1 == z",
        "x if count(y)",
        "x if { a = b }",
        "x if { a = {b | b = a} }",
        "x if { every a in [1] { a == y } }",
        "x := [y | z := 1; z == 1]",
        "x if { not input.a[i] }",
        "x := 1 if { y := 1; y == 1 } else := y",
    ] {
        let message = refuse(rules);
        assert!(message.starts_with("rego_unsafe_var_error 2 var "), "{rules}: {message}");
    }
}

#[test]
fn literals_are_put_in_order() {
    for rules in [
        "x if { y > 1; y = 2 }",
        "x if { not z; z = input.a[i]; i > 0 }",
        "x if { b = [c | c = a]; a = 1; b == [1] }",
        "x if { [a, b] = [b, 1]; a == 1 }",
        "x if { a = [b]; a = [1]; b == 1 }",
        "x if { plus(1, 2, y); y == 3 }",
        "x if { y = z with input as w; w = 1; z = 2 }",
    ] {
        accept(rules);
    }
    let program = accept("x if { input.a[i] == y; y = 2; i = 1 }");
    let steps = &program.groups[0].rules[0].branches[0].body.steps;
    // The comparison needs both, so it comes last.
    assert!(matches!(steps[0].kind, StepKind::Match(..)));
    assert_eq!(steps.len(), 3);
    assert!(steps[2].span.start < steps[0].span.start);
}

#[test]
fn scopes_are_those_of_opa() {
    assert!(refuse("x if { y := 1; y := 2 }").ends_with("var y assigned above"));
    assert!(refuse("x if { y == 1; y := 2 }").ends_with("var y referenced above"));
    assert!(refuse("x if { some y; y := 2; y == 2 }").ends_with("var y declared above"));
    assert!(refuse("f(y) if { y := 2 }").ends_with("arg y redeclared"));
    assert!(refuse("x if { some y; 1 == 1 }").ends_with("declared var y unused"));
    assert!(refuse("x if { every y in [1] { true } }").ends_with("declared var y unused"));
    assert!(refuse("x if { some y in y }").ends_with("var y assigned before"));
    assert!(
        refuse("x if { not y := 1 }").ends_with("cannot assign vars inside negated expression")
    );
    assert!(refuse("x if { [1, y] := [1, 2] }").ends_with("cannot assign to number"));
    assert!(refuse("x if { input := 1 }").contains("must not shadow input"));
    assert!(refuse("f(input) := 1").contains("args must not shadow input"));
    assert!(refuse("input := 1").contains("rules must not shadow input"));
    accept("y := 1\nx if { y := 2; y == 2 }");
    accept("x if { y := 1; z := [y | y := 2]; z == [2] }");
    accept("x if { some y in [1] }");
    accept("x := [y | y := 1; y == 1] if { y := 2; y == 2 }");
}

#[test]
fn functions_have_to_exist_and_be_called_as_they_are() {
    assert_eq!(refuse("x if foo(1)"), "rego_type_error 2 undefined function foo");
    assert_eq!(refuse("x if data.q.f(1)"), "rego_type_error 2 undefined function data.q.f");
    assert_eq!(
        refuse("x if f(1, 2, 3)\nf(a) := a"),
        "rego_type_error 2 function f has arity 1, got 3 arguments"
    );
    assert!(refuse("x := f(1, 2)\nf(a) := a").contains("arity 1, got 2"));
    assert!(refuse("x if { f := 1; f(2) }\nf(a) := a").contains("shadowed"));
    assert!(refuse("x := print(1)").contains("used as value"));
    accept("x if f(1, y)\nf(a) := a");
    accept("x if data.p.f(1)\nf(a) := a");
    let program = compiled(&[
        "package a.b\nimport data.c\nimport data.c.g as h\nx := [c.g(1), h(2)]",
        "package c\ng(a) := a",
    ]);
    assert!(program.is_ok(), "{program:?}");
}

#[test]
fn what_takes_something_from_outside_is_refused_with_what_to_do_instead() {
    for (rules, word) in [
        ("x := http.send({})", "network"),
        ("x := opa.runtime()", "machine"),
        ("x if http.send({}) with http.send as input.y", "network"),
    ] {
        let message = refuse(rules);
        assert!(message.starts_with("rego_type_error 2 "), "{message}");
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn types_that_cannot_fit_are_refused() {
    assert!(refuse("x := 1 + \"a\"").starts_with("rego_type_error 2 plus: invalid argument(s)"));
    assert!(refuse("x if { y := \"a\"; count(y) > \"b\"; abs(y) == 1 }").contains("abs: invalid"));
    assert!(refuse("x if 1 == \"a\"").contains("match error"));
    assert!(refuse("x if { [1, y] = [\"a\", 2]; y == 2 }").contains("match error"));
    assert!(refuse("x := [y | y := upper(1)]").contains("upper: invalid"));
    accept("x if { y := input.a; y + 1 == 2 }\nz if 1 < \"a\"");
}

#[test]
fn rules_of_one_name_agree_in_kind() {
    for rules in [
        "x := 1\nx contains 2",
        "x := 1\nx(a) := a",
        "f(a) := 1\nf(a, b) := 2",
        "x contains 1\nx.y contains 2",
        "x := 1\nx.y := 2",
        "default x := 1\ndefault x := 2",
        "x[a] := 1 if a := 1\nx.f(b) := b",
    ] {
        let message = refuse(rules);
        assert!(message.starts_with("rego_type_error"), "{rules}: {message}");
    }
    let below = refuse_all(&["package p\nx := 1", "package p.x\ny := 1"]);
    assert!(below.contains("conflicts with"), "{below}");
    assert!(refuse_all(&["package p\nx := 1", "package p.x"]).contains("conflicts with rule"));
    accept("x.y := 1\nx.z := 2");
    let program = accept("x[a].z := 2 if a := \"q\"\nx.y.z := 1\nx.y.w contains 3");
    assert_eq!(program.groups.len(), 1);
    assert_eq!(program.groups[0].kind, GroupKind::Object);
    assert_eq!(program.groups[0].rules.len(), 3);
}

#[test]
fn recursion_is_refused_with_its_cycle() {
    assert_eq!(
        refuse("a := b\nb := c\nc := a"),
        "rego_recursion_error 2 rule data.p.a is recursive: data.p.a -> data.p.b -> data.p.c -> data.p.a"
    );
    for rules in [
        "a := a",
        "f(n) := f(n + 1)",
        "f(x) := g(x)\ng(x) := f(x)",
        "a := data.p.b\nb := data.p",
        "a := data[input.x]",
        "a[x] := 1 if x := a.b",
        "a[x] := 1 if { x := \"q\"; a.z }",
        "a := [x | x := data.p[_]]",
        "a if count([1]) with count as f\nf(x) := 1 if { x == a }",
    ] {
        assert!(refuse(rules).starts_with("rego_recursion_error"), "{rules}");
    }
    accept("a.b := 1 if a.c\na.c := true");
}

#[test]
fn endless_chains_of_rules_are_refused() {
    let chain = |length: usize| {
        let rules: Vec<_> = (0..length).map(|at| format!("r{at} := r{}", at + 1)).collect();
        format!("package p\n{}\nr{length} := 1\n", rules.join("\n"))
    };
    assert!(compiled(&[&chain(500)]).is_ok());
    assert!(refuse_all(&[&chain(30_000)]).contains("a chain of more than 1000 rules"));
    let functions: Vec<_> = (0..2_000).map(|at| format!("f{at}(x) := f{}(x)", at + 1)).collect();
    let source = format!("package p\n{}\nf2000(x) := x\n", functions.join("\n"));
    assert!(refuse_all(&[&source]).contains("a chain of more than 1000 rules"));
}

#[test]
fn many_literals_are_refused_or_ordered_in_time() {
    // In this order only one literal finds its place in each round.
    let literals: Vec<_> = (0..1_900).map(|at| format!("v{at} = v{}", at + 1)).collect();
    let rules = format!("x if {{\n{}\nv1900 = 1\n}}", literals.join("\n"));
    accept(&rules);
    let many = "1 == 1\n".repeat(5_000);
    assert!(refuse(&format!("x if {{\n{many}}}")).contains("more than 2000 literals"));
}

#[test]
fn nested_bodies_take_time_in_proportion() {
    let nest = |open: &str, close: &str| format!("x := {}1{}", open.repeat(80), close.repeat(80));
    accept(&nest("[", "]"));
    accept(&nest("[a | a := ", "]"));
    accept(&nest("{\"k\": ", "}"));
    accept(&format!("x if {}true{}", "every a in [1] { a == 1; ".repeat(80), "}".repeat(80)));
}

#[test]
fn replacements_have_to_be_possible() {
    assert!(refuse("x if input.y with z as 1").contains("with keyword target"));
    assert!(refuse("x if a.b with data.p.a.b as 2\na := {\"b\": 1}").contains("partially replace"));
    assert!(
        refuse("x if count([1]) with count as f\nf(a, b) := 3").contains("number of arguments")
    );
    assert!(refuse("x if walk([1], y) with walk as f\nf(a) := 3").contains("relation"));
    accept("x if input.y with input as {\"y\": 1} with data.q as 2");
    accept("x if count([1]) with count as f\nf(a) := 3");
    accept("x if f(1) with f as g\nf(a) := 3\ng(a) := 4");
    accept("x if f(1) with data.p.f as 3\nf(a) := a");
}

#[test]
fn a_module_may_not_import_two_things_under_one_name() {
    assert!(refuse("import data.a\nimport data.b.a\nx := a").contains("must not shadow"));
}

#[test]
fn annotations_are_known_when_a_rule_is_compiled() {
    let program =
        accept("# METADATA\n# title: T\nx := rego.metadata.rule()\ny := rego.metadata.chain()");
    let value = |group: usize| {
        let branch = &program.groups[group].rules[0].branches[0];
        branch.value.constant().unwrap().to_json()
    };
    assert_eq!(value(0), r#"{"scope":"rule","title":"T"}"#);
    assert_eq!(value(1), r#"[{"path":["data","p","y"]}]"#);
}

#[test]
fn places_under_data_are_resolved() {
    let program =
        accept("x := data.p.y.z\ny := {\"z\": 1}\nz := data.q.r[input.k]\nw := data.q[input.k].y");
    assert_eq!(program.descend(["p", "y", "z"]).1, 2);
    let text = format!("{program:?}");
    assert!(text.contains("base: Data([\"q\", \"r\"])"), "{text}");
    assert!(text.contains("base: Group("), "{text}");
}

#[test]
fn every_module_of_the_conformance_cases_compiles() {
    let Some(root) = crate::engine::testing::folder("rego/opa-conformance/v1") else { return };
    let mut failures = Vec::new();
    for (topic, case) in crate::engine::testing::cases(&root) {
        let modules = case.modules.iter().flatten().enumerate().map(|(at, source)| {
            parser::module(u32::try_from(at).unwrap(), "m.rego", source, Version::V1).unwrap()
        });
        let options = Options { impure: true, ..Options::default() };
        if let Err(errors) = compile(modules.collect(), options) {
            failures.push(format!("{topic}: {}: {}", case.note, errors[0].message));
        }
    }
    failures.retain(|failure| !MISSED.iter().any(|missed| failure.contains(missed)));
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

/// What is refused at load, and so never silently different.
const MISSED: [&str; 7] = [
    // A policy has no network.
    "http.send is not available",
    // Not written yet.
    "graphql.",
    "policies cannot take certificates and keys apart",
    "crypto.x509.",
    "json.verify_schema",
    "json.match_schema",
    "rego.parse_module",
];
