//! Admission: what is judged, what passes, and how failures are told.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::testgate::{ALL, BAD_IMAGE, IMAGE, READ, TestGate, callers, pod, post, request, review};

fn good() -> String {
    format!("registry.example/shop@{IMAGE}")
}

fn bad() -> String {
    format!("registry.example/shop@{BAD_IMAGE}")
}

/// Whether it was let in, and what was said if not.
fn outcome(response: &Value) -> (bool, String) {
    let message = response["status"]["message"].as_str().unwrap_or_default();
    (response["allowed"].as_bool().unwrap(), message.to_owned())
}

#[test]
fn an_object_is_let_in_only_if_it_and_every_image_in_it_are() {
    let gate = TestGate::new();
    let response = gate.review("production", &pod(&[&good()]));
    assert_eq!(outcome(&response), (true, String::new()));
    assert_eq!(response["auditAnnotations"]["verdict"], "allow");
    let ids = response["auditAnnotations"]["decisions"].as_str().unwrap();
    assert_eq!(ids.split(',').count(), 2);
    let response = gate.review("production", &pod(&[&good(), &bad()]));
    let (allowed, message) = outcome(&response);
    assert!(!allowed);
    assert!(message.contains("image-forbidden") && message.contains(BAD_IMAGE), "{message}");
    assert_eq!(response["status"]["code"], 403);
}

#[test]
fn constraints_of_gatekeeper_judge_the_object_alone() {
    let gate = TestGate::new();
    // Without a digest: these rules are about objects, and Gate judges no image under them.
    let review = pod(&["shop:1"]);
    let (allowed, message) = outcome(&gate.review("constrained", &review));
    assert!(!allowed && message.contains("CREATE of alice misses a label"), "{message}");
    let mut labelled = review.clone();
    labelled["request"]["object"]["metadata"]["labels"]["owner"] = json!("alice");
    assert_eq!(outcome(&gate.review("constrained", &labelled)), (true, String::new()));
    let mut system = review;
    system["request"]["object"]["metadata"]["namespace"] = json!("kube-system");
    assert_eq!(outcome(&gate.review("constrained", &system)), (true, String::new()));
}

#[test]
fn an_image_is_judged_where_a_candidate_of_gates_own_rules_has_its_share() {
    let gate = TestGate::new();
    let yaml = std::fs::read_to_string(gate.path("gate.yaml")).unwrap();
    let candidate = "{ policy: [constraints.yaml], candidate: { policy: [policies], share: 100 } }";
    let yaml = yaml.replace("{ policy: [constraints.yaml] }", candidate);
    std::fs::write(gate.path("gate.yaml"), yaml).unwrap();
    gate_server::reload::reload(&gate.gate).unwrap();
    let (allowed, message) =
        outcome(&gate.review("constrained", &pod(&[&format!("shop@{BAD_IMAGE}")])));
    assert!(!allowed && message.contains(BAD_IMAGE), "{message}");
    let good = format!("shop@{IMAGE}");
    assert_eq!(outcome(&gate.review("constrained", &pod(&[&good]))), (true, String::new()));
}

#[test]
fn the_object_is_judged_by_its_own_rules() {
    let gate = TestGate::new();
    let mut review = pod(&[&good()]);
    review["request"]["object"]["spec"]["containers"][0]["securityContext"] =
        json!({"privileged": true});
    let (allowed, message) = outcome(&gate.review("production", &review));
    assert!(!allowed && message.contains("privileged"), "{message}");
}

#[test]
fn a_reference_without_a_sound_digest_is_denied_wherever_it_hides() {
    let gate = TestGate::new();
    let hex = &IMAGE[7..];
    for reference in [
        "shop".to_owned(),
        "shop:1".to_owned(),
        format!("shop@sha256:{}", "AB".repeat(32)),
        format!("shop@sha256:{}", &hex[1..]),
        format!("shop@sha512:{hex}{hex}"),
        format!("shop@{BAD_IMAGE}@{IMAGE}"),
        String::new(),
    ] {
        for place in ["containers", "initContainers", "ephemeralContainers", "volumes"] {
            let mut review = pod(&[&good()]);
            let spec = &mut review["request"]["object"]["spec"];
            match place {
                "volumes" => {
                    spec["volumes"] = json!([{"name": "v", "image": {"reference": reference}}]);
                }
                "containers" => spec["containers"][0]["image"] = json!(reference),
                list => spec[list] = json!([{"name": "x", "image": reference}]),
            }
            let (allowed, message) = outcome(&gate.review("production", &review));
            assert!(
                !allowed && message.contains("image-not-pinned"),
                "{place} {reference}: {message}"
            );
        }
    }
}

#[test]
fn every_workload_kind_is_looked_into() {
    let gate = TestGate::new();
    let spec = json!({"containers": [{"name": "a", "image": bad()}]});
    let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": spec});
    for (version, kind, body) in [
        ("v1", "Pod", json!({"spec": spec})),
        ("v1", "PodTemplate", json!({"template": template})),
        ("v1", "ReplicationController", json!({"spec": {"template": template}})),
        ("apps/v1", "Deployment", json!({"spec": {"template": template}})),
        ("apps/v1", "ReplicaSet", json!({"spec": {"template": template}})),
        ("apps/v1", "DaemonSet", json!({"spec": {"template": template}})),
        ("apps/v1", "StatefulSet", json!({"spec": {"template": template}})),
        ("batch/v1", "Job", json!({"spec": {"template": template}})),
        ("batch/v1", "CronJob", json!({"spec": {"jobTemplate": {"spec": {"template": template}}}})),
    ] {
        let mut object = body;
        object["apiVersion"] = json!(version);
        object["kind"] = json!(kind);
        object["metadata"] = json!({"name": "shop", "labels": {"a": "b"}});
        let (allowed, message) = outcome(&gate.review("production", &review("CREATE", &object)));
        assert!(!allowed && message.contains("image-forbidden"), "{kind}: {message}");
    }
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}});
    assert!(outcome(&gate.review("production", &review("CREATE", &service))).0);
}

#[test]
fn what_starts_nothing_new_passes() {
    let gate = TestGate::new();
    let forbidden = pod(&[&bad()])["request"]["object"].clone();
    let mut labelled = forbidden.clone();
    labelled["metadata"]["labels"]["changed"] = json!("yes");
    let mut leaving = pod(&["another:tag"])["request"]["object"].clone();
    leaving["metadata"]["deletionTimestamp"] = json!("2026-11-23T07:00:00Z");
    let scale = json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 3}});
    let with_old = |operation: &str, object: &Value, old: &Value, sub: &str| {
        let mut review = review(operation, object);
        review["request"]["oldObject"] = old.clone();
        review["request"]["subResource"] = json!(sub);
        if object.is_null() {
            review["request"]["kind"] = json!({"group": "", "version": "v1", "kind": "Pod"});
        }
        review
    };
    for (why, review) in [
        ("pod-spec-unchanged", with_old("UPDATE", &labelled, &forbidden, "")),
        ("being-deleted", with_old("UPDATE", &leaving, &forbidden, "")),
        ("scaled", with_old("UPDATE", &scale, &scale, "scale")),
        ("deleted", with_old("DELETE", &Value::Null, &forbidden, "")),
        (
            "connected",
            with_old(
                "CONNECT",
                &json!({"kind": "PodExecOptions", "apiVersion": "v1"}),
                &Value::Null,
                "exec",
            ),
        ),
    ] {
        let response = gate.review("production", &review);
        assert_eq!(outcome(&response), (true, String::new()), "{why}");
        assert_eq!(response["auditAnnotations"]["passed"], why);
    }
}

#[test]
fn an_update_that_starts_something_new_is_judged() {
    let gate = TestGate::new();
    let old = pod(&[&good()])["request"]["object"].clone();
    let mut debug = old.clone();
    debug["spec"]["ephemeralContainers"] = json!([{"name": "debug", "image": bad()}]);
    let forbidden = pod(&[&bad()])["request"]["object"].clone();
    let mut unborn = forbidden.clone();
    unborn["metadata"]["deletionTimestamp"] = json!("2026-11-23T07:00:00Z");
    let mut disguised = forbidden.clone();
    disguised["kind"] = json!("Scale");
    for (name, operation, object, old, sub) in [
        ("an ephemeral container", "UPDATE", &debug, &old, "ephemeralcontainers"),
        ("another image", "UPDATE", &forbidden, &old, ""),
        ("an update that hides the old object", "UPDATE", &forbidden, &Value::Null, ""),
        ("a creation dressed as a deletion", "CREATE", &unborn, &Value::Null, ""),
        ("an operation that nobody knows", "REPLACE", &forbidden, &forbidden, ""),
    ] {
        let mut review = review(operation, object);
        review["request"]["oldObject"] = old.clone();
        review["request"]["subResource"] = json!(sub);
        let (allowed, message) = outcome(&gate.review("production", &review));
        assert!(!allowed && message.contains("image-forbidden"), "{name}: {message}");
    }
}

#[test]
fn an_object_that_cannot_be_judged_is_refused_with_its_code() {
    let gate = TestGate::new();
    let mut other_kind = pod(&[&good()]);
    other_kind["request"]["kind"]["kind"] = json!("Service");
    let mut absent = pod(&[&good()]);
    absent["request"]["object"] = Value::Null;
    let mut shapeless = pod(&[&good()]);
    shapeless["request"]["object"]["spec"] = json!("x");
    let mut nameless = pod(&[&good()]);
    nameless["request"]["object"] = json!({"spec": {}});
    let mut countless = pod(&[&good()]);
    countless["request"]["object"]["spec"]["containers"] =
        (0..300).map(|at| json!({"name": at.to_string(), "image": good()})).collect();
    for (name, review) in [
        ("another kind", other_kind),
        ("no object", absent),
        ("no pod spec", shapeless),
        ("no kind", nameless),
        ("countless images", countless),
    ] {
        let (allowed, message) = outcome(&gate.review("production", &review));
        assert!(!allowed && message.contains("object-unreadable"), "{name}: {message}");
    }
}

#[test]
fn a_review_with_an_uid_is_answered_whatever_else_is_wrong() {
    let gate = TestGate::new();
    let head = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","object":"#;
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    for object in
        [r#"{"kind":"Pod","kind":"Service"}"#.to_owned(), deep, r#"1,"object":2"#.to_owned()]
    {
        let body = format!("{head}{object}}}}}");
        let path = "/admission/validate/production";
        let answer = gate.send(request("POST", path, ALL).body(Body::from(body)).unwrap());
        assert_eq!(answer.status, StatusCode::OK);
        let response = answer.json()["response"].clone();
        assert_eq!(response["uid"], "u");
        let (allowed, message) = outcome(&response);
        assert!(!allowed && message.starts_with("request-malformed: "), "{message}");
    }
    for (environment, token, code) in [
        ("there-is-none", ALL, "forbidden"),
        ("watched", READ, "forbidden"),
        ("empty", ALL, "policy-empty"),
    ] {
        let path = format!("/admission/validate/{environment}");
        let answer = gate.send(post(&path, token, &pod(&[&good()])));
        assert_eq!(answer.status, StatusCode::OK);
        let (allowed, message) = outcome(&answer.json()["response"]);
        assert!(!allowed && message.contains(code), "{environment}: {message}");
    }
}

#[test]
fn what_is_no_review_is_a_bad_request() {
    let gate = TestGate::new();
    let mut beta = pod(&[&good()]);
    beta["apiVersion"] = json!("admission.k8s.io/v1beta1");
    let mut list = pod(&[&good()]);
    list["kind"] = json!("AdmissionReviewList");
    let mut unnamed = pod(&[&good()]);
    unnamed["request"]["uid"] = json!("");
    let mut numbered = pod(&[&good()]);
    numbered["request"]["uid"] = json!(1);
    for body in [beta, list, unnamed, numbered, json!({}), json!([]), json!(null)] {
        let answer = gate.post("/admission/validate/production", ALL, &body);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.code(), "request-malformed");
    }
}

#[test]
fn warnings_are_short_and_a_mode_that_lets_in_says_what_it_found() {
    let gate = TestGate::new();
    let mut review = pod(&[&bad()]);
    review["request"]["object"]["metadata"] = json!({"name": "x".repeat(300)});
    let response = gate.review("watched", &review);
    assert!(outcome(&response).0);
    assert_eq!(response["auditAnnotations"]["would-deny"], "true");
    let warnings: Vec<_> =
        response["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for code in ["no-labels: ", "image-forbidden: "] {
        assert!(warnings.iter().any(|warning| warning.starts_with(code)), "{warnings:?}");
    }
    assert!(warnings.iter().all(|warning| warning.chars().count() <= 120), "{warnings:?}");
}

#[test]
fn a_dry_run_keeps_nothing_and_another_run_keeps_every_decision() {
    let gate = TestGate::new();
    let mut dry = pod(&[&good()]);
    dry["request"]["dryRun"] = json!(true);
    let tried = gate.review("production", &dry)["auditAnnotations"]["decisions"].clone();
    let mut real = pod(&[&good()]);
    real["request"]["object"]["metadata"]["name"] = json!("another");
    gate.clock.set(crate::testgate::NOW + 1);
    let kept = gate.review("production", &real)["auditAnnotations"]["decisions"].clone();
    gate.settle();
    let found = |ids: &Value| -> Vec<u16> {
        let ids = ids.as_str().unwrap().split(',');
        ids.map(|id| gate.get(&format!("/v1/decisions/{id}"), ALL).status.as_u16()).collect()
    };
    assert_eq!(found(&tried), [404, 404]);
    assert_eq!(found(&kept), [200, 200]);
}

#[test]
fn a_policy_out_of_time_and_a_full_server_refuse_and_say_so() {
    let gate = TestGate::new();
    gate.clock.step.store(1_000, std::sync::atomic::Ordering::Relaxed);
    let response = gate.review("slow", &pod(&[&good()]));
    let (allowed, message) = outcome(&response);
    assert!(!allowed && message.starts_with("policy-timeout: "), "{message}");
    assert_eq!(response["status"]["code"], 503);

    let full = TestGate::with(&format!("  limits: {{ concurrent: 1 }}\n{}", callers()));
    let slot = full.gate.slot().unwrap();
    let response = full.review("production", &pod(&[&good()]));
    let (allowed, message) = outcome(&response);
    assert!(!allowed && message.starts_with("overloaded: "), "{message}");
    assert_eq!(response["status"]["code"], 429);
    drop(slot);
    assert!(outcome(&full.review("production", &pod(&[&good()]))).0);
}

#[test]
fn the_webhooks_time_out_is_kept_although_the_workers_are_busy() {
    let gate = TestGate::new();
    let (proceed, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    let busy: Vec<_> = (0..2)
        .map(|_| {
            let wait = wait.clone();
            gate.gate.pool.run(move |_| wait.lock().unwrap().recv().is_err())
        })
        .collect();
    let answer = gate.post("/admission/validate/production?timeout=50ms", ALL, &pod(&[&good()]));
    assert_eq!(answer.status, StatusCode::OK);
    let (allowed, message) = outcome(&answer.json()["response"]);
    assert!(!allowed && message.starts_with("deadline-exceeded: "), "{message}");
    drop(proceed);
    for job in busy {
        gate.runtime.block_on(job).unwrap();
    }
}
