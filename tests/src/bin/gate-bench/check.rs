//! `gate check` of the demo's release, the whole process from start to exit; the floor is a process
//! that does nothing.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gate_tests::process::program;

use crate::load::quantile;
use crate::peak;
use crate::table::{Row, Table, Wish};

const RUNS: usize = 40;
/// Runs before those that count: the files are in memory afterwards.
const WARM: usize = 5;

pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let case = std::fs::read(fixtures.join("good-release_allow/case.json"))?;
    let case: serde_json::Value = serde_json::from_slice(&case)?;
    let text = |key: &str| case[key].as_str().with_context(|| format!("the case has no {key}"));
    let config = fixtures.join("gate.yaml").display().to_string();
    let arguments = [
        "check",
        text("subject")?,
        "--config",
        &config,
        "--environment",
        text("environment")?,
        "--effective-time",
        text("now")?,
    ];
    let gate = program("gate")?;
    let (mut times, mut floors) = (vec![], vec![]);
    for run in 0..WARM + RUNS {
        let time = timed(gate.as_os_str(), &arguments)?;
        let floor = timed(OsStr::new("true"), &[])?;
        if run >= WARM {
            times.push(time);
            floors.push(floor);
        }
    }
    let median = |times: &[Duration]| quantile(times, 0.5).as_secs_f64() * 1e3;
    table.add(Row {
        what: "gate check of the demo, whole process, median of 40, ms".to_owned(),
        gate: median(&times),
        beside: Some(("true", median(&floors))),
        wish: Wish::Under(50.0),
    });
    table.add(Row {
        what: "gate check of the demo, peak memory, MiB".to_owned(),
        gate: peak::mebibytes(gate.as_os_str(), &arguments)?,
        beside: Some(("true", peak::mebibytes::<&str>(OsStr::new("true"), &[])?)),
        wish: Wish::Under(60.0),
    });
    Ok(())
}

fn timed(program: &OsStr, arguments: &[&str]) -> Result<Duration> {
    let begin = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("{} does not start", program.display()))?;
    let took = begin.elapsed();
    ensure!(status.success(), "{} ended with {status} instead of an allow", program.display());
    Ok(took)
}
