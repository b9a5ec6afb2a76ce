//! From `cargo audit --json` to a scan and its findings, warnings among them.

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, scored};
use crate::facts::{Severity, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, Text};

pub(super) const FORMAT: Format = Format {
    name: "cargo-audit",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has("lockfile")
                && fields.has("database")
                && fields.has_in("vulnerabilities", "list")
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct Document {
    vulnerabilities: Vulnerable,
    #[serde(default)]
    warnings: Members<List<Found>>,
}

#[derive(Deserialize)]
struct Vulnerable {
    list: List<Found>,
}

#[derive(Deserialize)]
struct Found {
    /// A yanked version has none.
    advisory: Option<Advisory>,
    #[serde(default)]
    versions: Option<Versions>,
    package: Package,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advisory {
    id: Text,
    title: Text,
    aliases: List<String>,
    cvss: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Versions {
    patched: List<String>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("cargo-audit");
    for found in document.vulnerabilities.list {
        add(&mut report, found, None)?;
    }
    for (kind, list) in document.warnings.0 {
        // What is unsound may be exploited; what is unmaintained or noticed is for people to know.
        let severity = if kind == "unsound" { Severity::Low } else { Severity::Negligible };
        for found in list {
            add(&mut report, found, Some(severity))?;
        }
    }
    Ok(report.finish())
}

fn add(report: &mut Report, found: Found, severity: Option<Severity>) -> Result<(), Failure> {
    let Some(advisory) = found.advisory else { return Ok(()) };
    let cvss: Vec<_> = scored(advisory.cvss.as_str(), Some("rustsec")).into_iter().collect();
    let severity = severity.filter(|_| cvss.is_empty());
    let patched = found.versions.unwrap_or_default().patched;
    report.push(Vulnerability {
        id: advisory.id.or_empty(),
        aliases: advisory.aliases.0,
        purl: purl::of("cargo", &found.package.name, &found.package.version),
        package: found.package.name,
        installed: found.package.version,
        fixed: patched.into_iter().map(|range| range.replace(">=", "").trim().to_owned()).collect(),
        severity: severity.unwrap_or_default(),
        severity_source: severity.map(|_| "rustsec".to_owned()),
        cvss,
        title: advisory.title.get(),
        ..Vulnerability::default()
    })
}
