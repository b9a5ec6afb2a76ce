//! Who asks: from a bearer token or a client certificate to a caller with rights, environments and
//! an end.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use gate_core::reason::RequestCode;
use gate_core::{Digest, Timestamp};
use gate_io::config::{Client, Right};
use subtle::ConstantTimeEq;

use crate::problem::Problem;

/// The requester of a server that nobody configured callers for.
pub const ANONYMOUS: &str = "anonymous@loopback";

/// An authenticated requester.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Its name in records.
    pub name: String,
    /// What it may do; `None` is the anonymous caller of a loopback server, who may do everything.
    pub grant: Option<Grant>,
}

/// What a configured caller may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where.
    pub environments: BTreeSet<String>,
    /// What.
    pub rights: BTreeSet<Right>,
    /// Until when.
    pub until: Timestamp,
}

/// The configured callers. Secrets are held as hashes, each found by comparing it with all.
#[derive(Debug, Default)]
pub struct Callers {
    tokens: Vec<(Digest, Arc<Caller>)>,
    certificates: Vec<(Digest, Arc<Caller>)>,
}

impl Caller {
    /// Refuses what the caller may not do anywhere.
    pub fn may(&self, right: Right) -> Result<(), Problem> {
        match &self.grant {
            Some(grant) if !grant.rights.contains(&right) => Err(Problem::refused(
                RequestCode::Forbidden,
                format!("`{}` has no right `{}`", self.name, word(right)),
            )),
            _ => Ok(()),
        }
    }

    /// Whether the caller may see and ask for this environment.
    pub fn sees(&self, environment: &str) -> bool {
        self.grant.as_ref().is_none_or(|grant| grant.environments.contains(environment))
    }

    /// Refuses an environment that is not the caller's, whether there is one of that name or not.
    pub fn may_in(&self, right: Right, environment: &str) -> Result<(), Problem> {
        self.may(right)?;
        if self.sees(environment) {
            return Ok(());
        }
        let shown: String = environment.chars().take(100).collect();
        Err(Problem::refused(
            RequestCode::Forbidden,
            format!("`{}` may not ask about environment `{shown}`", self.name),
        ))
    }
}

impl Callers {
    /// Reads the configured tokens and certificates; `check` of the configuration has seen their form.
    pub fn new(tokens: &[Client], certificates: &[Client]) -> Self {
        let read = |clients: &[Client]| {
            clients
                .iter()
                .filter_map(|client| {
                    let grant = Grant {
                        environments: client.environments.clone(),
                        rights: client.rights.clone(),
                        until: client.until,
                    };
                    let caller = Caller { name: client.name.clone(), grant: Some(grant) };
                    Some((Digest::from_hex(&client.sha256).ok()?, Arc::new(caller)))
                })
                .collect()
        };
        Self { tokens: read(tokens), certificates: read(certificates) }
    }

    /// Whether nobody is configured.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.certificates.is_empty()
    }

    /// The caller behind a request: its bearer token if it sent one, else its certificate.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        certificate: Option<Digest>,
        now: Timestamp,
    ) -> Result<Arc<Caller>, Problem> {
        if self.is_empty() {
            return Ok(Arc::new(Caller { name: ANONYMOUS.to_owned(), grant: None }));
        }
        let found = match (bearer(headers)?, certificate) {
            (Some(token), _) => find(&self.tokens, Digest::of(token)),
            (None, Some(certificate)) => find(&self.certificates, certificate),
            (None, None) => None,
        };
        let Some(caller) = found else {
            return Err(Problem::refused(
                RequestCode::Unauthorized,
                "no valid token or client certificate came with the request",
            ));
        };
        match &caller.grant {
            Some(grant) if grant.until <= now => Err(Problem::refused(
                RequestCode::TokenEnded,
                format!("the access of `{}` ended at {}", caller.name, grant.until),
            )),
            _ => Ok(caller),
        }
    }
}

/// The token of `Authorization: Bearer TOKEN`. Two such headers are refused: a proxy before this
/// server may have judged by the other one.
fn bearer(headers: &HeaderMap) -> Result<Option<&[u8]>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let unauthorized = |detail| Err(Problem::refused(RequestCode::Unauthorized, detail));
    if values.next().is_some() {
        return unauthorized("there is more than one `Authorization` header");
    }
    let Some((scheme, token)) = value.as_bytes().split_at_checked(7) else {
        return unauthorized("`Authorization` is not `Bearer TOKEN`");
    };
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return unauthorized("`Authorization` is not `Bearer TOKEN`");
    }
    Ok(Some(token.trim_ascii()))
}

/// Compares with every entry, in constant time: how long it takes tells nothing of any of them.
fn find(entries: &[(Digest, Arc<Caller>)], asked: Digest) -> Option<Arc<Caller>> {
    let mut found = None;
    for (digest, caller) in entries {
        if bool::from(digest.as_bytes().ct_eq(asked.as_bytes())) {
            found = Some(caller);
        }
    }
    found.cloned()
}

fn word(right: Right) -> &'static str {
    match right {
        Right::Read => "read",
        Right::Evidence => "evidence",
        Right::Promote => "promote",
        Right::Query => "query",
        Right::Data => "data",
    }
}
