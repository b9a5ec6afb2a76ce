//! From SLSA provenance 0.1 and 0.2 to a build.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::source::{Named, materials, source};
use super::v1::Buildkit;
use super::wire::{Builder, Dependency, id, instant, text};
use super::{Head, as_recorded, finish};
use crate::Timestamp;
use crate::facts::{Located, Provenance};
use crate::verify::failure::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Second {
    builder: Builder,
    build_type: String,
    invocation: Option<Invocation>,
    metadata: Option<Metadata>,
    materials: Option<Vec<Dependency>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    config_source: Option<ConfigSource>,
    #[serde(default)]
    parameters: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigSource {
    uri: Option<String>,
    digest: Option<BTreeMap<String, String>>,
    entry_point: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default, alias = "buildInvocationID", deserialize_with = "id")]
    build_invocation_id: Option<String>,
    build_started_on: Option<String>,
    build_finished_on: Option<String>,
    /// BuildKit: where the files came from when a local folder was built.
    #[serde(rename = "https://mobyproject.org/buildkit@v1#metadata")]
    buildkit: Option<Buildkit>,
}

#[derive(Deserialize)]
pub(super) struct First {
    builder: Builder,
    recipe: Option<Recipe>,
    metadata: Option<Metadata>,
    materials: Option<Vec<Dependency>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipe {
    r#type: Option<String>,
    /// The material that holds the recipe, by its number; Cloud Build writes it as text.
    #[serde(default, deserialize_with = "id")]
    defined_in_material: Option<String>,
    entry_point: Option<String>,
    #[serde(default)]
    arguments: Value,
}

impl Metadata {
    fn times(&self, problems: &mut Vec<Located>) -> [Option<Timestamp>; 2] {
        let mut time = |value: &Option<String>, name: &str| {
            instant(value.as_deref(), &format!("/predicate/metadata/{name}"), problems)
        };
        [
            time(&self.build_started_on, "buildStartedOn"),
            time(&self.build_finished_on, "buildFinishedOn"),
        ]
    }
}

/// Reads a provenance of version 0.2.
pub(super) fn second(predicate_type: &str, predicate: Second) -> Result<Provenance, Failure> {
    let consumed = predicate.materials.unwrap_or_default();
    let metadata = predicate.metadata.unwrap_or_default();
    let (config, parameters) = predicate
        .invocation
        .map_or_else(Default::default, |it| (it.config_source.unwrap_or_default(), it.parameters));
    let configured = config.uri.as_deref().filter(|uri| !uri.is_empty()).map(|uri| Named {
        uri,
        r#ref: None,
        digest: config.digest.as_ref(),
    });
    let mut revision = BTreeMap::new();
    let vcs = metadata.buildkit.as_ref().and_then(|it| it.vcs.as_ref());
    // A Tekton pipeline's configuration may come from elsewhere than what it builds, which is the
    // first git repository among its materials.
    let source = if predicate.build_type.starts_with("tekton.dev/") {
        source(None, &consumed).or_else(|| source(configured.as_ref(), &consumed))
    } else {
        let named = configured.or_else(|| vcs.and_then(|it| it.named(&mut revision)));
        source(named.as_ref(), &consumed)
    };
    let mut problems = vec![];
    let [started_at, finished_at] = metadata.times(&mut problems);
    finish(
        Head {
            predicate_type,
            builder: predicate.builder.id,
            build_type: predicate.build_type,
            entry_point: text(config.entry_point.as_deref()),
            source,
            parameters: as_recorded(&parameters)?,
            invocation: metadata.build_invocation_id,
            started_at,
            finished_at,
        },
        materials(consumed),
        problems,
    )
}

/// Reads a provenance of version 0.1, as Google Cloud Build writes it.
pub(super) fn first(predicate_type: &str, predicate: First) -> Result<Provenance, Failure> {
    let consumed = predicate.materials.unwrap_or_default();
    let metadata = predicate.metadata.unwrap_or_default();
    let recipe = predicate.recipe.unwrap_or_default();
    let defined = recipe.defined_in_material.as_deref().and_then(|it| it.parse::<usize>().ok());
    // Cloud Build's materials do not say that they are git: a commit among the digests does.
    let is_source = |it: &&Dependency| {
        it.digest.as_ref().is_some_and(|digest| super::source::commit_of(digest).is_some())
    };
    let material = defined.and_then(|at| consumed.get(at)).filter(is_source);
    let named = material.or_else(|| consumed.iter().find(is_source)).and_then(|it| {
        Some(Named { uri: it.uri.as_deref()?, r#ref: None, digest: it.digest.as_ref() })
    });
    let mut problems = vec![];
    let [started_at, finished_at] = metadata.times(&mut problems);
    finish(
        Head {
            predicate_type,
            builder: predicate.builder.id,
            build_type: recipe.r#type.unwrap_or_default(),
            entry_point: text(recipe.entry_point.as_deref()),
            source: source(named.as_ref(), &consumed),
            parameters: as_recorded(&recipe.arguments)?,
            invocation: metadata.build_invocation_id,
            started_at,
            finished_at,
        },
        materials(consumed),
        problems,
    )
}
