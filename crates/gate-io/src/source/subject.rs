//! What the caller calls the subject, as a digest: an image of a registry, a layout or an archive, a
//! file, a folder, or a digest itself.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use gate_core::Digest;
use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::{Collected, SubjectFile};
use gate_core::reason::ErrorCode;
use gate_core::request::{Request, Subject, SubjectKind};
use gate_core::{limits, structured};

use super::archive::Archive;
use super::{Layout, Tree, folder};
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
    /// The file that it is, where it is one.
    pub file: Option<PathBuf>,
    /// Its files, where it is a folder or several files.
    pub tree: Option<Tree>,
}

impl Named {
    fn new(digest: Digest) -> Self {
        let subject = Subject { digest, kind: SubjectKind::Artifact };
        Self { subject, layout: None, image: None, file: None, tree: None }
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
    let path = PathBuf::from(name);
    if path.is_dir() {
        let tree = folder::tree(&path).map_err(|error| unreadable(&path, &error))?;
        return Ok(Named { tree: Some(tree.clone()), ..Named::new(tree.digest()) });
    }
    let digest = hash_path(&path)?;
    Ok(Named { file: path.is_file().then_some(path), ..Named::new(digest) })
}

/// Several files and folders as one subject: the digest is of each path, as it is given, with its
/// content.
pub fn resolve_files(names: &[String]) -> Result<Named, GateError> {
    let mut tree = Tree::default();
    for name in names {
        let path = Path::new(name);
        let added = if path.is_dir() {
            tree.add_folder(path, &format!("{}/", name.trim_end_matches('/')))
        } else {
            tree.add_file(path, name)
        };
        added.map_err(|error| unreadable(path, &error))?;
    }
    Ok(Named { tree: Some(tree.clone()), ..Named::new(tree.digest()) })
}

/// The digest of a file or folder.
pub fn hash_path(path: &Path) -> Result<Digest, GateError> {
    let digest =
        if path.is_dir() { folder::tree(path).map(|tree| tree.digest()) } else { hash(path) };
    digest.map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> GateError {
    let message = format!(
        "{} cannot be read: {error}; a subject is a file or folder, an image with its registry \
         and a tag or digest, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE or sha256:HEX",
        path.display()
    );
    GateError::new(ErrorCode::SubjectInvalid, message)
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

/// The subject's own bytes, where it is a file that may be a configuration file. Others, of any size,
/// are not held in memory.
pub struct SubjectBytes(pub Option<PathBuf>);

impl EvidenceSource for SubjectBytes {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        let Some(path) = &self.0 else { return Ok(Collected::default()) };
        let name = path.display().to_string();
        let bytes = configuration(path, &name).map_err(|error| {
            let message = format!("{name} cannot be read: {error}");
            GateError::new(ErrorCode::CollectFailed, message)
        })?;
        let unverified_file = bytes.map(|bytes| SubjectFile { name, bytes });
        Ok(Collected { unverified_file, ..Collected::default() })
    }
}

/// The bytes of what may be a configuration file. One by its name that is too large to be read is an
/// error: a rule about it could not be asked.
fn configuration(path: &Path, name: &str) -> std::io::Result<Option<Vec<u8>>> {
    const BEGINNING: usize = 1 << 13;
    let mut file = File::open(path)?;
    let mut bytes = vec![];
    file.by_ref().take(BEGINNING as u64).read_to_end(&mut bytes)?;
    if !structured::may_be(name, &bytes) {
        return Ok(None);
    }
    let limit = limits::DOCUMENT_BYTES as u64;
    if file.metadata()?.len() > limit {
        if structured::is_named(name) && !is_inventory(&bytes) {
            return Err(std::io::Error::other(format!("it has more than {limit} bytes")));
        }
        return Ok(None);
    }
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Large SBOMs are named as configuration files are; rules see them as evidence.
fn is_inventory(beginning: &[u8]) -> bool {
    [&b"\"bomFormat\""[..], b"\"spdxVersion\"", b"cyclonedx.org/schema/bom", b"spdx.org/rdf"]
        .iter()
        .any(|mark| beginning.windows(mark.len()).any(|window| window == *mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(name: &str, bytes: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        configuration(&path, name)
    }

    #[test]
    fn only_what_may_be_a_configuration_file_is_read() {
        let text = b"a: 1\n".repeat(4_000);
        assert_eq!(handed("a.yaml", &text).unwrap(), Some(text.clone()));
        assert_eq!(handed("a", &text).unwrap(), Some(text));
        assert_eq!(handed("a.tar", b"\0\0").unwrap(), None);
        let large = b"#\n".repeat(limits::DOCUMENT_BYTES / 2 + 1);
        assert_eq!(handed("notes", &large).unwrap(), None);
        assert!(handed("a.yaml", &large).is_err());
        let inventory = [&b"{\"bomFormat\": 1}"[..], &large].concat();
        assert_eq!(handed("sbom.json", &inventory).unwrap(), None);
    }
}
