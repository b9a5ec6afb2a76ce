//! From requirements of an environment to whether enough different signers signed a kind of evidence.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::people::People;
use crate::environment::{EnvironmentDocument, EnvironmentError, Quorum, Requirement};
use crate::evidence::Kind;
use crate::reason::Problem;

/// The most patterns of one requirement and the most parts of one pattern.
const MOST: usize = 64;

/// The requirements of an environment, checked.
#[derive(Default)]
pub(super) struct Requirements(Vec<Requirement>);

impl Requirements {
    /// Refuses requirements that nobody can meet or that everybody meets.
    pub(super) fn compile(document: &EnvironmentDocument) -> Result<Self, EnvironmentError> {
        for (at, requirement) in document.require.iter().enumerate() {
            check(requirement, document).map_err(|(field, message)| {
                EnvironmentError::new(format!("require[{at}].{field}"), message)
            })?;
        }
        Ok(Self(document.require.clone()))
    }

    /// What is missing for evidence of this kind, which these signers signed, to count.
    pub(super) fn unmet(
        &self,
        kind: Kind,
        repository: Option<&str>,
        signers: &BTreeSet<&str>,
        people: &People,
    ) -> Option<Failure> {
        let missing: Vec<_> = self
            .applying(kind, repository)
            .filter(|requirement| {
                !requirement.any_of.iter().any(|quorum| is_met(quorum, signers, people))
            })
            .map(|requirement| in_words(requirement, repository))
            .collect();
        (!missing.is_empty()).then(|| {
            let signed: Vec<_> = signers.iter().copied().collect();
            let detail =
                format!("signed by {}; asked for: {}", signed.join(", "), missing.join("; "));
            Failure::new(Problem::SignersInsufficient, detail).of(kind)
        })
    }

    /// The most specific requirements for a repository. Where the repository is not known all apply:
    /// else naming a subject by its digest would be a way around the strict ones.
    fn applying(&self, kind: Kind, repository: Option<&str>) -> impl Iterator<Item = &Requirement> {
        let rank = move |requirement: &Requirement| -> Option<Specificity> {
            let Some(repository) = repository else { return Some(Specificity::default()) };
            if requirement.repositories.is_empty() {
                return Some(Specificity::default());
            }
            let patterns = requirement.repositories.iter();
            patterns.filter(|it| matches(it, repository)).map(|it| specificity(it)).max()
        };
        let of_kind: Vec<_> = self
            .0
            .iter()
            .filter(|it| it.kind == kind)
            .filter_map(|it| Some((rank(it)?, it)))
            .collect();
        let most = of_kind.iter().map(|(rank, _)| *rank).max();
        of_kind.into_iter().filter(move |(rank, _)| Some(*rank) == most).map(|(_, it)| it)
    }
}

fn is_met(quorum: &Quorum, signers: &BTreeSet<&str>, people: &People) -> bool {
    if !quorum.required.iter().all(|name| signers.contains(name.as_str())) {
        return false;
    }
    // Two keys of one person are one consent.
    let counted: BTreeSet<_> = quorum
        .of
        .iter()
        .filter(|name| signers.contains(name.as_str()))
        .map(|name| match people.of_signer(name) {
            Some(person) => (true, person),
            None => (false, name.as_str()),
        })
        .collect();
    counted.len() >= quorum.at_least
}

fn in_words(requirement: &Requirement, repository: Option<&str>) -> String {
    let quorum = |quorum: &Quorum| {
        let mut parts = vec![];
        if !quorum.required.is_empty() {
            parts.push(quorum.required.join(" and "));
        }
        if quorum.at_least > 0 {
            parts.push(format!("{} of {}", quorum.at_least, quorum.of.join(", ")));
        }
        parts.join(" with ")
    };
    let ways: Vec<_> = requirement.any_of.iter().map(quorum).collect();
    let place = match (repository, requirement.repositories.as_slice()) {
        (_, []) => String::new(),
        (Some(name), _) => format!(" for {name}"),
        (None, _) => " (the subject's repository is not known, so every requirement holds)".into(),
    };
    format!("{}{place}", ways.join(", or "))
}

/// First how many parts are written out, then how few wildcards there are, then how few `**`.
type Specificity = (usize, std::cmp::Reverse<usize>, std::cmp::Reverse<usize>);

fn specificity(pattern: &str) -> Specificity {
    let parts = || pattern.split('/');
    let count = |wanted: fn(&str) -> bool| parts().filter(|part| wanted(part)).count();
    (
        1 + count(|part| !part.contains('*')),
        std::cmp::Reverse(count(|part| part.contains('*'))),
        std::cmp::Reverse(count(|part| part == "**")),
    )
}

/// Whether the pattern stands for this repository.
fn matches(pattern: &str, repository: &str) -> bool {
    let pattern: Vec<_> = pattern.split('/').collect();
    let parts: Vec<_> = repository.split('/').collect();
    // `reached[n]`: the pattern so far stands for the first n parts.
    let mut reached = vec![false; parts.len() + 1];
    reached[0] = true;
    for piece in pattern {
        let mut next = vec![false; parts.len() + 1];
        if piece == "**" {
            let first = reached.iter().position(|it| *it).unwrap_or(reached.len());
            next[first..].fill(true);
        } else {
            for (at, part) in parts.iter().enumerate() {
                next[at + 1] = reached[at] && part_matches(piece, part);
            }
        }
        reached = next;
    }
    reached[parts.len()]
}

/// Within one part `*` stands for any text.
fn part_matches(pattern: &str, part: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == part };
    part.len() >= head.len() + tail.len() && part.starts_with(head) && part.ends_with(tail)
}

fn check(
    requirement: &Requirement,
    document: &EnvironmentDocument,
) -> Result<(), (String, String)> {
    let refuse = |field: String, message: &str| Err((field, message.to_owned()));
    if requirement.repositories.len() > MOST {
        return refuse("repositories".into(), "has more patterns than are read");
    }
    for pattern in &requirement.repositories {
        let parts: Vec<_> = pattern.split('/').collect();
        let bad = |part: &&str| part.is_empty() || (*part != "**" && part.matches('*').count() > 1);
        if parts.len() > MOST || parts.iter().any(bad) {
            let message = format!(
                "`{pattern}` is no pattern: write parts with at most one `*` each, or `**`"
            );
            return Err(("repositories".into(), message));
        }
    }
    if requirement.any_of.is_empty() {
        return refuse("any_of".into(), "names no way to meet it");
    }
    let trusted = document.trust.get(&requirement.kind);
    for (at, quorum) in requirement.any_of.iter().enumerate() {
        let place = |field: &str| format!("any_of[{at}].{field}");
        for (field, names) in [("required", &quorum.required), ("of", &quorum.of)] {
            let stranger = names.iter().find(|name| !trusted.is_some_and(|it| it.contains(name)));
            if let Some(name) = stranger {
                let kind = requirement.kind.name();
                return Err((place(field), format!("`{name}` is not named under trust.{kind}")));
            }
        }
        let different: BTreeSet<_> = quorum.of.iter().collect();
        if quorum.at_least > different.len() {
            return refuse(place("at_least"), "is more than the signers named under `of`");
        }
        if quorum.at_least == 0 && !quorum.of.is_empty() {
            return refuse(place("at_least"), "is 0, so `of` asks for nobody");
        }
        if quorum.at_least == 0 && quorum.required.is_empty() {
            return refuse(
                place("required"),
                "everybody meets it: name `required`, or `at_least` and `of`",
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_whole_parts() {
        for (pattern, repository, expected) in [
            ("r.example/shop/app", "r.example/shop/app", true),
            ("r.example/shop/*", "r.example/shop/app", true),
            ("r.example/shop/*", "r.example/shop/app/sub", false),
            ("r.example/shop/*", "r.example/shop", false),
            ("r.example/**", "r.example/shop/app", true),
            ("r.example/**", "r.example", true),
            ("**/app", "r.example/shop/app", true),
            ("**", "anything/at/all", true),
            ("r.example/**/app", "r.example/app", true),
            ("r.example/shop", "r.example/shop-evil", false),
            ("r.example/shop-*", "r.example/shop-", true),
            ("r.example/a*a", "r.example/a", false),
            ("*.example/app", "evil/r.example/app", false),
        ] {
            assert_eq!(matches(pattern, repository), expected, "{pattern} {repository}");
        }
    }

    fn requirement(repositories: &[&str], required: &str) -> Requirement {
        Requirement {
            repositories: repositories.iter().map(|it| (*it).to_owned()).collect(),
            kind: Kind::Signature,
            any_of: vec![Quorum { required: vec![required.to_owned()], at_least: 0, of: vec![] }],
        }
    }

    #[test]
    fn the_most_specific_requirement_holds_and_all_where_nothing_is_known() {
        let requirements = Requirements(vec![
            requirement(&[], "anybody"),
            requirement(&["r.example/**"], "company"),
            requirement(&["r.example/pay/*", "r.example/cards"], "payments"),
        ]);
        let people = People::compile(&super::super::testing::document()).unwrap();
        let unmet = |repository, signer: &str| {
            let signers = BTreeSet::from([signer]);
            requirements.unmet(Kind::Signature, repository, &signers, &people).is_some()
        };
        for (repository, signer) in [
            ("r.example/pay/app", "payments"),
            ("r.example/cards", "payments"),
            ("r.example/web", "company"),
            ("elsewhere/web", "anybody"),
        ] {
            for other in ["payments", "company", "anybody"] {
                assert_eq!(unmet(Some(repository), other), other != signer, "{repository} {other}");
                assert!(unmet(None, other));
            }
        }
        assert!(requirements.unmet(Kind::Sbom, None, &BTreeSet::new(), &people).is_none());
    }

    #[test]
    fn two_keys_of_one_person_are_one_consent() {
        let mut document = super::super::testing::document();
        for name in ["alice", "alices-other-key", "bob"] {
            document.signers.insert(name.to_owned(), crate::environment::SignerDocument::default());
        }
        let signers = vec!["alice".to_owned(), "alices-other-key".to_owned()];
        let person = crate::environment::PersonDocument { signers, names: vec![] };
        document.people.insert("alice".to_owned(), person);
        let people = People::compile(&document).unwrap();
        let of = ["alice", "alices-other-key", "bob"].map(str::to_owned).to_vec();
        let quorum = Quorum { required: vec![], at_least: 2, of };
        assert!(!is_met(&quorum, &BTreeSet::from(["alice", "alices-other-key"]), &people));
        assert!(is_met(&quorum, &BTreeSet::from(["alice", "bob"]), &people));
        assert!(!is_met(&quorum, &BTreeSet::from(["alice", "mallory"]), &people));
    }

    #[test]
    fn more_that_is_written_out_is_more_specific() {
        let order =
            ["r.example/shop/app", "r.example/shop/*", "r.example/shop/**", "r.example/**", "**"];
        for pair in order.windows(2) {
            assert!(specificity(pair[0]) > specificity(pair[1]), "{pair:?}");
        }
        assert!(specificity("**") > Specificity::default());
    }
}
