//! The project's own commands: `cargo xtask check` is what CI runs, `cargo xtask --help` lists the rest.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const HELP: &str = "\
cargo xtask check      everything below but `bench`, in the order that fails fastest
cargo xtask lint       formatting, clippy, documentation, dependencies
cargo xtask test       every test of the workspace
cargo xtask bench      the benchmarks, in release builds, with the peers that are at hand";

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let done = match wanted.as_str() {
        "check" => lint().and_then(|()| test()),
        "lint" => lint(),
        "test" => test(),
        "bench" => bench(),
        _ => Err(anyhow::anyhow!("{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn lint() -> Result<()> {
    run("cargo", &["fmt", "--all", "--check"])?;
    run("cargo", &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    run_with(
        "cargo",
        &["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"],
        &[("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links")],
    )?;
    deny()
}

fn test() -> Result<()> {
    // The programs first: the end-to-end tests start them as processes.
    run("cargo", &["build", "--locked", "--workspace", "--bins"])?;
    run("cargo", &["test", "--locked", "--workspace"])
}

fn bench() -> Result<()> {
    run("cargo", &["build", "--locked", "--release", "--workspace", "--bins"])?;
    run("target/release/gate-bench", &[])
}

/// Licences, bans and sources always; advisories where their database can be reached.
fn deny() -> Result<()> {
    if Command::new("cargo")
        .args(["deny", "--version"])
        .output()
        .is_ok_and(|run| run.status.success())
    {
        run("cargo", &["deny", "--locked", "check", "bans", "licenses", "sources"])?;
        let advisories =
            Command::new("cargo").args(["deny", "--locked", "check", "advisories"]).output()?;
        let words = String::from_utf8_lossy(&advisories.stderr);
        if advisories.status.success() {
            say("advisories: none");
        } else if words.contains("failed to fetch advisory database") {
            say("advisories: NOT CHECKED, their database could not be reached");
        } else {
            bail!("advisories:\n{words}");
        }
        return Ok(());
    }
    bail!("cargo-deny is absent: `cargo install --locked cargo-deny`");
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    run_with(program, arguments, &[])
}

fn run_with(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    say(&format!("$ {program} {}", arguments.join(" ")));
    let status = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .status()
        .with_context(|| format!("{program} does not start"))?;
    if !status.success() {
        bail!("{program} {} ended with {status}", arguments.join(" "));
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "this is a program to be read on a terminal")]
fn say(words: &str) {
    eprintln!("{words}");
}
