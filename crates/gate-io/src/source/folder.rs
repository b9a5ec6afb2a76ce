//! A folder as a subject: one digest of every file's path and content.

use std::fs;
use std::io;
use std::path::Path;

use gate_core::Digest;

use super::subject::hash;
use super::tree::Tree;

/// Files of one folder.
const FILES: usize = 200_000;
/// Levels below it.
const DEPTH: usize = 100;

/// The SHA-256 of the lines `HEX  PATH`, sorted by path, as `sha256sum` prints them: the same for
/// everybody who has the same files, whatever their times and owners. Empty folders do not count.
pub(super) fn tree(folder: &Path) -> io::Result<Tree> {
    let mut tree = Tree::default();
    tree.add_folder(folder, "")?;
    Ok(tree)
}

/// Every file below a folder, by its path within.
pub(super) fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut files = vec![];
    walk(folder, "", 0, &mut files)?;
    files.sort();
    Ok(files)
}

/// The line of a file.
pub(super) fn line(path: &Path, name: &str) -> io::Result<String> {
    let digest: Digest = hash(path)?;
    Ok(format!("{}  {name}\n", digest.to_hex()))
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
