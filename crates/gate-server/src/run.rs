//! A server's life: opened, listening, reloading, stopped with everything finished that it accepted.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_io::config::Configuration;
use gate_io::keys::LedgerKey;
use gate_io::store::Store;
use tokio::net::{TcpListener, lookup_host};
use tokio::signal::unix::{SignalKind, signal};

use crate::force::{InForce, absent, chain};
use crate::gate::{Gate, Parts, SharedClock};
use crate::listen::Door;
use crate::reload::{self, ReloadableTls};
use crate::router::router;
use crate::tls::TlsFiles;
use crate::trial::{self, Trial};

/// Where a server listens that was not told.
const LISTEN: &str = "127.0.0.1:8080";
/// How long a stop waits for what was accepted, and then for what is in work without a connection.
const FAREWELL: Duration = Duration::from_secs(30);

/// What the command line says.
#[derive(Debug, Clone)]
pub struct Options {
    /// `gate.yaml`.
    pub config: PathBuf,
    /// Address, instead of the configuration's.
    pub listen: Option<String>,
    /// Store, instead of the configuration's.
    pub store: Option<PathBuf>,
    /// Certificate and key, instead of the configuration's.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The program that tries configurations; without one they are loaded at once.
    pub program: Option<PathBuf>,
}

/// Runs a server until SIGTERM or SIGINT. `ready` is called with its URL once it listens.
pub async fn run(
    options: Options,
    clock: SharedClock,
    ready: impl FnOnce(&str),
) -> Result<(), GateError> {
    let program = options.program.clone();
    let store_to_try = options.store.clone();
    let trial =
        program.map(|program| Trial { program, store: store_to_try, patience: trial::TIME });
    let (force, configuration) = trial::load(trial.as_ref(), &options.config)?;
    let tls = tls(&options, &force)?;
    let address = options.listen.clone().or_else(|| force.server.listen.clone());
    let address = address.unwrap_or_else(|| LISTEN.to_owned());
    let open = force.callers.is_empty();
    let listener = listen(&address, open).await?;
    let bound = listener.local_addr().map_err(|error| unusable(&address, error))?;
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let store = Arc::new(store(&options, &configuration)?);
    let concurrent = force.server.limits.concurrent;
    let gate = Arc::new(Gate::start(Parts {
        force,
        path: options.config,
        store,
        clock,
        processors,
        trial,
    })?);
    gate.publish(!bound.ip().is_loopback());
    let hangup = signal(SignalKind::hangup()).map_err(no_signals)?;
    let watching = tokio::spawn(reload::watch(gate.clone(), tls.clone(), hangup));
    let scheme = if tls.is_some() { "https" } else { "http" };
    let door = Door {
        router: router(gate.clone()),
        tls: tls.map(|tls| tls.current),
        connections: concurrent.saturating_mul(4).clamp(256, 20_000),
        farewell: FAREWELL,
    };
    let asked = stop_asked()?;
    ready(&format!("{scheme}://{bound}"));
    let stopping = gate.clone();
    let in_time = door
        .serve(listener, async move {
            asked.await;
            stopping.stop();
        })
        .await;
    watching.abort();
    finish(gate, in_time).await;
    Ok(())
}

/// Ends what works without a connection, and writes what waits.
async fn finish(gate: Arc<Gate>, in_time: bool) {
    if !in_time {
        tracing::warn!("connections were cut that did not end within {} s", FAREWELL.as_secs());
    }
    let ended = tokio::task::spawn_blocking(move || {
        if !gate.pool.drain(FAREWELL) {
            tracing::warn!("work was cut that did not end within {} s", FAREWELL.as_secs());
        }
        gate.keeper.end();
    });
    if ended.await.is_err() {
        tracing::error!("the end of the server panicked");
    }
}

fn tls(options: &Options, force: &InForce) -> Result<Option<ReloadableTls>, GateError> {
    let mut files = force.tls_files();
    if let Some((certificate, key)) = options.tls.clone() {
        let client_ca = files.and_then(|files| files.client_ca);
        files = Some(TlsFiles { certificate, key, client_ca });
    }
    let Some(files) = files else { return Ok(None) };
    let config = files.load().map_err(|error| {
        GateError::new(ErrorCode::ConfigInvalid, "TLS cannot be set up").caused_by(error)
    })?;
    Ok(Some(ReloadableTls { files, current: Arc::new(ArcSwap::new(config)) }))
}

fn store(options: &Options, configuration: &Configuration) -> Result<Store, GateError> {
    let path = options.store.clone().or_else(|| configuration.store.clone());
    let path = path.ok_or_else(|| absent("store"))?;
    let ledger = configuration.ledger.as_ref().ok_or_else(|| absent("ledger"))?;
    let key = Arc::new(LedgerKey::load(&ledger.key, &ledger.origin)?);
    Store::open(&path, key)
}

/// Listens. Without callers nobody is asked who they are, so nobody but this machine is answered.
async fn listen(address: &str, open: bool) -> Result<TcpListener, GateError> {
    let found = lookup_host(address).await.map_err(|error| unusable(address, error))?;
    let found: Vec<SocketAddr> = found.collect();
    if open && !found.iter().all(|found| found.ip().is_loopback()) {
        return Err(GateError::new(
            ErrorCode::ConfigInvalid,
            format!(
                "no token or client certificate is configured, so the server listens on loopback \
                 only and not on {address}: configure `server.tokens` or `server.clients`"
            ),
        ));
    }
    TcpListener::bind(found.as_slice()).await.map_err(|error| unusable(address, error))
}

fn unusable(address: &str, error: std::io::Error) -> GateError {
    GateError::new(ErrorCode::ConfigInvalid, format!("the server cannot listen on {address}"))
        .caused_by(error)
}

fn no_signals(error: std::io::Error) -> GateError {
    GateError::new(ErrorCode::Internal, "signals cannot be received").caused_by(error)
}

/// Ready when SIGTERM or SIGINT came.
fn stop_asked() -> Result<impl Future<Output = ()>, GateError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The line that a start which failed leaves on stderr.
pub fn complaint(error: &GateError) -> String {
    format!("gate-server: {}\nhow to fix: {}", chain(error), error.code.solution())
}
