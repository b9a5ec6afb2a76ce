//! `gate-server`: flags become a running server.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use gate_io::clock::SystemClock;
use gate_server::run::{Options, complaint, run};
use gate_server::trial;

/// Evaluation makes many small values on one thread that others free.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves decisions, promotions and Kubernetes admission over HTTP.
///
/// Prints `listening on URL` once it answers. SIGHUP loads the configuration again; SIGTERM and
/// SIGINT stop it after it has finished what it accepted.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  gate-server --config gate.yaml --listen 127.0.0.1:8080"
)]
struct Flags {
    /// Configuration file
    #[arg(long, env = "GATE_CONFIG", value_name = "FILE", default_value = "gate.yaml")]
    config: PathBuf,
    /// Address to listen on, instead of the configuration's
    #[arg(long, env = "GATE_LISTEN", value_name = "ADDRESS")]
    listen: Option<String>,
    /// SQLite store, instead of the configuration's
    #[arg(long, env = "GATE_STORE", value_name = "PATH")]
    store: Option<PathBuf>,
    /// PEM certificate chain, instead of the configuration's
    #[arg(long, env = "GATE_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM private key of the certificate
    #[arg(long, env = "GATE_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// What to log: `error`, `warn`, `info`, `debug`, or filters of the tracing crate
    #[arg(long, env = "GATE_LOG", value_name = "FILTER", default_value = "info")]
    log: String,
    /// Try the configuration and end: the server does so itself before it puts one in force
    #[arg(long, hide = true)]
    trial: bool,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::new(&flags.log))
        .json()
        .init();
    if flags.trial {
        let clock = SystemClock::start();
        return match trial::run(&flags.config, flags.store.as_deref(), &clock) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&complaint(&error)),
        };
    }
    let options = Options {
        program: std::env::current_exe().ok(),
        config: flags.config,
        listen: flags.listen,
        store: flags.store,
        tls: flags.tls_cert.zip(flags.tls_key),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("gate-server: the runtime did not start: {error}")),
    };
    let clock = Arc::new(SystemClock::start());
    match runtime.block_on(run(options, clock, announce)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&complaint(&error)),
    }
}

/// Tells whoever started the server where it listens; nobody may be there to read it.
fn announce(url: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on {url}").and_then(|()| out.flush());
}

fn complain(line: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{line}");
    ExitCode::from(2)
}
