//! Where a repository is asked: its registry, or a mirror of it, with the connection that fits.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gate_core::reason::ErrorCode;
use reqwest::{Certificate, Client, Url};

use super::auth::{Action, Scope};
use super::failure::{Outcome, RegistryError};
use super::reference::Image;
use super::settings::Settings;
use crate::files::read_bounded;

const CA_BYTES: usize = 4 << 20;
const CONNECT: Duration = Duration::from_secs(10);

/// A repository at one server.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// The server as credentials and messages name it.
    pub(super) host: String,
    /// The repository there.
    pub(super) repository: String,
    base: Url,
    /// The connections to it.
    pub(super) client: Client,
}

/// A repository with every server that may be asked for it.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    /// Those that are asked for content by digest, in order; never empty.
    pub(super) content: Vec<Endpoint>,
    /// Those that are asked for names, in order; never empty.
    pub(super) names: Vec<Endpoint>,
    /// Registry and repository, for people and as a key.
    pub(super) place: String,
}

impl Endpoint {
    /// The address of something in the repository.
    pub(super) fn url(&self, path: &str) -> Outcome<Url> {
        self.base.join(&format!("{}/{path}", self.repository)).map_err(|error| {
            let message = format!("{}: no address can be made of `{path}`", self.host);
            RegistryError::new(ErrorCode::Internal, message).caused_by(error)
        })
    }

    /// Whether an address is at this server, so that what it may see the address may.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        same_server(url, &self.base)
    }

    /// The scope of a request.
    pub(super) fn scope(&self, action: Action) -> Scope {
        Scope { host: self.host.clone(), repository: self.repository.clone(), action }
    }
}

/// The connections, by what they trust.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<(Option<PathBuf>, bool), Client>>);

impl Clients {
    /// A repository's servers, as they are configured.
    pub(super) fn repository(&self, settings: &Settings, image: &Image) -> Outcome<Repository> {
        let place = settings.place(image.host(), image.repository());
        let ca = place.and_then(|place| place.ca.as_deref());
        let mut mirrors = vec![];
        for mirror in place.map(|place| place.mirrors.as_slice()).unwrap_or_default() {
            mirrors.push(self.mirror(settings, mirror, image.repository(), ca)?);
        }
        let mut content = mirrors.clone();
        let mut names = mirrors;
        if !place.is_some_and(|place| place.mirrors_only && !place.mirrors.is_empty()) {
            let own = self.own(settings, image, ca)?;
            content.push(own.clone());
            // A name means what its registry says: a mirror may know less, or something older.
            names = vec![own];
        }
        Ok(Repository { content, names, place: image.place() })
    }

    fn own(&self, settings: &Settings, image: &Image, ca: Option<&Path>) -> Outcome<Endpoint> {
        let scheme = if settings.is_plain(image.host()) { "http" } else { "https" };
        let base = format!("{scheme}://{}/v2/", image.server());
        let base = Url::parse(&base).map_err(|error| {
            let message = format!("`{}` is no address of a registry", image.host());
            RegistryError::new(ErrorCode::SubjectInvalid, message).caused_by(error)
        })?;
        Ok(Endpoint {
            host: image.host().to_owned(),
            repository: image.repository().to_owned(),
            client: self.client(ca, is_loopback(&base))?,
            base,
        })
    }

    fn mirror(
        &self,
        settings: &Settings,
        mirror: &str,
        repository: &str,
        ca: Option<&Path>,
    ) -> Outcome<Endpoint> {
        let invalid = |why: &str| {
            let message = format!("the mirror `{mirror}` cannot be asked: {why}");
            RegistryError::new(ErrorCode::ConfigInvalid, message)
        };
        let url = Url::parse(mirror).map_err(|_| invalid("it is no URL"))?;
        let host = authority(&url);
        if !is_allowed(settings, &url) {
            return Err(invalid("plain HTTP is for hosts that are named with `plain_http`"));
        }
        let ca = settings.place(&host, repository).map_or(ca, |place| place.ca.as_deref().or(ca));
        let path = url.path().trim_matches('/');
        let repository = match path {
            "" => repository.to_owned(),
            path => format!("{path}/{repository}"),
        };
        let base = url.join("/v2/").map_err(|_| invalid("no path can follow it"))?;
        Ok(Endpoint { client: self.client(ca, is_loopback(&base))?, host, repository, base })
    }

    /// One set of connections for everything that trusts the same: so connections are used again.
    fn client(&self, ca: Option<&Path>, loopback: bool) -> Outcome<Client> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (ca.map(Path::to_owned), loopback);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let mut builder = Client::builder()
            .user_agent(concat!("gate/", env!("CARGO_PKG_VERSION")))
            // Followed by hand: credentials must not go along.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT);
        if loopback {
            builder = builder.no_proxy();
        }
        if let Some(path) = ca {
            builder = builder.tls_certs_merge(authorities(path)?);
        }
        let client = builder.build().map_err(|error| {
            let message = "no connection can be made from here";
            RegistryError::new(ErrorCode::ConfigInvalid, message).caused_by(error)
        })?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

/// The certificates of a PEM file. None at all is an error: it would be believed to be trusted.
fn authorities(path: &Path) -> Outcome<Vec<Certificate>> {
    let invalid = |why: &str| {
        let message = format!("the authorities in {} cannot be used: {why}", path.display());
        RegistryError::new(ErrorCode::ConfigInvalid, message)
    };
    let bytes = read_bounded(path, CA_BYTES)
        .map_err(|error| invalid("the file cannot be read").caused_by(error))?;
    let found = Certificate::from_pem_bundle(&bytes)
        .map_err(|error| invalid("it is no PEM").caused_by(error))?;
    if found.is_empty() {
        return Err(invalid("it holds no certificate"));
    }
    Ok(found)
}

/// Host and port as a reference names them; the port of the scheme is left out.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether an address may be asked: HTTPS always, HTTP where its host is named for it.
pub(super) fn is_allowed(settings: &Settings, url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => {
            let host = authority(url);
            settings.is_plain(&host)
                || (url.port().is_none() && settings.is_plain(&format!("{host}:80")))
        }
        _ => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Whether two addresses are the same server, so that what one may see the other may.
pub(super) fn same_server(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}
