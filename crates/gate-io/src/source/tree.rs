//! Folders and several files as one subject, and those of their files that rules may judge.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use gate_core::Digest;
use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::{Collected, SubjectFile, SubjectFiles};
use gate_core::limits::DOCUMENT_BYTES;
use gate_core::policy::Dialect;
use gate_core::reason::ErrorCode;
use gate_core::request::Request;
use gate_core::structured::conftest::Parser;

use super::folder;
use crate::files::read_bounded;

/// Files that are judged together.
const FILES: usize = 10_000;

/// The files of a subject by the names that its digest is of.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: BTreeMap<String, File>,
}

#[derive(Debug, Clone)]
struct File {
    path: PathBuf,
    /// `HEX  NAME` and a line end.
    line: String,
}

impl Tree {
    /// Adds a file.
    pub(super) fn add_file(&mut self, path: &Path, name: &str) -> io::Result<()> {
        if name.contains(['\n', '\r']) {
            return Err(io::Error::other("a file's name holds a line end"));
        }
        let line = folder::line(path, name)?;
        self.files.insert(name.to_owned(), File { path: path.to_owned(), line });
        Ok(())
    }

    /// Adds every file below a folder, under names that begin so.
    pub(super) fn add_folder(&mut self, root: &Path, before: &str) -> io::Result<()> {
        for name in folder::files(root)? {
            self.add_file(&root.join(&name), &format!("{before}{name}"))?;
        }
        Ok(())
    }

    /// What the digest is of.
    fn listing(&self) -> String {
        // Sorted by path, which is not the order of the lines.
        self.files.values().map(|file| file.line.as_str()).collect()
    }

    /// The digest of all files.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.listing().as_bytes())
    }
}

/// The files of a subject that rules of a dialect judge.
pub struct SubjectTree<'a> {
    /// The files.
    pub tree: &'a Tree,
    /// Whose rules they are judged by.
    pub dialect: Dialect,
    /// Whether files are read whatever their names are.
    pub any_name: bool,
}

impl EvidenceSource for SubjectTree<'_> {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        let failed = |message: String| GateError::new(ErrorCode::CollectFailed, message);
        let mut files = vec![];
        let mut left = DOCUMENT_BYTES;
        for (name, file) in &self.tree.files {
            let any = self.any_name && self.dialect == Dialect::Conftest;
            if !any && !is_judged(self.dialect, name) {
                continue;
            }
            let bytes = read_bounded(&file.path, left)
                .map_err(|error| failed(format!("{name} cannot be read: {error}")))?;
            left -= bytes.len();
            files.push(SubjectFile { name: name.clone(), bytes });
            if files.len() > FILES {
                return Err(failed(format!("more than {FILES} files to judge")));
            }
        }
        let unverified_files = Some(SubjectFiles { listing: self.tree.listing(), files });
        Ok(Collected { unverified_files, ..Collected::default() })
    }
}

fn is_judged(dialect: Dialect, name: &str) -> bool {
    match dialect {
        Dialect::Gate | Dialect::Conforma => false,
        Dialect::Conftest => Parser::is_known_path(name),
        Dialect::Gatekeeper => [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end)),
    }
}
