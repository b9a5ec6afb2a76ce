//! What authors of policies are told, and the exit status of each tool.

use std::fs;
use std::path::Path;

use crate::in_process::{Outcome, gate, words};

fn run(line: &str, folder: &Path) -> Outcome {
    gate(&words(line, folder))
}

/// A folder with one described rule whose body is this.
fn rule(body: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "package p\n\n# METADATA\n# title: A | <b>title</b>\n# custom:\n#   short_name: code\n\
         #   solution: Mend it.\n#   controls: {{ ssdf: [PS.3.2] }}\ndeny contains \"x\" if {{\n\t{body}\n}}\n"
    );
    fs::write(folder.path().join("p.rego"), text).unwrap();
    folder
}

#[test]
fn the_linter_ends_with_0_1_or_2_in_each_of_its_forms() {
    let clean = rule("count(input.sbom) == 0");
    let outcome = run("policy lint {}", clean.path());
    assert_eq!((outcome.status, outcome.out.as_str()), (0, "nothing found\n"), "{outcome:?}");
    let wrong = rule("count(input.sbmo) == 0");
    for form in ["text", "json", "sarif", "github"] {
        let outcome = run(&format!("policy lint --format {form} {{}}"), wrong.path());
        assert_eq!(outcome.status, 1, "{outcome:?}");
        assert!(outcome.out.contains("unknown-input-field"), "{form}: {}", outcome.out);
        assert!(outcome.out.contains("did you mean `sbom`"), "{form}: {}", outcome.out);
    }
    let sarif = "policy lint --output sarif={}/lint.sarif --ignore unknown-input-field {}";
    let outcome = run(sarif, wrong.path());
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let sarif = fs::read_to_string(wrong.path().join("lint.sarif")).unwrap();
    assert!(sarif.contains("\"results\": []"), "{sarif}");
    assert_eq!(run("policy lint {}", rule("x ==").path()).status, 2, "it does not compile");
    assert_eq!(run("policy lint --ignore no-such-code {}", clean.path()).status, 2);
}

#[test]
fn a_package_is_begun_once() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run("policy new --directory {} a.b", folder.path()).status, 0);
    assert_eq!(run("policy test --coverage --threshold 100 {}", folder.path()).status, 0);
    assert_eq!(run("policy lint {}", folder.path()).status, 0);
    assert_eq!(run("policy new --directory {} a.b", folder.path()).status, 2, "it is there");
    assert_eq!(run("policy new --directory {} ../a", folder.path()).status, 2);
}

#[test]
fn pages_name_solutions_and_controls() {
    let folder = rule("true");
    let markdown = run("policy docs {}", folder.path());
    assert!(markdown.out.contains("| Solution | Mend it. |"), "{}", markdown.out);
    assert!(markdown.out.contains("| ssdf | PS.3.2 |"), "{}", markdown.out);
    let html = run("policy docs --format html {}", folder.path());
    assert!(html.out.contains("<th>ssdf</th><td>PS.3.2</td>"), "{}", html.out);
    assert!(!html.out.contains("<b>title"), "{}", html.out);
}

#[test]
fn a_bundle_that_another_key_signed_is_told_apart() {
    let folder = rule("true");
    let at = |name: &str| folder.path().join(name);
    for name in ["one", "two"] {
        let made = run(&format!("keys new {{}}/{name}.pem"), folder.path());
        fs::write(at(&format!("{name}.pub")), made.out).unwrap();
    }
    let line = "policy build {} --bundle {}/b.tar.gz --signing-key {}/one.pem --revision 7";
    let built = run(line, folder.path());
    assert_eq!(built.status, 0, "{built:?}");
    let inspect = |key: &str| {
        let line = format!("policy inspect {{}}/b.tar.gz --key {{}}/{key}.pub --output json");
        run(&line, folder.path())
    };
    let told = inspect("one");
    assert_eq!(told.status, 0, "{told:?}");
    let told: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told["digest"], built.out.trim());
    assert_eq!((&told["revision"], &told["roots"][0]), (&"7".into(), &"p".into()));
    assert_eq!(inspect("two").status, 1);
    assert_eq!(run("policy diff {}/b.tar.gz {}/b.tar.gz", folder.path()).status, 0);
    assert_eq!(run("policy inspect {}/absent.tar.gz", folder.path()).status, 2);
}
