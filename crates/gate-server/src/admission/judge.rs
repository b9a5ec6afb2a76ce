//! From a review's bytes to its decisions, on a worker.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use gate_core::Digest;
use gate_core::decision::Verdict;
use gate_core::effects::GateError;
use gate_core::environment::Environment;
use gate_core::limits::POD_IMAGES;
use gate_core::object::images;
use gate_core::reason::{ErrorCode, GateCode, RequestCode};
use gate_core::request::{Admission, Asker, Object, Request, Subject, SubjectKind};
use gate_io::registry::Pinned;
use serde_json::Value;

use super::answer::ReviewAnswer;
use super::exempt::exempt;
use super::review::{self, Asked};
use crate::force::InForce;
use crate::gate::Gate;
use crate::judge::{self, Place};
use crate::keep::Kept;
use crate::problem::Problem;
use crate::subject::configured;

/// What became of a review.
pub(super) enum Judged {
    /// Nothing new would run.
    Passed(ReviewAnswer),
    /// There are decisions, to be kept.
    Decided { answer: ReviewAnswer, kept: Vec<Kept> },
    /// There are decisions of a dry run, which keeps none.
    Tried { answer: ReviewAnswer, verdicts: Vec<Verdict> },
}

/// Judges the object of a review and every image in it.
pub(super) fn judge(
    place: &Place<'_>,
    environment: &Arc<Environment>,
    requester: &str,
    body: &Bytes,
) -> Result<Judged, Problem> {
    let gate = place.gate;
    let review = review::read(body)?;
    let mut asked =
        review.request.map_err(|detail| Problem::refused(RequestCode::RequestMalformed, detail))?;
    if let Some(why) = exempt(&asked) {
        return Ok(Judged::Passed(ReviewAnswer::passed(review.uid, why)));
    }
    let object = asked.object.take().map(|object| object.0).filter(|object| !object.is_null());
    let Some(object) = object else {
        return Err(unreadable("the review has no object"));
    };
    same_kind(&asked, &object)?;
    let mut images = pinned(place.force, &object)?;
    // Rules of another tool judge the object, and say nothing of images by their digests. Which rules
    // judge an image is a question of each: a candidate judges its share.
    images.retain(|digest, _| environment.judging(*digest).policy().dialect().judges_facts());
    let mut requests = vec![object_request(gate, requester, &asked, object)?];
    requests.extend(images.keys().map(|digest| judge::artifact(gate, requester, *digest)));
    let now = requests[0].now;
    let mut decisions = Vec::with_capacity(requests.len());
    for request in &mut requests {
        // One review is one moment, however long it takes.
        request.now = now;
        if Instant::now() >= place.until {
            return Err(Problem::refused(
                RequestCode::DeadlineExceeded,
                "the time-out of the webhook was over before every image was judged",
            ));
        }
        let images = images.get(&request.subject.digest).map(Vec::as_slice).unwrap_or_default();
        decisions.push(judge::check(place, environment, request, images)?);
    }
    let answer = ReviewAnswer::judged(review.uid, &decisions);
    if asked.dry_run == Some(true) {
        let verdicts = decisions.iter().map(|decided| decided.decision.verdict).collect();
        return Ok(Judged::Tried { answer, verdicts });
    }
    let kept = requests
        .into_iter()
        .zip(decisions)
        .map(|(request, decided)| Kept { request, decided, environment: environment.clone() })
        .collect();
    Ok(Judged::Decided { answer, kept })
}

/// The digests of the object's images, each with the configured registries that it is named in.
/// References without one, and shapes that cannot be read, are found by the decision on the object.
fn pinned(force: &InForce, object: &Value) -> Result<BTreeMap<Digest, Vec<Pinned>>, Problem> {
    let images = images(object).unwrap_or_default();
    if images.len() > POD_IMAGES {
        return Err(unreadable(&format!("the object names more than {POD_IMAGES} images")));
    }
    let mut found = BTreeMap::<_, Vec<Pinned>>::new();
    for image in images {
        let Some(digest) = image.digest else { continue };
        let named = found.entry(digest).or_default();
        if force.registry.settings().is_empty() {
            continue;
        }
        let pinned = image.reference.parse().ok().and_then(|image| configured(force, &image));
        if let Some(pinned) = pinned.filter(|pinned| pinned.digest == digest)
            && named.iter().all(|known| known.image.place() != pinned.image.place())
        {
            named.push(pinned);
        }
    }
    Ok(found)
}

/// The object must be what the review says it is: rules and readers go by the object's own words.
fn same_kind(asked: &Asked, object: &Value) -> Result<(), Problem> {
    let text = |key| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    if version.is_empty() || text("kind").is_empty() {
        return Err(unreadable("the object has no `apiVersion` or no `kind`"));
    }
    match &asked.kind {
        Some(kind) if kind.group != group || kind.kind != text("kind") => {
            Err(unreadable("the object is of another kind than the review says"))
        }
        _ => Ok(()),
    }
}

fn object_request(
    gate: &Gate,
    requester: &str,
    asked: &Asked,
    object: Value,
) -> Result<Request, Problem> {
    let object = Object::new(object).map_err(|error| {
        Problem::from(
            GateError::new(ErrorCode::SubjectInvalid, "the object has no canonical form")
                .caused_by(error),
        )
    })?;
    let user = asked.user_info.as_ref();
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let admission = Admission {
        operation: text(&asked.operation),
        namespace: text(&asked.namespace),
        name: text(&asked.name),
        user: user.map(|user| text(&user.username)).unwrap_or_default(),
        groups: user.and_then(|user| user.groups.clone()).unwrap_or_default(),
    };
    Ok(Request {
        subject: Subject { digest: object.digest(), kind: SubjectKind::Object },
        asker: Asker { requester: requester.to_owned(), admission: Some(admission) },
        now: gate.clock.now().to_second(),
        object: Some(object),
    })
}

/// A refusal with one of Gate's own codes, where there is no object to decide on.
fn unreadable(detail: &str) -> Problem {
    let code = GateCode::ObjectUnreadable;
    Problem {
        status: axum::http::StatusCode::FORBIDDEN,
        code: code.code(),
        title: code.description(),
        solution: code.solution(),
        detail: detail.to_owned(),
    }
}
