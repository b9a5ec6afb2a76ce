//! From a provenance predicate, of any version and builder, to builder, source and materials.

mod repository;
mod source;
#[cfg(test)]
mod tests;
mod v0;
mod v1;
mod wire;
mod witness;

pub(in crate::verify) use repository::commit_id;
use serde_json::Value;

use crate::facts::{BuildLevel, Located, Material, Provenance, ProvenanceSource};
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::statement::Statement;
use crate::{Timestamp, canonical, limits, predicates};

/// Reads the provenance in a statement, with its format and version. Without a builder's entry or a
/// build type it is none.
pub(in crate::verify) fn read(
    predicate_type: &str,
    statement: &Statement<'_>,
) -> Result<(Provenance, &'static str), Failure> {
    match predicates::provenance(predicate_type) {
        Some("0.1") => Ok((v0::first(predicate_type, statement.predicate()?)?, "0.1")),
        Some("0.2") => Ok((v0::second(predicate_type, statement.predicate()?)?, "0.2")),
        Some("witness") => Ok((witness::read(predicate_type, statement)?, "0.1")),
        _ => Ok((v1::read(predicate_type, statement.predicate()?)?, "1")),
    }
}

/// What every version says.
struct Head<'a> {
    predicate_type: &'a str,
    builder: String,
    build_type: String,
    entry_point: Option<String>,
    source: Option<ProvenanceSource>,
    parameters: Value,
    invocation: Option<String>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

fn finish(
    head: Head<'_>,
    materials: Vec<Material>,
    problems: Vec<Located>,
) -> Result<Provenance, Failure> {
    if !problems.is_empty() {
        return Err(Failure::invalid(problems));
    }
    if head.build_type.is_empty() {
        return Err(Failure::malformed("the provenance names no build type"));
    }
    if materials.len() > limits::MATERIALS {
        let detail = format!("the provenance has more than {} materials", limits::MATERIALS);
        return Err(Failure::new(Problem::EvidenceTooLarge, detail));
    }
    Ok(Provenance {
        predicate_type: head.predicate_type.to_owned(),
        builder: head.builder,
        build_type: head.build_type,
        entry_point: head.entry_point,
        source: head.source,
        parameters: head.parameters,
        materials,
        invocation: head.invocation,
        started_at: head.started_at,
        finished_at: head.finished_at,
        builder_bound_by: None,
        build_level: BuildLevel::unproven(),
    })
}

/// The value as the record will give it back: a number that RFC 8785 writes otherwise must be the
/// same in the first evaluation and in its replay.
pub(in crate::verify) fn as_recorded(value: &Value) -> Result<Value, Failure> {
    let unwritable = |error: &dyn std::fmt::Display| {
        Failure::malformed(format!("a value has no canonical form: {error}"))
    };
    let bytes = canonical::to_vec(value).map_err(|error| unwritable(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| unwritable(&error))
}
