//! From a provenance and its signer to what the two prove together: whether the builder is the one
//! that is named, and which SLSA build level that supports. No claim of the statement raises it.

use std::sync::LazyLock;

use regex::Regex;

use crate::facts::{BuildLevel, BuilderBinding, Identity, Provenance, Source};

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const GENERATOR: &str =
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/";

/// Completes a provenance with what its signer shows.
pub(super) fn judge(provenance: Provenance, source: &Source) -> Provenance {
    let identity = source.identity.as_ref();
    let bound = identity.and_then(|it| binding(&provenance.builder, it));
    let build_level = level(&provenance, source, bound);
    Provenance { builder_bound_by: bound, build_level, ..provenance }
}

/// What of the certificate shows that this builder signed.
fn binding(builder: &str, identity: &Identity) -> Option<BuilderBinding> {
    if builder.is_empty() {
        return None;
    }
    if builder == identity.subject {
        return Some(BuilderBinding::Subject);
    }
    if is_delegator(identity) && is_workflow(builder) {
        return Some(BuilderBinding::Delegator);
    }
    if project_of(&identity.subject, &identity.issuer)
        .is_some_and(|project| is_of_project(builder, &project))
    {
        return Some(BuilderBinding::Project);
    }
    let github = builder == "https://github.com/actions/runner"
        || builder.starts_with("https://github.com/actions/runner/");
    (github && identity.issuer == GITHUB).then_some(BuilderBinding::Issuer)
}

fn level(provenance: &Provenance, source: &Source, bound: Option<BuilderBinding>) -> BuildLevel {
    let level = |level, reason: String| BuildLevel { level, reason };
    let builder = short(&provenance.builder);
    if provenance.builder.is_empty() {
        return level(0, "the statement names no builder".to_owned());
    }
    let Some(signer) = &source.signer else {
        return level(1, format!("nobody signed it: that {builder} built it is only said"));
    };
    let Some(identity) = &source.identity else {
        let reason = format!("the key of `{signer}` signed it, and a key names no builder");
        return level(1, reason);
    };
    let subject = short(&identity.subject);
    let Some(bound) = bound else {
        let reason = format!("the certificate is of {subject}, which is not the builder {builder}");
        return level(1, reason);
    };
    if !is_hosted(&identity.issuer) {
        let reason = format!("{subject} of {} is no known build platform", identity.issuer);
        return level(1, reason);
    }
    let isolates = matches!(bound, BuilderBinding::Subject | BuilderBinding::Delegator)
        && identity.issuer == GITHUB
        && isolated(&provenance.builder);
    if isolates {
        return level(3, format!("{builder} is known to isolate its builds, and signed it"));
    }
    let reason = format!(
        "the build platform signed it as {subject}, which is not known to isolate builds from \
         those who define them"
    );
    level(2, reason)
}

/// A release of a builder of slsa-github-generator: a reusable workflow that the caller cannot change.
/// A branch of it could be anything.
fn isolated(builder: &str) -> bool {
    static WORKFLOW: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"\A(?:builder|generator|delegator)_[a-z0-9_-]+_slsa3\.yml@refs/tags/v[0-9]+\.[0-9]+\.[0-9]+\z",
        )
        .ok()
    });
    builder
        .strip_prefix(GENERATOR)
        .is_some_and(|workflow| WORKFLOW.as_ref().is_some_and(|pattern| pattern.is_match(workflow)))
}

/// A workflow of GitHub at a ref: what the delegator signs for, by the token that the workflow got.
fn is_workflow(builder: &str) -> bool {
    let named = builder.strip_prefix("https://github.com/").and_then(|rest| {
        let (repository, workflow) = rest.split_once("/.github/workflows/")?;
        let (file, r#ref) = workflow.split_once('@')?;
        Some((repository.split('/').count() == 2, !file.contains('/'), r#ref.starts_with("refs/")))
    });
    named == Some((true, true, true))
}

fn is_delegator(identity: &Identity) -> bool {
    identity.issuer == GITHUB
        && isolated(&identity.subject)
        && identity.subject[GENERATOR.len()..].starts_with("delegator_")
}

/// Issuers whose subjects are builds on a platform, not people or machines: GitHub Actions, GitLab
/// (of any host, whose subjects are pipelines), Buildkite and CircleCI.
fn is_hosted(issuer: &str) -> bool {
    issuer == GITHUB
        || issuer.starts_with("https://token.actions.githubusercontent.com/")
        || issuer == "https://gitlab.com"
        || issuer == "https://agent.buildkite.com"
        || issuer.starts_with("https://oidc.circleci.com/org/")
}

/// The project whose workflow a subject names: `https://github.com/o/r` of
/// `https://github.com/o/r/.github/workflows/f@ref`, `https://gitlab.com/g/p` of
/// `https://gitlab.com/g/p//.gitlab-ci.yml@ref`.
fn project_of(subject: &str, issuer: &str) -> Option<String> {
    let project = match issuer {
        GITHUB => subject.split_once("/.github/workflows/")?.0,
        _ => subject.strip_prefix(issuer)?.split_once("//").map(|(path, _)| path)?,
    };
    Some(match issuer {
        GITHUB => project.to_owned(),
        _ => format!("{issuer}{project}"),
    })
}

/// A run (`…/actions/runs/1`), job or runner (`…/-/runners/1`, `…/-/jobs/1`) of this project.
fn is_of_project(builder: &str, project: &str) -> bool {
    builder.strip_prefix(project).is_some_and(|rest| {
        ["/actions/runs/", "/-/runners/", "/-/jobs/", "/-/pipelines/"].iter().any(|part| {
            rest.strip_prefix(part).is_some_and(|id| !id.is_empty() && !id.contains(".."))
        })
    })
}

fn short(text: &str) -> String {
    const LIMIT: usize = 200;
    if text.chars().count() <= LIMIT {
        return text.to_owned();
    }
    format!("{}...", text.chars().take(LIMIT).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;
    use crate::facts::Binding;

    const SIGNER: &str =
        "https://github.com/shop/app/.github/workflows/release.yml@refs/heads/main";

    fn identity(subject: &str, issuer: &str) -> Identity {
        Identity {
            subject: subject.to_owned(),
            issuer: issuer.to_owned(),
            claims: std::collections::BTreeMap::new(),
        }
    }

    fn judged(builder: &str, signer: Option<&str>, by: Option<Identity>) -> Provenance {
        let provenance = Provenance {
            predicate_type: "t".to_owned(),
            builder: builder.to_owned(),
            build_type: "b".to_owned(),
            entry_point: None,
            source: None,
            parameters: serde_json::Value::Null,
            materials: vec![],
            invocation: None,
            started_at: None,
            finished_at: None,
            builder_bound_by: None,
            build_level: BuildLevel::unproven(),
        };
        let source = Source {
            evidence: Digest::of(b""),
            binding: Binding::Statement,
            signer: signer.map(str::to_owned),
            identity: by,
            caller: None,
        };
        judge(provenance, &source)
    }

    fn keyless(builder: &str, subject: &str, issuer: &str) -> (Option<BuilderBinding>, u8) {
        let it = judged(builder, Some("build"), Some(identity(subject, issuer)));
        (it.builder_bound_by, it.build_level.level)
    }

    #[test]
    fn without_a_certificate_no_builder_is_proven() {
        let isolated = format!("{GENERATOR}builder_go_slsa3.yml@refs/tags/v2.1.0");
        for (builder, signer, level) in
            [(isolated.as_str(), None, 1), (&isolated, Some("key"), 1), ("", Some("key"), 0)]
        {
            let it = judged(builder, signer, None);
            assert_eq!((it.builder_bound_by, it.build_level.level), (None, level), "{it:?}");
        }
    }

    #[test]
    fn a_known_isolated_builder_is_level_three_only_as_a_release_that_signed_itself() {
        let go = format!("{GENERATOR}builder_go_slsa3.yml@refs/tags/v2.1.0");
        assert_eq!(keyless(&go, &go, GITHUB), (Some(BuilderBinding::Subject), 3));
        let maven = format!("{GENERATOR}builder_maven_slsa3.yml@refs/tags/v2.1.0");
        let delegator = format!("{GENERATOR}delegator_lowperms-generic_slsa3.yml@refs/tags/v2.1.0");
        assert_eq!(keyless(&maven, &delegator, GITHUB), (Some(BuilderBinding::Delegator), 3));
        let other = "https://github.com/shop/builders/.github/workflows/b.yml@refs/tags/v1";
        assert_eq!(keyless(other, &delegator, GITHUB), (Some(BuilderBinding::Delegator), 2));
        assert_eq!(keyless("https://ci.example/", &delegator, GITHUB), (None, 1));
        // Claimed by somebody else's workflow, or signed under another issuer.
        assert_eq!(keyless(&go, SIGNER, GITHUB), (None, 1));
        assert_eq!(keyless(&maven, &go, GITHUB), (None, 1));
        assert_eq!(keyless(&go, &go, "https://issuer.example"), (Some(BuilderBinding::Subject), 1));
        for other in [
            format!("{GENERATOR}builder_go_slsa3.yml@refs/heads/main"),
            format!("{GENERATOR}builder_go_slsa3.yml@refs/tags/v2"),
            format!("{GENERATOR}evil.yml@refs/tags/v2.1.0"),
            go.replace("slsa-framework", "evil"),
            format!("{GENERATOR}../../evil/builder_go_slsa3.yml@refs/tags/v2.1.0"),
        ] {
            assert_eq!(keyless(&other, &other, GITHUB).1, 2, "{other}");
        }
    }

    #[test]
    fn a_run_or_runner_belongs_to_the_project_that_signed() {
        let project = Some(BuilderBinding::Project);
        let run = "https://github.com/shop/app/actions/runs/1/attempts/1";
        assert_eq!(keyless(run, SIGNER, GITHUB), (project, 2));
        for other in
            ["https://github.com/shop/app-evil/actions/runs/1", "https://github.com/shop/app"]
        {
            assert_eq!(keyless(other, SIGNER, GITHUB), (None, 1), "{other}");
        }
        let (lab, pipeline) =
            ("https://gitlab.com", "https://gitlab.com/shop/app//.gitlab-ci.yml@refs/heads/main");
        assert_eq!(keyless("https://gitlab.com/shop/app/-/runners/7", pipeline, lab), (project, 2));
        assert_eq!(keyless("https://gitlab.com/shop/other/-/runners/7", pipeline, lab), (None, 1));
        let hosted = "https://github.com/actions/runner/github-hosted";
        assert_eq!(keyless(hosted, SIGNER, GITHUB), (Some(BuilderBinding::Issuer), 2));
        assert_eq!(keyless(hosted, pipeline, lab), (None, 1));
    }
}
