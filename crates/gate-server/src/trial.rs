//! A configuration is tried in a process of its own before it is put in force: what kills an engine
//! kills the trial, and not the service.
//!
//! The trial compiles every environment, evaluates its bundle once, and judges again what the store
//! recorded last. Verdicts do not matter; that there are some does.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use gate_core::effects::{Clock, GateError};
use gate_core::facts::Facts;
use gate_core::reason::ErrorCode;
use gate_core::request::{Object, Request};
use gate_core::spine;
use gate_io::config::Configuration;
use gate_io::store::Reader;
use gate_rego::bounds::STACK_BYTES;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::force::{InForce, chain};

/// Recorded decisions that are judged again.
const JUDGED: usize = 16;
/// How long a trial may take.
pub const TIME: Duration = Duration::from_mins(1);
/// How often its end is looked for.
const LOOK: Duration = Duration::from_millis(10);
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
    /// How long it may take.
    pub patience: Duration,
}

/// Loads a configuration, after it was tried where there is a way to.
pub fn load(trial: Option<&Trial>, config: &Path) -> Result<(InForce, Configuration), GateError> {
    let Some(trial) = trial else { return InForce::load(config) };
    let (status, words) = trial.of(config)?;
    if let Some(signal) = status.signal() {
        return Err(failed(&format!(
            "the configuration was tried in a process of its own, which ended by signal {signal} (it may \
             use {} s and {} MiB)",
            trial.patience.as_secs(),
            MEMORY >> 20
        )));
    }
    // What was refused in good order is refused here too, with the code of its own.
    let loaded = InForce::load(config)?;
    if status.success() {
        return Ok(loaded);
    }
    // Lines of the log may stand before it.
    let complaint = words.lines().find_map(|line| line.strip_prefix("gate-server: "));
    Err(failed(complaint.unwrap_or("the trial of the configuration failed and did not say why")))
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
        wait(child, self.patience)
    }
}

/// Waits for the end, and kills what does not end in time.
fn wait(mut child: Child, patience: Duration) -> Result<(ExitStatus, String), GateError> {
    let lost = |error| failed("the trial was lost").caused_by(error);
    let out = child.stderr.take();
    let words = std::thread::spawn(move || {
        let mut words = Vec::new();
        if let Some(mut out) = out {
            // What it said until it broke off is all that there is to tell; the rest is read and left,
            // so that no full pipe stops it.
            let _ = out.by_ref().take(WORDS).read_to_end(&mut words);
            let _ = std::io::copy(&mut out, &mut std::io::sink());
        }
        words
    });
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(lost)? {
            break status;
        }
        if begin.elapsed() > patience {
            child.kill().map_err(lost)?;
            break child.wait().map_err(lost)?;
        }
        std::thread::sleep(LOOK);
    };
    let words = words.join().map_err(|_| failed("the trial was lost"))?;
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
        let judging = environment.judging(request.subject.digest);
        match spine::replay(&request, facts, judging, clock) {
            Err(error) if is_engines(error.code) => {
                let message = format!("decision {id}, judged again: {}", chain(&error));
                return Err(GateError::new(error.code, message));
            }
            // Other rules may ask for what was not recorded: of a registry, or of another kind of
            // subject. That tells nothing against them.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Whether an error is the evaluation's own.
fn is_engines(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::PolicyTimeout | ErrorCode::Internal)
}

fn failed(message: &str) -> GateError {
    GateError::new(ErrorCode::ConfigInvalid, message)
}
