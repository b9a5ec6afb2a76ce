//! The command line from arguments to streams and exit status, in this process.
#![expect(clippy::unwrap_used, reason = "a test ends where its set-up fails")]

mod cases;
mod commands;
mod conforma;
mod dialects;
mod images;
mod in_process;
mod policies;
