//! Hostile bodies and paths: each is a 4xx with its code, never a panic and never a verdict.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::StatusCode;
use hyper::body::Frame;
use serde_json::json;

use crate::testgate::{ALL, IMAGE, TestGate, asked, callers, request};

#[test]
fn a_body_that_is_not_the_one_object_asked_for_is_refused() {
    let gate = TestGate::new();
    let deep = "[".repeat(10_000);
    let valid = asked(IMAGE, "production").to_string();
    let other = asked(IMAGE, "watched").to_string();
    let bodies: Vec<Vec<u8>> = vec![
        vec![],
        b"null".to_vec(),
        b"{}".to_vec(),
        format!("[\"{IMAGE}\",\"production\"]").into_bytes(),
        valid.as_bytes()[..valid.len() - 1].to_vec(),
        format!("{valid}{other}").into_bytes(),
        format!("{},\"environment\":\"watched\"}}", &valid[..valid.len() - 1]).into_bytes(),
        json!({"subject": IMAGE, "environment": "production", "now": "2020-01-01T00:00:00Z"})
            .to_string()
            .into_bytes(),
        json!({"subject": IMAGE, "environment": null}).to_string().into_bytes(),
        json!({"subject": "sha256:00", "environment": "production"}).to_string().into_bytes(),
        json!({"subject": IMAGE.to_uppercase(), "environment": "production"})
            .to_string()
            .into_bytes(),
        format!("{{\"subject\":{deep}").into_bytes(),
        b"{\"subject\":\"\xff\xfe\",\"environment\":\"production\"}".to_vec(),
    ];
    for path in ["/v1/decisions", "/v1/promotions"] {
        for body in &bodies {
            let answer = gate.send(request("POST", path, ALL).body(body.clone().into()).unwrap());
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert_eq!(answer.code(), "request-malformed", "{}", String::from_utf8_lossy(body));
        }
    }
}

#[test]
fn a_body_beyond_its_limit_is_refused_whether_announced_or_not() {
    let gate = TestGate::with(&format!("  limits: {{ body_bytes: 100 }}\n{}", callers()));
    let long = asked(IMAGE, &"x".repeat(100)).to_string();
    for path in ["/v1/decisions", "/v1/promotions", "/admission/validate/production"] {
        let announced = Body::from(long.clone());
        let frames: Vec<_> = long.as_bytes().chunks(10).map(<[u8]>::to_vec).collect();
        let streamed = Body::new(Frames(frames.into_iter()));
        for body in [announced, streamed] {
            let answer = gate.send(request("POST", path, ALL).body(body).unwrap());
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
            assert_eq!(answer.code(), "body-too-large");
        }
    }
}

#[test]
fn evidence_under_another_digest_or_of_no_kind_is_refused() {
    let gate = TestGate::new();
    let path = format!("/v1/subjects/{IMAGE}/evidence/{IMAGE}");
    let answer = gate.send(request("PUT", &path, ALL).body(Body::from("{}")).unwrap());
    assert_eq!((answer.status.as_u16(), answer.code()), (400, "digest-mismatch".to_owned()));
    let deep = "[".repeat(10_000);
    for bytes in [&b""[..], b"{}", b"\xff\xfe\x00", b"<testsuite", deep.as_bytes()] {
        let answer = gate.upload(IMAGE, bytes);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.code(), "evidence-refused");
    }
    for path in [
        format!("/v1/subjects/latest/evidence/{IMAGE}"),
        format!("/v1/subjects/{IMAGE}/evidence/..%2f..%2fgate.db"),
        format!("/v1/subjects/{IMAGE}/evidence/%ff"),
    ] {
        let answer = gate.send(request("PUT", &path, ALL).body(Body::from("{}")).unwrap());
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[test]
fn paths_and_methods_that_are_none_are_told() {
    let gate = TestGate::new();
    for (method, path, status) in [
        ("GET", "/v2/decisions", StatusCode::NOT_FOUND),
        ("GET", "/admission/validate", StatusCode::NOT_FOUND),
        ("GET", "/v1/decisions", StatusCode::METHOD_NOT_ALLOWED),
        ("DELETE", "/v1/promotions", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = gate.send(request(method, path, ALL).body(Body::empty()).unwrap());
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.code(), "route-unknown");
    }
    let answer = gate.get("/v1/decisions/latest", ALL);
    assert_eq!(answer.code(), "request-malformed");
}

/// Frames of a body whose length nobody announced.
struct Frames(std::vec::IntoIter<Vec<u8>>);

impl hyper::body::Body for Frames {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(self.0.next().map(|part| Ok(Frame::data(part.into()))))
    }
}
