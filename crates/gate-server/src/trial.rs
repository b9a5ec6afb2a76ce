//! A configuration is tried in a process of its own before it is put in force: what kills an engine
//! kills the trial, and not the service.
//!
//! The trial compiles every environment, evaluates its bundle once, and judges again what the store
//! recorded last. Verdicts do not matter; that there are some does.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use gate_core::effects::{Clock, GateError};
use gate_core::facts::Facts;
use gate_core::reason::ErrorCode;
use gate_core::request::{Object, Request};
use gate_core::spine;
use gate_io::config::Configuration;
use gate_io::store::Reader;
use gate_rego::bounds::STACK_BYTES;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, setrlimit};

use crate::force::{InForce, chain};

/// Recorded decisions that are judged again.
const JUDGED: usize = 16;
/// How long a trial may take.
const TIME: Duration = Duration::from_mins(1);
/// Bytes of memory that a trial may write to.
const MEMORY: u64 = 2 << 30;
/// Bytes that are read of what a trial says.
const WORDS: u64 = 64 << 10;

/// How to try a configuration.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The program, which understands `--trial`.
    pub program: PathBuf,
    /// The store whose decisions are judged again.
    pub store: Option<PathBuf>,
}

/// Loads a configuration, after it was tried where there is a way to.
pub fn load(trial: Option<&Trial>, config: &Path) -> Result<(InForce, Configuration), GateError> {
    let Some(trial) = trial else { return InForce::load(config) };
    let (status, words) = trial.of(config)?;
    if let Some(signal) = status.signal() {
        return Err(failed(&format!(
            "the configuration was tried in a process of its own, which ended by signal {signal} (it may \
             use {} s and {} MiB)",
            TIME.as_secs(),
            MEMORY >> 20
        )));
    }
    // What was refused in good order is refused here too, with the code of its own.
    let loaded = InForce::load(config)?;
    if status.success() {
        return Ok(loaded);
    }
    Err(failed(words.lines().next().unwrap_or_default().trim_start_matches("gate-server: ")))
}

impl Trial {
    fn of(&self, config: &Path) -> Result<(ExitStatus, String), GateError> {
        let mut command = Command::new(&self.program);
        command.arg("--trial").arg("--config").arg(config);
        if let Some(store) = &self.store {
            command.arg("--store").arg(store);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed("the trial could not be started").caused_by(error))?;
        wait(child)
    }
}

/// Waits for the end, and kills what does not end in time.
fn wait(mut child: Child) -> Result<(ExitStatus, String), GateError> {
    let lost = || failed("the trial was lost");
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(lost)?;
    let (ended, end) = mpsc::sync_channel::<()>(1);
    let guard = std::thread::spawn(move || {
        if end.recv_timeout(TIME) == Err(mpsc::RecvTimeoutError::Timeout) {
            // It may have ended at this very moment; it is not waited for yet, so its id is its own.
            let _ = kill_process(process, Signal::KILL);
        }
    });
    let mut words = Vec::new();
    let read = child.stderr.take().map(|out| out.take(WORDS).read_to_end(&mut words));
    // The guard is gone before the process is waited for: afterwards its id may be another's.
    drop(ended);
    guard.join().map_err(|_| lost())?;
    if !matches!(read, Some(Ok(_))) {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| lost().caused_by(error))?;
    Ok((status, String::from_utf8_lossy(&words).into_owned()))
}

/// The trial itself, in its own process, which is bounded first.
pub fn run(
    config: &Path,
    store: Option<&Path>,
    clock: &(dyn Clock + Sync),
) -> Result<(), GateError> {
    let bound = |what, most| setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) });
    bound(Resource::Data, MEMORY)
        .and_then(|()| bound(Resource::Cpu, TIME.as_secs()))
        .map_err(|error| failed("the trial could not be bounded").caused_by(error))?;
    let (force, configuration) = InForce::load(config)?;
    let store = store.map(Path::to_owned).or(configuration.store);
    let Some(store) = store.filter(|store| store.exists()) else { return Ok(()) };
    // A store that cannot be read is for the server itself to complain of.
    let Ok(reader) = Reader::open(&store) else { return Ok(()) };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || judge_again(&force, &reader, clock))
            .map_err(|error| failed("the trial's thread did not start").caused_by(error))?
            .join()
            .map_err(|_| failed("the trial panicked"))?
    })
}

fn judge_again(force: &InForce, reader: &Reader, clock: &dyn Clock) -> Result<(), GateError> {
    for id in reader.last(JUDGED)? {
        let found = reader.decision(id)?;
        let Some(environment) = force.environments.get(&found.decision.environment) else {
            continue;
        };
        let unread = |error: Box<dyn std::error::Error + Send + Sync>| {
            let message = format!("decision {id} cannot be judged again: {error}");
            GateError::new(ErrorCode::StoreInvalid, message)
        };
        let facts = Facts::recorded(reader.facts(&found.leaf)?, found.leaf.facts)
            .map_err(|error| unread(error.into()))?;
        let object = facts.document().object.as_deref().cloned().map(Object::new).transpose();
        let request = Request {
            subject: found.decision.subject,
            asker: found.leaf.asker,
            now: found.decision.now,
            object: object.map_err(|error| unread(error.into()))?,
        };
        spine::replay(&request, facts, environment, clock).map_err(|error| {
            let message = format!("decision {id}, judged again: {}", chain(&error));
            GateError::new(error.code, message)
        })?;
    }
    Ok(())
}

fn failed(message: &str) -> GateError {
    GateError::new(ErrorCode::ConfigInvalid, message)
}
