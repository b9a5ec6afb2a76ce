//! From a SLSA v1 provenance predicate to builder, source and materials.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::facts::{Material, Provenance, ProvenanceSource};
use crate::verify::failure::Failure;
use crate::{Timestamp, canonical};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    build_definition: BuildDefinition,
    run_details: RunDetails,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildDefinition {
    build_type: String,
    #[serde(default)]
    external_parameters: Value,
    #[serde(default)]
    resolved_dependencies: Option<Vec<Dependency>>,
}

#[derive(Deserialize)]
struct Dependency {
    uri: Option<String>,
    digest: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RunDetails {
    builder: Builder,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Builder {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    invocation_id: Option<String>,
    started_on: Option<Timestamp>,
    finished_on: Option<Timestamp>,
}

/// Reads a provenance; without a builder or build type it is none.
pub(in crate::verify) fn read(predicate_type: &str, value: Value) -> Result<Provenance, Failure> {
    let wire: Wire =
        serde_json::from_value(value).map_err(|error| Failure::malformed(error.to_string()))?;
    let definition = wire.build_definition;
    if wire.run_details.builder.id.is_empty() || definition.build_type.is_empty() {
        return Err(Failure::malformed("the provenance names no builder or no build type"));
    }
    let dependencies = definition.resolved_dependencies.unwrap_or_default();
    let metadata = wire.run_details.metadata;
    let source = source(&dependencies, &definition.external_parameters);
    Ok(Provenance {
        predicate_type: predicate_type.to_owned(),
        builder: wire.run_details.builder.id,
        build_type: definition.build_type,
        source,
        parameters: as_recorded(&definition.external_parameters)?,
        materials: dependencies
            .into_iter()
            .map(|it| Material { uri: it.uri, digest: it.digest.unwrap_or_default() })
            .collect(),
        invocation: metadata.as_ref().and_then(|it| it.invocation_id.clone()),
        started_at: metadata.as_ref().and_then(|it| it.started_on),
        finished_at: metadata.as_ref().and_then(|it| it.finished_on),
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

/// The source that was built: the git dependency of the repository that a GitHub workflow names, or
/// else the first git dependency; without one, what the workflow names, whose commit is not known.
fn source(dependencies: &[Dependency], parameters: &Value) -> Option<ProvenanceSource> {
    let workflow = |key: &str| parameters.pointer(&format!("/workflow/{key}"))?.as_str();
    let named = workflow("repository");
    let mut git = dependencies.iter().filter_map(|dependency| {
        let (repository, r#ref) = git_uri(dependency.uri.as_deref()?)?;
        let digest = dependency.digest.as_ref();
        let commit = digest
            .and_then(|digest| digest.get("gitCommit").or_else(|| digest.get("sha1")))
            .and_then(|commit| commit_id(commit));
        Some(ProvenanceSource { repository, r#ref, commit })
    });
    match named {
        Some(named) => git.find(|source| source.repository == named).or_else(|| {
            Some(ProvenanceSource {
                repository: named.to_owned(),
                r#ref: workflow("ref").map(str::to_owned),
                commit: None,
            })
        }),
        None => git.next(),
    }
}

/// Splits `git+https://host/owner/repository@refs/heads/main` into repository and ref. An `@`
/// before the path belongs to the host.
fn git_uri(uri: &str) -> Option<(String, Option<String>)> {
    let uri = uri.strip_prefix("git+").or_else(|| uri.starts_with("git://").then_some(uri))?;
    let host = uri.find("://")? + 3;
    let path = host + uri[host..].find('/')?;
    match uri[path..].find('@') {
        Some(at) => {
            let (repository, r#ref) = uri.split_at(path + at);
            Some((repository.to_owned(), Some(r#ref[1..].to_owned())))
        }
        None => Some((uri.to_owned(), None)),
    }
}

/// A full commit id (SHA-1 or SHA-256) in lower case. A shortened one could be another commit's.
pub(in crate::verify) fn commit_id(text: &str) -> Option<String> {
    let full = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    full.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn predicate(dependencies: &Value, parameters: &Value) -> Value {
        json!({
            "buildDefinition": {"buildType": "https://b", "externalParameters": parameters, "resolvedDependencies": dependencies},
            "runDetails": {"builder": {"id": "https://builder"}, "metadata": {"startedOn": "2026-01-01T00:00:00Z"}},
        })
    }

    fn source_of(dependencies: &Value, parameters: &Value) -> Option<ProvenanceSource> {
        read("t", predicate(dependencies, parameters)).unwrap().source
    }

    #[test]
    fn the_source_is_the_repository_that_the_workflow_names() {
        let tool = json!({"uri": "git+https://h/tool@v1", "digest": {"gitCommit": "0".repeat(40)}});
        let shop = json!({"uri": "git+https://h/shop@refs/heads/main", "digest": {"sha1": "A".repeat(40)}});
        let workflow =
            json!({"workflow": {"repository": "https://h/shop", "ref": "refs/heads/main"}});
        let source = source_of(&json!([tool, shop]), &workflow).unwrap();
        assert_eq!(source.repository, "https://h/shop");
        assert_eq!(source.r#ref.as_deref(), Some("refs/heads/main"));
        assert_eq!(source.commit, Some("a".repeat(40)));
        let source = source_of(&json!([tool, shop]), &json!({})).unwrap();
        assert_eq!(source.repository, "https://h/tool");
        assert_eq!(source_of(&json!([tool]), &workflow).unwrap().commit, None);
        assert_eq!(source_of(&json!([]), &json!(null)), None);
    }

    #[test]
    fn a_shortened_commit_is_none() {
        let short = json!([{"uri": "git+ssh://git@h/shop@v1", "digest": {"gitCommit": "abc123"}}]);
        let source = source_of(&short, &json!({})).unwrap();
        assert_eq!((source.repository.as_str(), source.commit), ("ssh://git@h/shop", None));
    }

    #[test]
    fn numbers_are_read_as_the_record_gives_them_back() {
        let value = json!({"a": 1.0, "b": u64::MAX});
        let recorded = as_recorded(&value).unwrap();
        assert_eq!(as_recorded(&recorded).unwrap(), recorded);
        assert_eq!(recorded["a"], json!(1));
    }
}
