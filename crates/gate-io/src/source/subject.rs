//! What the caller calls the subject: a file, `oci:DIR[:TAG]` or `sha256:HEX`, as a digest.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_core::request::{Subject, SubjectKind};

use super::Layout;

/// A subject that the caller named.
#[derive(Debug, Clone)]
pub struct Named {
    /// The subject.
    pub subject: Subject,
    /// The layout that holds it, for `oci:`.
    pub layout: Option<Layout>,
}

/// Finds the digest behind a name. Files are hashed without being held in memory.
pub fn resolve(name: &str) -> Result<Named, GateError> {
    let named =
        |digest, layout| Named { subject: Subject { digest, kind: SubjectKind::Artifact }, layout };
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
    Ok(named(digest, None))
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
