//! Image archives (tar): files by name, read in place and never unpacked.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use gate_core::{Digest, limits};
use serde::Deserialize;

/// Entries of one archive.
const ENTRIES: usize = 100_000;

/// An archive's files, by where they lie in it.
#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    files: HashMap<String, (u64, u64)>,
}

/// An image as `docker save` lists it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
}

impl Archive {
    /// Reads the list of files; their contents are left where they are.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut archive = tar::Archive::new(File::open(path)?);
        let mut files = HashMap::new();
        for (at, entry) in archive.entries_with_seek()?.enumerate() {
            if at >= ENTRIES {
                return Err(io::Error::other(format!("more than {ENTRIES} entries")));
            }
            let entry = entry?;
            if entry.header().entry_type() != tar::EntryType::Regular {
                continue;
            }
            let Ok(name) = String::from_utf8(entry.path_bytes().into_owned()) else { continue };
            let name = name.trim_start_matches("./").to_owned();
            let place = (entry.raw_file_position(), entry.size());
            if files.insert(name.clone(), place).is_some() {
                // Readers differ on which of the two counts.
                return Err(io::Error::other(format!("`{name}` stands twice in it")));
            }
        }
        Ok(Self { path: path.to_owned(), files })
    }

    /// The archive's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// A file of at most `limit` bytes.
    pub(super) fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>> {
        let (at, length) = *self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        if length > limit as u64 {
            let message = format!("longer than {limit} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(at))?;
        let mut bytes = vec![];
        file.take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// The id of an image that `docker save` wrote without a layout: its configuration's digest.
    pub(super) fn saved(&self, tag: Option<&str>) -> Result<Digest, String> {
        let read = |name: &str| {
            self.read(name, limits::MANIFEST_BYTES).map_err(|error| format!("{name}: {error}"))
        };
        let list: Vec<Saved> = serde_json::from_slice(&read("manifest.json")?)
            .map_err(|error| format!("manifest.json: {error}"))?;
        let chosen = |image: &&Saved| match tag {
            Some(tag) => {
                image.repo_tags.as_ref().is_some_and(|tags| tags.iter().any(|it| it == tag))
            }
            None => true,
        };
        let images: Vec<_> = list.iter().filter(chosen).collect();
        match images.as_slice() {
            [image] => Ok(Digest::of(&read(&image.config)?)),
            [] => Err("it holds no such image".to_owned()),
            _ => Err("it holds several images: name one, docker-archive:FILE:NAME:TAG".to_owned()),
        }
    }
}
