//! One request to a registry: authorised, redirected, tried again, its answer read within bounds.

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use gate_core::reason::ErrorCode;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::auth::{self, Grant, Grants, Plan, Scope, TokenRequest};
use super::budget::Budget;
use super::call::{Answer, Call, Expect, Found, Trouble, exceeded, invalid, late, told, truncated};
use super::endpoint::is_allowed;
use super::failure::{Outcome, RegistryError};
use super::flight::Flights;
use super::pace::{self, Pace};
use super::settings::Settings;

/// The most of a refusal's body that is read: enough for its words, and to use the connection again.
const REFUSAL_BYTES: usize = 64 << 10;
/// The most of a token server's answer.
const TOKEN_BYTES: usize = 1 << 20;
/// The most that is reserved for an answer before its bytes are there.
const RESERVED: usize = 1 << 20;

/// What requests share.
pub(super) struct Wire {
    pub(super) settings: Arc<Settings>,
    pub(super) pace: Arc<dyn Pace>,
    pub(super) grants: Grants,
    pub(super) tokens: Flights<Scope, Grant>,
}

impl Wire {
    /// Sends a request, again where that may help and the decision's time allows it.
    pub(super) async fn send(&self, call: &Call<'_>, budget: &Budget) -> Outcome<Answer> {
        let mut tried = 0;
        loop {
            let trouble = match self.once(call, budget).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            let pause = pace::pause(tried, trouble.pause, self.pace.chance());
            tried += 1;
            if !trouble.again || tried >= self.settings.limits.attempts || pause >= budget.left() {
                return Err(trouble.error);
            }
            tracing::debug!("asked again after {pause:?}: {}", trouble.error);
            self.pace.wait(pause).await;
        }
    }

    async fn once(&self, call: &Call<'_>, budget: &Budget) -> Result<Answer, Trouble> {
        // What was read before has given its connection back by now: see `runtime`.
        tokio::task::yield_now().await;
        let scope = call.endpoint.scope(call.action);
        let known = self.grants.known(&scope);
        let response = self.dispatch(call, known.as_ref(), budget).await?;
        // A stranger to whom a redirect led gets no credentials, whatever it asks for.
        let stranger = !call.endpoint.is_own(response.url());
        if response.status() != StatusCode::UNAUTHORIZED || stranger {
            return self.receive(call, response, budget).await;
        }
        let values = response.headers().get_all(WWW_AUTHENTICATE).iter();
        let challenge = auth::choose(values.filter_map(|value| value.to_str().ok()));
        let Some(challenge) = challenge else {
            return self.receive(call, response, budget).await;
        };
        self.drain(response, budget).await;
        self.grants.forget(&scope, known.as_ref());
        let header = match auth::plan(&self.settings, challenge, &scope).await? {
            Plan::Send(grant) => {
                let header = grant.header.clone();
                self.grants.keep(scope, grant);
                header
            }
            Plan::Ask(request) => self.token(call, scope, &request, budget).await?,
        };
        let response = self.dispatch(call, Some(&header), budget).await?;
        self.receive(call, response, budget).await
    }

    /// A token for a scope. Those who need the same one at the same time ask once.
    async fn token(
        &self,
        call: &Call<'_>,
        scope: Scope,
        request: &TokenRequest,
        budget: &Budget,
    ) -> Result<HeaderValue, Trouble> {
        // Whoever waited before may have it already.
        if let Some(header) = self.grants.known(&scope) {
            return Ok(header);
        }
        let trouble = std::sync::Mutex::new(None);
        let asked = self.tokens.join(&scope, || async {
            self.ask_token(call, request, budget).await.map_err(|failed| {
                let error = failed.error.clone();
                *trouble.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(failed);
                error
            })
        });
        match asked.await {
            Ok(grant) => {
                let header = grant.header.clone();
                self.grants.keep(scope, grant);
                Ok(header)
            }
            Err(error) => {
                let own = trouble.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
                Err(own.unwrap_or_else(|| error.into()))
            }
        }
    }

    async fn ask_token(
        &self,
        call: &Call<'_>,
        request: &TokenRequest,
        budget: &Budget,
    ) -> Result<Grant, Trouble> {
        let prepared = request.prepare()?;
        if !is_allowed(&self.settings, &prepared.url) {
            let message = format!(
                "{}: its token server would be asked in clear: {} is not named with `plain_http`",
                call.endpoint.host,
                prepared.url.host_str().unwrap_or_default()
            );
            return Err(RegistryError::new(ErrorCode::RegistryResponseInvalid, message).into());
        }
        let asked = Instant::now();
        let method = if prepared.form.is_some() { Method::POST } else { Method::GET };
        let mut sent = call.endpoint.client.request(method.clone(), prepared.url.clone());
        if let Some(header) = prepared.authorization {
            sent = sent.header(AUTHORIZATION, header);
        }
        if let Some(form) = prepared.form {
            sent = sent.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        }
        let limit = (TOKEN_BYTES, "the length of a token");
        let expect = Expect { absent: &[], limit, digest: None };
        let token = Call { method, ..Call::get(call.endpoint, prepared.url, expect) };
        let response = self.transmit(&token, sent, budget).await?;
        match self.receive(&token, response, budget).await? {
            Answer::Found(found) => Ok(auth::grant(&found.body, asked)?),
            Answer::Absent => Err(invalid(&token, "there is no token server").into()),
        }
    }

    /// Sends a request and follows where it leads. Credentials stay with the server that they are for.
    async fn dispatch(
        &self,
        call: &Call<'_>,
        authorization: Option<&HeaderValue>,
        budget: &Budget,
    ) -> Result<Response, Trouble> {
        let mut url = call.url.clone();
        for _ in 0..=self.settings.limits.redirects {
            let mut request = call.endpoint.client.request(call.method.clone(), url.clone());
            for (name, value) in &call.headers {
                request = request.header(name, value);
            }
            if !call.body.is_empty() {
                request = request.body(call.body.clone());
            }
            if let Some(header) = authorization.filter(|_| call.endpoint.is_own(&url)) {
                request = request.header(AUTHORIZATION, header);
            }
            let response = self.transmit(call, request, budget).await?;
            let leads = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            if !leads || !matches!(call.method, Method::GET | Method::HEAD) {
                return Ok(response);
            }
            let next = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let next = next.and_then(|next| url.join(next).ok());
            let next = next.ok_or_else(|| invalid(call, "a redirect leads nowhere"))?;
            if !is_allowed(&self.settings, &next) {
                let why = "a redirect leads to a host that is not named with `plain_http`";
                return Err(invalid(call, why).into());
            }
            self.drain(response, budget).await;
            url = next;
        }
        Err(exceeded(call, "redirects").into())
    }

    async fn transmit(
        &self,
        call: &Call<'_>,
        request: RequestBuilder,
        budget: &Budget,
    ) -> Result<Response, Trouble> {
        match timeout_at(self.patience(budget), request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_timeout() => Err(late(call)),
            Ok(Err(error)) => Err(Trouble {
                error: RegistryError::new(
                    ErrorCode::RegistryUnavailable,
                    format!("{}: there was no answer", call.name()),
                )
                .caused_by(error.without_url()),
                again: true,
                pause: None,
            }),
            Err(_) => Err(late(call)),
        }
    }

    /// Until when the next byte must be there.
    fn patience(&self, budget: &Budget) -> Instant {
        budget.deadline().min(Instant::now() + self.settings.limits.silence)
    }

    /// The answer, read and told apart by its status.
    async fn receive(
        &self,
        call: &Call<'_>,
        response: Response,
        budget: &Budget,
    ) -> Result<Answer, Trouble> {
        let status = response.status();
        if status.is_success() {
            let headers = response.headers().clone();
            let body = self.read(call, response, budget).await?;
            return Ok(Answer::Found(Found { headers, body }));
        }
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let pause = pace::asked(asked);
        let words = self.drain(response, budget).await;
        if call.expect.absent.contains(&status) {
            return Ok(Answer::Absent);
        }
        let (code, again) = match status.as_u16() {
            401 => (ErrorCode::RegistryUnauthorized, false),
            403 => (ErrorCode::RegistryForbidden, false),
            429 => (ErrorCode::RegistryRateLimited, true),
            408 | 500 | 502 | 503 | 504 => (ErrorCode::RegistryUnavailable, true),
            500..=599 => (ErrorCode::RegistryUnavailable, false),
            _ => (ErrorCode::RegistryResponseInvalid, false),
        };
        let message = format!("{}: status {}{}", call.name(), status.as_u16(), told(&words));
        Err(Trouble { error: RegistryError::new(code, message), again, pause })
    }

    /// The body, hashed as it comes and never longer than allowed.
    async fn read(
        &self,
        call: &Call<'_>,
        mut response: Response,
        budget: &Budget,
    ) -> Result<Bytes, Trouble> {
        let (limit, name) = call.expect.limit;
        let announced = response.content_length().unwrap_or_default();
        // A length that is announced is a reason to refuse, and none to reserve memory.
        if announced > limit as u64 && call.method != Method::HEAD {
            return Err(exceeded(call, name).into());
        }
        let reserved = usize::try_from(announced).unwrap_or(RESERVED).min(RESERVED);
        let mut body = Vec::with_capacity(reserved);
        let mut hash = call.expect.digest.map(|digest| (digest, Context::new(&SHA256)));
        loop {
            let chunk = match timeout_at(self.patience(budget), response.chunk()).await {
                Ok(Ok(chunk)) => chunk,
                Ok(Err(error)) if error.is_timeout() => return Err(late(call)),
                Ok(Err(error)) => return Err(truncated(call, error)),
                Err(_) => return Err(late(call)),
            };
            let Some(chunk) = chunk else { break };
            if chunk.len() > limit - body.len() {
                return Err(exceeded(call, name).into());
            }
            budget.take(chunk.len())?;
            if let Some((_, hash)) = &mut hash {
                hash.update(&chunk);
            }
            body.extend_from_slice(&chunk);
        }
        if let Some((expected, hash)) = hash
            && hash.finish().as_ref() != expected.as_bytes()
        {
            let message = format!("{}: the bytes do not have this digest", call.name());
            return Err(RegistryError::new(ErrorCode::RegistryDigestMismatch, message).into());
        }
        Ok(body.into())
    }

    /// Reads the rest of an answer that counts for nothing, so that its connection serves again;
    /// what is too long or too slow for that costs the connection.
    async fn drain(&self, mut response: Response, budget: &Budget) -> Vec<u8> {
        let mut words = vec![];
        let until = self.patience(budget);
        while let Ok(Ok(Some(chunk))) = timeout_at(until, response.chunk()).await {
            if words.len() + chunk.len() > REFUSAL_BYTES {
                break;
            }
            words.extend_from_slice(&chunk);
        }
        words
    }
}
