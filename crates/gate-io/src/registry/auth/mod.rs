//! Who asks: challenges of registries answered with credentials, tokens kept while they last.

mod challenge;
mod file;
mod program;

mod store;
mod token;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate_core::reason::ErrorCode;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

pub(super) use challenge::{Challenge, choose};
pub use store::ambient;
pub(super) use token::{TokenRequest, grant};

use super::failure::{Outcome, RegistryError};
use super::settings::{Credentials, Settings};

/// Answers that are kept at once.
const KEPT: usize = 10_000;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Action {
    Pull,
    Push,
}

/// Where somebody wants to do what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    /// The registry, with its port.
    pub(super) host: String,
    /// The repository.
    pub(super) repository: String,
    /// The action.
    pub(super) action: Action,
}

impl Scope {
    /// As token servers write it.
    fn text(&self) -> String {
        let actions = match self.action {
            Action::Pull => "pull",
            Action::Push => "pull,push",
        };
        format!("repository:{}:{actions}", self.repository)
    }
}

/// An `Authorization` header, and until when it may be used.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) header: HeaderValue,
    pub(super) until: Option<Instant>,
}

/// What was granted, by registry, repository and action.
#[derive(Debug, Default)]
pub(super) struct Grants(Mutex<HashMap<Scope, Grant>>);

impl Grants {
    /// The header to send, if one is known and has not ended.
    pub(super) fn known(&self, scope: &Scope) -> Option<HeaderValue> {
        let grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let grant = grants.get(scope)?;
        let good = grant.until.is_none_or(|until| Instant::now() < until);
        good.then(|| grant.header.clone())
    }

    /// Keeps a grant.
    pub(super) fn keep(&self, scope: Scope, grant: Grant) {
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if grants.len() >= KEPT {
            grants.clear();
        }
        grants.insert(scope, grant);
    }

    /// Forgets a header that the registry no longer takes, unless it has been replaced since.
    pub(super) fn forget(&self, scope: &Scope, refused: Option<&HeaderValue>) {
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if grants.get(scope).map(|grant| &grant.header) == refused {
            grants.remove(scope);
        }
    }
}

/// How a challenge is to be answered.
pub(super) enum Plan {
    /// With this.
    Send(Grant),
    /// With what the token server gives for this.
    Ask(TokenRequest),
}

/// Finds the credentials and says how they answer the challenge.
pub(super) async fn plan(
    settings: &Settings,
    challenge: Challenge,
    scope: &Scope,
) -> Outcome<Plan> {
    let credentials = store::find(settings, &scope.host, &scope.repository).await?;
    match (challenge, credentials) {
        (_, Some(Credentials::Bearer(token))) => {
            Ok(Plan::Send(Grant { header: bearer(&token)?, until: None }))
        }
        (Challenge::Basic, Some(Credentials::Password { name, password })) => {
            Ok(Plan::Send(Grant { header: basic(&name, &password)?, until: None }))
        }
        (Challenge::Basic, Some(Credentials::Identity(_))) => Err(unauthorized(
            scope,
            "it asks for a name and a password, and the credentials are an identity token",
        )),
        (Challenge::Basic, None) => {
            Err(unauthorized(scope, "it asks for a name and a password, and there are none"))
        }
        (Challenge::Bearer { realm, service, scope: asked }, credentials) => {
            let scope = asked.unwrap_or_else(|| scope.text());
            Ok(Plan::Ask(TokenRequest { realm, service, scope, credentials }))
        }
    }
}

fn unauthorized(scope: &Scope, why: &str) -> RegistryError {
    let message = format!("{}/{}: {why}", scope.host, scope.repository);
    RegistryError::new(ErrorCode::RegistryUnauthorized, message)
}

/// The header of name and password.
pub(super) fn basic(name: &str, password: &str) -> Outcome<HeaderValue> {
    secret(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

/// The header of a token.
pub(super) fn bearer(token: &str) -> Outcome<HeaderValue> {
    secret(&format!("Bearer {token}"))
}

fn secret(text: &str) -> Outcome<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = "the credentials hold a character that no header may have";
        RegistryError::new(ErrorCode::RegistryCredentialsFailed, message)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// How long before its end a token is given up, for the way that a request takes.
const SLACK: Duration = Duration::from_secs(10);
