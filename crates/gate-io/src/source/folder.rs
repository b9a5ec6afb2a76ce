//! A folder as a subject: one digest of every file's path and content.

use std::fs;
use std::io;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use gate_core::Digest;

use super::subject::{finish, hash};

/// Files of one folder.
const FILES: usize = 200_000;
/// Levels below it.
const DEPTH: usize = 100;

/// The SHA-256 of the lines `HEX  PATH`, sorted by path, as `sha256sum` prints them: the same for
/// everybody who has the same files, whatever their times and owners. Empty folders do not count.
pub(super) fn digest(folder: &Path) -> io::Result<Digest> {
    let mut files = vec![];
    walk(folder, "", 0, &mut files)?;
    files.sort();
    let mut context = Context::new(&SHA256);
    for name in files {
        let digest = hash(&folder.join(&name))?;
        context.update(format!("{}  {name}\n", digest.to_hex()).as_bytes());
    }
    Ok(finish(context))
}

fn walk(root: &Path, below: &str, depth: usize, files: &mut Vec<String>) -> io::Result<()> {
    if depth > DEPTH {
        return Err(io::Error::other(format!("more than {DEPTH} levels")));
    }
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name().into_string();
        let name = name.map_err(|_| io::Error::other("a file's name is no UTF-8"))?;
        // A line end in a name could imitate another file's line.
        if name.contains(['\n', '\r']) {
            return Err(io::Error::other("a file's name holds a line end"));
        }
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(root, &path, depth + 1, files)?;
        } else if kind.is_file() {
            files.push(path);
        } else {
            // What a link leads to is not in the folder, and would not be judged.
            return Err(io::Error::other(format!("`{path}` is neither a file nor a folder")));
        }
        if files.len() > FILES {
            return Err(io::Error::other(format!("more than {FILES} files")));
        }
    }
    Ok(())
}
