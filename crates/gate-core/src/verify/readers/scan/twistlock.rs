//! From a report of Prisma Cloud's twistcli (JSON, or a table) to a scan and its findings; compliance
//! checks become findings of an analysis.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, severity, versions, worded};
use super::table::{Row, Table};
use crate::facts::{AnalysisFinding, Category, FindingStatus, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Marks;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "twistlock",
    detect: |marks| match marks {
        Marks::Object(fields) => {
            fields.has_in("results", "vulnerabilityDistribution")
                || fields.has_in("results", "complianceDistribution")
        }
        Marks::Text(text) => text.starts_with("Registry,Repository,Tag,Id,"),
        _ => false,
    },
    read: |bytes| match bytes.first() {
        Some(b'R') => read_table(bytes),
        _ => read(json::parse(bytes)?),
    },
};

#[derive(Deserialize)]
struct Document {
    results: List<Scanned>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Scanned {
    id: Text,
    name: Text,
    scan_time: Text,
    vulnerabilities: List<Wire>,
    compliances: List<Compliance>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    id: Text,
    status: Text,
    severity: Text,
    cvss: Text,
    vector: Text,
    package_name: Text,
    package_version: Text,
    package_path: Text,
    description: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Compliance {
    id: Text,
    title: Text,
    severity: Text,
}

/// What the scanner says of a fix, in words.
fn fix(words: &str) -> (FindingStatus, Vec<String>) {
    if let Some(list) = words.strip_prefix("fixed in ") {
        return (FindingStatus::Affected, versions(list));
    }
    let status = match words {
        "will not fix" | "wont fix" => FindingStatus::WillNotFix,
        "deferred" | "fix deferred" => FindingStatus::FixDeferred,
        "end of life" => FindingStatus::EndOfLife,
        _ => FindingStatus::Affected,
    };
    (status, vec![])
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("twistlock");
    for scanned in document.results {
        report.scanned_at = report.scanned_at.max(scanned.scan_time.instant());
        let target = scanned.name.or(scanned.id).or_empty();
        if report.target.is_empty() {
            report.target.clone_from(&target);
        }
        for wire in scanned.vulnerabilities {
            let (severity, severity_source) = worded(wire.severity.as_str(), None);
            let (status, fixed) = fix(wire.status.as_str());
            let cvss = scored_or(wire.vector.as_str(), wire.cvss.number(), "3.1", None);
            report.push(Vulnerability {
                id: wire.id.or_empty(),
                package: wire.package_name.or_empty(),
                installed: wire.package_version.or_empty(),
                fixed,
                severity,
                severity_source,
                cvss: cvss.into_iter().collect(),
                status,
                title: wire.description.get(),
                locations: vec![wire.package_path.or_empty()],
                ..Vulnerability::default()
            })?;
        }
        for found in scanned.compliances {
            let words = (found.id.as_str(), found.severity.as_str(), found.title.as_str());
            report.push_analysis(compliance(words, &target))?;
        }
    }
    Ok(report.finish())
}

fn compliance((id, word, title): (&str, &str, &str), target: &str) -> AnalysisFinding {
    AnalysisFinding {
        rule: id.to_owned(),
        severity: severity(word),
        severity_source: Some("severity".to_owned()),
        category: Category::Misconfiguration,
        message: title.to_owned(),
        file: Some(target.to_owned()),
        ..AnalysisFinding::default()
    }
}

fn read_table(bytes: &[u8]) -> Result<Read, Failure> {
    let mut report = Report::new("twistlock");
    Table::of(bytes)?.each(|row| {
        if report.target.is_empty() {
            report.target = format!("{}:{}", row.value("Repository"), row.value("Tag"));
        }
        if row.value("CVE ID").is_empty() {
            let words = (row.value("Compliance ID"), row.value("Severity"), row.value("Cause"));
            return report.push_analysis(compliance(words, row.value("Repository")));
        }
        report.push(finding(row))
    })?;
    Ok(report.finish())
}

fn finding(row: &Row<'_>) -> Vulnerability {
    let (severity, severity_source) = worded(row.value("Severity"), None);
    let (status, fixed) = fix(row.value("Fix Status"));
    Vulnerability {
        id: row.text("CVE ID"),
        package: row.text("Packages"),
        installed: row.text("Package Version"),
        fixed,
        severity,
        severity_source,
        cvss: scored_or("", row.number("CVSS"), "3.1", None).into_iter().collect(),
        status,
        title: Some(row.text("Description")),
        ..Vulnerability::default()
    }
}
