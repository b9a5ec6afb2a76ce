//! Bundles packed with tar and gzip: read within bounds, written the same bytes each time.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use gate_core::limits::POLICY_BYTES;

use super::{FILES, MANIFEST, MISPLACED, SIGNATURES, is_misplaced, is_part};

/// The files of a packed bundle; what is no part of a bundle is passed over.
pub fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let wrong = |error: io::Error| format!("it is no packed bundle: {error}");
    // One byte more than allowed tells what is too long from what fits.
    let bound = u64::try_from(POLICY_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(bytes).take(bound).read_to_end(&mut unpacked).map_err(wrong)?;
    if read > POLICY_BYTES {
        return Err(format!("it has more than {POLICY_BYTES} bytes, unpacked"));
    }
    let mut files = BTreeMap::new();
    let mut archive = tar::Archive::new(unpacked.as_slice());
    for entry in archive.entries().map_err(wrong)? {
        let mut entry = entry.map_err(wrong)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|_| "a name in it is no UTF-8".to_owned())?;
        let path = path.trim_start_matches("./").trim_start_matches('/').to_owned();
        if path.split('/').any(|part| part == "..") {
            return Err(format!("`{path}` leads out of the bundle"));
        }
        if is_misplaced(&path) {
            return Err(format!("`{path}`: {MISPLACED}"));
        }
        if path != MANIFEST && path != SIGNATURES && !is_part(&path) {
            continue;
        }
        if files.len() >= FILES {
            return Err(format!("it has more than {FILES} files"));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(wrong)?;
        if files.insert(path.clone(), content).is_some() {
            return Err(format!("`{path}` is in it twice"));
        }
    }
    Ok(files)
}

/// Packs files: the same files give the same bytes, whoever packs them and when.
pub fn pack(files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    let packer = GzEncoder::new(Vec::new(), Compression::default());
    let mut archive = tar::Builder::new(packer);
    // The manifest and signatures first, so that a reader of a stream knows them before the rest.
    let own = |path: &&String| *path == MANIFEST || *path == SIGNATURES;
    let order = files.keys().filter(own).chain(files.keys().filter(|path| !own(path)));
    for path in order {
        let Some(content) = files.get(path) else { continue };
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(content.len()).unwrap_or(u64::MAX));
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, path, content.as_slice())?;
    }
    let mut packer = archive.into_inner()?;
    packer.flush()?;
    packer.finish()
}
