//! Where the cases of others lie.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::path::{Path, PathBuf};

/// A folder of the shared data; `None` where there is none, which is said.
pub(crate) fn data(folder: &str) -> Option<PathBuf> {
    within("GATE_CONFORMANCE_DATA", folder)
}

/// The same below the folder that another variable names.
pub(crate) fn within(variable: &str, folder: &str) -> Option<PathBuf> {
    let Some(data) = std::env::var_os(variable) else {
        println!("not run: {variable} is not set");
        return None;
    };
    Some(PathBuf::from(data).join(folder))
}

/// Every file below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = vec![];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}
