//! What a configuration that loads will stumble over: keys, ends, rules that nobody can satisfy.

use std::path::Path;
use std::time::Duration;

use gate_core::Timestamp;
use gate_core::decision::Mode;
use gate_core::evidence::Kind;
use gate_io::config::Configuration;
use gate_io::keys::{KeyFile, LedgerKey};

use super::{Explained, Explanation};
use crate::failure::chain;

/// How long before its end something is named.
const SOON: Duration = Duration::from_hours(14 * 24);

/// Adds problems (it cannot work) and warnings (look at it).
pub(super) fn find(explanation: &mut Explanation, configuration: &Configuration, now: Timestamp) {
    find_in_keys(explanation, configuration);
    let mut warnings = vec![];
    for (name, explained) in &explanation.environments {
        find_in_environment(&mut warnings, name, explained, now);
    }
    let server = &configuration.server;
    for (list, clients) in [("token", &server.tokens), ("client", &server.clients)] {
        for client in clients {
            let what = format!("{list} `{}` of the server", client.name);
            find_in_end(&mut warnings, &what, client.until, now);
            if client.rights.is_empty() || client.environments.is_empty() {
                warnings.push(format!("{what} may do nothing: it has no rights or environments"));
            }
        }
    }
    if server.tokens.is_empty() && server.clients.is_empty() {
        warnings
            .push("the server has no tokens or clients: it listens on loopback only".to_owned());
    }
    for (name, place) in &configuration.registries.places {
        if place.plain_http {
            warnings.push(format!(
                "registry {name} is spoken to in clear: whoever is between can hide evidence, \
                 choose what a tag is, and read credentials"
            ));
        }
    }
    if !configuration.registries.remember.is_zero() {
        let seconds = configuration.registries.remember.as_secs();
        warnings.push(format!("a new tag or signature may go unseen for {seconds} s"));
    }
    explanation.warnings.extend(warnings);
}

fn find_in_keys(explanation: &mut Explanation, configuration: &Configuration) {
    match &configuration.signing_key {
        Some(path) => {
            let loaded = KeyFile::load(path).map(|_| ()).map_err(|error| chain(&error));
            judge(explanation, "signing_key", path, loaded);
        }
        None => explanation.warnings.push("no `signing_key`: nothing can be promoted".to_owned()),
    }
    match &configuration.ledger {
        Some(ledger) => {
            let loaded = LedgerKey::load(&ledger.key, &ledger.origin);
            let loaded = loaded.map(|_| ()).map_err(|error| chain(&error));
            judge(explanation, "ledger.key", &ledger.key, loaded);
        }
        None => explanation.warnings.push("no `ledger`: nothing can be recorded".to_owned()),
    }
    if configuration.store.is_none() {
        explanation.warnings.push("no `store`: give `--store` to promote".to_owned());
    }
}

/// Who reviews a configuration need not hold its keys; a key that is here and does not load is wrong.
fn judge(explanation: &mut Explanation, what: &str, path: &Path, loaded: Result<(), String>) {
    let Err(message) = loaded else { return };
    if path.exists() {
        explanation.problems.push(format!("{what}: {message}"));
    } else {
        explanation.warnings.push(format!("{what}: {} is not here", path.display()));
    }
}

fn find_in_environment(
    warnings: &mut Vec<String>,
    name: &str,
    explained: &Explained,
    now: Timestamp,
) {
    let document = &explained.document;
    let mut warn = |text: String| warnings.push(format!("{name}: {text}"));
    if document.mode != Mode::Enforce {
        warn("the mode lets in what the policy denies".to_owned());
    }
    for kind in &document.allow_unsigned {
        warn(format!("unsigned evidence of kind {} counts: anybody can make it", kind.name()));
    }
    if explained.rules.is_empty() {
        warn("the policy has no `deny` or `warn`: everything is denied (policy-empty)".to_owned());
    }
    for kind in Kind::ALL {
        let signed = document.trust.get(&kind).is_some_and(|signers| !signers.is_empty());
        let asks = explained.rules.iter().find(|rule| rule.evidence.contains(&kind));
        if let Some(rule) = asks.filter(|_| !signed && !document.allow_unsigned.contains(&kind)) {
            let kind = kind.name();
            warn(format!("{} asks for {kind} evidence, which nobody may sign", rule.code));
        }
    }
    for (signer, entry) in &document.signers {
        let trusted = document.trust.values().flatten().any(|named| named == signer);
        if let Some(until) = entry.valid_until.filter(|_| trusted) {
            find_in_end(warnings, &format!("{name}: the key of signer `{signer}`"), until, now);
        }
    }
    for (index, exception) in document.exceptions.iter().enumerate() {
        let what = format!("{name}: exception {index} by {}", exception.author);
        find_in_end(warnings, &what, exception.until, now);
    }
}

fn find_in_end(warnings: &mut Vec<String>, what: &str, until: Timestamp, now: Timestamp) {
    if until <= now {
        warnings.push(format!("{what} ended at {until}"));
    } else if until <= now.saturating_add(SOON) {
        warnings.push(format!("{what} ends soon, at {until}"));
    }
}
