//! Content by digest on disk: verified when read, written whole or not at all, bounded in bytes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use gate_core::Digest;

use super::settings::CacheSettings;
use crate::files::{read_bounded, write_atomically};

/// The cache. Whatever goes wrong with it costs a fetch and nothing else: it is told to the log.
#[derive(Debug)]
pub(super) struct Cache {
    settings: CacheSettings,
    /// Bytes on disk as far as is known here; `None` before they were first counted.
    held: Mutex<Option<u64>>,
}

impl Cache {
    pub(super) fn new(settings: CacheSettings) -> Self {
        Self { settings, held: Mutex::default() }
    }

    /// The bytes with this digest, if they are here and undamaged.
    pub(super) fn read(&self, digest: Digest, limit: usize) -> Option<Vec<u8>> {
        let path = self.path(digest);
        let bytes = read_bounded(&path, limit).ok()?;
        if Digest::of(&bytes) != digest {
            tracing::warn!("{} was damaged and is removed from the cache", path.display());
            // If it stays, it is found damaged again.
            let _ = fs::remove_file(&path);
            return None;
        }
        // The time of use, by which the oldest is found; a cache on a read-only disk has none.
        let _ = File::open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        Some(bytes)
    }

    /// Keeps bytes that have this digest.
    pub(super) fn write(&self, digest: Digest, bytes: &[u8]) {
        if let Err(error) = self.keep(digest, bytes) {
            tracing::warn!("{} cannot be kept in the cache: {error}", self.path(digest).display());
        }
    }

    fn keep(&self, digest: Digest, bytes: &[u8]) -> std::io::Result<()> {
        let length = bytes.len() as u64;
        let path = self.path(digest);
        if length > self.settings.bytes || path.is_file() {
            return Ok(());
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match *held {
            Some(known) => known,
            None => self.files()?.iter().map(|file| file.length).sum(),
        };
        *held = Some(known);
        if known.saturating_add(length) > self.settings.bytes {
            // Other processes share the folder: it is counted again before anything goes.
            *held = Some(self.make_room(length)?);
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        write_atomically(&path, bytes)?;
        *held = held.map(|held| held.saturating_add(length));
        Ok(())
    }

    /// Removes what was used longest ago until `length` bytes have room; returns what is held.
    fn make_room(&self, length: u64) -> std::io::Result<u64> {
        let mut files = self.files()?;
        files.sort_by_key(|file| file.used);
        let mut held: u64 = files.iter().map(|file| file.length).sum();
        for file in files {
            if held.saturating_add(length) <= self.settings.bytes {
                break;
            }
            fs::remove_file(&file.path)?;
            held = held.saturating_sub(file.length);
        }
        Ok(held)
    }

    fn files(&self) -> std::io::Result<Vec<Kept>> {
        let mut found = vec![];
        let root = self.root();
        if !root.is_dir() {
            return Ok(found);
        }
        for folder in fs::read_dir(root)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let about = file.metadata()?;
                let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push(Kept { path: file.path(), length: about.len(), used });
            }
        }
        Ok(found)
    }

    fn root(&self) -> PathBuf {
        self.settings.folder.join("sha256")
    }

    fn path(&self, digest: Digest) -> PathBuf {
        let hex = digest.to_hex();
        Path::new(&self.root()).join(&hex[..2]).join(&hex)
    }
}

struct Kept {
    path: PathBuf,
    length: u64,
    used: SystemTime,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn cache(folder: &Path, bytes: u64) -> Cache {
        Cache::new(CacheSettings { folder: folder.to_owned(), bytes })
    }

    #[test]
    fn what_was_changed_on_disk_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 100);
        let digest = Digest::of(b"good");
        cache.write(digest, b"good");
        assert_eq!(cache.read(digest, 100).unwrap(), b"good");
        assert_eq!(cache.read(digest, 3), None, "beyond the limit of the one who asks");
        fs::write(cache.path(digest), b"evil").unwrap();
        assert_eq!(cache.read(digest, 100), None);
        assert!(!cache.path(digest).exists(), "it is not found damaged a second time");
    }

    #[test]
    fn the_least_used_goes_when_the_bytes_are_full() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 10);
        let [one, two, three] =
            [b"11111", b"22222", b"33333"].map(|bytes| (Digest::of(bytes), bytes));
        cache.write(one.0, one.1);
        cache.write(two.0, two.1);
        let age = |digest, seconds| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            File::open(cache.path(digest)).unwrap().set_modified(time).unwrap();
        };
        age(one.0, 2);
        age(two.0, 1);
        cache.write(three.0, three.1);
        assert!(cache.read(one.0, 10).is_some());
        assert!(cache.read(two.0, 10).is_none());
        assert!(cache.read(three.0, 10).is_some());
        let big = [b'x'; 11];
        cache.write(Digest::of(&big), &big);
        assert!(cache.read(three.0, 10).is_some(), "what can have no room pushes nothing out");
    }

    #[test]
    fn another_process_counts_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        cache(folder.path(), 10).write(Digest::of(b"11111111"), b"11111111");
        cache(folder.path(), 10).write(Digest::of(b"22222222"), b"22222222");
        assert_eq!(cache(folder.path(), 10).files().unwrap().len(), 1);
    }
}
