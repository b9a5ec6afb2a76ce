//! From a Sysdig report (JSON of the newer reporting, or a table) to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, scored_or, worded};
use super::table::{Row, Table};
use crate::facts::{FindingStatus, ReportedKev, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Marks;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "sysdig",
    detect: |marks| match marks {
        Marks::Object(fields) => fields.has_in("panels", "data") && fields.has("schedule"),
        Marks::Text(text) => text.starts_with("Vulnerability ID,Severity,Package name,"),
        _ => false,
    },
    read: |bytes| match bytes.first() {
        Some(b'V') => read_table(bytes),
        _ => read(json::parse(bytes)?),
    },
};

#[derive(Deserialize)]
struct Document {
    panels: List<Panel>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Panel {
    data: List<Wire>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    container_image: Text,
    scan_package_name: Text,
    scan_package_path: Text,
    scan_package_type: Text,
    scan_package_version: Text,
    vuln_id: Text,
    vuln_severity: Text,
    vuln_cvss_score: Text,
    vuln_cvss_vector: Text,
    vuln_cvss_version: Text,
    vuln_fixed_in_version: Text,
    vuln_risk_accepted: Text,
    vuln_cisa_kev_due_date: Text,
    vuln_cisa_kev_publish_date: Text,
    vuln_cisa_kev_known_ransomware: Text,
}

fn accepted(accepted: bool) -> FindingStatus {
    if accepted { FindingStatus::Ignored } else { FindingStatus::Affected }
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("sysdig");
    for wire in document.panels.into_iter().flat_map(|panel| panel.data) {
        if report.target.is_empty() {
            wire.container_image.as_str().clone_into(&mut report.target);
        }
        let (severity, severity_source) = worded(wire.vuln_severity.as_str(), None);
        let package = wire.scan_package_name.or_empty();
        let installed = wire.scan_package_version.or_empty();
        let cvss = scored_or(
            wire.vuln_cvss_vector.as_str(),
            wire.vuln_cvss_score.number(),
            wire.vuln_cvss_version.as_str(),
            None,
        );
        let known = !wire.vuln_cisa_kev_publish_date.as_str().is_empty()
            || !wire.vuln_cisa_kev_due_date.as_str().is_empty();
        report.push(Vulnerability {
            id: wire.vuln_id.or_empty(),
            purl: purl::of(wire.scan_package_type.as_str(), &package, &installed),
            package,
            installed,
            fixed: vec![wire.vuln_fixed_in_version.or_empty()],
            severity,
            severity_source,
            cvss: cvss.into_iter().collect(),
            status: accepted(wire.vuln_risk_accepted.is_true()),
            locations: vec![wire.container_image.or_empty(), wire.scan_package_path.or_empty()],
            reported_kev: known.then(|| ReportedKev {
                due_date: wire.vuln_cisa_kev_due_date.get(),
                ransomware: match wire.vuln_cisa_kev_known_ransomware.as_str() {
                    "true" | "Known" => Some(true),
                    "false" | "Unknown" => Some(false),
                    _ => None,
                },
            }),
            ..Vulnerability::default()
        })?;
    }
    Ok(report.finish())
}

fn read_table(bytes: &[u8]) -> Result<Read, Failure> {
    let mut report = Report::new("sysdig");
    Table::of(bytes)?.each(|row| {
        if report.target.is_empty() {
            report.target = row.text("Image");
        }
        report.push(finding(row))
    })?;
    Ok(report.finish())
}

fn finding(row: &Row<'_>) -> Vulnerability {
    let (severity, severity_source) = worded(row.value("Severity"), None);
    let (package, installed) = (row.text("Package name"), row.text("Package version"));
    let cvss = scored_or(
        row.value("CVSS vector"),
        row.number("CVSS score"),
        row.value("CVSS version"),
        None,
    );
    Vulnerability {
        id: row.text("Vulnerability ID"),
        purl: purl::of(row.value("Package type"), &package, &installed),
        package,
        installed,
        fixed: vec![row.text("Fix version")],
        severity,
        severity_source,
        cvss: cvss.into_iter().collect(),
        status: accepted(row.value("Risk accepted").eq_ignore_ascii_case("true")),
        locations: vec![row.text("Image"), row.text("Package path")],
        ..Vulnerability::default()
    }
}
