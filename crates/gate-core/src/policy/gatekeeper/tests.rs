//! Constraints over objects, as Gatekeeper answers them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::suite::{self, Clockwork, Ending};
use super::{Asked, Constraints, ask};
use crate::facts::ConfigurationFile;
use crate::policy::Outcome;
use crate::policy::evaluate::Limits;

const TEMPLATE: &str = r#"
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: needlabels}
spec:
  crd:
    spec:
      names: {kind: NeedLabels}
      validation:
        openAPIV3Schema:
          type: object
          properties:
            labels: {type: array, items: {type: string}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package needlabels
        import data.lib.labels
        violation[{"msg": msg, "details": {"missing": missing}}] {
          missing := labels.missing(input.review.object, input.parameters.labels)
          count(missing) > 0
          not data.inventory.cluster.v1.Namespace.exempt
          msg := sprintf("%v misses %v", [input.review.kind.kind, missing])
        }
      libs:
        - |
          package lib.labels
          missing(object, wanted) = {label | label := wanted[_]; not object.metadata.labels[label]}
"#;

fn constraint(spec: &str) -> String {
    format!(
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: NeedLabels\nmetadata: {{name: owner}}\nspec: {spec}\n"
    )
}

fn load(template: &str, constraint: &str) -> Result<Constraints, String> {
    let files = BTreeMap::from([
        ("t.yaml".to_owned(), template.to_owned()),
        ("c.yaml".to_owned(), constraint.to_owned()),
    ]);
    Constraints::load(&files).map_err(|error| error.to_string())
}

fn judged(spec: &str, objects: &Value, inventory: &Value) -> Outcome {
    let constraints = load(TEMPLATE, &constraint(spec)).unwrap();
    let files = [ConfigurationFile { path: "o.yaml".to_owned(), contents: objects.clone() }];
    let limits = Limits { rule: Duration::from_mins(1), decision: Duration::from_mins(1) };
    let asked = Asked {
        data: &json!({"objects": inventory}),
        object: None,
        files: &files,
        now_ns: 0,
        limits,
        steady: &|| Duration::ZERO,
    };
    ask(&constraints, &asked).unwrap()
}

fn pod(namespace: &str, labels: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": namespace, "labels": labels}})
}

const WANTED: &str = "parameters: {labels: [owner]}";

#[test]
fn violations_carry_message_and_details() {
    let outcome = judged(&format!("{{{WANTED}}}"), &pod("a", &json!({})), &json!([]));
    let [found] = outcome.rules.as_slice() else { panic!("{outcome:?}") };
    assert_eq!(found.message, "Pod misses {\"owner\"}");
    assert_eq!(found.code, "NeedLabels.owner");
    assert_eq!(found.detail["details"]["missing"], json!(["owner"]));
    let labelled = pod("a", &json!({"owner": "me"}));
    assert_eq!(judged(&format!("{{{WANTED}}}"), &labelled, &json!([])), Outcome::default());
    let exempt = json!([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "exempt"}}]);
    assert_eq!(
        judged(&format!("{{{WANTED}}}"), &pod("a", &json!({})), &exempt),
        Outcome::default()
    );
}

#[test]
fn only_what_matches_is_asked_about() {
    let namespace = |name: &str| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"tier": "web", "owner": "x"}}});
    let inventory = json!([namespace("kube-system")]);
    for (criteria, expected) in [
        ("{}", 1),
        ("{kinds: [{apiGroups: [\"\"], kinds: [Pod]}]}", 1),
        ("{kinds: [{apiGroups: [apps], kinds: [\"*\"]}]}", 0),
        ("{kinds: [{kinds: [Service]}, {apiGroups: [\"*\"]}]}", 1),
        ("{namespaces: [kube-*]}", 1),
        ("{namespaces: [\"*-other\"]}", 0),
        ("{excludedNamespaces: [\"*system\"]}", 0),
        ("{scope: Cluster}", 0),
        ("{scope: Namespaced}", 1),
        ("{labelSelector: {matchLabels: {app: shop}}}", 1),
        ("{labelSelector: {matchExpressions: [{key: app, operator: NotIn, values: [shop]}]}}", 0),
        ("{labelSelector: {matchExpressions: [{key: app, operator: Exists}]}}", 1),
        ("{namespaceSelector: {matchLabels: {tier: web}}}", 1),
        ("{namespaceSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}", 0),
        ("{name: p*}", 1),
        ("{name: q}", 0),
        ("{source: Generated}", 0),
    ] {
        let spec = format!("{{match: {criteria}, {WANTED}}}");
        let outcome = judged(&spec, &pod("kube-system", &json!({"app": "shop"})), &inventory);
        assert_eq!((outcome.rules.len(), outcome.gate.len()), (expected, 0), "{criteria}");
    }
}

#[test]
fn a_namespace_that_is_not_known_is_no_match_and_no_pass() {
    let spec = format!("{{match: {{namespaceSelector: {{matchLabels: {{a: b}}}}}}, {WANTED}}}");
    let outcome = judged(&spec, &pod("unknown", &json!({})), &json!([]));
    assert_eq!((outcome.rules.len(), outcome.gate.len()), (0, 1));
}

#[test]
fn enforcement_says_what_a_violation_does() {
    use crate::decision::Severity::{Deny, Warn};
    for (enforcement, expected) in [
        ("enforcementAction: deny", Some((Deny, false))),
        ("enforcementAction: warn", Some((Warn, false))),
        ("enforcementAction: dryrun", Some((Deny, true))),
        (
            "enforcementAction: scoped, scopedEnforcementActions: [{action: warn, enforcementPoints: [{name: \"*\"}]}]",
            Some((Warn, false)),
        ),
        (
            "enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: audit.gatekeeper.sh}]}]",
            None,
        ),
    ] {
        let outcome =
            judged(&format!("{{{enforcement}, {WANTED}}}"), &pod("a", &json!({})), &json!([]));
        let found = outcome.rules.first().map(|found| (found.severity, found.excused));
        assert_eq!(found, expected, "{enforcement}");
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_its_reason() {
    let code = |engine: &str| {
        TEMPLATE[..TEMPLATE.find("      rego: |").unwrap()].to_owned()
            + &format!("      code: [{{engine: {engine}, source: {{}}}}]\n")
    };
    let wanted = constraint(&format!("{{{WANTED}}}"));
    for (template, constraint, word) in [
        (code("K8sNativeValidation"), wanted.clone(), "CEL"),
        (TEMPLATE.replace("violation[{", "other[{"), wanted.clone(), "violation"),
        (TEMPLATE.replace("kind: NeedLabels", "kind: Another"), wanted.clone(), "no template"),
        (TEMPLATE.replace("labels.missing(", "labels.absent("), wanted, "absent"),
        (TEMPLATE.to_owned(), constraint("{parameters: {labels: text}}"), "schema"),
        (TEMPLATE.to_owned(), constraint("{match: {source: Elsewhere}}"), "Elsewhere"),
        (TEMPLATE.to_owned(), "apiVersion: v1\nkind: Pod\n".to_owned(), "neither"),
    ] {
        let refused = load(&template, &constraint).map(|_| ()).unwrap_err();
        assert!(refused.contains(word), "{refused}");
    }
}

#[test]
fn an_admission_review_is_judged_by_its_request() {
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "operation": "DELETE", "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "oldObject": pod("a", &json!({})),
    }});
    assert_eq!(judged(&format!("{{{WANTED}}}"), &review, &json!([])).rules.len(), 1);
}

const SUITE: &str = r#"
apiVersion: test.gatekeeper.sh/v1alpha1
kind: Suite
tests:
- name: labels
  template: t.yaml
  constraint: c.yaml
  expansion: e.yaml
  cases:
  - {name: bad, object: bad.yaml, assertions: [{violations: yes}, {violations: 1, message: "^Pod misses"}]}
  - {name: good, object: good.yaml, assertions: [{violations: no}]}
  - {name: wrong, object: good.yaml, assertions: [{violations: 2}]}
  - {name: expanded, object: deployment.yaml, assertions: [{violations: 1, message: "Implied by pods"}]}
  - {name: skipped, object: absent.yaml, skip: true}
  - {name: absent, object: absent.yaml, assertions: [{violations: no}]}
- {name: invalid, template: t.yaml, constraint: i.yaml, invalid: true}
"#;

#[test]
fn a_suite_runs_its_cases() {
    let expansion = json!({"apiVersion": "expansion.gatekeeper.sh/v1beta1", "kind": "ExpansionTemplate",
        "metadata": {"name": "pods"}, "spec": {"applyTo": [{"groups": ["apps"], "versions": ["v1"], "kinds": ["Deployment"]}],
        "templateSource": "spec.template", "generatedGVK": {"group": "", "version": "v1", "kind": "Pod"}}});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "a", "labels": {"owner": "x"}},
        "spec": {"template": {"metadata": {}}}});
    let read = |path: &str| match path {
        "t.yaml" => Ok(TEMPLATE.to_owned()),
        "c.yaml" => Ok(constraint(&format!("{{{WANTED}}}"))),
        "i.yaml" => Ok(constraint("{parameters: {labels: 3}}")),
        "e.yaml" => Ok(expansion.to_string()),
        "bad.yaml" => Ok(pod("a", &json!({})).to_string()),
        "good.yaml" => Ok(pod("a", &json!({"owner": "x"})).to_string()),
        "deployment.yaml" => Ok(deployment.to_string()),
        other => Err(format!("{other} is not there")),
    };
    let document = crate::structured::documents(SUITE).unwrap().remove(0);
    assert!(suite::is_suite(&document));
    let clockwork = Clockwork {
        now_ns: 0,
        limit: Duration::from_mins(1),
        steady: &|| Duration::ZERO,
        only: None,
    };
    let report = suite::run(&document, &read, clockwork).unwrap();
    let endings: Vec<_> = report.tests[0]
        .cases
        .iter()
        .map(|case| match &case.ending {
            Ending::Pass => format!("{} pass", case.name),
            Ending::Fail(_) => format!("{} fail", case.name),
            Ending::Skipped => format!("{} skipped", case.name),
        })
        .collect();
    assert_eq!(
        endings,
        ["bad pass", "good pass", "wrong fail", "expanded pass", "skipped skipped", "absent fail"]
    );
    assert_eq!(report.tests[1].ending, Ending::Pass);
}
