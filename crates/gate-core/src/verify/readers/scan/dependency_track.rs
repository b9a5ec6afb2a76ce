//! From Dependency-Track's file of a project's findings to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, worded};
use crate::facts::{FindingStatus, ReportedEpss, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "dependency-track",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has_in("meta", "application") && fields.is_list("findings")
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    version: Text,
    meta: Meta,
    #[serde(default)]
    project: Project,
    findings: List<Found>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Meta {
    version: Text,
    timestamp: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Project {
    name: Text,
}

#[derive(Deserialize)]
struct Found {
    component: Component,
    vulnerability: Wire,
    #[serde(default)]
    analysis: Analysis,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Component {
    group: Text,
    name: Text,
    version: Text,
    purl: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    vuln_id: Text,
    source: Text,
    title: Text,
    severity: Text,
    aliases: List<Alias>,
    cvss_v2_vector: Text,
    cvss_v3_vector: Text,
    cvss_v4_vector: Text,
    cvss_v2_base_score: Text,
    cvss_v3_base_score: Text,
    cvss_v4_score: Text,
    epss_score: Text,
    epss_percentile: Text,
}

/// The ids that name one vulnerability each; those of distributions may name several.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Alias {
    #[serde(rename = "cveId")]
    cve: Text,
    #[serde(rename = "ghsaId")]
    ghsa: Text,
    #[serde(rename = "snykId")]
    snyk: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Analysis {
    state: Text,
    is_suppressed: bool,
    detail: Text,
    justification: Text,
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("dependency-track");
    report.version = document.version.get();
    report.scanner_version = document.meta.version.get();
    report.scanned_at = document.meta.timestamp.instant();
    report.target = document.project.name.or_empty();
    for found in document.findings {
        report.push(finding(found))?;
    }
    Ok(report.finish())
}

fn finding(found: Found) -> Vulnerability {
    let Found { component, vulnerability: wire, analysis } = found;
    let source = wire.source.as_str().to_lowercase();
    let (severity, severity_source) = worded(wire.severity.as_str(), Some(&source));
    let vectors = [
        (&wire.cvss_v2_vector, &wire.cvss_v2_base_score, "2.0"),
        (&wire.cvss_v3_vector, &wire.cvss_v3_base_score, "3.1"),
        (&wire.cvss_v4_vector, &wire.cvss_v4_score, "4.0"),
    ];
    let cvss = vectors.into_iter().filter_map(|(vector, score, version)| {
        scored_or(vector.as_str(), score.number(), version, Some(&source))
    });
    let status = match analysis.state.as_str() {
        "NOT_AFFECTED" | "FALSE_POSITIVE" => FindingStatus::NotAffected,
        "RESOLVED" => FindingStatus::Resolved,
        _ if analysis.is_suppressed => FindingStatus::Ignored,
        _ => FindingStatus::Affected,
    };
    let name = component.name.or_empty();
    Vulnerability {
        aliases: wire
            .aliases
            .into_iter()
            .flat_map(|alias| [alias.cve, alias.ghsa, alias.snyk])
            .map(Text::or_empty)
            .collect(),
        package: match component.group.get() {
            Some(group) if component.purl.as_str().starts_with("pkg:maven/") => {
                format!("{group}:{name}")
            }
            Some(group) => format!("{group}/{name}"),
            None => name,
        },
        purl: component.purl.get(),
        installed: component.version.or_empty(),
        severity,
        severity_source,
        cvss: cvss.collect(),
        status,
        status_reason: analysis.detail.or(analysis.justification).get(),
        reported_epss: wire.epss_score.number().map(|score| ReportedEpss {
            score,
            percentile: wire.epss_percentile.number(),
            date: None,
        }),
        id: wire.vuln_id.or_empty(),
        title: wire.title.get(),
        ..Vulnerability::default()
    }
}
