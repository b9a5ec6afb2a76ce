//! Every code that the server can answer with is produced by a case.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::StatusCode;
use gate_core::reason::RequestCode;

use crate::testgate::{
    ALL, BAD_IMAGE, ENDED, IMAGE, READ, TestGate, asked, callers, post, request,
};

#[test]
fn every_refusal_has_a_case() {
    let gate = TestGate::with(&format!(
        "  limits: {{ concurrent: 2, body_bytes: 200, request_seconds: 1 }}\n{}",
        callers()
    ));
    let decisions = "/v1/decisions";
    let allowed = asked(IMAGE, "production");
    let put = |digest: &str, bytes: &'static [u8]| {
        let path = format!("/v1/subjects/{IMAGE}/evidence/{digest}");
        request("PUT", &path, ALL).body(Body::from(bytes)).unwrap()
    };
    let keyed = |image: &str| {
        let mut request = post("/v1/promotions", ALL, &asked(image, "production"));
        request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
        request
    };
    assert_eq!(gate.send(keyed(IMAGE)).status, StatusCode::OK);
    let mut seen: BTreeSet<String> = [
        gate.post(decisions, ALL, &serde_json::json!({})),
        gate.post(decisions, ALL, &asked(IMAGE, &"x".repeat(200))),
        gate.post(decisions, "", &allowed),
        gate.post(decisions, ENDED, &allowed),
        gate.post(decisions, READ, &asked(IMAGE, "watched")),
        gate.send(put(IMAGE, b"{}")),
        gate.send(put(&gate_core::Digest::of(b"{}").to_string(), b"{}")),
        gate.send(keyed(BAD_IMAGE)),
        gate.get("/nowhere", ALL),
    ]
    .iter()
    .map(crate::testgate::Answer::code)
    .collect();

    let slots = [gate.gate.slot().unwrap(), gate.gate.slot().unwrap()];
    let full = gate.post(decisions, ALL, &allowed);
    assert_eq!(full.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(full.headers["retry-after"], "1");
    seen.insert(full.code());
    drop(slots);

    let never = Body::new(Never);
    seen.insert(gate.send(request("POST", decisions, ALL).body(never).unwrap()).code());

    gate.gate.stop();
    let stopping = gate.post(decisions, ALL, &allowed);
    assert_eq!(stopping.status, StatusCode::SERVICE_UNAVAILABLE);
    seen.insert(stopping.code());
    assert_eq!(gate.get("/readyz", "").status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(gate.get("/livez", "").status, StatusCode::OK);
    let review = crate::testgate::pod(&[&format!("shop@{IMAGE}")]);
    let path = "/admission/validate/production?timeout=1s";
    let larger = TestGate::new();
    larger.gate.stop();
    assert_eq!(larger.post(path, ALL, &review).json()["response"]["allowed"], true);

    let open = TestGate::with("");
    let mut unknown = post(decisions, "", &asked(IMAGE, "there-is-none"));
    unknown.headers_mut().insert("host", "localhost".parse().unwrap());
    seen.insert(open.send(unknown).code());

    seen.insert(fill_uploads());
    let missing: Vec<_> =
        RequestCode::ALL.iter().filter(|code| !seen.contains(code.code())).collect();
    assert_eq!(missing, Vec::<&RequestCode>::new());
}

/// Uploads until the subject has as much as is kept.
fn fill_uploads() -> String {
    let gate = TestGate::new();
    for number in 0..=gate_core::limits::UPLOADS_PER_SUBJECT {
        let report =
            format!("<testsuite name=\"{number}\" tests=\"1\"><testcase name=\"a\"/></testsuite>");
        let answer = gate.upload(IMAGE, report.as_bytes());
        if answer.status != StatusCode::CREATED {
            assert_eq!(number, gate_core::limits::UPLOADS_PER_SUBJECT);
            return answer.code();
        }
    }
    panic!("there is no limit");
}

#[test]
fn a_job_that_panics_is_internal_and_the_next_one_is_answered() {
    let gate = TestGate::new();
    let soon = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    let slot = gate.gate.slot().unwrap();
    let lost = gate.gate.work(slot, soon, |_| panic!("a test"));
    let problem = gate.runtime.block_on(lost).map(|(): ()| ()).unwrap_err();
    assert_eq!((problem.status.as_u16(), problem.code), (500, "internal"));
    assert_eq!(gate.post("/v1/decisions", ALL, &asked(IMAGE, "production")).status, 200);
}

#[test]
fn a_policy_out_of_time_is_no_verdict() {
    let gate = TestGate::new();
    gate.clock.step.store(1_000, Ordering::Relaxed);
    for path in ["/v1/decisions", "/v1/promotions"] {
        let answer = gate.post(path, ALL, &asked(IMAGE, "slow"));
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.code(), "policy-timeout");
    }
}

#[test]
fn a_subject_whose_bytes_are_others_is_no_verdict() {
    let gate = TestGate::new();
    let blobs = gate.path("image/blobs/sha256");
    std::fs::create_dir_all(&blobs).unwrap();
    std::fs::write(gate.path("image/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    std::fs::write(gate.path("image/index.json"), r#"{"manifests":[]}"#).unwrap();
    std::fs::write(blobs.join(&IMAGE[7..]), "forged").unwrap();
    let yaml = std::fs::read_to_string(gate.path("gate.yaml")).unwrap();
    std::fs::write(gate.path("gate.yaml"), yaml.replacen("store:", "layouts: [image]\nstore:", 1))
        .unwrap();
    gate_server::reload::reload(&gate.gate).unwrap();
    let answer = gate.post("/v1/decisions", ALL, &asked(IMAGE, "production"));
    assert_eq!(answer.code(), "subject-mismatch");
    std::fs::write(gate.path("image/index.json"), "{").unwrap();
    std::fs::remove_file(blobs.join(&IMAGE[7..])).unwrap();
    std::fs::create_dir(blobs.join(&IMAGE[7..])).unwrap();
    let answer = gate.post("/v1/promotions", ALL, &asked(IMAGE, "production"));
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.code(), "collect-failed");
}

/// A body that never comes.
struct Never;

impl hyper::body::Body for Never {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Pending
    }
}
