//! Documents, queries and changes as OPA's clients meet them.

use super::*;

const ACCESS: &str = r#"package shop.access

default allow := false

made := {"1": "one"}

allow if input.user == "ann"

broken := 1 / input.by

clash := input.a
clash := input.b

twice(x) := x * 2
"#;

fn documents() -> Documents {
    let modules = BTreeMap::from([("access.rego".to_owned(), ACCESS.to_owned())]);
    let data = json(
        r#"{"servers": [{"id": "s1", "ports": ["p1"]}, {"id": "s2"}], "price": 1.50, "levels": {"1": "one"}, "system": {"a": 1}}"#,
    );
    Documents::new(modules, data, Dialect::default()).unwrap()
}

fn json(text: &str) -> Value {
    Value::from_json(text).unwrap()
}

fn asked(input: &str) -> Asked {
    let input = (!input.is_empty()).then(|| json(input));
    Asked { input, now_ns: 0, limit: Duration::from_mins(1), strict: false }
}

fn path(parts: &[&str]) -> Vec<PathPart> {
    let part = |part: &&str| {
        part.parse().map_or_else(|_| PathPart::Name((*part).to_owned()), PathPart::Number)
    };
    parts.iter().map(part).collect()
}

fn answer(parts: &[&str], input: &str) -> Option<String> {
    documents().document(&path(parts), &asked(input)).unwrap().map(|value| value.to_json())
}

#[test]
fn documents_are_base_data_and_what_rules_make() {
    assert_eq!(answer(&["servers", "0", "ports"], "").unwrap(), r#"["p1"]"#);
    assert_eq!(answer(&["price"], "").unwrap(), "1.50");
    assert_eq!(answer(&["levels", "1"], "").unwrap(), r#""one""#);
    assert_eq!(answer(&["shop", "access", "made", "1"], ""), None);
    assert!(answer(&[], "").unwrap().starts_with(r#"{"levels":"#));
    assert_eq!(answer(&["system"], "").unwrap(), r#"{"a":1}"#);
    assert_eq!(answer(&["shop", "access", "allow"], r#"{"user": "ann"}"#).unwrap(), "true");
    assert_eq!(answer(&["shop", "access"], "").unwrap(), r#"{"allow":false,"made":{"1":"one"}}"#);
    assert_eq!(answer(&["servers", "2"], ""), None);
    assert_eq!(answer(&["shop", "access", "broken"], r#"{"by": 0}"#), None);
}

#[test]
fn what_has_no_answer_says_why() {
    let documents = documents();
    let ask = |parts: &[&str], asked: &Asked| documents.document(&path(parts), asked).unwrap_err();
    let twice = ["shop", "access", "twice"];
    assert_eq!(ask(&twice, &asked("")), Unanswered::Function);
    let strict = Asked { strict: true, ..asked(r#"{"by": 0}"#) };
    let Unanswered::Evaluation(report) = ask(&["shop", "access", "broken"], &strict) else {
        panic!("no failure");
    };
    assert_eq!(
        (report.code, report.message.as_str()),
        ("eval_builtin_error", "div: divide by zero")
    );
    assert_eq!((report.location.file.as_str(), report.location.row), ("access.rego", 9));
    let clash = asked(r#"{"a": 1, "b": 2}"#);
    let Unanswered::Evaluation(report) = ask(&["shop", "access", "clash"], &clash) else {
        panic!("no failure");
    };
    assert_eq!(report.code, "eval_conflict_error");
}

#[test]
fn a_query_answers_its_variables() {
    let documents = documents();
    let solutions = |text: &str| {
        let found = documents.query(text, &asked(r#"{"x": 1}"#)).unwrap();
        found.iter().map(Value::to_json).collect::<Vec<_>>()
    };
    let found = solutions("data.servers[i].ports[_] = p; input.x = x");
    assert_eq!(found, [r#"{"i":0,"p":"p1","x":1}"#]);
    assert_eq!(solutions("1 == 2"), ["{}"]);
    assert_eq!(solutions("1 / 0"), [""; 0]);
    assert_eq!(documents.query(" ", &asked("")).unwrap_err(), Unanswered::Empty);
    assert!(matches!(documents.query("x :=", &asked("")), Err(Unanswered::Parse(_))));
    assert!(matches!(documents.query("x", &asked("")), Err(Unanswered::Compile(_))));
}

#[test]
fn time_that_is_over_is_no_answer() {
    let late = Asked { limit: Duration::ZERO, ..asked("") };
    let text = "numbers.range(1, 100000)[_] > 100000";
    assert_eq!(documents().query(text, &late).unwrap_err(), Unanswered::Timeout);
}

#[test]
fn changes_make_another_state_and_leave_the_old_one() {
    let old = documents();
    let names = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let put = |at: &str, value: &str| old.with_changes(&[Change::Put(names(at), json(value))]);
    let new = put("fresh/deep", r#"{"x": [1]}"#).unwrap();
    assert_eq!(new.data().field("fresh").unwrap().to_json(), r#"{"deep":{"x":[1]}}"#);
    assert_eq!(old.data().field("fresh"), None);
    let next = new
        .with_changes(&[
            Change::Add(names("fresh/deep/x/-"), json("3")),
            Change::Replace(names("fresh/deep/x/0"), json("4")),
            Change::Add(names("fresh/deep/x/0"), json("5")),
            Change::Remove(names("fresh/deep/x/1")),
        ])
        .unwrap();
    assert_eq!(next.data().field("fresh").unwrap().to_json(), r#"{"deep":{"x":[5,3]}}"#);
    let removed = new.with_changes(&[Change::Remove(names("fresh/deep"))]).unwrap();
    assert_eq!(removed.data().field("fresh").unwrap().to_json(), "{}");
}

#[test]
fn changes_that_cannot_be_made_say_so_in_opas_words() {
    let old = documents();
    let names = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let said = |change: Change| old.with_changes(&[change]).err().unwrap().to_string();
    let gone = "storage_not_found_error: document does not exist";
    assert_eq!(said(Change::Remove(names("nope"))), gone);
    assert_eq!(said(Change::Replace(names("nope"), json("1"))), gone);
    assert_eq!(said(Change::Add(names("no/pe"), json("1"))), gone);
    let put = |at: &str| said(Change::Put(names(at), json("1")));
    assert_eq!(put("servers/7"), "storage_write_conflict_error: /servers");
    assert_eq!(put("price/y"), "storage_write_conflict_error: /price");
    assert_eq!(
        put("shop/access/allow"),
        "2 errors occurred:\n\
         access.rego:3: rego_compile_error: conflicting rule for data path shop/access/allow found\n\
         access.rego:7: rego_compile_error: conflicting rule for data path shop/access/allow found"
    );
    assert_eq!(
        said(Change::Put(vec![], json("[]"))),
        "storage_invalid_patch_error: root must be object"
    );
}

#[test]
fn modules_come_and_go() {
    let old = documents();
    let new = old.with_module("n.rego", "package n\n\nx := data.shop.access.allow").unwrap();
    assert_eq!(new.document(&path(&["n", "x"]), &asked("")).unwrap(), Some(Value::Bool(false)));
    assert!(new.without_module("n.rego").unwrap().modules().len() == 1);
    assert_eq!(old.without_module("n.rego").err(), Some(ModuleError::Unknown));
    let Err(ModuleError::Compile(report)) = old.with_module("n.rego", "package n\n\nx := y") else {
        panic!("it compiled");
    };
    assert_eq!(
        (report.code, report.message.as_str()),
        ("rego_unsafe_var_error", "var y is unsafe")
    );
    let taken = old.with_module("n.rego", "package price\n\nx := 1");
    assert!(taken.is_ok(), "a package may lie under data that is no object");
    assert!(old.with_module("n.rego", "package servers").is_ok());
}
