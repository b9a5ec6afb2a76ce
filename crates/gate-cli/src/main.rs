//! The `gate` program: the machine's arguments, streams and clock handed to the library.

use std::process::ExitCode;

use gate_cli::{ExitStatus, Terminal};
use gate_io::clock::SystemClock;

/// Rules recurse on the stack; the main thread's 8 MiB are not enough for what `limits` lets in.
const STACK: usize = 64 << 20;

fn main() -> anyhow::Result<ExitCode> {
    let work = std::thread::Builder::new().name("gate".to_owned()).stack_size(STACK);
    let status = work.spawn(|| {
        let (out, err) = (std::io::stdout(), std::io::stderr());
        let mut terminal = Terminal {
            colour_out: anstream::AutoStream::choice(&out) != anstream::ColorChoice::Never,
            colour_err: anstream::AutoStream::choice(&err) != anstream::ColorChoice::Never,
            out: &mut out.lock(),
            err: &mut err.lock(),
        };
        gate_cli::run(std::env::args_os(), &mut terminal, &SystemClock::start())
    })?;
    // A panic has told of itself; it is no verdict.
    Ok(status.join().unwrap_or(ExitStatus::Undecided).into())
}
