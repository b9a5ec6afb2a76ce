//! The peak memory of a program, from start to exit.
//!
//! The system keeps one maximum over all children that a process has waited for, and counts what the
//! parent held when it forked: so each program is run by a fresh, small process of this binary.

use std::ffi::{OsStr, OsString};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};

/// Runs a program; its peak memory in KiB.
pub(crate) fn run(command: &[OsString]) -> Result<i64> {
    let (program, arguments) = command.split_first().context("name a program")?;
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("{} does not start", program.display()))?;
    anyhow::ensure!(status.success(), "{} ended with {status}", program.display());
    Ok(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss())
}

/// The same in a fresh process; MiB.
pub(crate) fn mebibytes<S: AsRef<OsStr>>(program: &OsStr, arguments: &[S]) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .arg("peak")
        .arg(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "its memory was not measured");
    let kib: u32 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    Ok(f64::from(kib) / 1024.0)
}
