//! Where bundles lie: folders and files here, HTTPS servers, registries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gate_core::Digest;
use gate_core::limits::POLICY_BYTES;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use reqwest::{StatusCode, Url};
use serde_json::{Map, Value, json};

use super::{BundleFiles, MANIFEST, SIGNATURES, pack, unpack};
use crate::files::{read_bounded, write_atomically};
use crate::policy::{PolicyFilesError, merge};
use crate::registry::{Artifact, Image, Layer, Registry};

/// Time for a bundle to arrive over HTTPS.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest entity tag that is kept.
const ETAG_BYTES: usize = 1 << 10;
/// A packed bundle as one layer: the shape that OPA pulls.
const PACKED: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The layers of `conftest push`, which Conforma reads too.
const REGO: &str = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego";
const DATA: &str = "application/vnd.cncf.openpolicyagent.data.layer.v1+json";
const CONFTEST: &str = "application/vnd.cncf.openpolicyagent.config.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const TITLE: &str = "org.opencontainers.image.title";

/// A place of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder or file here.
    Local(PathBuf),
    /// `https://...`, a packed bundle.
    Https(Url),
    /// `oci://REGISTRY/REPOSITORY[:TAG|@DIGEST]`.
    Oci(Image),
}

/// Whether a text names a place elsewhere.
pub fn is_remote(text: &str) -> bool {
    ["https://", "http://", "oci://"].iter().any(|scheme| text.starts_with(scheme))
}

impl Place {
    /// Reads a place from what a user writes.
    pub fn parse(text: &str) -> Result<Self, PolicyFilesError> {
        let wrong = |message: String| PolicyFilesError::Form { path: text.into(), message };
        if let Some(image) = text.strip_prefix("oci://") {
            return image
                .parse()
                .map(Self::Oci)
                .map_err(|_| wrong("write it as oci://REGISTRY/REPOSITORY:TAG".to_owned()));
        }
        if !is_remote(text) {
            return Ok(Self::Local(text.into()));
        }
        let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !here {
            return Err(wrong("policies are fetched over https alone".to_owned()));
        }
        Ok(Self::Https(url))
    }
}

/// What it takes to read places.
#[derive(Clone, Default)]
pub struct Places {
    /// How registries are asked; without one `oci://` cannot be read.
    pub registry: Option<Arc<Registry>>,
    /// Folder that keeps what came over HTTPS, with its entity tag.
    pub cache: Option<PathBuf>,
}

impl Places {
    /// Reads a bundle from wherever it lies.
    pub fn read(&self, place: &Place) -> Result<BundleFiles, PolicyFilesError> {
        match place {
            Place::Local(path) => BundleFiles::read(path),
            Place::Https(url) => {
                let bytes = self.fetch(url)?;
                let from = PathBuf::from(url.as_str());
                let files = unpack(&bytes)
                    .map_err(|message| PolicyFilesError::Form { path: from.clone(), message })?;
                Ok(BundleFiles { from, files })
            }
            Place::Oci(image) => {
                let artifact = self.registry(image)?.artifact(image, POLICY_BYTES);
                let artifact = artifact.map_err(|error| unfetched(&image.to_string(), error))?;
                of_layers(image, artifact)
            }
        }
    }

    /// Pushes a bundle in the shape that OPA pulls, or in that of `conftest push`.
    pub fn push(
        &self,
        bundle: &BundleFiles,
        image: &Image,
        conftest: bool,
    ) -> Result<Digest, PolicyFilesError> {
        let failed = |error| unfetched(&image.to_string(), error);
        let layers = if conftest { loose(bundle)? } else { packed(bundle).map_err(failed)? };
        let kind = if conftest { CONFTEST } else { CONFIG };
        let (manifest, blobs) = manifest(kind, layers);
        let registry = self.registry(image)?;
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        registry
            .push(image, media_type, manifest, blobs)
            .map_err(|error| unfetched(&image.to_string(), error))
    }

    pub(super) fn registry(&self, image: &Image) -> Result<&Registry, PolicyFilesError> {
        self.registry.as_deref().ok_or_else(|| PolicyFilesError::Form {
            path: image.to_string().into(),
            message: "registries cannot be asked here".to_owned(),
        })
    }

    /// The bytes behind a URL; those of the cache where the server says that they still hold.
    fn fetch(&self, url: &Url) -> Result<Vec<u8>, PolicyFilesError> {
        let kept = self.cache.as_deref().and_then(|folder| Kept::read(folder, url));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unfetched(url.as_str(), error))?;
        let tag = kept.as_ref().map(|kept| kept.tag.as_str());
        match runtime.block_on(get(url, tag)) {
            Ok(Fetched::Same) => kept.map(|kept| kept.bytes).ok_or_else(|| {
                unfetched(url.as_str(), "the server says that nothing changed, and nothing is kept")
            }),
            Ok(Fetched::New { bytes, tag }) => {
                if let (Some(folder), Some(tag)) = (&self.cache, tag) {
                    // A cache that cannot be written costs time, nothing else.
                    if let Err(error) = (Kept { bytes: bytes.clone(), tag }).write(folder, url) {
                        tracing::warn!("a policy could not be kept: {error}");
                    }
                }
                Ok(bytes)
            }
            Err(error) => Err(unfetched(url.as_str(), error)),
        }
    }
}

enum Fetched {
    Same,
    New { bytes: Vec<u8>, tag: Option<String> },
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn get(url: &Url, tag: Option<&str>) -> Result<Fetched, Failed> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let mut request = client.get(url.clone());
    if let Some(tag) = tag {
        request = request.header(IF_NONE_MATCH, tag);
    }
    let mut response = request.send().await?;
    if response.status() == StatusCode::NOT_MODIFIED {
        return Ok(Fetched::Same);
    }
    if response.status() != StatusCode::OK {
        return Err(format!("the server answered {}", response.status()).into());
    }
    let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > POLICY_BYTES {
            return Err(format!("it is longer than {POLICY_BYTES} bytes").into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched::New { bytes, tag: tag.filter(|tag| tag.len() <= ETAG_BYTES) })
}

/// What is kept of a URL.
struct Kept {
    bytes: Vec<u8>,
    tag: String,
}

impl Kept {
    fn path(folder: &Path, url: &Url) -> PathBuf {
        folder.join(format!("{}.bundle", Digest::of(url.as_str().as_bytes()).to_hex()))
    }

    /// One file holds tag and bytes, so that they cannot come apart: a line, then the rest.
    fn read(folder: &Path, url: &Url) -> Option<Self> {
        let whole = read_bounded(&Self::path(folder, url), POLICY_BYTES + ETAG_BYTES + 1).ok()?;
        let at = whole.iter().position(|byte| *byte == b'\n')?;
        let tag = String::from_utf8(whole[..at].to_vec()).ok()?;
        Some(Self { bytes: whole[at + 1..].to_vec(), tag })
    }

    fn write(self, folder: &Path, url: &Url) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let whole = [self.tag.as_bytes(), b"\n", &self.bytes].concat();
        write_atomically(&Self::path(folder, url), &whole)
    }
}

/// A packed layer as it is, loose layers by their titles.
fn of_layers(image: &Image, artifact: Artifact) -> Result<BundleFiles, PolicyFilesError> {
    let from = PathBuf::from(format!("oci://{image}"));
    let wrong = |message: String| PolicyFilesError::Form { path: from.clone(), message };
    let mut files = BTreeMap::new();
    let mut loose = Map::new();
    for layer in artifact.layers {
        let title = layer.title.unwrap_or_default();
        let title = title.trim_start_matches("./").trim_start_matches('/').to_owned();
        match layer.media_type.as_str() {
            REGO if !title.is_empty() => drop(files.insert(title, layer.bytes)),
            DATA => {
                let value = serde_json::from_slice(&layer.bytes)
                    .map_err(|error| wrong(format!("{title}: {error}")))?;
                let Value::Object(value) = value else {
                    return Err(wrong(format!("{title}: data is an object at its top")));
                };
                merge(&mut loose, value);
            }
            kind if kind.contains("tar") => {
                for (path, bytes) in unpack(&layer.bytes).map_err(wrong)? {
                    files.insert(path, bytes);
                }
            }
            _ => {}
        }
    }
    if !loose.is_empty() {
        files.insert("data.json".to_owned(), Value::Object(loose).to_string().into_bytes());
    }
    if files.is_empty() {
        return Err(wrong("it holds no policy in a shape that is read".to_owned()));
    }
    Ok(BundleFiles { from, files })
}

fn packed(bundle: &BundleFiles) -> std::io::Result<Vec<Layer>> {
    let layer = Layer {
        media_type: PACKED.to_owned(),
        title: Some("bundle.tar.gz".to_owned()),
        bytes: pack(&bundle.files)?,
    };
    Ok(vec![layer])
}

/// One layer a file. Signatures have no place there: they cover the files as a bundle has them.
fn loose(bundle: &BundleFiles) -> Result<Vec<Layer>, PolicyFilesError> {
    let contents = bundle.contents()?;
    let layer = |media_type: &str, title: String, bytes: Vec<u8>| Layer {
        media_type: media_type.to_owned(),
        title: Some(title),
        bytes,
    };
    let modules = contents.modules.into_iter();
    let mut layers: Vec<_> =
        modules.map(|(path, source)| layer(REGO, path, source.into_bytes())).collect();
    let mut data = Map::new();
    for (below, value, _) in contents.data {
        let at = below.into_iter().rev();
        let value = at.fold(value, |value, name| json!({ name: value }));
        if let Value::Object(value) = value {
            merge(&mut data, value);
        }
    }
    if !data.is_empty() {
        let bytes = Value::Object(data).to_string().into_bytes();
        layers.push(layer(DATA, "data.json".to_owned(), bytes));
    }
    debug_assert!(layers.iter().all(|layer| {
        layer.title.as_deref() != Some(MANIFEST) && layer.title.as_deref() != Some(SIGNATURES)
    }));
    Ok(layers)
}

fn manifest(kind: &str, layers: Vec<Layer>) -> (Vec<u8>, Vec<Vec<u8>>) {
    let config = b"{}".to_vec();
    let described = |media_type: &str, bytes: &[u8]| json!({"mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len()});
    let one = |layer: &Layer| {
        let mut told = described(&layer.media_type, &layer.bytes);
        told["annotations"] = json!({TITLE: layer.title});
        told
    };
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": described(kind, &config),
        "layers": layers.iter().map(one).collect::<Value>(),
    });
    let blobs = std::iter::once(config).chain(layers.into_iter().map(|layer| layer.bytes));
    (manifest.to_string().into_bytes(), blobs.collect())
}

pub(super) fn unfetched(place: &str, source: impl Into<Failed>) -> PolicyFilesError {
    PolicyFilesError::Elsewhere { place: place.to_owned(), source: source.into() }
}
