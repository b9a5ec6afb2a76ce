//! The client of a Gate server: a promotion asked over HTTP becomes a receipt or a told problem.

use std::time::Duration;

use gate_core::Digest;
use gate_core::limits::BUNDLE_BYTES;
use gate_core::record::Receipt;
use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;

/// A connection to one server with one token.
pub struct Client {
    server: Url,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

/// RFC 9457 problem details as a Gate server writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code; empty where something between here and the server answered.
    pub code: String,
    /// What happened, in general.
    pub title: String,
    /// What happened here.
    pub detail: Option<String>,
    /// How to mend it.
    pub solution: Option<String>,
    /// What the server's log calls this request.
    pub request_id: Option<String>,
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is none, or a token would cross the network in clear.
    #[error("`{server}` cannot be asked: {reason}")]
    Address {
        /// The address as it was given.
        server: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The machine lacks what a connection needs.
    #[error("no connection can be made from here")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server did not answer.
    #[error("{server} did not answer")]
    Unreachable {
        /// Which server.
        server: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The server refused.
    #[error("the server refused")]
    Refused(Box<Problem>),
    /// The answer is no receipt.
    #[error("the server's answer is no receipt: {0}")]
    Malformed(String),
}

impl Client {
    /// Prepares to ask `server` (`https://gate.example`), with a bearer token where one is given.
    ///
    /// A token is not sent in clear to another machine: plain HTTP is for loopback.
    pub fn new(server: &str, token: Option<&str>) -> Result<Self, ClientError> {
        let address = |reason| ClientError::Address { server: server.to_owned(), reason };
        let mut url = Url::parse(server).map_err(|_| address("write it as https://HOST[:PORT]"))?;
        match url.scheme() {
            "https" => {}
            "http" if token.is_none() || is_loopback(&url) => {}
            "http" => return Err(address("the token would cross the network in clear; use https")),
            _ => return Err(address("only https and http are spoken")),
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let mut headers = reqwest::header::HeaderMap::new();
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| address("the token holds characters that no header can carry"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        // No redirects: a promotion is never answered by one, and a token must not follow it.
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE);
        // A proxy between this machine and itself would be handed the token.
        let http = if is_loopback(&url) { http.no_proxy() } else { http }
            .build()
            .map_err(|error| ClientError::Setup(error.into()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ClientError::Setup(error.into()))?;
        Ok(Self { server: url, http, runtime })
    }

    /// Asks to promote a subject: a digest, or an image with its registry. The same key may be sent again: the server answers the same receipt.
    pub fn promote(
        &self,
        subject: &str,
        environment: &str,
        idempotency_key: &str,
    ) -> Result<Receipt, ClientError> {
        let body = serde_json::json!({"subject": subject, "environment": environment});
        let request = self
            .request(Method::POST, "v1/promotions")?
            .header("idempotency-key", idempotency_key)
            .json(&body);
        let answer = self.send(&request)?;
        serde_json::from_slice(&answer).map_err(|error| ClientError::Malformed(error.to_string()))
    }

    /// Uploads a piece of evidence about a subject; the same bytes again change nothing.
    pub fn upload(&self, subject: Digest, bytes: Vec<u8>) -> Result<(), ClientError> {
        let path = format!("v1/subjects/{subject}/evidence/{}", Digest::of(&bytes));
        let request = self.request(Method::PUT, &path)?.body(bytes);
        self.send(&request).map(|_| ())
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let url = self.server.join(path).map_err(|_| ClientError::Address {
            server: self.server.to_string(),
            reason: "no path can follow it",
        })?;
        Ok(self.http.request(method, url))
    }

    /// Sends the request, again after a pause where the server was out of reach or too busy. Every
    /// request here may be sent twice: a key or the digest in the path makes the second one harmless.
    fn send(&self, request: &RequestBuilder) -> Result<Vec<u8>, ClientError> {
        self.runtime.block_on(async {
            let mut pauses = PAUSES.into_iter();
            loop {
                let (error, asked_pause) = match self.once(request).await {
                    Ok(body) => return Ok(body),
                    Err((error, asked_pause)) => (error, asked_pause),
                };
                let Some(pause) = pauses.next().filter(|_| may_pass(&error)) else {
                    return Err(error);
                };
                tokio::time::sleep(asked_pause.unwrap_or(pause).min(LONGEST_PAUSE)).await;
            }
        })
    }

    async fn once(
        &self,
        request: &RequestBuilder,
    ) -> Result<Vec<u8>, (ClientError, Option<Duration>)> {
        let unreachable =
            |source| (ClientError::Unreachable { server: self.server.to_string(), source }, None);
        let request = request.try_clone().ok_or_else(|| {
            (ClientError::Malformed("the request cannot be sent again".to_owned()), None)
        })?;
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let pause = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let body = match read(response).await {
            Ok(Some(body)) => body,
            Ok(None) => {
                return Err((ClientError::Malformed("it is too long".to_owned()), None));
            }
            Err(error) => return Err(unreachable(error)),
        };
        if status.is_success() {
            return Ok(body);
        }
        Err((ClientError::Refused(Box::new(problem(status, &body))), pause))
    }
}

/// A key that no other request has: a version 4 UUID.
pub fn idempotency_key() -> Result<String, ClientError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| ClientError::Setup("the system gives no random bytes".into()))?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = hex::encode(bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(parts.join("-"))
}

async fn read(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > BUNDLE_BYTES {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// What the server says, or as much as can be told of an answer by something in between.
fn problem(status: StatusCode, body: &[u8]) -> Problem {
    let said: Option<Problem> = serde_json::from_slice(body).ok();
    let mut problem = said.unwrap_or_else(|| Problem {
        detail: Some(String::from_utf8_lossy(body).chars().take(200).collect()),
        ..Problem::default()
    });
    problem.status = status.as_u16();
    if problem.title.is_empty() {
        status.canonical_reason().unwrap_or("no reason given").clone_into(&mut problem.title);
    }
    problem
}

/// Whether asking again may help: not for a refusal that would be the same the next time.
fn may_pass(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } => true,
        ClientError::Refused(problem) => match problem.code.as_str() {
            "overloaded" | "stopping" => true,
            "" => matches!(problem.status, 429 | 502 | 503 | 504),
            _ => false,
        },
        _ => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_mins(1);
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_sent_in_clear_to_another_machine() {
        for server in ["http://gate.example", "http://10.0.0.1:8080", "http://localhost.example"] {
            assert!(
                matches!(Client::new(server, Some("t")), Err(ClientError::Address { .. })),
                "{server}"
            );
        }
        for server in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "https://a.b"] {
            assert!(Client::new(server, Some("t")).is_ok(), "{server}");
        }
        assert!(Client::new("ftp://gate.example", None).is_err());
    }

    #[test]
    fn a_path_below_the_host_is_kept() {
        let client = Client::new("https://a.b/gate", None).unwrap();
        let request = client.request(Method::POST, "v1/promotions").unwrap().build().unwrap();
        assert_eq!(request.url().as_str(), "https://a.b/gate/v1/promotions");
    }

    #[test]
    fn an_answer_of_something_in_between_is_a_problem_without_code() {
        let found = problem(StatusCode::BAD_GATEWAY, b"<html>");
        assert_eq!((found.status, found.code.as_str()), (502, ""));
        assert!(may_pass(&ClientError::Refused(Box::new(found))));
    }

    #[test]
    fn a_refusal_with_a_code_is_not_asked_again() {
        let body = br#"{"status":503,"code":"policy-timeout","title":"t","solution":"s"}"#;
        let found = problem(StatusCode::SERVICE_UNAVAILABLE, body);
        assert_eq!(found.solution.as_deref(), Some("s"));
        assert!(!may_pass(&ClientError::Refused(Box::new(found))));
    }

    #[test]
    fn idempotency_keys_differ() {
        let [one, other] = [idempotency_key().unwrap(), idempotency_key().unwrap()];
        assert_ne!(one, other);
        assert_eq!(one.len(), 36);
    }
}
