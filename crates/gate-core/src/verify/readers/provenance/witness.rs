//! From a witness collection (Jenkins, GitHub, GitLab) to a build: its attestors each tell a part.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::repository::{commit_id, spelled};
use super::wire::{instant, text};
use super::{Head, finish};
use crate::facts::{Material, Provenance, ProvenanceSource};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::statement::Statement;

#[derive(Deserialize)]
struct Collection<'a> {
    name: String,
    #[serde(borrow)]
    attestations: Vec<Attested<'a>>,
}

#[derive(Deserialize)]
struct Attested<'a> {
    r#type: String,
    #[serde(borrow)]
    attestation: Option<&'a RawValue>,
    starttime: Option<String>,
    endtime: Option<String>,
}

#[derive(Default, Deserialize)]
struct Git {
    commithash: Option<String>,
    refs: Option<Vec<String>>,
    remotes: Option<Vec<String>>,
}

/// What the attestors `jenkins`, `github` and `gitlab` tell of the run.
#[derive(Default, Deserialize)]
struct Pipeline {
    #[serde(rename = "ciserverurl")]
    server: Option<String>,
    #[serde(rename = "jenkinsurl")]
    jenkins: Option<String>,
    #[serde(rename = "projecturl")]
    project: Option<String>,
    #[serde(rename = "pipelineurl")]
    run: Option<String>,
    #[serde(rename = "joburl")]
    job: Option<String>,
    #[serde(rename = "buildtag")]
    build: Option<String>,
    #[serde(rename = "ciconfigpath")]
    configuration: Option<String>,
    #[serde(rename = "jobname")]
    job_name: Option<String>,
}

/// Reads a collection. What no attestor tells stays unknown; without one of a CI system it names no
/// builder.
pub(super) fn read(predicate_type: &str, statement: &Statement<'_>) -> Result<Provenance, Failure> {
    let collection: Collection<'_> = statement.predicate()?;
    let mut git = Git::default();
    let mut pipeline = Pipeline::default();
    let mut materials = vec![];
    let mut problems = vec![];
    let (mut started_at, mut finished_at) = (None, None);
    for (at, attested) in collection.attestations.iter().enumerate() {
        let mut time = |value: &Option<String>, name: &str| {
            let place = format!("/predicate/attestations/{at}/{name}");
            instant(value.as_deref(), &place, &mut problems)
        };
        started_at =
            [started_at, time(&attested.starttime, "starttime")].into_iter().flatten().min();
        finished_at = finished_at.max(time(&attested.endtime, "endtime"));
        let Some(raw) = attested.attestation else { continue };
        let bytes = raw.get().as_bytes();
        match attestor(&attested.r#type) {
            "git" => git = json::parse(bytes)?,
            "jenkins" | "github" | "gitlab" => pipeline = json::parse(bytes)?,
            "material" => materials = consumed(json::parse(bytes)?),
            _ => {}
        }
    }
    let builder = [&pipeline.jenkins, &pipeline.server].into_iter().flatten().next();
    finish(
        Head {
            predicate_type,
            builder: builder.cloned().unwrap_or_default(),
            build_type: predicate_type.to_owned(),
            entry_point: text(pipeline.configuration.as_deref())
                .or_else(|| text(pipeline.job_name.as_deref()))
                .or_else(|| text(Some(&collection.name))),
            source: source(git, pipeline.project.as_deref()),
            parameters: Value::Null,
            invocation: [&pipeline.job, &pipeline.run, &pipeline.build]
                .into_iter()
                .find_map(|it| text(it.as_deref())),
            started_at,
            finished_at,
        },
        materials,
        problems,
    )
}

/// `git` of `https://witness.dev/attestations/git/v0.1`.
fn attestor(kind: &str) -> &str {
    kind.rsplit('/').nth(1).unwrap_or_default()
}

fn source(git: Git, project: Option<&str>) -> Option<ProvenanceSource> {
    let remote = git.remotes.iter().flatten().find_map(|remote| {
        // `origin https://…` in some versions, the URL alone in others.
        remote.split_whitespace().find_map(spelled)
    });
    let repository = project.and_then(spelled).or(remote).map(|it| it.repository);
    let commit = git.commithash.as_deref().and_then(commit_id);
    if repository.is_none() && commit.is_none() {
        return None;
    }
    // Several refs may point at the commit; which of them was built is only known where there is one.
    let mut refs = git.refs.into_iter().flatten().filter(|it| !it.starts_with("refs/remotes/"));
    let r#ref = refs.next().filter(|_| refs.next().is_none());
    Some(ProvenanceSource { repository: repository.unwrap_or_default(), r#ref, commit })
}

fn consumed(files: BTreeMap<String, BTreeMap<String, String>>) -> Vec<Material> {
    files.into_iter().map(|(name, digest)| Material { uri: Some(name), digest }).collect()
}
