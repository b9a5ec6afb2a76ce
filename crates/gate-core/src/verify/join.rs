//! From provenance, changes and approvals to the approvals that count: whose change it is, and that
//! somebody else, once, in time and for this environment, consented to it.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::people::People;
use super::readers::{approval, change};
use crate::Timestamp;
use crate::evidence::Kind;
use crate::facts::{Approval, Change, Fact, Provenance, Source};
use crate::reason::Problem;

/// A failed proof with the evidence that it was to be.
pub(super) type Failed = (Source, Failure);

/// Who made the change that the subject was built from, or why that is not known.
pub(super) type Authors = Result<BTreeSet<String>, String>;

/// Joins signed change statements to the commits of signed provenance. A change of another commit
/// is unrelated.
pub(super) fn changes(
    provenance: &[Fact<Provenance>],
    claims: Vec<(Source, change::Claim)>,
    people: &People,
) -> (Vec<Fact<Change>>, Vec<Failed>, Authors) {
    let commits = commits(provenance);
    let known = commits.as_ref().ok().cloned().unwrap_or_default();
    let mut joined = vec![];
    let mut failed = vec![];
    for (source, claim) in claims {
        if known.contains(&claim.commit) {
            joined.push(Fact { value: change_of(claim, people), source });
        } else {
            let detail = match &commits {
                Ok(_) => format!("commit {} is not the one that was built", claim.commit),
                Err(reason) => format!("commit {} joins nothing: {reason}", claim.commit),
            };
            let failure = Failure::new(Problem::ChangeUnrelated, detail).of(Kind::Change);
            failed.push((source, failure));
        }
    }
    let authors = commits.and_then(|commits| authors(&commits, &joined, people));
    (joined, failed, authors)
}

/// The commits that signed provenance says the subject was built from. Unsigned provenance names
/// no author, even where it counts for rules: anybody could point it at a change of their own.
fn commits(provenance: &[Fact<Provenance>]) -> Result<BTreeSet<String>, String> {
    let mut commits = BTreeSet::new();
    for fact in provenance.iter().filter(|fact| fact.source.signer.is_some()) {
        match fact.value.source.as_ref().and_then(|source| source.commit.clone()) {
            Some(commit) => {
                commits.insert(commit);
            }
            None => {
                return Err(format!(
                    "the provenance {} names no commit of its source: let the builder write it as `gitCommit` of a git dependency",
                    fact.source.evidence
                ));
            }
        }
    }
    if commits.is_empty() {
        return Err(
            "there is no verified provenance that names a commit: attach signed provenance"
                .to_owned(),
        );
    }
    Ok(commits)
}

fn change_of(claim: change::Claim, people: &People) -> Change {
    let persons: BTreeSet<_> = claim
        .authors
        .iter()
        .chain(&claim.committer)
        .flat_map(|name| people.of_name(name))
        .collect();
    let change::Claim { commit, repository, authors, committer } = claim;
    Change { commit, repository, authors, committer, people: persons.into_iter().collect() }
}

/// Everybody behind the commits. One name without a person, or one commit without a statement, and
/// nobody knows who else wrote it.
fn authors(commits: &BTreeSet<String>, changes: &[Fact<Change>], people: &People) -> Authors {
    let mut authors = BTreeSet::new();
    for commit in commits {
        let mut found = false;
        for change in changes.iter().map(|fact| &fact.value).filter(|it| it.commit == *commit) {
            found = true;
            let names = change.authors.iter().map(|name| ("author", name));
            for (role, name) in names.chain(change.committer.iter().map(|name| ("committer", name)))
            {
                let persons = people.of_name(name);
                if persons.is_empty() {
                    return Err(format!(
                        "the {role} `{name}` of commit {commit} is no person of the configuration: add the name under people.<person>.names"
                    ));
                }
                authors.extend(persons);
            }
        }
        if !found {
            return Err(format!(
                "there is no trusted change statement for commit {commit}: attach one by a signer of trust.change"
            ));
        }
    }
    Ok(authors)
}

/// What approvals are held against.
pub(super) struct Conditions<'a> {
    pub(super) environment: &'a str,
    pub(super) now: Timestamp,
    pub(super) people: &'a People,
    pub(super) authors: &'a Authors,
}

/// The approvals that count, and why the others do not.
pub(super) fn approvals(
    claims: Vec<(Source, approval::Claim)>,
    conditions: &Conditions<'_>,
) -> (Vec<Fact<Approval>>, Vec<Failed>) {
    let mut failed = vec![];
    let mut counting: BTreeMap<String, Vec<Fact<Approval>>> = BTreeMap::new();
    for (source, claim) in claims {
        match person(&source, &claim, conditions) {
            Err(failure) => failed.push((source, failure)),
            Ok(person) => {
                let approval::Claim { approved_at, expires_at, reason, .. } = claim;
                let value = Approval { person: person.clone(), approved_at, expires_at, reason };
                counting.entry(person).or_default().push(Fact { source, value });
            }
        }
    }
    let mut counted = vec![];
    for (person, mut given) in counting {
        // The one that ends last counts; the digest decides between equals, not the order of arrival.
        given.sort_by_key(|fact| (fact.value.expires_at, fact.source.evidence));
        counted.extend(given.pop());
        for fact in given {
            let failure = Failure::new(
                Problem::ApprovalRepeated,
                format!("`{person}` approved more than once; the approval that ends last counts"),
            );
            failed.push((fact.source, failure.by(&person)));
        }
    }
    counted.sort_by_key(|fact| fact.source.evidence);
    let of_kind = |(source, failure): Failed| (source, failure.of(Kind::Approval));
    (counted, failed.into_iter().map(of_kind).collect())
}

/// The person whose approval this is, if it counts.
fn person(
    source: &Source,
    claim: &approval::Claim,
    conditions: &Conditions<'_>,
) -> Result<String, Failure> {
    let signer = source.signer.as_deref().unwrap_or_default();
    let Some(person) = conditions.people.of_signer(signer) else {
        let detail = format!("the signer `{signer}` is no person's");
        return Err(Failure::new(Problem::ApproverUnknown, detail).by(signer));
    };
    let refuse = |code, detail: String| Err(Failure::new(code, detail).by(person));
    if claim.environment != conditions.environment {
        return refuse(
            Problem::ApprovalOtherEnvironment,
            format!("`{person}` approved for `{}`", claim.environment),
        );
    }
    // Decisions are timed to the second: an approval given within it was given before.
    if claim.approved_at.to_second() > conditions.now {
        return refuse(
            Problem::ApprovalNotYetValid,
            format!("`{person}` approved at {}, after {}", claim.approved_at, conditions.now),
        );
    }
    if claim.expires_at <= conditions.now {
        return refuse(
            Problem::ApprovalExpired,
            format!("the approval of `{person}` ended at {}", claim.expires_at),
        );
    }
    match conditions.authors {
        Err(reason) => refuse(Problem::ChangeAuthorUnknown, reason.clone()),
        Ok(authors) if authors.contains(person) => refuse(
            Problem::ApprovalByAuthor,
            format!("`{person}` is an author or committer of the change"),
        ),
        Ok(_) => Ok(person.to_owned()),
    }
}
