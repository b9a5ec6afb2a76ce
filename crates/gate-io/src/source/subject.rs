//! What the caller calls the subject: a file, `oci:DIR[:TAG]` or `sha256:HEX`, as a digest.

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

use super::Layout;

/// A subject that the caller named.
#[derive(Debug, Clone)]
pub struct Named {
    /// The subject.
    pub subject: Subject,
    /// The layout that holds it, for `oci:`.
    pub layout: Option<Layout>,
    /// The file that it is, where it is one.
    pub file: Option<PathBuf>,
}

/// Finds the digest behind a name. Files are hashed without being held in memory.
pub fn resolve(name: &str) -> Result<Named, GateError> {
    let named = |digest, layout| Named {
        subject: Subject { digest, kind: SubjectKind::Artifact },
        layout,
        file: None,
    };
    if let Some(rest) = name.strip_prefix("oci:") {
        // A folder's name may hold a colon; a tag may not hold a slash.
        let (folder, tag) = match rest.rsplit_once(':') {
            Some((folder, tag)) if !Path::new(rest).is_dir() && !tag.contains('/') => {
                (folder, Some(tag))
            }
            _ => (rest, None),
        };
        let layout = Layout::new(folder);
        return Ok(named(layout.image(tag)?, Some(layout)));
    }
    if name.starts_with("sha256:") {
        let invalid = |error: gate_core::digest::DigestError| {
            GateError::new(ErrorCode::SubjectInvalid, error.to_string())
        };
        return Ok(named(name.parse().map_err(invalid)?, None));
    }
    let digest = hash(Path::new(name)).map_err(|error| {
        let message = format!(
            "{name} cannot be read: {error}; a subject is a file, oci:DIR[:TAG] or sha256:HEX"
        );
        GateError::new(ErrorCode::SubjectInvalid, message)
    })?;
    Ok(Named { file: Some(PathBuf::from(name)), ..named(digest, None) })
}

fn hash(path: &Path) -> std::io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => context.update(&buffer[..read]),
        }
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok(Digest::from_bytes(digest))
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
