//! The explanation in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use gate_core::attest::PublicKey;
use gate_core::decision::Mode;
use gate_core::environment::{EnvironmentDocument, Quorum, SignerDocument};
use gate_io::registry::{Place, Settings};

use super::{Explained, Explanation};
use crate::terminal::{Paint, plain};

/// The verdict first, then environment by environment, then what needs attention.
pub(super) fn text(explanation: &Explanation, path: &str, paint: Paint) -> String {
    let mut out = String::new();
    let verdict = if explanation.valid { paint.good("VALID") } else { paint.bad("NOT VALID") };
    line(&mut out, &format!("{verdict}  {}", paint.strong(plain(path))));
    for problem in &explanation.problems {
        line(&mut out, &format!("  {} {}", paint.bad("problem:"), plain(problem)));
    }
    for (name, explained) in &explanation.environments {
        write_environment(&mut out, name, explained, paint);
    }
    for (name, said) in &explanation.registries {
        let said: Vec<_> = said.iter().map(|word| plain(word)).collect();
        line(&mut out, &format!("\n{} {}", paint.strong("registry"), plain(name)));
        line(&mut out, &format!("  {}", said.join("; ")));
    }
    if !explanation.warnings.is_empty() {
        out.push('\n');
    }
    for warning in &explanation.warnings {
        line(&mut out, &format!("{} {}", paint.attention("warning:"), plain(warning)));
    }
    out
}

/// How each configured registry is asked.
pub(super) fn registries(settings: &Settings) -> BTreeMap<String, Vec<String>> {
    let said = |place: &Place| {
        let shown = |path: &Option<std::path::PathBuf>| {
            path.as_ref().map(|path| path.display().to_string())
        };
        let mut said = vec![
            if place.plain_http { "plain HTTP" } else { "TLS" }.to_owned(),
            match shown(&place.credentials) {
                Some(file) => format!("credentials in {file}"),
                None => "credentials of docker and podman".to_owned(),
            },
        ];
        said.extend(shown(&place.ca).map(|file| format!("authorities in {file}")));
        let mirrors = place.mirrors.join(", ");
        let how = if place.mirrors_only { "in its place" } else { "mirrored by" };
        said.extend((!mirrors.is_empty()).then(|| format!("{how} {mirrors}")));
        said.extend(place.signatures.as_ref().map(|it| format!("signatures in {it}")));
        said
    };
    settings.places.iter().map(|(name, place)| (name.clone(), said(place))).collect()
}

fn write_environment(out: &mut String, name: &str, explained: &Explained, paint: Paint) {
    let document = &explained.document;
    let mode = match document.mode {
        Mode::Enforce => "enforce",
        Mode::Warn => "warn",
        Mode::Audit => "audit",
    };
    line(out, &format!("\n{} {} (mode {mode})", paint.strong("environment"), plain(name)));
    line(out, &format!("  configuration {}", explained.digest));
    line(
        out,
        &format!("  policy        {} ({})", document.policy.digest, plain(&document.policy.uri)),
    );
    line(out, &format!("  dialect       {}", document.policy.dialect));
    let packages: BTreeSet<_> = explained.rules.iter().map(|rule| plain(&rule.package)).collect();
    let packages: Vec<_> = packages.into_iter().collect();
    line(out, &format!("  rules         {} in {}", explained.rules.len(), packages.join(", ")));
    write_trust(out, document);
    write_requirements(out, document);
    for (name, feed) in [("epss", &document.feeds.epss), ("kev", &document.feeds.kev)] {
        if let Some(feed) = feed {
            let told = format!("{} for {} days", feed.digest, feed.maximum_age_days);
            line(out, &format!("  feed {name:<9}{told}"));
        }
    }
    for (name, person) in &document.people {
        let signers = plain(&person.signers.join(", "));
        let names = plain(&person.names.join(", "));
        line(
            out,
            &format!("  person        {}: signs as {signers}; commits as {names}", plain(name)),
        );
    }
    for (index, exception) in document.exceptions.iter().enumerate() {
        let parts = [&exception.cve, &exception.rule, &exception.package];
        let parts: Vec<_> = parts.into_iter().flatten().map(|part| plain(part)).collect();
        let [author, reason] = [&exception.author, &exception.reason].map(|text| plain(text));
        line(
            out,
            &format!(
                "  exception {index}   {} until {} by {author}: {reason}",
                parts.join(", "),
                exception.until
            ),
        );
    }
}

fn write_trust(out: &mut String, document: &EnvironmentDocument) {
    for (kind, signers) in &document.trust {
        let told: Vec<_> = signers
            .iter()
            .map(|name| match document.signers.get(name) {
                Some(signer) => format!("{} ({})", plain(name), tell(signer)),
                None => plain(name),
            })
            .collect();
        line(out, &format!("  {:<13} signed by {}", kind.name(), told.join(" or ")));
    }
    for kind in &document.allow_unsigned {
        line(out, &format!("  {:<13} counts without a signature", kind.name()));
    }
}

fn write_requirements(out: &mut String, document: &EnvironmentDocument) {
    for requirement in &document.require {
        let quorum = |quorum: &Quorum| {
            let mut parts: Vec<_> = quorum.required.iter().map(|name| plain(name)).collect();
            if quorum.at_least > 0 {
                parts.push(format!("{} of {}", quorum.at_least, plain(&quorum.of.join(", "))));
            }
            parts.join(" and ")
        };
        let ways: Vec<_> = requirement.any_of.iter().map(quorum).collect();
        let place = match requirement.repositories.as_slice() {
            [] => String::new(),
            patterns => format!(" in {}", plain(&patterns.join(", "))),
        };
        let kind = requirement.kind.name();
        line(out, &format!("  {kind:<13} must be by {}{place}", ways.join(", or ")));
    }
    for (name, rules) in &document.root_rules {
        let mut asked = vec![format!("entries in {} logs", rules.logs)];
        for (asks, what) in [
            (rules.inclusion_proof, "proofs of inclusion"),
            (rules.timestamp, "a timestamp"),
            (rules.sct, "a certificate timestamp"),
        ] {
            if asks {
                asked.push(what.to_owned());
            }
        }
        line(out, &format!("  root          {} asks for {}", plain(name), asked.join(", ")));
    }
}

fn tell(signer: &SignerDocument) -> String {
    if let Some(key) = &signer.key {
        let told = match PublicKey::from_pem(key) {
            Ok(key) => format!("key {}...", &key.hint().to_hex()[..12]),
            Err(_) => "a key that Gate does not sign with".to_owned(),
        };
        let from = signer.valid_from.map_or_else(String::new, |time| format!(" from {time}"));
        let until = signer.valid_until.map_or_else(String::new, |time| format!(" until {time}"));
        return format!("{told}{from}{until}");
    }
    let named = |exact: &Option<String>, regexp: &Option<String>| match (exact, regexp) {
        (Some(exact), _) => plain(exact),
        (None, Some(regexp)) => format!("/{}/", plain(regexp)),
        (None, None) => "anybody".to_owned(),
    };
    let identity = named(&signer.identity, &signer.identity_regexp);
    let claims = signer.claims.iter().map(|(name, value)| format!(", {name} {}", plain(value)));
    let expressions =
        signer.claims_regexp.iter().map(|(name, value)| format!(", {name} /{}/", plain(value)));
    let claims: String = claims.chain(expressions).collect();
    format!("{identity} of {}{claims}", named(&signer.issuer, &signer.issuer_regexp))
}

/// Writing to a string does not fail.
fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{text}");
}
