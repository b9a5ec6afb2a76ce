//! Policies written for Conftest and Gatekeeper, as a person runs them.

use std::fs;
use std::path::Path;

use crate::in_process::{gate, words};

const RULES: &str = "package main
deny_root contains msg if {
	input.kind == \"Deployment\"
	not input.spec.template.spec.securityContext.runAsNonRoot
	msg := sprintf(\"%s runs as root\", [input.metadata.name])
}
warn contains \"a service\" if input.kind == \"Service\"
exception contains [\"root\"] if input.metadata.name == \"legacy\"
";
const TEMPLATE: &str = "apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: allowedrepos}
spec:
  crd: {spec: {names: {kind: AllowedRepos}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    code:
    - engine: K8sNativeValidation
      source: {validations: [{expression: 'false'}]}
    - engine: Rego
      source:
        version: v1
        rego: |
          package allowedrepos
          violation contains {\"msg\": msg} if {
            some container in input.review.object.spec.containers
            not startswith(container.image, input.parameters.repo)
            msg := sprintf(\"%s is of another registry\", [container.image])
          }
";
const CONSTRAINT: &str = "apiVersion: constraints.gatekeeper.sh/v1beta1
kind: AllowedRepos
metadata: {name: ours}
spec:
  match: {kinds: [{apiGroups: [''], kinds: [Pod]}], excludedNamespaces: [kube-*]}
  parameters: {repo: ours/}
";
const SUITE: &str = "kind: Suite
apiVersion: test.gatekeeper.sh/v1alpha1
tests:
- name: repos
  template: template.yaml
  constraint: constraint.yaml
  cases:
  - {name: good, object: good.yaml, assertions: [{violations: no}]}
  - {name: bad, object: bad.yaml, assertions: [{violations: 1, message: another registry}]}
";

fn pod(namespace: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: {namespace}}}\nspec: {{containers: [{{name: c, image: {image}}}]}}\n"
    )
}

fn deployment(name: &str) -> String {
    format!("kind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{}}}}}}\n")
}

fn files(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    fs::create_dir_all(folder.join("policy")).unwrap();
    fs::create_dir_all(folder.join("library")).unwrap();
    write("policy/rules.rego", RULES);
    write("policy/other.rego", "package other.names\nviolation contains \"other\"\n");
    write("app.yaml", &deployment("app"));
    write("legacy.yaml", &deployment("legacy"));
    write("service.yaml", "kind: Service\n");
    write("both.yaml", &format!("kind: Service\n---\n{}", deployment("app")));
    write("notes.txt", "nothing\n");
    write("all.rego", "package main\ndeny contains \"two\" if count(input) == 2\n");
    for (name, text) in [
        ("template.yaml", TEMPLATE),
        ("constraint.yaml", CONSTRAINT),
        ("suite.yaml", SUITE),
        ("good.yaml", &pod("a", "ours/app")),
        ("bad.yaml", &pod("a", "theirs/app")),
    ] {
        write(&format!("library/{name}"), text);
    }
    write("system.yaml", &pod("kube-system", "theirs/app"));
    let (before, after) = TEMPLATE.split_once("    - engine: Rego").unwrap();
    assert!(after.contains("violation"));
    write("cel.yaml", before);
}

#[test]
fn conftests_rules_give_conftests_verdict() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    for (line, status, told) in [
        ("check {}/app.yaml --policy {}/policy", 1, "app runs as root"),
        ("check {}/legacy.yaml --policy {}/policy", 0, "legacy runs as root"),
        ("check {}/service.yaml --policy {}/policy", 0, "a service"),
        ("check {}/both.yaml --policy {}/policy", 1, "app runs as root"),
        ("check {}/service.yaml {}/app.yaml --policy {}/policy", 1, "app runs as root"),
        ("check {}/service.yaml --policy {}/policy --all-namespaces", 1, "other"),
        ("check {}/service.yaml --policy {}/policy --namespace other.*", 1, "other"),
        ("check {}/app.yaml --policy {}/policy --namespace absent", 0, "conftest"),
        ("check {}/service.yaml {}/app.yaml --policy {}/all.rego --combine", 1, "two"),
        ("check {}/service.yaml --policy {}/all.rego --combine", 0, "conftest"),
    ] {
        let outcome = gate(&words(line, folder.path()));
        assert_eq!(outcome.status, status, "{line}: {outcome:?}");
        assert!(outcome.out.contains(told), "{line}: {}", outcome.out);
    }
    let unread = gate(&words("check {}/notes.txt --policy {}/policy", folder.path()));
    assert_eq!(unread.status, 2, "{unread:?}");
    let json = gate(&words("check {}/app.yaml --policy {}/policy --output json", folder.path()));
    let answer: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(answer["decision"]["dialect"], "conftest");
}

#[test]
fn gatekeepers_constraints_judge_objects() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let policy = "--policy {}/library/template.yaml --policy {}/library/constraint.yaml";
    for (subject, status, told) in [
        ("{}/library/bad.yaml", 1, "theirs/app is of another registry"),
        ("{}/library/good.yaml", 0, "gatekeeper"),
        ("{}/system.yaml", 0, "gatekeeper"),
        ("{}/library/good.yaml {}/library/bad.yaml", 1, "another registry"),
    ] {
        let outcome = gate(&words(&format!("check {subject} {policy}"), folder.path()));
        assert_eq!(outcome.status, status, "{subject}: {outcome:?}");
        assert!(outcome.out.contains(told), "{subject}: {}", outcome.out);
    }
    let line =
        "check {}/library/good.yaml --policy {}/cel.yaml --policy {}/library/constraint.yaml";
    let refused = gate(&words(line, folder.path()));
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("CEL"), "{}", refused.err);
}

#[test]
fn a_suite_is_tested_by_file_and_by_folder() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    for line in ["policy test {}/library/suite.yaml", "policy test {}/library"] {
        let outcome = gate(&words(line, folder.path()));
        assert_eq!(outcome.status, 0, "{outcome:?}");
        assert!(outcome.out.contains("PASS: 2/2"), "{}", outcome.out);
    }
    fs::write(folder.path().join("library/bad.yaml"), pod("a", "ours/app")).unwrap();
    let failed = gate(&words("policy test {}/library", folder.path()));
    assert_eq!(failed.status, 1, "{failed:?}");
    assert!(failed.out.contains("expected 1"), "{}", failed.out);
}

#[test]
fn a_rule_of_gate_that_reads_what_no_input_has_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let rule = "package a\n\ndeny contains \"x\" if input.sbmo == []\n";
    fs::write(folder.path().join("a.rego"), rule).unwrap();
    let refused = gate(&words("check {}/app.yaml --policy {}/a.rego", folder.path()));
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(
        refused.err.contains("a.rego:3:28") && refused.err.contains("did you mean `sbom`?"),
        "{}",
        refused.err
    );
}
