//! `gate` run in this process, with streams that are read and a clock that stands still.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use gate_cli::Terminal;
use gate_core::Timestamp;
use gate_core::effects::Clock;

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A clock that stands still.
pub(crate) struct Still(pub(crate) &'static str);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0.parse().unwrap()
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

pub(crate) const NOW: &str = "2026-11-23T08:00:00Z";

/// Runs `gate` with these arguments, as of [`NOW`].
pub(crate) fn gate<I: Into<OsString> + Clone>(arguments: &[I]) -> Outcome {
    gate_at(NOW, arguments)
}

/// Runs `gate` as of a time.
pub(crate) fn gate_at<I: Into<OsString> + Clone>(now: &'static str, arguments: &[I]) -> Outcome {
    let arguments = std::iter::once(OsString::from("gate"))
        .chain(arguments.iter().cloned().map(Into::into))
        .collect::<Vec<_>>();
    let (mut out, mut err) = (vec![], vec![]);
    // The stack that the program gives its work.
    let status = std::thread::scope(|scope| {
        let work = || {
            let mut terminal =
                Terminal { out: &mut out, err: &mut err, colour_out: false, colour_err: false };
            gate_cli::run(arguments, &mut terminal, &Still(now)).code()
        };
        let thread = std::thread::Builder::new().stack_size(64 << 20);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    });
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { status, out: text(out), err: text(err) }
}

/// A command line of words; `{}` stands for the folder.
pub(crate) fn words(line: &str, folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    line.split_whitespace().map(|word| word.replace("{}", folder)).collect()
}
