//! Reload: on SIGHUP, and when a file of the configuration or of TLS changes. What does not load
//! leaves the old value in force.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use rustls::ServerConfig;
use tokio::signal::unix::Signal;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::force::chain;
use crate::gate::Gate;
use crate::tls::TlsFiles;
use crate::trial;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// The shortest time between two questions for policies elsewhere.
const REFRESH: Duration = Duration::from_secs(5);
/// Folders within folders that are looked into.
const DEPTH: u32 = 16;

/// TLS that can be loaded again.
#[derive(Clone)]
pub struct ReloadableTls {
    /// Its files.
    pub files: TlsFiles,
    /// What new connections use.
    pub current: Arc<ArcSwap<ServerConfig>>,
}

/// Reloads for as long as the server runs.
pub async fn watch(gate: Arc<Gate>, tls: Option<ReloadableTls>, mut hangup: Signal) {
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = look_at(&gate, tls.as_ref()).await;
    let mut loaded = Instant::now();
    loop {
        let asked = tokio::select! {
            _ = look.tick() => is_due(gate.in_force().server.policy_refresh_seconds, loaded),
            _ = hangup.recv() => true,
        };
        let found = look_at(&gate, tls.as_ref()).await;
        if !asked && found == seen {
            continue;
        }
        loaded = Instant::now();
        let (again, tls_again) = (gate.clone(), tls.clone());
        let done = tokio::task::spawn_blocking(move || {
            // Each failure is told to the log and the metrics where it happens.
            let _ = reload(&again);
            if let Some(tls) = tls_again {
                reload_tls(&tls);
            }
        });
        if done.await.is_err() {
            tracing::error!("a reload panicked");
        }
        // Looked at again, since the new configuration may name other files; a change during the
        // reload shows as one at the next look only if it came after it.
        seen = if found == look_at(&gate, tls.as_ref()).await { found } else { Vec::new() };
    }
}

/// Whether policies elsewhere are to be asked for again: no file tells that they changed.
fn is_due(seconds: Option<u64>, loaded: Instant) -> bool {
    seconds.is_some_and(|seconds| loaded.elapsed() >= Duration::from_secs(seconds).max(REFRESH))
}

/// Loads the configuration again and puts it in force; keeps the old one if it does not load.
pub fn reload(gate: &Gate) -> Result<(), GateError> {
    let loaded = trial::load(gate.trial.as_ref(), &gate.path).and_then(|(force, _)| {
        if force.callers.is_empty() && gate.is_public() {
            let message =
                "without tokens or client certificates the server answers on loopback only";
            return Err(GateError::new(ErrorCode::ConfigInvalid, message));
        }
        Ok(force)
    });
    gate.metrics.reloaded(loaded.is_ok());
    match loaded {
        Ok(force) => {
            gate.enforce(force);
            gate.refused.store(None);
            tracing::info!("the configuration was loaded");
            Ok(())
        }
        Err(error) => {
            let reason = chain(&error);
            tracing::error!(
                error.code = error.code.code(),
                "the old configuration stays: {reason}"
            );
            gate.refused.store(Some(Arc::new(reason)));
            Err(error)
        }
    }
}

/// Loads certificate and key again; connections that stand keep theirs.
pub fn reload_tls(tls: &ReloadableTls) {
    match tls.files.load() {
        Ok(config) => tls.current.store(config),
        Err(error) => tracing::error!("the old certificate stays: {}", chain(&error)),
    }
}

/// What tells one state of a file from another without reading it.
type Mark = (PathBuf, u64, u64, i64, i64);

async fn look_at(gate: &Gate, tls: Option<&ReloadableTls>) -> Vec<Mark> {
    let mut paths = gate.in_force().read.clone();
    paths.extend(tls.into_iter().flat_map(|tls| tls.files.paths().cloned()));
    let looked = tokio::task::spawn_blocking(move || {
        let mut marks = Vec::new();
        for path in paths {
            mark(&path, DEPTH, &mut marks);
        }
        marks.sort();
        marks
    });
    looked.await.unwrap_or_default()
}

/// Marks a file, or everything in a folder. What cannot be read has no mark, and so its coming and
/// going are changes too.
fn mark(path: &Path, depth: u32, marks: &mut Vec<Mark>) {
    let Ok(found) = std::fs::metadata(path) else { return };
    marks.push((path.to_owned(), found.ino(), found.len(), found.mtime(), found.mtime_nsec()));
    if !found.is_dir() || depth == 0 {
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        mark(&entry.path(), depth - 1, marks);
    }
}
