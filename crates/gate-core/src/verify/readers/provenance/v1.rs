//! From SLSA provenance 1.x to a build.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::source::{Named, materials, source};
use super::wire::{Builder, Dependency, at, id, instant};
use super::{Head, as_recorded, finish};
use crate::facts::Provenance;
use crate::verify::failure::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Predicate {
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
    internal_parameters: Option<Internal>,
    #[serde(default)]
    resolved_dependencies: Option<Vec<Dependency>>,
}

/// What slsa-github-generator's delegator writes of the run; it stands nowhere else.
#[derive(Default, Deserialize)]
struct Internal {
    #[serde(rename = "GITHUB_REPOSITORY")]
    repository: Option<Value>,
    #[serde(rename = "GITHUB_REF")]
    r#ref: Option<Value>,
    #[serde(rename = "GITHUB_WORKFLOW_REF")]
    workflow: Option<Value>,
}

#[derive(Deserialize)]
struct RunDetails {
    builder: Builder,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default, alias = "invocationID", deserialize_with = "id")]
    invocation_id: Option<String>,
    started_on: Option<String>,
    finished_on: Option<String>,
    /// BuildKit: where the files came from when a local folder was built.
    #[serde(rename = "buildkit_metadata")]
    buildkit: Option<Buildkit>,
}

#[derive(Deserialize)]
pub(super) struct Buildkit {
    pub(super) vcs: Option<Vcs>,
}

#[derive(Deserialize)]
pub(super) struct Vcs {
    pub(super) source: Option<String>,
    pub(super) revision: Option<String>,
}

impl Vcs {
    /// The source. A revision with changes on top (`…-dirty`) is no commit.
    pub(super) fn named<'a>(
        &'a self,
        digest: &'a mut BTreeMap<String, String>,
    ) -> Option<Named<'a>> {
        let uri = self.source.as_deref().filter(|text| !text.is_empty())?;
        digest.extend(self.revision.iter().map(|it| ("gitCommit".to_owned(), it.clone())));
        Some(Named { uri, r#ref: None, digest: Some(digest) })
    }
}

/// Reads a provenance.
pub(super) fn read(predicate_type: &str, predicate: Predicate) -> Result<Provenance, Failure> {
    let definition = predicate.build_definition;
    let parameters = &definition.external_parameters;
    let internal = definition.internal_parameters.unwrap_or_default();
    let consumed = definition.resolved_dependencies.unwrap_or_default();
    let metadata = predicate.run_details.metadata;
    let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    let repository = text(&internal.repository).map(|it| format!("https://github.com/{it}"));
    let r#ref = text(&internal.r#ref);
    let digest = digest_of(parameters);
    let mut revision = BTreeMap::new();
    let delegated = || {
        let uri = repository.as_deref()?;
        Some(Named { uri, r#ref: r#ref.as_deref(), digest: None })
    };
    let vcs = metadata.as_ref().and_then(|it| it.buildkit.as_ref()?.vcs.as_ref());
    let named = named(parameters, digest.as_ref())
        .or_else(delegated)
        .or_else(|| vcs.and_then(|it| it.named(&mut revision)));
    let mut problems = vec![];
    let time = |value: Option<&String>, name: &str, problems: &mut _| {
        let place = format!("/predicate/runDetails/metadata/{name}");
        instant(value.map(String::as_str), &place, problems)
    };
    let started_at =
        time(metadata.as_ref().and_then(|it| it.started_on.as_ref()), "startedOn", &mut problems);
    let finished_at =
        time(metadata.as_ref().and_then(|it| it.finished_on.as_ref()), "finishedOn", &mut problems);
    let workflow = text(&internal.workflow);
    finish(
        Head {
            predicate_type,
            builder: predicate.run_details.builder.id,
            build_type: definition.build_type,
            entry_point: entry_point(parameters, workflow.as_deref()),
            source: source(named.as_ref(), &consumed),
            parameters: as_recorded(parameters)?,
            invocation: metadata.and_then(|it| it.invocation_id),
            started_at,
            finished_at,
        },
        materials(consumed),
        problems,
    )
}

/// The source as the parameters of a known builder name it: GitHub workflows, Cloud Build, the
/// container-based builder, BuildKit and GitLab.
fn named<'a>(
    parameters: &'a Value,
    digest: Option<&'a BTreeMap<String, String>>,
) -> Option<Named<'a>> {
    for group in ["workflow", "sourceToBuild", "buildConfigSource"] {
        if let Some(uri) = at(parameters, &format!("/{group}/repository")) {
            let r#ref = at(parameters, &format!("/{group}/ref"));
            return Some(Named { uri, r#ref, digest: None });
        }
    }
    ["/source/uri", "/configSource/uri", "/source"]
        .into_iter()
        .find_map(|pointer| at(parameters, pointer))
        .map(|uri| Named { uri, r#ref: None, digest })
}

fn digest_of(parameters: &Value) -> Option<BTreeMap<String, String>> {
    let digest = ["/source/digest", "/configSource/digest"]
        .into_iter()
        .find_map(|pointer| parameters.pointer(pointer)?.as_object())?;
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    Some(digest.iter().filter_map(text).collect())
}

/// The file or job that was run. A delegated build names it as `owner/repository/path@ref`.
fn entry_point(parameters: &Value, workflow: Option<&str>) -> Option<String> {
    const PLACES: [&str; 6] = [
        "/workflow/path",
        "/buildConfigSource/path",
        "/configPath",
        "/configSource/path",
        "/entryPoint",
        "/workflowPath",
    ];
    let delegated = || workflow?.split('@').next()?.splitn(3, '/').nth(2);
    PLACES
        .into_iter()
        .find_map(|pointer| at(parameters, pointer))
        .or_else(delegated)
        .map(str::to_owned)
}
