//! `gate-bench`: measures what Gate promises of its speed and memory, beside a floor or a peer in the
//! same run, and prints one table.
//!
//! Nothing here fails because something is slow. It fails where something could not be measured.

mod admission;
mod check;
mod floor;
mod load;
mod opa;
mod peak;
mod promotions;
mod review;
mod sbom;
mod table;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use table::Table;

const HELP: &str = "\
gate-bench [MEASUREMENT]...     admission, check, promotions, sbom; all of them where none is named
gate-bench peak PROGRAM [ARG]...   runs a program and prints its peak memory in KiB";

/// Adds its rows to the table.
type Measurement = fn(&mut Table) -> Result<()>;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some((first, command)) = arguments.split_first()
        && first == "peak"
    {
        return finish(peak::run(command).map(|kib| say(&kib.to_string())));
    }
    if let [first, file] = arguments.as_slice()
        && first == "read-sbom"
    {
        return finish(sbom::read(file.as_ref()));
    }
    finish(measure(&arguments))
}

fn measure(wanted: &[OsString]) -> Result<()> {
    let all: [(&str, Measurement); 4] = [
        ("admission", admission::measure),
        ("check", check::measure),
        ("promotions", promotions::measure),
        ("sbom", sbom::measure),
    ];
    let known = |name: &OsString| all.iter().any(|(measurement, _)| name == measurement);
    anyhow::ensure!(wanted.iter().all(known), "{HELP}");
    let mut table = Table::default();
    let mut failed = vec![];
    for (name, measure) in all {
        if wanted.is_empty() || wanted.iter().any(|it| it == name) {
            talk(&format!("measuring {name}"));
            if let Err(error) = measure(&mut table) {
                failed.push(format!("{name}: {error:#}"));
            }
        }
    }
    say(&table.to_string());
    anyhow::ensure!(failed.is_empty(), "not measured:\n{}", failed.join("\n"));
    Ok(())
}

fn finish(done: Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            talk(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Data. Nobody may be there to read it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Talk.
fn talk(line: &str) {
    let _ = writeln!(std::io::stderr(), "gate-bench: {line}");
}
