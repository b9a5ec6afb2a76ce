//! Structured files (JSON and YAML) out of layers, for `ec.oci.blob_files` and `ec.oci.image_files`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use gate_core::effects::GateError;
use gate_core::limits;
use gate_rego::Value;

use super::Collector;

/// Entries of one layer.
const ENTRIES: usize = 100_000;
/// The greatest size of one file, and of all files of one answer together.
const FILE_BYTES: u64 = 4 << 20;
const FILES_BYTES: usize = limits::SBOM_BYTES;
/// The greatest size of a layer, unpacked.
const LAYER_BYTES: u64 = 1 << 30;
/// What marks a path of a lower layer as removed.
const WHITEOUT: &str = ".wh.";

impl Collector<'_> {
    /// Files of these very names in a blob that is an archive.
    pub(super) fn blob_files(
        &self,
        reference: &str,
        paths: Option<&Value>,
    ) -> Result<Option<Value>, GateError> {
        let Some(paths) = texts(paths) else { return Ok(None) };
        let Some(bytes) = self.blob_bytes(reference)? else { return Ok(None) };
        let mut found = Found::default();
        let read = each(&bytes, |name, content| {
            if paths.contains(name) {
                found.keep(name, content)?;
            }
            Ok(())
        });
        Ok(read.is_ok().then(|| found.value()))
    }

    /// The JSON and YAML files that lie in these folders of an image.
    pub(super) fn image_files(
        &self,
        reference: &str,
        folders: Option<&Value>,
    ) -> Result<Option<Value>, GateError> {
        let Some(folders) = texts(folders) else { return Ok(None) };
        let Some((image, layers)) = self.layers(reference)? else { return Ok(None) };
        let mut found = Found::default();
        // From the top: the first layer that has a path, or has it removed, is the one that counts.
        for digest in layers.into_iter().rev() {
            let Some(bytes) = self.registry.blob(&image, digest, self.until)? else {
                return Ok(None);
            };
            let mut removed = Vec::new();
            let read = each(&bytes, |name, content| {
                let (folder, file) = name.rsplit_once('/').unwrap_or((".", name));
                if let Some(gone) = file.strip_prefix(WHITEOUT) {
                    removed.push(format!("{folder}/{gone}"));
                } else if is_structured(file)
                    && folders.iter().any(|it| clean(it).eq_ignore_ascii_case(clean(folder)))
                    && !found.hides(name)
                {
                    found.keep(name, content)?;
                }
                Ok(())
            });
            if read.is_err() {
                return Ok(None);
            }
            found.removed.extend(removed);
        }
        Ok(Some(found.value()))
    }
}

/// Files so far.
#[derive(Default)]
struct Found {
    files: BTreeMap<String, Option<Value>>,
    removed: BTreeSet<String>,
    bytes: usize,
}

impl Found {
    /// Whether a higher layer has this path, or has it or a folder above it removed.
    fn hides(&self, name: &str) -> bool {
        self.files.contains_key(name)
            || self.removed.iter().any(|gone| {
                let gone = gone.strip_prefix("./").unwrap_or(gone);
                name.strip_prefix(gone).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    fn keep(&mut self, name: &str, content: &mut dyn Read) -> io::Result<()> {
        let mut text = String::new();
        if content.take(FILE_BYTES).read_to_string(&mut text).is_err() {
            // It is no text, so neither JSON nor YAML: it hides what lies below it and is none.
            self.files.insert(name.to_owned(), None);
            return Ok(());
        }
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > FILES_BYTES || text.len() as u64 >= FILE_BYTES {
            return Err(io::Error::other("the files are too large"));
        }
        let value =
            Value::from_json(&text).ok().or_else(|| gate_rego::value::from_yaml(&text).ok());
        self.files.insert(name.to_owned(), value);
        Ok(())
    }

    fn value(self) -> Value {
        let entry = |(name, value): (String, Option<Value>)| Some((Value::from(name), value?));
        Value::object(self.files.into_iter().filter_map(entry).collect())
    }
}

/// Calls for each regular file of an archive, packed with gzip or not.
fn each(
    bytes: &[u8],
    mut take: impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let unpacked: Box<dyn Read> = if bytes.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::read::MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    };
    let mut archive = tar::Archive::new(unpacked.take(LAYER_BYTES));
    for (at, entry) in archive.entries()?.enumerate() {
        if at >= ENTRIES {
            return Err(io::Error::other("too many entries"));
        }
        let mut entry = entry?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            continue;
        }
        let Ok(name) = String::from_utf8(entry.path_bytes().into_owned()) else { continue };
        take(&name, &mut entry)?;
    }
    Ok(())
}

fn texts(value: Option<&Value>) -> Option<BTreeSet<String>> {
    let items = value?.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}

fn clean(folder: &str) -> &str {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() { "." } else { folder }
}

fn is_structured(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["yaml", "yml", "json"].iter().any(|it| it.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, content.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn files_are_read_as_json_or_yaml_and_others_left_out() {
        let mut found = Found::default();
        let bytes = archive(&[("a.json", "{\"a\": 1}"), ("b.yaml", "b: [2]"), ("c.json", "***")]);
        each(&bytes, |name, content| found.keep(name, content)).unwrap();
        assert_eq!(found.value().to_json(), r#"{"a.json":{"a":1},"b.yaml":{"b":[2]}}"#);
    }

    #[test]
    fn a_file_that_a_higher_layer_removed_is_hidden() {
        let found = Found { removed: BTreeSet::from(["etc/x".to_owned()]), ..Found::default() };
        assert!(found.hides("etc/x") && found.hides("etc/x/y.json"));
        assert!(!found.hides("etc/xy.json"));
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        assert!(each(b"not an archive, and longer than nothing", |_, _| Ok(())).is_err());
    }
}
