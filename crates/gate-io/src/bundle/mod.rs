//! OPA's bundles: files with a manifest and signatures, in a folder, a packed file, behind HTTPS or
//! in a registry, read into what a policy is compiled from, and written again.

mod archive;
mod manifest;
mod place;
mod signature;
pub(crate) mod voucher;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gate_core::limits;
use serde_json::Value;

pub use archive::{pack, unpack};
pub use manifest::Manifest;
pub use place::{Place, Places, is_remote};
pub use signature::{Signed, sign};
pub use voucher::Voucher;

use crate::files::read_bounded;
use crate::policy::PolicyFilesError;

/// The file of a bundle's manifest.
pub const MANIFEST: &str = ".manifest";
/// A policy that OPA compiled.
const PLAN: &str = "plan.json";
/// The file of a bundle's signatures.
pub const SIGNATURES: &str = ".signatures.json";
/// Folders within folders that are followed.
const DEPTH: usize = 32;
/// Files of one bundle.
const FILES: usize = 2 * limits::MODULES;

/// The files of a bundle, by path with `/`, as they stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleFiles {
    /// Where they come from, for messages.
    pub from: PathBuf,
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl BundleFiles {
    /// Reads a folder or a packed file.
    pub fn read(path: &Path) -> Result<Self, PolicyFilesError> {
        let unreadable = |source| PolicyFilesError::Read { path: path.to_owned(), source };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        let mut bundle = Self { from: path.to_owned(), files: BTreeMap::new() };
        if metadata.is_dir() {
            bundle.folder(path, "", 0)?;
            return Ok(bundle);
        }
        let bytes = read_bounded(path, limits::POLICY_BYTES).map_err(unreadable)?;
        bundle.files = unpack(&bytes).map_err(|message| bundle.wrong("", message))?;
        Ok(bundle)
    }

    /// Whether a path is one of a packed bundle, by its name.
    pub fn is_packed(path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        extension == "tgz" || (extension == "gz" && extension_of(stem) == "tar")
    }

    fn folder(&mut self, folder: &Path, below: &str, depth: usize) -> Result<(), PolicyFilesError> {
        let unreadable = |source| PolicyFilesError::Read { path: folder.to_owned(), source };
        if depth > DEPTH {
            return Err(self.wrong(below, "the folders are nested too deeply"));
        }
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let relative = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            let own = relative == MANIFEST || relative == SIGNATURES;
            if !own && is_misplaced(&relative) {
                return Err(self.wrong(&relative, MISPLACED));
            }
            // Hidden folders are a mounted volume's older versions, or version control.
            if name.starts_with('.') && !own {
                continue;
            }
            if path.is_dir() {
                self.folder(&path, &relative, depth + 1)?;
            } else if own || is_part(&relative) {
                self.take(&path, relative)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, relative: String) -> Result<(), PolicyFilesError> {
        let unreadable = |source| PolicyFilesError::Read { path: path.to_owned(), source };
        let used: usize = self.files.values().map(Vec::len).sum();
        let left = limits::POLICY_BYTES.saturating_sub(used);
        let bytes = read_bounded(path, left).map_err(unreadable)?;
        if self.files.len() >= FILES {
            return Err(self.wrong("", format!("more than {FILES} files")));
        }
        self.files.insert(relative, bytes);
        Ok(())
    }

    /// Its manifest; the default one where there is none.
    pub fn manifest(&self) -> Result<Manifest, PolicyFilesError> {
        match self.files.get(MANIFEST) {
            None => Ok(Manifest::default()),
            Some(bytes) => Manifest::read(bytes).map_err(|message| self.wrong(MANIFEST, message)),
        }
    }

    /// Who of these keys (name and PEM) signed the bundle, whole as it is. Empty where it has no
    /// signatures; a signature that does not fit is an error.
    pub fn signed_by(
        &self,
        keys: &BTreeMap<String, String>,
    ) -> Result<Vec<Signed>, PolicyFilesError> {
        match self.files.get(SIGNATURES) {
            None => Ok(vec![]),
            Some(bytes) => signature::verify(bytes, &self.files, keys)
                .map_err(|message| self.wrong(SIGNATURES, message)),
        }
    }

    /// Modules and data, the manifest's roots checked. Tests are left out.
    pub fn contents(&self) -> Result<Contents, PolicyFilesError> {
        self.contents_with(false)
    }

    /// The same, with tests where they are wanted.
    pub fn contents_with(&self, tests: bool) -> Result<Contents, PolicyFilesError> {
        let manifest = self.manifest()?;
        let mut contents = Contents::default();
        for (path, bytes) in &self.files {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if (!tests && name.ends_with("_test.rego")) || path.starts_with('.') {
                continue;
            }
            let text =
                || std::str::from_utf8(bytes).map_err(|_| self.wrong(path, "it is no UTF-8"));
            match name {
                name if extension_of(name) == "rego" => {
                    contents.modules.push((path.clone(), text()?.to_owned()));
                }
                PLAN => {
                    serde_json::from_slice::<serde::de::IgnoredAny>(bytes)
                        .map_err(|error| self.wrong(path, format!("no plan: {error}")))?;
                }
                "data.json" | "data.yaml" | "data.yml" => {
                    let value: Value = if name == "data.json" {
                        serde_json::from_str(text()?)
                            .map_err(|error| self.wrong(path, error.to_string()))?
                    } else {
                        serde_saphyr::from_str(text()?)
                            .map_err(|error| self.wrong(path, error.to_string()))?
                    };
                    let below = folder.split('/').filter(|part| !part.is_empty());
                    contents.data.push((below.map(str::to_owned).collect(), value, path.clone()));
                }
                _ => {}
            }
        }
        manifest.check(&contents).map_err(|(path, message)| self.wrong(&path, message))?;
        Ok(contents)
    }

    fn wrong(&self, file: &str, message: impl Into<String>) -> PolicyFilesError {
        let path = if file.is_empty() { self.from.clone() } else { self.from.join(file) };
        PolicyFilesError::Form { path, message: message.into() }
    }
}

/// What a bundle gives to a policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// Modules: path and source.
    pub modules: Vec<(String, String)>,
    /// Data: where it stands, what it is, and its file.
    pub data: Vec<(Vec<String>, Value, String)>,
}

/// Why a manifest or signatures below the root are refused: they would look as if they counted.
const MISPLACED: &str = "it belongs at the root of the bundle";

/// Whether a path is that of a manifest or of signatures below the root.
fn is_misplaced(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, name)| name == MANIFEST || name == SIGNATURES)
}

/// What follows a name's last point.
fn extension_of(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether a file belongs to a bundle; what OPA compiles is signed with the rest, and not used here.
fn is_part(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(extension_of(name), "rego" | "wasm")
        || matches!(name, "data.json" | "data.yaml" | "data.yml" | PLAN)
}
