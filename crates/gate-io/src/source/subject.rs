//! What the caller calls the subject, as a digest: an image of a registry, a layout or an archive, a
//! file, a folder, or a digest itself.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_core::request::{Subject, SubjectKind};

use super::archive::Archive;
use super::{Layout, folder};
use crate::registry::{Image, Pinned, Registry};

/// The prefix that makes a name an image of a registry, whatever else it could be.
const REGISTRY: &str = "docker://";

/// A subject that the caller named.
#[derive(Debug, Clone)]
pub struct Named {
    /// The subject.
    pub subject: Subject,
    /// The layout that holds it, for `oci:` and archives.
    pub layout: Option<Layout>,
    /// The image, for one of a registry.
    pub image: Option<Pinned>,
}

impl Named {
    fn new(digest: Digest) -> Self {
        let subject = Subject { digest, kind: SubjectKind::Artifact };
        Self { subject, layout: None, image: None }
    }

    fn within(digest: Digest, layout: Layout) -> Self {
        Self { layout: Some(layout), ..Self::new(digest) }
    }
}

/// Finds the digest behind a name. Files are hashed without being held in memory; a tag is asked for
/// once, and what it names at that moment is the subject.
pub fn resolve(name: &str, registry: &Registry) -> Result<Named, GateError> {
    if let Some(image) = image(name)? {
        let pinned = registry.pin(&image, None)?;
        return Ok(Named { image: Some(pinned.clone()), ..Named::new(pinned.digest) });
    }
    if let Some(rest) = name.strip_prefix("oci:") {
        let (folder, tag) = split_tag(rest, Path::is_dir);
        let layout = Layout::new(folder);
        return Ok(Named::within(layout.image(tag)?, layout));
    }
    for prefix in ["oci-archive:", "docker-archive:"] {
        if let Some(rest) = name.strip_prefix(prefix) {
            return archived(rest, prefix);
        }
    }
    if name.starts_with("sha256:") {
        let invalid = |error: gate_core::digest::DigestError| {
            GateError::new(ErrorCode::SubjectInvalid, error.to_string())
        };
        return Ok(Named::new(name.parse().map_err(invalid)?));
    }
    hash_path(Path::new(name)).map(Named::new)
}

/// The digest of a file or folder.
pub fn hash_path(path: &Path) -> Result<Digest, GateError> {
    let digest = if path.is_dir() { folder::digest(path) } else { hash(path) };
    digest.map_err(|error| {
        let message = format!(
            "{} cannot be read: {error}; a subject is a file or folder, an image with its registry \
             and a tag or digest, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE or sha256:HEX",
            path.display()
        );
        GateError::new(ErrorCode::SubjectInvalid, message)
    })
}

/// The image that a name means, if it means one. A name with a digest is one even where a file has
/// the same name: whoever can put a file there must not choose what is judged.
pub fn image(name: &str) -> Result<Option<Image>, GateError> {
    let invalid = |error: crate::registry::ReferenceError| {
        GateError::new(ErrorCode::SubjectInvalid, error.to_string())
    };
    if let Some(reference) = name.strip_prefix(REGISTRY) {
        return reference.parse().map(Some).map_err(invalid);
    }
    let schemes = ["oci:", "oci-archive:", "docker-archive:", "sha256:", "/", "./", "../"];
    if schemes.iter().any(|scheme| name.starts_with(scheme)) {
        return Ok(None);
    }
    let last = name.rsplit('/').next().unwrap_or_default();
    let pinned = name.contains("@sha256:");
    if !pinned && (!last.contains(':') || Path::new(name).exists()) {
        return Ok(None);
    }
    match name.parse() {
        Ok(image) => Ok(Some(image)),
        Err(error) if pinned => Err(invalid(error)),
        // It may be the name of a file that is not there; the file's error tells both.
        Err(_) => Ok(None),
    }
}

/// A path, and the tag behind it. A path may hold a colon; a folder's tag may not hold a slash.
fn split_tag(rest: &str, is_there: impl Fn(&Path) -> bool) -> (&str, Option<&str>) {
    match rest.rsplit_once(':') {
        Some((path, tag)) if !is_there(Path::new(rest)) && !tag.contains('/') => (path, Some(tag)),
        _ => (rest, None),
    }
}

fn archived(rest: &str, prefix: &str) -> Result<Named, GateError> {
    // Names of docker's images hold colons and slashes themselves: the file is what exists.
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) if !Path::new(rest).is_file() => (path, Some(tag)),
        _ => (rest, None),
    };
    let invalid = |why: &dyn std::fmt::Display| {
        let message = format!("the archive {path} cannot be read: {why}");
        GateError::new(ErrorCode::SubjectInvalid, message)
    };
    let archive = Archive::open(Path::new(path)).map_err(|error| invalid(&error))?;
    if prefix == "docker-archive:" && !archive.has("index.json") {
        return archive.saved(tag).map(Named::new).map_err(|why| invalid(&why));
    }
    let layout = Layout::within(archive);
    // In a layout that docker wrote, the tag is the last part of the image's name.
    let tag = tag.map(|tag| tag.rsplit(':').next().unwrap_or(tag));
    Ok(Named::within(layout.image(tag)?, layout))
}

pub(super) fn hash(path: &Path) -> std::io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(finish(context)),
            read => context.update(&buffer[..read]),
        }
    }
}

pub(super) fn finish(context: Context) -> Digest {
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Digest::from_bytes(digest)
}
