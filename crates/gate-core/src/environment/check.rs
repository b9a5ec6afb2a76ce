//! Refuses a configuration that cannot be meant: names that nothing defines, signers without proof,
//! exceptions without bounds.

use super::{EnvironmentDocument, EnvironmentError, SignerDocument};
use crate::Digest;
use crate::decision::Exception;
use crate::predicates;

/// The greatest limit of time: longer, and callers have gone away.
const MOST_MILLISECONDS: u64 = 60_000;

pub(super) fn check(document: &EnvironmentDocument) -> Result<(), EnvironmentError> {
    if document.name.is_empty() {
        return Err(EnvironmentError::new("name", "an environment needs a name"));
    }
    check_signers(document)?;
    check_people(document)?;
    for (index, exception) in document.exceptions.iter().enumerate() {
        check_exception(exception)
            .map_err(|(key, message)| error(format!("exceptions[{index}].{key}"), message))?;
    }
    for (alias, target) in &document.predicate_aliases {
        let place = format!("predicate_aliases.{alias}");
        if predicates::kind(target).is_none() {
            return Err(error(place, format!("Gate reads no predicate type `{target}`")));
        }
        if predicates::kind(alias).is_some() {
            return Err(error(place, "this predicate type has a meaning of its own".to_owned()));
        }
    }
    let limits = &document.limits;
    for (place, value) in
        [("limits.rule_ms", limits.rule_ms), ("limits.decision_ms", limits.decision_ms)]
    {
        if !(1..=MOST_MILLISECONDS).contains(&value) {
            return Err(error(place, format!("{value} is not between 1 and {MOST_MILLISECONDS}")));
        }
    }
    Ok(())
}

fn error(place: impl Into<String>, message: String) -> EnvironmentError {
    EnvironmentError::new(place, message)
}

fn check_signers(document: &EnvironmentDocument) -> Result<(), EnvironmentError> {
    for (name, signer) in &document.signers {
        let place = format!("signers.{name}");
        check_signer(signer).map_err(|message| error(&place, message.to_owned()))?;
        if let Some(root) = &signer.root
            && !document.roots.contains_key(root)
        {
            return Err(error(format!("{place}.root"), format!("there is no root `{root}`")));
        }
    }
    for (kind, names) in &document.trust {
        for name in names {
            if !document.signers.contains_key(name) {
                let place = format!("trust.{}", kind.name());
                return Err(error(place, format!("there is no signer `{name}`")));
            }
        }
    }
    Ok(())
}

fn check_signer(signer: &SignerDocument) -> Result<(), &'static str> {
    let identity = [&signer.identity, &signer.identity_regexp];
    let issuer = [&signer.issuer, &signer.issuer_regexp];
    let given = |pair: [&Option<String>; 2]| pair.into_iter().flatten().count();
    if signer.key.is_some() {
        return match given(identity) + given(issuer) {
            0 => Ok(()),
            _ => Err("a signer has a key or an identity, not both"),
        };
    }
    match (given(identity), given(issuer)) {
        (1, 1) if signer.root.is_some() => Ok(()),
        (1, 1) => Err("an identity needs a `root` that its certificate chains to"),
        (0, 0) => Err("a signer needs a `key`, or an `identity` with its `issuer` and `root`"),
        _ => Err("an identity needs exactly one of `identity` and `identity_regexp`, and exactly \
                  one of `issuer` and `issuer_regexp`"),
    }
}

fn check_people(document: &EnvironmentDocument) -> Result<(), EnvironmentError> {
    let mut names = std::collections::BTreeMap::new();
    for (person, entry) in &document.people {
        for signer in &entry.signers {
            if !document.signers.contains_key(signer) {
                let place = format!("people.{person}.signers");
                return Err(error(place, format!("there is no signer `{signer}`")));
            }
        }
        for name in &entry.names {
            // Two persons under one name would make an author of whoever comes first.
            if let Some(other) = names.insert(name.to_lowercase(), person)
                && other != person
            {
                let place = format!("people.{person}.names");
                return Err(error(place, format!("`{name}` is already a name of `{other}`")));
            }
        }
    }
    Ok(())
}

fn check_exception(exception: &Exception) -> Result<(), (&'static str, String)> {
    let said = |text: &str| !text.trim().is_empty();
    if exception.cve.is_none() && exception.rule.is_none() && exception.package.is_none() {
        return Err(("cve", "an exception names a `cve`, a `rule` or a `package`".to_owned()));
    }
    let parts =
        [("cve", &exception.cve), ("rule", &exception.rule), ("package", &exception.package)];
    for (key, part) in parts {
        if let Some(part) = part
            && (!said(part) || part.contains(['*', '?']))
        {
            return Err((key, format!("`{part}` names nothing: wildcards are not allowed")));
        }
    }
    if exception.subject != "any" && exception.subject.parse::<Digest>().is_err() {
        return Err(("subject", "write the subject's digest, or `any`".to_owned()));
    }
    for (key, text) in [("author", &exception.author), ("reason", &exception.reason)] {
        if !said(text) {
            return Err((key, "this must say something".to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(change: &serde_json::Value) -> EnvironmentDocument {
        let mut document = serde_json::json!({
            "name": "production", "mode": "enforce",
            "policy": {"digest": Digest::of(b""), "uri": "u"},
            "signers": {"build": {"key": "k"}}, "trust": {"sbom": ["build"]},
            "people": {}, "allow_unsigned": [], "predicate_aliases": {}, "roots": {},
            "exceptions": [], "limits": {"rule_ms": 1, "decision_ms": 1},
            "verifier_id": "v", "resource_uri": null,
        });
        for (key, value) in change.as_object().unwrap() {
            document[key] = value.clone();
        }
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn each_mistake_is_refused_at_its_place() {
        let exception = |change: &serde_json::Value| {
            let mut exception = serde_json::json!({"cve": "CVE-1", "subject": "any",
                "author": "a", "reason": "r", "until": "2026-01-01T00:00:00Z"});
            for (key, value) in change.as_object().unwrap() {
                exception[key] = value.clone();
            }
            serde_json::json!({"exceptions": [exception]})
        };
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        for (change, place) in [
            (json(r#"{"name": ""}"#), "name"),
            (json(r#"{"trust": {"sbom": ["nobody"]}}"#), "trust.sbom"),
            (json(r#"{"signers": {"build": {}}}"#), "signers.build"),
            (json(r#"{"signers": {"build": {"key": "k", "issuer": "i"}}}"#), "signers.build"),
            (json(r#"{"signers": {"build": {"identity": "a", "issuer": "i"}}}"#), "signers.build"),
            (json(r#"{"signers": {"build": {"key": "k", "root": "r"}}}"#), "signers.build.root"),
            (json(r#"{"people": {"a": {"signers": ["x"], "names": []}}}"#), "people.a.signers"),
            (
                json(
                    r#"{"people": {"a": {"signers": [], "names": ["x"]}, "b": {"signers": [], "names": ["X"]}}}"#,
                ),
                "people.b.names",
            ),
            (json(r#"{"predicate_aliases": {"a": "b"}}"#), "predicate_aliases.a"),
            (json(r#"{"limits": {"rule_ms": 0, "decision_ms": 1}}"#), "limits.rule_ms"),
            (exception(&json(r#"{"cve": null}"#)), "exceptions[0].cve"),
            (exception(&json(r#"{"rule": "*"}"#)), "exceptions[0].rule"),
            (exception(&json(r#"{"subject": "latest"}"#)), "exceptions[0].subject"),
            (exception(&json(r#"{"author": " "}"#)), "exceptions[0].author"),
            (exception(&json(r#"{"reason": ""}"#)), "exceptions[0].reason"),
        ] {
            assert_eq!(check(&document(&change)).unwrap_err().place, place);
        }
        assert_eq!(check(&document(&json("{}"))), Ok(()));
    }
}
