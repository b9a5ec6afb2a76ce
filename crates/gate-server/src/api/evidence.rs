//! `PUT /v1/subjects/{subject}/evidence/{digest}`: evidence for a later decision.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use gate_core::Digest;
use gate_core::digest::DigestError;
use gate_core::limits::SBOM_BYTES;
use gate_core::reason::RequestCode;
use gate_core::verify::inspect;
use gate_io::config::Right;
use gate_io::store::Uploaded as UploadOutcome;
use schemars::JsonSchema;
use serde::Serialize;

use crate::envelope::Context;
use crate::gate::Gate;
use crate::json;
use crate::pool::Turn;
use crate::problem::Problem;

/// Evidence that the server holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Uploaded {
    /// What it was uploaded for.
    pub subject: Digest,
    /// The evidence.
    pub evidence: Digest,
}

/// Takes evidence for a subject. What no reader of Gate can read is refused here, so that it does
/// not stop a release later.
pub async fn upload(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    Path((subject, evidence)): Path<(String, String)>,
    body: Body,
) -> Result<(StatusCode, Json<Uploaded>), Problem> {
    context.caller.may(Right::Evidence)?;
    let digest = |text: String| {
        text.parse::<Digest>().map_err(|error: DigestError| {
            Problem::refused(RequestCode::RequestMalformed, error.to_string())
        })
    };
    let (subject, evidence) = (digest(subject)?, digest(evidence)?);
    let (slot, upload) = (gate.slot()?, gate.upload_slot()?);
    let bytes = json::read(body, SBOM_BYTES).await?;
    let job = {
        let (gate, by) = (gate.clone(), context.caller.name.clone());
        move |turn: &Turn| {
            let _upload = upload;
            let found = Digest::of(&bytes);
            if found != evidence {
                return Err(Problem::refused(
                    RequestCode::DigestMismatch,
                    format!("the body has digest {found}"),
                ));
            }
            readable(&bytes)?;
            turn.give_up();
            store(&gate, subject, &bytes, &by)
        }
    };
    let new = gate.work(slot, context.deadline(), job).await??;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Uploaded { subject, evidence })))
}

/// Refuses what no reader of Gate reads.
fn readable(bytes: &[u8]) -> Result<(), Problem> {
    let inspection = inspect(bytes);
    if inspection.is_readable() {
        return Ok(());
    }
    let first = inspection.problems.first();
    let detail = first.map(|problem| format!("{}: {}", problem.code, problem.detail));
    Err(Problem::refused(RequestCode::EvidenceRefused, detail.unwrap_or_default()))
}

/// Keeps it; whether it is new.
fn store(gate: &Gate, subject: Digest, bytes: &[u8], by: &str) -> Result<bool, Problem> {
    match gate.store.put_upload(subject, bytes, by)? {
        UploadOutcome::Kept => Ok(true),
        UploadOutcome::Known => Ok(false),
        UploadOutcome::LimitExceeded => Err(Problem::refused(
            RequestCode::UploadLimit,
            format!("{subject} has as much evidence as this server keeps for one subject"),
        )),
    }
}
