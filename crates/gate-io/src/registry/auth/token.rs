//! Token servers: a challenge and credentials become an access token, as Docker and OAuth 2 have it.

use std::time::Duration;

use gate_core::reason::ErrorCode;
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Grant, SLACK, basic, bearer};
use crate::registry::failure::{Outcome, RegistryError};
use crate::registry::settings::Credentials;

/// How long a token lasts that does not say so; the least that servers may give.
const LASTS: u64 = 60;
/// The longest time that a token is believed to last.
const LONGEST: u64 = 3_600;
/// Who asks, for OAuth 2.
const CLIENT: &str = "gate";

/// What a token server is asked.
#[derive(Debug, Clone)]
pub(in crate::registry) struct TokenRequest {
    pub(super) realm: String,
    pub(super) service: Option<String>,
    pub(super) scope: String,
    pub(super) credentials: Option<Credentials>,
}

/// The request, ready to be sent.
pub(in crate::registry) struct Prepared {
    /// Where.
    pub(in crate::registry) url: Url,
    /// Who asks.
    pub(in crate::registry) authorization: Option<HeaderValue>,
    /// A form to post; without one it is a GET.
    pub(in crate::registry) form: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl TokenRequest {
    /// Writes the request: an identity token is exchanged by POST, everything else asked by GET.
    pub(in crate::registry) fn prepare(&self) -> Outcome<Prepared> {
        let mut url = Url::parse(&self.realm).map_err(|error| {
            let message = "the registry names a token server whose address is none";
            RegistryError::new(ErrorCode::RegistryResponseInvalid, message).caused_by(error)
        })?;
        let mut pairs = vec![("scope", self.scope.as_str())];
        if let Some(service) = &self.service {
            pairs.push(("service", service));
        }
        if let Some(Credentials::Identity(token)) = &self.credentials {
            pairs.extend([
                ("grant_type", "refresh_token"),
                ("client_id", CLIENT),
                ("refresh_token", token),
            ]);
            // The form's encoding is that of a query.
            let mut form = url.clone();
            form.set_query(None);
            form.query_pairs_mut().extend_pairs(pairs);
            let form = form.query().unwrap_or_default().to_owned();
            return Ok(Prepared { url, authorization: None, form: Some(form) });
        }
        let authorization = match &self.credentials {
            Some(Credentials::Password { name, password }) => Some(basic(name, password)?),
            _ => None,
        };
        url.query_pairs_mut().extend_pairs(pairs);
        Ok(Prepared { url, authorization, form: None })
    }
}

/// The grant in a token server's answer; `asked` is when it was asked for.
pub(in crate::registry) fn grant(body: &[u8], asked: Instant) -> Outcome<Grant> {
    let invalid =
        |message: &str| RegistryError::new(ErrorCode::RegistryResponseInvalid, message.to_owned());
    let answer: Answer = serde_json::from_slice(body).map_err(|error| {
        if error.is_eof() {
            RegistryError::new(
                ErrorCode::RegistryResponseTruncated,
                "the token server's answer ends before it is whole",
            )
        } else {
            invalid("the token server's answer is not of its form")
        }
    })?;
    let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| invalid("the token server's answer holds no token"))?;
    let header = bearer(&token).map_err(|_| {
        invalid("the token server's token holds a character that no header may have")
    })?;
    let lasts = answer.expires_in.filter(|seconds| *seconds > 0).unwrap_or(LASTS).min(LONGEST);
    let lasts = Duration::from_secs(lasts);
    Ok(Grant { header, until: Some(asked + lasts.saturating_sub(SLACK)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(credentials: Option<Credentials>) -> TokenRequest {
        TokenRequest {
            realm: "https://t.example/token?x=1".into(),
            service: Some("r &".into()),
            scope: "repository:a/b:pull".into(),
            credentials,
        }
    }

    #[test]
    fn a_password_goes_into_a_header_and_an_identity_token_into_a_form() {
        let secret = Credentials::Password { name: "n".into(), password: "p".into() };
        let asked = request(Some(secret)).prepare().unwrap();
        assert_eq!(asked.url.query(), Some("x=1&scope=repository%3Aa%2Fb%3Apull&service=r+%26"));
        assert_eq!(asked.authorization.unwrap(), "Basic bjpw");
        let asked = request(Some(Credentials::Identity("i".into()))).prepare().unwrap();
        assert_eq!(asked.url.query(), Some("x=1"), "a secret in an address would be logged");
        assert!(
            asked.form.unwrap().contains("grant_type=refresh_token&client_id=gate&refresh_token=i")
        );
        assert!(asked.authorization.is_none());
        assert!(request(None).prepare().unwrap().authorization.is_none());
    }

    #[test]
    fn tokens_end_before_they_end() {
        let now = Instant::now();
        let until = |text: &str| grant(text.as_bytes(), now).unwrap().until.unwrap() - now;
        assert_eq!(until(r#"{"token":"t","expires_in":300}"#), Duration::from_secs(290));
        assert_eq!(until(r#"{"access_token":"t"}"#), Duration::from_secs(50));
        assert_eq!(until(r#"{"token":"t","expires_in":999999999}"#), Duration::from_secs(3_590));
    }

    #[test]
    fn an_answer_without_a_token_is_a_failure() {
        for (text, code) in [
            ("{}", ErrorCode::RegistryResponseInvalid),
            (r#"{"token":""}"#, ErrorCode::RegistryResponseInvalid),
            (r#"{"token":"a\nb"}"#, ErrorCode::RegistryResponseInvalid),
            ("<html>", ErrorCode::RegistryResponseInvalid),
            (r#"{"token":"a"#, ErrorCode::RegistryResponseTruncated),
        ] {
            assert_eq!(grant(text.as_bytes(), Instant::now()).unwrap_err().code, code, "{text}");
        }
    }
}
