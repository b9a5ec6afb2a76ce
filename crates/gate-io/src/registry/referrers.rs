//! What refers to a digest: the registry's list, page by page, or the index under its fallback tag.

use gate_core::Digest;
use gate_core::reason::ErrorCode;
use oci_spec::image::Descriptor;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LINK};
use reqwest::{StatusCode, Url};

use super::Inner;
use super::budget::Budget;
use super::call::{Answer, Call, Expect, Found, invalid};
use super::document::{Document, INDEX};
use super::endpoint::{Endpoint, Repository, same_server};
use super::failure::{Outcome, RegistryError};
use super::reference::fallback_tag;

/// What says, of this list alone, that the registry has no such list.
const NO_LIST: &[StatusCode] = &[
    StatusCode::BAD_REQUEST,
    StatusCode::NOT_FOUND,
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::NOT_ACCEPTABLE,
    StatusCode::NOT_IMPLEMENTED,
];

impl Inner {
    /// Every manifest that the registry lists as a referrer of a digest. What it lists is not yet
    /// true: the manifests themselves name their subject.
    pub(super) async fn referrers(
        &self,
        repository: &Repository,
        subject: Digest,
        budget: &Budget,
    ) -> Outcome<Vec<Descriptor>> {
        let mut listed = Ok(None);
        for endpoint in &repository.names {
            if let Err(error) = &listed {
                tracing::warn!("a mirror is passed over: {error}");
            }
            listed = self.list(endpoint, subject, budget).await;
            if let Ok(Some(found)) = listed {
                return Ok(found);
            }
        }
        listed?;
        self.fallback(repository, subject, budget).await
    }

    /// The registry's list; `None` where it keeps none.
    async fn list(
        &self,
        endpoint: &Endpoint,
        subject: Digest,
        budget: &Budget,
    ) -> Outcome<Option<Vec<Descriptor>>> {
        let limits = &self.wire.settings.limits;
        let mut url = endpoint.url(&format!("referrers/{subject}"))?;
        let mut found = vec![];
        for page in 0..limits.pages {
            // Once it has begun, the list must go on: an end in the middle is no end.
            let absent = if page == 0 { NO_LIST } else { &[] };
            let limit = (limits.manifest_bytes, "manifest_bytes");
            let expect = Expect { absent, limit, digest: None };
            let mut call = Call::get(endpoint, url.clone(), expect);
            call.headers.push((ACCEPT, HeaderValue::from_static(INDEX)));
            let Answer::Found(Found { headers, body }) = self.wire.send(&call, budget).await?
            else {
                return Ok(None);
            };
            let what = format!("{}: the list of referrers", endpoint.host);
            let entries = Document::read(&body, &what)?.index();
            let entries =
                entries.ok_or_else(|| invalid(&call, "the list of referrers is no index"))?;
            found.extend(entries);
            if found.len() > limits.referrers {
                return Err(exceeded(endpoint, "referrers"));
            }
            match next(&headers, &call)? {
                Some(next) => url = next,
                None => return Ok(Some(found)),
            }
        }
        Err(exceeded(endpoint, "pages"))
    }

    /// The entries of the index under the fallback tag. Some registries answer that tag with the
    /// subject itself, whose entries are its platforms and no referrers.
    async fn fallback(
        &self,
        repository: &Repository,
        subject: Digest,
        budget: &Budget,
    ) -> Outcome<Vec<Descriptor>> {
        let tag = fallback_tag(subject);
        let Some(bytes) = self.named(repository, &tag, budget).await? else { return Ok(vec![]) };
        if Digest::of(&bytes) == subject {
            return Ok(vec![]);
        }
        let document = Document::read(&bytes, &format!("{}:{tag}", repository.place))?;
        let entries = document.index().unwrap_or_default();
        if entries.len() > self.wire.settings.limits.referrers {
            let message = format!("{}: more `referrers` than are read", repository.place);
            return Err(RegistryError::new(ErrorCode::RegistryLimitExceeded, message));
        }
        Ok(entries)
    }
}

/// The next page (RFC 8288), which is at the same server or nowhere.
fn next(headers: &HeaderMap, call: &Call<'_>) -> Outcome<Option<Url>> {
    let Some(link) = headers.get_all(LINK).iter().find_map(next_link) else { return Ok(None) };
    let url = link.ok().and_then(|link| call.url.join(link).ok());
    match url.filter(|url| same_server(url, &call.url)) {
        Some(url) => Ok(Some(url)),
        None => Err(invalid(call, "its next page is at no address of this registry")),
    }
}

/// The target of a link to the next page; `Err` where the header cannot be read, since then nobody
/// knows whether there is one.
fn next_link(value: &HeaderValue) -> Option<Result<&str, ()>> {
    let Ok(mut rest) = value.to_str() else { return Some(Err(())) };
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { return Some(Err(())) };
        let parameters = after.split(',').next().unwrap_or_default();
        let is_next = parameters.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            let relations = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && relations.split(' ').any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(Ok(target));
        }
        rest = after;
    }
    None
}

fn exceeded(endpoint: &Endpoint, limit: &str) -> RegistryError {
    let message = format!("{}: the list of referrers exceeds `{limit}`", endpoint.host);
    RegistryError::new(ErrorCode::RegistryLimitExceeded, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_registries_write_them() {
        for (text, expected) in [
            (r#"</v2/x?n=1>; rel="next""#, Some(Ok("/v2/x?n=1"))),
            (r"<a>; title=x; Rel=next", Some(Ok("a"))),
            (r#"<a>; rel="prev", <b>; rel="last next""#, Some(Ok("b"))),
            (r#"<a>; rel="prev""#, None),
            ("<a", Some(Err(()))),
            ("nothing", None),
        ] {
            assert_eq!(next_link(&HeaderValue::from_static(text)), expected, "{text}");
        }
    }
}
