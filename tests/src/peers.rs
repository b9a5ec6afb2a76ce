//! Programs of others that the tests and benchmarks compare with, where they are at hand.

use std::path::PathBuf;
use std::process::Command;

/// A peer in `$GATE_PEERS`, in `~/.cache/gate/peers` or on `PATH`; `None` where it is in none.
pub fn peer(name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/gate/peers"));
    let folders = std::env::var_os("GATE_PEERS").map(PathBuf::from).into_iter().chain(cache);
    folders.map(|folder| folder.join(name)).find(|path| path.is_file()).or_else(|| {
        let starts = Command::new(name).arg("version").output().is_ok();
        starts.then(|| name.into())
    })
}
