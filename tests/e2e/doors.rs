//! The same case through every door: the decision documents are the same bytes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use gate_core::decision::Answer;
use gate_core::effects::Clock;
use gate_core::{Digest, Timestamp};
use gate_fixtures::stored::{self, StoredCase};
use gate_io::config::{self, Client, Right};
use gate_io::keys::{KeyFile, LedgerKey};
use gate_io::registry::{Registry, Settings};
use gate_io::source::{Layout, Layouts};
use gate_io::store::Store;
use gate_server::callers::Callers;
use gate_server::force::InForce;
use gate_server::gate::{Gate, Parts};
use gate_server::recent::Recent;
use gate_server::router::router;
use gate_tests::process;
use gate_tests::shop::TOKEN;
use serde_json::{Value, json};
use tower::ServiceExt;

/// The time of a case, standing still.
struct Fixed(Timestamp);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

/// A server for one case, in this process, with the case's time.
struct Door {
    router: axum::Router,
    gate: Arc<Gate>,
    _folder: tempfile::TempDir,
}

impl Door {
    fn open(case: &StoredCase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = |kind: &str, name: &str| {
            let path = folder.path().join(name);
            let made = process::gate([
                "keys".as_ref(),
                "new".as_ref(),
                "--kind".as_ref(),
                kind.as_ref(),
                path.as_os_str(),
            ]);
            assert!(made.unwrap().status.success());
            path
        };
        let signer = KeyFile::load(&key("p256", "gate.pem")).unwrap();
        let ledger = LedgerKey::load(&key("ed25519", "ledger.pem"), "gate.example/tests").unwrap();
        let configuration = config::load(&case.config()).unwrap();
        let client = Client {
            name: "tests".to_owned(),
            sha256: Digest::of(TOKEN.as_bytes()).to_hex(),
            environments: configuration.environments.keys().cloned().collect(),
            rights: BTreeSet::from([Right::Read, Right::Evidence, Right::Promote]),
            until: "2999-01-01T00:00:00Z".parse().unwrap(),
        };
        let force = InForce {
            environments: configuration.environments.clone(),
            callers: Callers::new(&[client], &[]),
            layouts: Layouts(case.layouts().into_iter().map(Layout::new).collect()),
            registry: Registry::new(Settings::default()),
            signer: Arc::new(signer),
            opa: None,
            recent: Recent::default(),
            server: configuration.server,
            read: vec![],
        };
        let gate = Gate::start(Parts {
            force,
            path: case.config(),
            store: Arc::new(Store::open(&folder.path().join("gate.db"), Arc::new(ledger)).unwrap()),
            clock: Arc::new(Fixed(case.document.now.parse().unwrap())),
            processors: 2,
            trial: None,
        });
        let gate = Arc::new(gate.unwrap());
        Self { router: router(gate.clone()), gate, _folder: folder }
    }

    fn ask(&self, method: &str, path: &str, body: Vec<u8>) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let bytes = to_bytes(answer.into_body(), 64 << 20).await.unwrap();
            (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
        })
    }

    fn look_up(&self, id: &str) -> Value {
        // Decisions of admission are written after the answer, in batches.
        while self.gate.keeper.waiting() > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let (status, answer) = self.ask("GET", &format!("/v1/decisions/{id}"), vec![]);
        assert_eq!(status, 200, "{id}: {answer}");
        answer
    }
}

fn through_http(case: &StoredCase, scratch: &Path) -> Answer {
    let door = Door::open(case);
    let subject = case.document.subject.clone().unwrap();
    for path in case.evidence(scratch).unwrap() {
        let bytes = std::fs::read(&path).unwrap();
        let path = format!("/v1/subjects/{subject}/evidence/{}", Digest::of(&bytes));
        let (status, answer) = door.ask("PUT", &path, bytes);
        assert!(status < 300, "{}: {answer}", case.name);
    }
    let body = json!({"subject": subject, "environment": case.document.environment});
    let (status, answer) = door.ask("POST", "/v1/decisions", body.to_string().into_bytes());
    assert_eq!(status, 200, "{}: {answer}", case.name);
    serde_json::from_value(answer).unwrap()
}

fn through_cli(case: &StoredCase, scratch: &Path) -> Answer {
    let mut arguments = vec!["check".to_owned()];
    arguments.push(match case.layouts().first() {
        Some(layout) => format!("oci:{}", layout.display()),
        None => case.document.subject.clone().unwrap(),
    });
    let config = case.config().display().to_string();
    for (flag, value) in [
        ("--config", config.as_str()),
        ("--environment", &case.document.environment),
        ("--effective-time", &case.document.now),
        ("--output", "json"),
    ] {
        arguments.extend([flag.to_owned(), value.to_owned()]);
    }
    for path in case.evidence(scratch).unwrap() {
        arguments.extend(["--evidence".to_owned(), path.display().to_string()]);
    }
    let run = process::gate(&arguments).unwrap();
    let expected = i32::from(case.document.expect.verdict == "deny");
    let words = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(expected), "{}: {words}", case.name);
    serde_json::from_slice(&run.stdout).unwrap()
}

/// The codes that deny, and those of failed evidence, each once.
fn check(case: &StoredCase, door: &str, answer: &Answer) {
    let decision = serde_json::to_value(&answer.decision).unwrap();
    let denying: BTreeSet<_> = decision["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["effect"] == "denies")
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .collect();
    let failed: BTreeSet<_> =
        answer.failed.iter().map(|failed| failed.code.code().to_owned()).collect();
    let expect = &case.document.expect;
    let wanted = |codes: &[String]| codes.iter().cloned().collect::<BTreeSet<_>>();
    let name = format!("{} through {door}", case.name);
    assert_eq!(decision["verdict"], expect.verdict.as_str(), "{name}");
    assert_eq!(answer.decision.would_deny, expect.would_deny, "{name}");
    assert_eq!(denying, wanted(&expect.codes), "{name}");
    assert_eq!(failed, wanted(&expect.failed), "{name}");
    let (_, id) = answer.decision.canonical().unwrap();
    assert_eq!(id, answer.id, "{name}");
}

#[test]
fn the_same_case_is_the_same_decision_from_the_command_line_and_over_http() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut compared, mut cli_only) = (0, 0);
    for case in stored::all().unwrap() {
        if !case.has_door("cli") {
            continue;
        }
        let typed = through_cli(&case, scratch.path());
        check(&case, "the command line", &typed);
        if !case.has_door("http") {
            cli_only += 1;
            continue;
        }
        let posted = through_http(&case, scratch.path());
        check(&case, "HTTP", &posted);
        assert_eq!(
            typed.decision.canonical().unwrap(),
            posted.decision.canonical().unwrap(),
            "{}",
            case.name
        );
        compared += 1;
    }
    println!("{compared} cases are the same bytes through both, {cli_only} are the caller's own");
    assert!(compared >= 50, "{compared}");
}

#[test]
fn a_pods_image_gets_the_same_decision_as_by_its_digest() {
    let mut images = 0;
    for case in stored::all().unwrap() {
        if !case.has_door("admission") {
            continue;
        }
        let door = Door::open(&case);
        let review = case.review().unwrap().unwrap();
        let path = format!("/admission/validate/{}", case.document.environment);
        let (status, answer) = door.ask("POST", &path, review.to_string().into_bytes());
        assert_eq!(status, 200, "{}: {answer}", case.name);
        let allowed = case.document.expect.verdict == "allow";
        assert_eq!(answer["response"]["allowed"], allowed, "{}: {answer}", case.name);
        let message = answer["response"]["status"]["message"].as_str().unwrap_or_default();
        for code in &case.document.expect.codes {
            assert!(allowed || message.contains(code.as_str()), "{}: {message}", case.name);
        }
        for id in decisions(&answer) {
            let admitted = door.look_up(&id);
            let decision = &admitted["decision"];
            if decision["subject"]["kind"] == "object" {
                continue;
            }
            let body = json!({"subject": decision["subject"]["digest"],
                "environment": case.document.environment});
            let (_, posted) = door.ask("POST", "/v1/decisions", body.to_string().into_bytes());
            assert_eq!(&posted["decision"], decision, "{}", case.name);
            assert_eq!(posted["id"], id.as_str());
            images += 1;
        }
    }
    assert!(images >= 5, "{images}");
}

/// The ids that an admission answer names in its audit annotations.
fn decisions(answer: &Value) -> Vec<String> {
    let annotations = answer["response"]["auditAnnotations"].as_object().cloned();
    let texts = annotations.unwrap_or_default();
    let words = texts.values().filter_map(Value::as_str);
    words
        .flat_map(|text| text.split([' ', ',']))
        .filter(|word| word.parse::<Digest>().is_ok())
        .map(str::to_owned)
        .collect()
}
