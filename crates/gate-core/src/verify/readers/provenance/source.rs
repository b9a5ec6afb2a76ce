//! From what a build names and consumed to the one source that it was made from.

use std::collections::BTreeMap;

use super::repository::{Location, commit_id, git, spelled};
use super::wire::Dependency;
use crate::facts::{Material, ProvenanceSource};

/// The source as parameters or configuration name it.
#[derive(Debug, Default)]
pub(super) struct Named<'a> {
    pub(super) uri: &'a str,
    pub(super) r#ref: Option<&'a str>,
    pub(super) digest: Option<&'a BTreeMap<String, String>>,
}

/// The commit among these digests of a repository. GitLab writes the commit under `sha256`, where
/// only its length tells that it is none.
pub(super) fn commit_of(digest: &BTreeMap<String, String>) -> Option<String> {
    ["gitCommit", "sha1", "commit"]
        .into_iter()
        .filter_map(|name| digest.get(name))
        .chain(digest.get("sha256").filter(|text| text.len() == 40))
        .find_map(|text| commit_id(text))
}

/// The source that was built: what is named, with the commit that the dependency of the same
/// repository was resolved to; where nothing is named, the first git dependency, and before it the
/// one that the build declares as its input (Tekton lists the repositories of its tasks as well).
pub(super) fn source(
    named: Option<&Named<'_>>,
    consumed: &[Dependency],
) -> Option<ProvenanceSource> {
    let resolved = |dependency: &Dependency| {
        let uri = dependency.uri.as_deref()?;
        let digest = dependency.digest.as_ref();
        let location = git(uri)?;
        let commit = digest.and_then(commit_of).or_else(|| location.commit.clone());
        Some(Location { commit, ..location })
    };
    let Some(named) = named else {
        let is_input = |it: &&Dependency| it.name.as_deref() == Some("inputs/result");
        let inputs = consumed.iter().filter(is_input).filter_map(resolved);
        let mut all = inputs.chain(consumed.iter().filter_map(resolved));
        return all.next().map(found);
    };
    let location = spelled(named.uri)
        .unwrap_or_else(|| Location { repository: named.uri.to_owned(), ..Location::default() });
    let r#ref = named.r#ref.map(str::to_owned).or_else(|| location.r#ref.clone());
    // GitLab's and Cloud Build's dependencies do not say that they are git.
    let same: Vec<_> = consumed
        .iter()
        .filter_map(|it| {
            let place = spelled(it.uri.as_deref()?)?;
            let commit = it.digest.as_ref().and_then(commit_of).or_else(|| place.commit.clone());
            (place.repository == location.repository).then_some(Location { commit, ..place })
        })
        .collect();
    let fits = |it: &&Location| it.r#ref == r#ref || it.r#ref.is_none();
    let best = same.iter().find(fits).or_else(|| same.first());
    let commit = (named.digest.and_then(commit_of))
        .or_else(|| best.and_then(|it| it.commit.clone()))
        .or(location.commit);
    let r#ref = r#ref.or_else(|| best.and_then(|it| it.r#ref.clone()));
    Some(ProvenanceSource { repository: location.repository, r#ref, commit })
}

fn found(location: Location) -> ProvenanceSource {
    let Location { repository, r#ref, commit } = location;
    ProvenanceSource { repository, r#ref, commit }
}

/// What was consumed, as facts have it.
pub(super) fn materials(consumed: Vec<Dependency>) -> Vec<Material> {
    consumed
        .into_iter()
        .map(|it| Material { uri: it.uri, digest: it.digest.unwrap_or_default() })
        .collect()
}
