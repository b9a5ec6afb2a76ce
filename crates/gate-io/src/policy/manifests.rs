//! Gatekeeper's templates and constraints among policy files, and the objects of an inventory.

use std::path::{Path, PathBuf};

use gate_core::limits;
use gate_core::structured;
use serde_json::Value;

use super::{DEPTH, PolicyFilesError, malformed, unreadable};
use crate::files::read_bounded;

/// What a file of templates or constraints holds somewhere.
const MARKS: [&str; 2] = ["templates.gatekeeper.sh/", "constraints.gatekeeper.sh/"];

/// The files among policies that hold templates or constraints: path and text.
pub(super) fn read(policies: &[PathBuf]) -> Result<Vec<(String, String)>, PolicyFilesError> {
    let mut found = vec![];
    for path in policies {
        for file in files(path, 0)? {
            // A file that is no text holds no template; where it is policy or data of another kind,
            // whoever reads that says what is wrong.
            let Ok(text) = text(&file) else { continue };
            if MARKS.iter().any(|mark| text.contains(mark)) {
                found.push((file.display().to_string(), text));
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The Kubernetes objects in files and folders.
pub(super) fn objects(data: &[PathBuf]) -> Result<Vec<Value>, PolicyFilesError> {
    let mut found = vec![];
    for path in data {
        for file in files(path, 0)? {
            let objects = structured::documents(&text(&file)?);
            found.extend(objects.map_err(|why| malformed(&file, why))?);
        }
    }
    Ok(found)
}

pub(super) fn text(path: &Path) -> Result<String, PolicyFilesError> {
    let bytes =
        read_bounded(path, limits::POLICY_BYTES).map_err(|source| unreadable(path, source))?;
    String::from_utf8(bytes).map_err(|error| malformed(path, error.to_string()))
}

/// The YAML and JSON files of a path, in order; hidden ones are left out as for other policies.
pub(super) fn files(path: &Path, depth: usize) -> Result<Vec<PathBuf>, PolicyFilesError> {
    with_extension(path, &["yaml", "yml", "json"], depth)
}

/// The files of a path that have one of these extensions, in order.
pub(super) fn with_extension(
    path: &Path,
    extensions: &[&str],
    depth: usize,
) -> Result<Vec<PathBuf>, PolicyFilesError> {
    if depth > DEPTH {
        return Err(malformed(path, "the folders are nested too deeply"));
    }
    if !path.is_dir() {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_read = extensions.contains(&extension.as_str());
        return Ok(if is_read { vec![path.to_owned()] } else { vec![] });
    }
    let entries = std::fs::read_dir(path).map_err(|source| unreadable(path, source))?;
    let mut below = vec![];
    for entry in entries {
        let entry = entry.map_err(|source| unreadable(path, source))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            below.push(entry.path());
        }
    }
    below.sort();
    let mut found = vec![];
    for path in below {
        found.extend(with_extension(&path, extensions, depth + 1)?);
    }
    Ok(found)
}
