//! A CycloneDX of 62 MB and 118,000 components: how long it takes to normalise it beside what
//! `serde_json` needs to skip through it, and how much memory above the file's own bytes.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gate_core::verify::read_sbom;
use serde::de::IgnoredAny;

use crate::peak;
use crate::table::{Row, Table, Wish};

const COMPONENTS: usize = 118_000;
const RUNS: usize = 5;

pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let document = document(COMPONENTS);
    let skipped = best(|| serde_json::from_slice::<IgnoredAny>(&document).is_ok())?;
    let read = best(|| read_sbom(&document).is_ok_and(|sbom| sbom.components.len() == COMPONENTS))?;
    let megabytes = document.len() / 1_000_000;
    table.add(Row {
        what: format!("normalise CycloneDX, {megabytes} MB, {COMPONENTS} components, ms"),
        gate: read.as_secs_f64() * 1e3,
        beside: Some(("IgnoredAny", skipped.as_secs_f64() * 1e3)),
        wish: Wish::AtMost(3.0),
    });
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bom.json");
    std::fs::write(&file, &document)?;
    let peak = peak::mebibytes(
        std::env::current_exe()?.as_os_str(),
        &["read-sbom".as_ref(), file.as_os_str()],
    )?;
    let own = f64::from(u32::try_from(document.len() >> 10)?) / 1024.0;
    table.add(Row {
        what: "the same, peak memory above the file's bytes, MiB".to_owned(),
        gate: peak - own,
        beside: None,
        wish: Wish::Under(128.0),
    });
    Ok(())
}

/// Reads a file as the measured process does.
pub(crate) fn read(file: &Path) -> Result<()> {
    let document = std::fs::read(file)?;
    let sbom = read_sbom(&document).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    anyhow::ensure!(!sbom.components.is_empty(), "no components");
    Ok(())
}

fn best(run: impl Fn() -> bool) -> Result<Duration> {
    let measured_once = |_| {
        let start = Instant::now();
        run().then(|| start.elapsed())
    };
    let times: Option<Vec<Duration>> = (0..RUNS).map(measured_once).collect();
    times.context("the document is not read")?.into_iter().min().context("no run")
}

/// A BOM as tools write it: identifiers, package URLs, licences, digests, one dependency each.
pub(crate) fn document(components: usize) -> Vec<u8> {
    let mut text = String::from(
        r#"{"$schema":"http://cyclonedx.org/schema/bom-1.5.schema.json","bomFormat":"CycloneDX","specVersion":"1.5","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,"metadata":{"timestamp":"2026-01-01T00:00:00Z","component":{"type":"container","bom-ref":"main","name":"shop"}},"components":["#,
    );
    let licences = ["MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "MPL-2.0"];
    for index in 0..components {
        let comma = if index == 0 { "" } else { "," };
        let (major, minor) = (index % 7, index % 31);
        let version = format!("{major}.{minor}.0");
        let purl = format!("pkg:npm/package-{index}@{version}");
        let licence = licences[index % licences.len()];
        // The generator is measured by nobody: a string grows without fail.
        let _ = write!(
            text,
            r#"{comma}{{"type":"library","bom-ref":"{purl}?package-id={index:016x}","name":"package-{index}","version":"{version}","description":"Package {index} of a bill of materials made for a measurement","scope":"required","hashes":[{{"alg":"SHA-256","content":"{index:064x}"}}],"licenses":[{{"license":{{"id":"{licence}"}}}}],"purl":"{purl}"}}"#,
        );
    }
    text.push_str(r#"],"dependencies":["#);
    for index in 0..components {
        let comma = if index == 0 { "" } else { "," };
        let reference = |index: usize| {
            let (major, minor) = (index % 7, index % 31);
            format!("pkg:npm/package-{index}@{major}.{minor}.0?package-id={index:016x}")
        };
        let _ = write!(
            text,
            r#"{comma}{{"ref":"{}","dependsOn":["{}"]}}"#,
            reference(index),
            reference((index * 7 + 1) % components)
        );
    }
    text.push_str("]}");
    text.into_bytes()
}
