//! The policy library is judged by the rules for policies: its tests pass, they reach every line,
//! every rule is described, and its data has the form that its schema tells.

#![expect(clippy::unwrap_used, reason = "a test: what is not as expected ends it")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gate_rego::eval::{Evaluation, eval};
use gate_rego::testing::{Report, Tests, run};
use gate_rego::{Annotation, Dialect, Module, Policy, RuleForm, Scope, Value, bounds};
use serde_json::json;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

/// Every Rego file of the library, by its path within.
fn modules() -> Vec<Module> {
    let mut modules = Vec::new();
    for package in std::fs::read_dir(folder()).unwrap() {
        let package = package.unwrap().path();
        if !package.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&package).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "rego") {
                let path = file.strip_prefix(folder()).unwrap().to_string_lossy().into_owned();
                modules.push(Module::new(path, std::fs::read_to_string(&file).unwrap()));
            }
        }
    }
    modules.sort_by(|a, b| a.path.cmp(&b.path));
    modules
}

fn data() -> Value {
    let text = std::fs::read_to_string(folder().join("data.yaml")).unwrap();
    gate_rego::value::from_yaml(&text).unwrap()
}

fn policy() -> Policy {
    let modules: Vec<_> = modules().into_iter().filter(|module| !module.is_test()).collect();
    Policy::compile(&modules, data()).unwrap()
}

/// Rules are evaluated on as much stack as Gate gives them.
fn on_a_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(bounds::STACK_BYTES).spawn(work).unwrap().join().unwrap()
}

fn report() -> Report {
    on_a_large_stack(|| {
        run(Tests {
            modules: modules(),
            data: data(),
            // As decisions have it.
            dialect: Dialect { strict_builtin_errors: true, ..Dialect::default() },
            now_ns: 0,
            limit: Duration::from_mins(1),
            only: None,
            parallel: 2,
            outside: None,
        })
        .unwrap()
    })
}

/// The annotations of rules that find something.
fn described(policy: &Policy) -> Vec<&Annotation> {
    policy.annotations().iter().filter(|annotation| annotation.scope == Scope::Rule).collect()
}

#[test]
fn the_librarys_tests_pass_and_reach_every_line() {
    let report = report();
    assert!(report.passed(), "{}", report.text(false));
    assert!(report.cases.len() > 60, "{} tests", report.cases.len());
    let (covered, all) = report.coverage.lines();
    assert_eq!(covered, all, "{}", report.coverage.text());
    println!("{}{}", report.text(false), report.coverage.text());
}

#[test]
fn every_rule_and_package_is_described() {
    let policy = policy();
    let described = described(&policy);
    for rule in policy.rules() {
        let name = rule.name.first().unwrap();
        if name != "deny" && name != "warn" {
            assert!(name.starts_with('_'), "{}:{}: a helper begins with `_`", rule.file, rule.line);
            continue;
        }
        assert_eq!(rule.form, RuleForm::Set, "{}:{}", rule.file, rule.line);
        let above = described
            .iter()
            .rfind(|annotation| annotation.file == rule.file && annotation.line < rule.line);
        let before =
            policy.rules().iter().rfind(|other| other.file == rule.file && other.line < rule.line);
        let described = above.is_some_and(|above| before.is_none_or(|it| it.line < above.line));
        assert!(described, "{}:{}: the rule has no METADATA", rule.file, rule.line);
    }
    for annotation in described {
        let place = format!("{}:{}", annotation.file, annotation.line);
        assert!(annotation.title.is_some(), "{place}: title");
        assert!(annotation.description.is_some(), "{place}: description");
        for key in ["short_name", "failure_msg", "solution", "collections", "controls"] {
            assert!(annotation.custom.contains_key(key), "{place}: custom.{key}");
        }
        assert!(annotation.custom["controls"]["nist-800-53"].is_array(), "{place}: controls");
    }
    let packages: BTreeSet<_> = policy
        .annotations()
        .iter()
        .filter(|annotation| annotation.scope == Scope::Package)
        .map(|annotation| annotation.package.clone())
        .collect();
    for rule in policy.rules() {
        assert!(packages.contains(&rule.package), "{}: the package has no METADATA", rule.file);
        assert_eq!(
            Some(rule.package.join("/").as_str()),
            rule.file.rsplit_once('/').map(|it| it.0)
        );
    }
}

#[test]
fn codes_are_unique_and_every_one_is_tested() {
    let policy = policy();
    let tests: String =
        modules().into_iter().filter(Module::is_test).map(|module| module.source).collect();
    let mut seen = BTreeMap::new();
    for annotation in described(&policy) {
        let code = annotation.custom["short_name"].as_str().unwrap();
        let kebab = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(kebab, "{code} is no kebab-case code");
        assert_eq!(seen.insert(code.to_owned(), annotation.line), None, "{code} stands twice");
        assert!(tests.contains(&format!("\"{code}\"")), "no test names {code}");
        let rule = format!("\"rule\": \"{code}\"");
        let source = modules().into_iter().find(|module| module.path == annotation.file).unwrap();
        assert!(source.source.contains(&rule), "no rule of {} finds {code}", annotation.file);
    }
}

#[test]
fn rule_data_has_the_form_that_its_schema_tells() {
    let schema = std::fs::read_to_string(folder().join("schemas/rule_data.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let valid = |data: serde_json::Value| {
        let input = json!({"data": data, "schema": schema});
        let output = eval(Evaluation {
            modules: vec![],
            data: Value::object(vec![]),
            input: Some(gate_rego::value::from(&input).unwrap()),
            dialect: Dialect { strict_builtin_errors: true, ..Dialect::default() },
            query: "json.match_schema(input.data, input.schema)".to_owned(),
            now_ns: 0,
            limit: None,
        });
        assert!(!output.failed, "{:?}", output.document);
        let document = gate_rego::value::to_json(&output.document);
        document["result"][0]["expressions"][0]["value"].clone()
    };
    let own = gate_rego::value::to_json(&data());
    assert_eq!(valid(own.clone())[0], json!(true));
    let mut wrong = own.clone();
    wrong["rule_data"]["approvals"]["minimum"] = json!("two");
    assert_eq!(valid(wrong)[0], json!(false));
    let mut unknown = own;
    unknown["rule_data"]["kubernetes"]["allowed_registry"] = json!([]);
    assert_eq!(valid(unknown)[0], json!(false));
}

/// Rules that read a key by another name than Gate writes would be silent, and so would their tests.
#[test]
fn the_inputs_of_the_tests_have_the_form_that_gate_writes() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gate-core/src/policy");
    let schema = std::fs::read_to_string(core.join("input.schema.json")).unwrap();
    let output = eval(Evaluation {
        modules: modules(),
        data: data(),
        input: Some(Value::from_json(&schema).unwrap()),
        dialect: Dialect { strict_builtin_errors: true, ..Dialect::default() },
        query:
            "[json.match_schema(document, input) | some document in data.example_test.documents]"
                .to_owned(),
        now_ns: 0,
        limit: None,
    });
    let document = gate_rego::value::to_json(&output.document);
    let answers = &document["result"][0]["expressions"][0]["value"];
    assert_eq!(answers.as_array().map(Vec::len), Some(4), "{:?}", output.document);
    for answer in answers.as_array().unwrap() {
        assert_eq!(answer[0], json!(true), "{}", answer[1]);
    }
}

#[test]
fn opa_agrees_with_the_library() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let peers = std::env::var_os("GATE_PEERS").unwrap_or_default();
    let opa = std::env::split_paths(&path)
        .chain(std::env::split_paths(&peers))
        .map(|folder| folder.join("opa"))
        .find(|file| file.is_file());
    let Some(opa) = opa else {
        println!("not run: no `opa` on PATH or in GATE_PEERS");
        return;
    };
    for arguments in [
        &["fmt", "--list", "--fail", "."][..],
        &["check", "--strict", "."],
        &["test", "--coverage", "--threshold", "100", "."],
    ] {
        let output = Command::new(&opa).current_dir(folder()).args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&said));
    }
}

#[test]
fn the_linter_finds_nothing_in_the_library() {
    use gate_rego::lint::{Lint, lint};
    let modules = modules();
    let looked = Lint {
        modules: &modules,
        data: data(),
        dialect: Dialect::default(),
        entries: &["deny", "warn"],
        // What the input document always has, its schema tells `gate policy lint`; here nothing is.
        always: &|_| false,
    };
    let (_, found) = lint(&looked).unwrap();
    assert_eq!(found, []);
}
