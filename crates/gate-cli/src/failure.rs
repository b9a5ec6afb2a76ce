//! The one place that turns errors into words on stderr; every one of them ends in exit status 2.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_io::client::ClientError;

use crate::terminal::{ExitStatus, Paint, Terminal, plain};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Flags that cannot be meant together, or one that is missing.
    #[error("{0}")]
    Usage(String),
    /// Gate could not decide, sign or record.
    #[error("{}", .0.message)]
    Gate(GateError),
    /// The server gave no receipt.
    #[error(transparent)]
    Server(ClientError),
    /// A file that the caller named cannot be opened.
    #[error("{} cannot be read", .path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// What was found out cannot be handed over.
    #[error("{to} cannot be written")]
    Write {
        to: String,
        #[source]
        source: io::Error,
    },
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// What Gate itself wrote has no JSON form.
    pub(crate) fn internal(message: &str, error: impl Error + Send + Sync + 'static) -> Self {
        Self::Gate(GateError::new(ErrorCode::Internal, message).caused_by(error))
    }

    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { to: path.display().to_string(), source }
    }

    pub(crate) fn stdout(source: io::Error) -> Self {
        Self::Write { to: "stdout".to_owned(), source }
    }

    pub(crate) fn stderr(source: io::Error) -> Self {
        Self::Write { to: "stderr".to_owned(), source }
    }

    /// The stable code, where there is one.
    fn code(&self) -> Option<&str> {
        match self {
            Self::Usage(_) => Some("usage"),
            Self::Gate(error) => Some(error.code.code()),
            Self::Server(ClientError::Refused(problem)) if !problem.code.is_empty() => {
                Some(&problem.code)
            }
            _ => None,
        }
    }

    fn solution(&self) -> Option<&str> {
        match self {
            Self::Usage(_) => Some("See `gate help`."),
            Self::Gate(error) => Some(error.code.solution()),
            Self::Server(ClientError::Refused(problem)) => problem.solution.as_deref(),
            _ => None,
        }
    }

    /// Code, what happened, what it came from, how to mend it.
    pub(crate) fn tell(&self, terminal: &mut Terminal<'_>) -> io::Result<()> {
        let paint = Paint(terminal.colour_err);
        let code = self.code().map(|code| format!("{}: ", plain(code))).unwrap_or_default();
        writeln!(terminal.err, "{} {code}{}", paint.bad("error:"), plain(&self.to_string()))?;
        if let Self::Server(ClientError::Refused(problem)) = self {
            let status = format!("{} {}", problem.status, problem.title);
            writeln!(terminal.err, "  answer: {}", plain(&status))?;
            for (name, text) in [("detail", &problem.detail), ("request", &problem.request_id)] {
                if let Some(text) = text {
                    writeln!(terminal.err, "  {name}: {}", plain(text))?;
                }
            }
        }
        let mut cause = self.cause();
        while let Some(error) = cause {
            writeln!(terminal.err, "  because: {}", plain(&error.to_string()))?;
            cause = error.source();
        }
        if let Some(solution) = self.solution() {
            writeln!(terminal.err, "  fix: {}", plain(solution))?;
        }
        terminal.err.flush()
    }

    fn cause(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Gate(error) => error.source(),
            other => other.source(),
        }
    }
}

impl From<GateError> for Failure {
    fn from(error: GateError) -> Self {
        Self::Gate(error)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Server(error)
    }
}

/// Help and version are data; everything else that clap has to say is talk, with status 2.
pub(crate) fn tell_usage(
    error: &clap::Error,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let colour = if asked { terminal.colour_out } else { terminal.colour_err };
    let text = error.render();
    let text = if colour { text.ansi().to_string() } else { text.to_string() };
    if asked {
        terminal.data(text.as_bytes())?;
        return Ok(ExitStatus::Ok);
    }
    terminal.talk(format_args!("{}", text.trim_end()))?;
    Ok(ExitStatus::Undecided)
}

/// An error and what it came from, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
