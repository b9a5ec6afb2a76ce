//! Suites of Gatekeeper's tests among files and folders.

use std::path::{Path, PathBuf};

use gate_core::policy::suite;
use gate_core::structured;
use serde_json::Value;

use super::manifests::{files, text};
use super::{PolicyFilesError, malformed};

/// What the file of a suite holds somewhere.
const MARK: &str = "test.gatekeeper.sh/";

/// A suite and its file.
#[derive(Debug, Clone)]
pub struct SuiteFile {
    /// Its file: what it names lies beside it.
    pub path: PathBuf,
    /// What it says.
    pub document: Value,
}

impl SuiteFile {
    /// The text of a file by its path from the suite's folder.
    pub fn read(&self, path: &str) -> Result<String, String> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        text(&folder.join(path)).map_err(|error| match error {
            PolicyFilesError::Read { path, source } => {
                format!("{} cannot be read: {source}", path.display())
            }
            other @ (PolicyFilesError::Form { .. } | PolicyFilesError::Elsewhere { .. }) => {
                other.to_string()
            }
        })
    }
}

/// The suites of a file or folder, by path.
pub fn read_suites(path: &Path) -> Result<Vec<SuiteFile>, PolicyFilesError> {
    let mut found = vec![];
    for file in files(path, 0)? {
        // What is no text is no suite, and for others to complain of.
        let Ok(text) = text(&file) else { continue };
        if !text.contains(MARK) {
            continue;
        }
        let documents = structured::documents(&text).map_err(|why| malformed(&file, why))?;
        let suites = documents.into_iter().filter(suite::is_suite);
        found.extend(suites.map(|document| SuiteFile { path: file.clone(), document }));
    }
    Ok(found)
}
