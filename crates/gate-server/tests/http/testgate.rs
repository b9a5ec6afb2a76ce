//! A gate in a folder that vanishes, with keys, policies and tokens, asked without a socket.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use gate_core::effects::Clock;
use gate_core::{Digest, Timestamp};
use gate_io::keys::{KeyKind, LedgerKey, generate};
use gate_io::store::Store;
use gate_server::force::InForce;
use gate_server::gate::{Gate, Parts};
use gate_server::router::router;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// The time of every test: 2026-11-23T08:00:00Z.
pub(crate) const NOW: i64 = 1_795_420_800;
/// A token that may do everything in `production`, `watched`, `slow` and `empty`.
pub(crate) const ALL: &str = "token-of-ci";
/// A token that may read in `production`.
pub(crate) const READ: &str = "token-of-a-reader";
/// A token whose time is over.
pub(crate) const ENDED: &str = "token-of-yesterday";
/// An admissible image.
pub(crate) const IMAGE: &str =
    "sha256:1111111111111111111111111111111111111111111111111111111111111111";
/// An image that the policy forbids.
pub(crate) const BAD_IMAGE: &str =
    "sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// A template and constraint of Gatekeeper: labels are asked for, outside of the system's namespaces.
const CONSTRAINTS: &str = r#"apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: needlabels}
spec:
  crd: {spec: {names: {kind: NeedLabels}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package needlabels
      violation[{"msg": msg}] {
        not input.review.object.metadata.labels[input.parameters.label]
        msg := sprintf("%v of %v misses a label", [input.review.operation, input.review.userInfo.username])
      }
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: NeedLabels
metadata: {name: owner}
spec:
  match: {kinds: [{apiGroups: [""], kinds: [Pod]}], excludedNamespaces: [kube-*]}
  parameters: {label: owner}
"#;

const POLICY: &str = r#"package test.gate

import rego.v1

deny contains {"rule": "image-forbidden", "detail": {"image": input.subject.digest}} if {
	input.object == null
	endswith(input.subject.digest, "2222")
}

deny contains {"rule": "tests-required", "detail": {}} if {
	input.object == null
	endswith(input.subject.digest, "3333")
	count(input.tests) == 0
}

deny contains {"rule": "privileged", "detail": {"container": container.name}} if {
	some container in input.object.spec.containers
	container.securityContext.privileged == true
}

warn contains {"rule": "no-labels", "detail": {}} if {
	input.object != null
	not input.object.metadata.labels
}
"#;

/// A clock that stands still until it is told otherwise.
#[derive(Default)]
pub(crate) struct ManualClock {
    now: AtomicI64,
    steady: AtomicU64,
    /// Milliseconds that pass whenever the steady time is read.
    pub(crate) step: AtomicU64,
}

impl ManualClock {
    pub(crate) fn set(&self, second: i64) {
        self.now.store(second, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now.load(Ordering::Relaxed)).unwrap()
    }

    fn steady(&self) -> Duration {
        let step = self.step.load(Ordering::Relaxed);
        Duration::from_millis(self.steady.fetch_add(step, Ordering::Relaxed))
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| {
            panic!("{error}: {} {}", self.status, String::from_utf8_lossy(&self.bytes))
        })
    }

    /// The code of a problem, after checking that it is one.
    pub(crate) fn code(&self) -> String {
        let problem = self.json();
        assert_eq!(self.headers["content-type"], "application/problem+json", "{problem}");
        assert_eq!(problem["status"], self.status.as_u16(), "{problem}");
        assert_eq!(problem["request_id"], self.headers["x-request-id"].to_str().unwrap());
        for key in ["type", "title", "solution"] {
            assert!(problem[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {problem}");
        }
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// A gate to be tested.
pub(crate) struct TestGate {
    pub(crate) folder: TempDir,
    pub(crate) gate: Arc<Gate>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) router: Router,
    pub(crate) runtime: Runtime,
}

impl TestGate {
    /// With tokens.
    pub(crate) fn new() -> Self {
        Self::with(&callers())
    }

    /// With these lines under `server:`.
    pub(crate) fn with(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, server);
        let clock = Arc::new(ManualClock::default());
        clock.set(NOW);
        let path = folder.path().join("gate.yaml");
        let (force, configuration) = InForce::load(&path).unwrap();
        let ledger = configuration.ledger.unwrap();
        let key = Arc::new(LedgerKey::load(&ledger.key, &ledger.origin).unwrap());
        let store = Arc::new(Store::open(&configuration.store.unwrap(), key).unwrap());
        let parts = Parts { force, path, store, clock: clock.clone(), processors: 2, trial: None };
        let gate = Arc::new(Gate::start(parts).unwrap());
        let router = router(gate.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self { folder, gate, clock, router, runtime }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Asks, and waits for the answer.
    pub(crate) fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(answer(self.router.clone(), request))
    }

    /// Posts JSON as the holder of a token.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(post(path, token, body))
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.send(request("GET", path, token).body(Body::empty()).unwrap())
    }

    /// Uploads evidence under its digest.
    pub(crate) fn upload(&self, subject: &str, bytes: &[u8]) -> Answer {
        let path = format!("/v1/subjects/{subject}/evidence/{}", Digest::of(bytes));
        self.send(request("PUT", &path, ALL).body(Body::from(bytes.to_vec())).unwrap())
    }

    /// Sends a review to an environment.
    pub(crate) fn review(&self, environment: &str, review: &Value) -> Value {
        let answer = self.post(&format!("/admission/validate/{environment}"), ALL, review);
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.bytes));
        let answer = answer.json();
        assert_eq!(answer["apiVersion"], "admission.k8s.io/v1");
        assert_eq!(answer["kind"], "AdmissionReview");
        assert_eq!(answer["response"]["uid"], review["request"]["uid"]);
        answer["response"].clone()
    }

    /// Waits until every kept decision is in the store.
    pub(crate) fn settle(&self) {
        self.gate.keeper.end();
    }
}

/// The answer of a router.
pub(crate) async fn answer(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, bytes }
}

/// The beginning of a request.
pub(crate) fn request(method: &str, path: &str, token: &str) -> axum::http::request::Builder {
    let builder = Request::builder().method(method).uri(path).header("host", "gate.test");
    if token.is_empty() {
        return builder;
    }
    builder.header("authorization", format!("Bearer {token}"))
}

/// A request with a JSON body.
pub(crate) fn post(path: &str, token: &str, body: &Value) -> Request<Body> {
    request("POST", path, token).body(Body::from(body.to_string())).unwrap()
}

/// The body of a decision or promotion.
pub(crate) fn asked(subject: &str, environment: &str) -> Value {
    json!({"subject": subject, "environment": environment})
}

/// A review of the creation of a Pod with these images.
pub(crate) fn pod(images: &[&str]) -> Value {
    let containers: Vec<_> = images
        .iter()
        .enumerate()
        .map(|(at, image)| json!({"name": format!("c{at}"), "image": image}))
        .collect();
    review(
        "CREATE",
        &json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "shop", "namespace": "shop", "labels": {"app": "shop"}},
            "spec": {"containers": containers}}),
    )
}

/// A review of an operation on an object.
pub(crate) fn review(operation: &str, object: &Value) -> Value {
    let (group, version) =
        object["apiVersion"].as_str().and_then(|it| it.split_once('/')).unwrap_or(("", "v1"));
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "0c3331b6-1812-11ea-b3fc-02897404852e",
            "kind": {"group": group, "version": version, "kind": object["kind"]},
            "operation": operation, "namespace": "shop", "name": "shop",
            "userInfo": {"username": "alice", "groups": ["dev"]},
            "object": object, "oldObject": null, "dryRun": false,
        }
    })
}

/// The lines of the tests' tokens.
pub(crate) fn callers() -> String {
    let token = |name: &str, token: &str, environments: &str, rights: &str, until: &str| {
        let hash = Digest::of(token.as_bytes()).to_hex();
        format!(
            "    - {{ name: {name}, sha256: \"{hash}\", environments: [{environments}], \
             rights: [{rights}], until: {until} }}\n"
        )
    };
    let everywhere = "production, watched, constrained, slow, empty";
    format!(
        "  tokens:\n{}{}{}",
        token("ci", ALL, everywhere, "read, evidence, promote", "2027-01-01T00:00:00Z"),
        token("reader", READ, "production", "read", "2027-01-01T00:00:00Z"),
        token("former", ENDED, everywhere, "read, promote", "2026-11-23T08:00:00Z"),
    )
}

/// Writes `gate.yaml`, its keys and policies; again, for a reload.
pub(crate) fn write(folder: &TempDir, server: &str) {
    let at = |name: &str| folder.path().join(name);
    if !at("gate.pem").exists() {
        generate(KeyKind::P256, &at("gate.pem")).unwrap();
        generate(KeyKind::Ed25519, &at("ledger.pem")).unwrap();
        std::fs::create_dir_all(at("policies")).unwrap();
        std::fs::write(at("policies/gate.rego"), POLICY).unwrap();
        std::fs::write(at("constraints.yaml"), CONSTRAINTS).unwrap();
        std::fs::write(at("empty.rego"), "package nothing\n").unwrap();
    }
    let server = if server.is_empty() { String::new() } else { format!("server:\n{server}") };
    let yaml = format!(
        "version: 1
store: gate.db
signing_key: gate.pem
ledger: {{ key: ledger.pem, origin: gate.example/test }}
environments:
  production: {{ policy: [policies], allow_unsigned: [test] }}
  watched: {{ policy: [policies], mode: warn }}
  slow: {{ policy: [policies], limits: {{ decision_ms: 1, rule_ms: 1 }} }}
  empty: {{ policy: [empty.rego] }}
  constrained: {{ policy: [constraints.yaml] }}
{server}"
    );
    std::fs::write(at("gate.yaml"), yaml).unwrap();
}
