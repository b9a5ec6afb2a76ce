//! What the parser makes of sources, and what it refuses and where.

use super::*;
use crate::engine::ast::{AnnotationScope, Comprehension, ComprehensionKind, Key, LiteralKind};
use crate::engine::ast::{Term, TermKind};

fn parse(source: &str) -> Module {
    module(0, "p.rego", source, Version::V1).unwrap_or_else(|error| panic!("{source}: {error:?}"))
}

fn refusal(source: &str) -> String {
    let error = module(0, "p.rego", source, Version::V1).map(|_| source).unwrap_err();
    format!("{}:{}: {}", error.span.line, error.span.column, error.message)
}

fn v0(source: &str) -> Parsed<Module> {
    module(0, "p.rego", source, Version::V0)
}

/// Runs a test with the stack that a process starts with; unoptimised frames are large.
fn on_a_main_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(test).unwrap();
    thread.join().unwrap();
}

/// The form of a term, without places: calls as lists, so that precedence shows.
fn form(term: &Term) -> String {
    let all = |terms: &[Term]| terms.iter().map(form).collect::<Vec<_>>().join(" ");
    match &term.kind {
        TermKind::Null => "null".to_owned(),
        TermKind::Bool(value) => value.to_string(),
        TermKind::Number(number) => number.to_string(),
        TermKind::String(text) => format!("{text:?}"),
        TermKind::Template(template) => format!("template/{}", template.parts.len()),
        TermKind::Variable(name) => name.to_string(),
        TermKind::Reference(reference) => {
            format!("<{} {}>", form(&reference.head), all(&reference.path))
        }
        TermKind::Call(call) => {
            let names: Vec<_> = call.operator.iter().map(|name| &*name.text).collect();
            format!("({} {})", names.join("."), all(&call.arguments))
        }
        TermKind::Array(items) => format!("[{}]", all(items)),
        TermKind::Set(items) => format!("{{{}}}", all(items)),
        TermKind::Object(entries) => {
            let entry = |(key, value): &(Term, Term)| format!("{}:{}", form(key), form(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
        }
        TermKind::Comprehension(comprehension) => {
            let Comprehension { kind, body } = &**comprehension;
            let count = body.literals.len();
            match kind {
                ComprehensionKind::Array(term) => format!("[{} | {count}]", form(term)),
                ComprehensionKind::Set(term) => format!("{{{} | {count}}}", form(term)),
                ComprehensionKind::Object(key, value) => {
                    format!("{{{}:{} | {count}}}", form(key), form(value))
                }
            }
        }
    }
}

fn value_form(source: &str) -> String {
    let module = parse(&format!("package p\nx := {source}\n"));
    let Key::Value(Some(term)) = &module.rules[0].head.key else { panic!("a value") };
    form(term)
}

#[test]
fn operators_bind_as_in_opa() {
    assert_eq!(value_form("1 + 2 * 3 - 4"), "(minus (plus 1 (mul 2 3)) 4)");
    assert_eq!(value_form("a | b & c == d"), "(equal (or a (and b c)) d)");
    assert_eq!(value_form("x in xs == true"), "(internal.member_2 x (equal xs true))");
    assert_eq!(value_form("(a, b in c)"), "(internal.member_3 a b c)");
    assert_eq!(value_form("f(a, b in c)"), "(f a (internal.member_2 b c))");
    assert_eq!(value_form("-x.y + -1"), "(plus (minus 0 <x \"y\">) -1)");
    assert_eq!(value_form("1 -1"), "(minus 1 1)");
}

#[test]
fn references_and_calls() {
    assert_eq!(value_form("a.b[\"c\"][d][_].if"), "<a \"b\" \"c\" d _ \"if\">");
    assert_eq!(value_form("io.jwt.decode(x)[1].z"), "<(io.jwt.decode x) 1 \"z\">");
    assert_eq!(value_form("[1, 2][0]"), "<[1 2] 0>");
    assert_eq!(value_form("set()"), "{}");
    assert_eq!(value_form("{}"), "{}");
    assert_eq!(value_form("{1,}"), "{1}");
}

#[test]
fn comprehensions_go_before_unions() {
    assert_eq!(value_form("[a | b]"), "[a | 1]");
    assert_eq!(value_form("[a | b, c]"), "[(or a b) c]");
    assert_eq!(value_form("{a | b; c}"), "{a | 2}");
    assert_eq!(value_form("{\"k\": a | b, \"l\": c}"), "{\"k\":(or a b) \"l\":c}");
    assert_eq!(value_form("{a + 1: b | c}"), "{(plus a 1):b | 1}");
    assert_eq!(value_form("[(a | b)]"), "[(or a b)]");
}

#[test]
fn heads_of_every_form() {
    let module = parse(
        "package p\na := 1\nb contains 2\nc[x] := 3 if x := 1\nd.e[f].g contains h if true\n\
         f(x, [y]) := z if z := 1\ng[x] if x := 1\nif.else contains 1\ndefault h := 2\n\
         default k(_, _) := 1\nl if 1 == 1 else := 2 if 2 == 2 else := 3\nm = 1 if { true }\nf(x)\n",
    );
    let heads: Vec<String> = module
        .rules
        .iter()
        .map(|rule| {
            let path: Vec<_> = rule.head.path.iter().map(form).collect();
            let key = match &rule.head.key {
                Key::Value(None) => "true".to_owned(),
                Key::Value(Some(value)) => form(value),
                Key::Contains(element) => format!("contains {}", form(element)),
            };
            let arguments = rule.head.arguments.as_ref().map_or(0, Vec::len);
            format!("{}{path:?}/{arguments} {key} +{}", rule.head.name.text, rule.otherwise.len())
        })
        .collect();
    assert_eq!(
        heads,
        [
            "a[]/0 1 +0",
            "b[]/0 contains 2 +0",
            "c[\"x\"]/0 3 +0",
            "d[\"\\\"e\\\"\", \"f\", \"\\\"g\\\"\"]/0 contains h +0",
            "f[]/2 z +0",
            "g[\"x\"]/0 true +0",
            "if[\"\\\"else\\\"\"]/0 contains 1 +0",
            "h[]/0 2 +0",
            "k[]/2 1 +0",
            "l[]/0 true +2",
            "m[]/0 1 +0",
            "f[]/1 true +0",
        ]
    );
}

#[test]
fn braces_behind_if_are_a_body_unless_they_are_more_than_a_set() {
    let kinds = |source: &str| {
        let module = parse(&format!("package p\n{source}"));
        let body = module.rules[0].body.clone().unwrap();
        body.literals
            .iter()
            .map(|literal| match &literal.kind {
                LiteralKind::Expression(term) => form(term),
                other => format!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds("a if { x }"), ["x"]);
    assert_eq!(kinds("a if { x; y }"), ["x", "y"]);
    assert_eq!(kinds("a if { x\n y }"), ["x", "y"]);
    assert_eq!(kinds("a if {x} == y"), ["(equal {x} y)"]);
    assert_eq!(kinds("a if {x | y}"), ["{x | 1}"]);
}

#[test]
fn rego_0_asks_for_imports() {
    let module =
        v0("package p\np[x] { x := 1 }\nq = 1 { true } else = 2 { true }\nr.s { true }").unwrap();
    assert!(matches!(module.rules[0].head.key, Key::Contains(_)));
    assert!(matches!(module.rules[2].head.key, Key::Contains(_)));
    assert!(v0("package p\np if { true }").is_err());
    assert!(v0("package p\nimport future.keywords.if\np if { true }").is_ok());
    assert!(
        v0("package p\nimport future.keywords\np contains 1 if every x in [1] { x > 0 }").is_ok()
    );
    assert!(v0("package p\nimport rego.v1\np { true }").is_err());
    assert!(v0("package p\nif := 1").is_ok());
    let chained = v0("package p\np { a } { b }").unwrap();
    assert_eq!(chained.rules.len(), 2);
}

#[test]
fn mistakes_are_refused_where_they_are() {
    assert_eq!(refusal(""), "1:1: empty module");
    assert_eq!(refusal("x := 1"), "1:1: package expected");
    assert_eq!(refusal("package p\np { true }"), "2:1: `if` keyword is required before rule body");
    assert_eq!(
        refusal("package p\np[x]"),
        "2:1: `contains` keyword is required for partial set rules"
    );
    assert_eq!(refusal("package p\np"), "2:1: var cannot be used for rule name");
    assert_eq!(refusal("package p\np if {}}"), "2:8: unexpected } token");
    assert_eq!(refusal("package p\np if every x in y {\n}"), "3:1: found empty body");
    assert_eq!(refusal("package p\nif := 1"), "2:1: if keyword cannot be used for rule name");
    assert_eq!(
        refusal("package p\nx := 01"),
        "2:6: unexpected number 01: expected number without leading zero"
    );
    assert_eq!(refusal("package p\nx := 1e999999"), "2:6: number too big");
    assert_eq!(refusal("package p\nx if a b"), "2:8: var cannot be used for rule name");
    assert_eq!(
        refusal("package p\nx if { a b }"),
        "2:10: unexpected identifier b: expected \\n or ; or }"
    );
    assert_eq!(refusal("package p\nx := \"a\".b"), "2:6: illegal ref (head cannot be string)");
    assert!(refusal("package p\nimport foo.bar").starts_with("2:8: unexpected import path"));
    assert!(refusal("package p\nimport data.if").contains("must not end with a keyword"));
    assert_eq!(refusal("package p\nx := 1 else := 2"), "2:8: unexpected else keyword");
    assert!(module(0, "p.rego", "package p\ndefault x", Version::V1).is_ok());
    assert!(refusal("package p\ndefault x := y").contains("value cannot contain var"));
    assert!(refusal("package p\ndefault f(1) := 2").contains("arguments cannot contain"));
    assert!(refusal("package p\nx[y] := 1 if y := 1 else := 2").contains("variables in head"));
    assert!(refusal("package p\nf(x) contains 1").contains("contains keyword"));
    assert!(refusal("package p\nx if not some y in z").contains("negation of 'some'"));
    assert!(refusal("package p\nx := $\"{not y}\"").contains("negation"));
    assert!(refusal("package p\nimport future.keywords.or").contains("not supported"));
}

#[test]
fn annotations_are_read_and_given_to_their_rules() {
    let module = parse(
        "# METADATA\n# title: whole\npackage p\n\n# METADATA\n# description: one\n# authors:\n\
         # - Ann Bee <a@example.org>\n# custom:\n#   code: X1\n# unknown: 1\nx := 1\n\n# METADATA\n\
         # entrypoint: true\ny := 2\n",
    );
    let scopes: Vec<_> = module.annotations.iter().map(|found| found.scope).collect();
    assert_eq!(
        scopes,
        [AnnotationScope::Package, AnnotationScope::Rule, AnnotationScope::Document]
    );
    assert_eq!(module.rules[0].annotations, [1]);
    assert_eq!(
        module.annotations[1].content.to_json(),
        r#"{"authors":[{"email":"a@example.org","name":"Ann Bee"}],"custom":{"code":"X1"},"description":"one","scope":"rule"}"#
    );
}

#[test]
fn annotations_out_of_place_are_refused() {
    assert!(
        refusal("package p\n# METADATA\n# scope: package\nx := 1")
            .contains("must be applied to package")
    );
    assert!(refusal("package p\n# METADATA\n# title: [\nx := 1").contains("yaml"));
    assert!(refusal("package p\n# METADATA\n#\nx := 1").contains("found whitespace"));
    assert!(
        refusal("package p\n# METADATA\n# scope: all\nx := 1").contains("invalid annotation scope")
    );
}

#[test]
fn hostile_nesting_is_refused_at_once() {
    on_a_main_stack(|| {
        for (open, close) in [
            ("[", "]"),
            ("{", "}"),
            ("(", ")"),
            ("{1: ", "}"),
            ("[x | ", "]"),
            ("f(", ")"),
            ("a[", "]"),
        ] {
            for depth in [20, 80, 5_000, 200_000] {
                let source =
                    format!("package p\nx := {}1{}\n", open.repeat(depth), close.repeat(depth));
                let result = module(0, "p.rego", &source, Version::V1);
                assert_eq!(result.is_err(), depth > 80, "{open} {depth}");
                let unclosed = format!("package p\nx := {}", open.repeat(depth));
                assert!(module(0, "p.rego", &unclosed, Version::V1).is_err());
                let lines = format!("package p\nx := {}", format!("{open}\n").repeat(depth));
                assert!(module(0, "p.rego", &lines, Version::V1).is_err());
            }
        }
    });
}

#[test]
fn no_reading_is_tried_over_and_over() {
    on_a_main_stack(|| {
        // Each of these made a backtracking parser take time exponential in the depth.
        for (open, close) in [
            ("[a | ", ", b]"),
            ("{1: a | ", ", 2: b}"),
            ("[1 + ", " + 1]"),
            ("{a | some x in ", "}"),
            ("{", " + 1: 2}"),
        ] {
            let source = format!("package p\nx := {}c{}\n", open.repeat(60), close.repeat(60));
            let _ = module(0, "p.rego", &source, Version::V1);
            let body = format!("package p\nx if {}c{}\n", open.repeat(60), close.repeat(60));
            let _ = module(0, "p.rego", &body, Version::V1);
        }
        let every = format!("package p\nx if {}y{}", "every x in xs {".repeat(60), "}".repeat(60));
        assert!(module(0, "p.rego", &every, Version::V1).is_ok());
    });
}

#[test]
fn endless_expressions_are_refused() {
    on_a_main_stack(|| {
        for operator in ["+", "|", "==", "in", ".a", "[0]", "(1)"] {
            let source = format!("package p\nx := a{}", format!(" {operator} a").repeat(100_000));
            assert!(module(0, "p.rego", &source, Version::V1).is_err(), "{operator}");
        }
        let many = "y := 1 + 1 + 1 + 1\n".repeat(2_000);
        assert!(module(0, "p.rego", &format!("package p\n{many}"), Version::V1).is_ok());
    });
}

#[test]
fn every_module_and_query_of_the_conformance_cases_is_read() {
    let Some(root) = crate::engine::testing::folder("rego/opa-conformance/v1") else { return };
    let mut failures = Vec::new();
    let mut count = 0;
    for (topic, case) in crate::engine::testing::cases(&root) {
        for source in case.modules.iter().flatten() {
            count += 1;
            if let Err(error) = module(0, "m.rego", source, Version::V1)
                && case.want_error_code.as_deref() != Some("rego_parse_error")
            {
                failures.push(format!("{topic}: {}: {error:?}", case.note));
            }
        }
        if let Some(source) = &case.query
            && let Err(error) = query(0, source, Version::V1)
        {
            failures.push(format!("{topic}: {} (query): {error:?}", case.note));
        }
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}
