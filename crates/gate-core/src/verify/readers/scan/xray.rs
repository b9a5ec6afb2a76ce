//! From JFrog Xray's report of vulnerabilities to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, scored_or, worded};
use crate::facts::{Cvss, Vulnerability};
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "xray",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has("total_rows")
                && fields.is_list("rows")
                && (fields.is_bare_list("rows") || fields.has_in("rows", "vulnerable_component"))
        })
    },
    read: |bytes| {
        let document: Document = json::parse(bytes)?;
        let mut report = Report::new("xray");
        for row in document.rows {
            report.scanned_at = report.scanned_at.max(row.artifact_scan_time.instant());
            if report.target.is_empty() {
                row.impacted_artifact.as_str().clone_into(&mut report.target);
            }
            report.push(row.finding())?;
        }
        Ok(report.finish())
    },
};

#[derive(Deserialize)]
struct Document {
    rows: List<Row>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    cves: List<WireCve>,
    summary: Text,
    severity: Text,
    vulnerable_component: Text,
    impacted_artifact: Text,
    path: Text,
    fixed_versions: List<String>,
    artifact_scan_time: Text,
    issue_id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireCve {
    cve: Text,
    cvss_v2_score: Text,
    cvss_v2_vector: Text,
    cvss_v3_score: Text,
    cvss_v3_vector: Text,
}

impl Row {
    fn finding(self) -> Vulnerability {
        let (severity, severity_source) = worded(self.severity.as_str(), None);
        let (kind, package, installed) = component(self.vulnerable_component.as_str());
        let fixed = self.fixed_versions.into_iter();
        Vulnerability {
            id: self.issue_id.or_empty(),
            aliases: self.cves.0.iter().map(|it| it.cve.as_str().to_owned()).collect(),
            purl: purl::of(if kind == "gav" { "maven" } else { kind }, package, installed),
            package: package.to_owned(),
            installed: installed.to_owned(),
            fixed: fixed.map(|it| it.trim_start_matches('\u{2265}').to_owned()).collect(),
            severity,
            severity_source,
            cvss: self.cves.into_iter().flat_map(WireCve::scored).collect(),
            title: self.summary.get(),
            locations: vec![self.path.or_empty()],
            ..Vulnerability::default()
        }
    }
}

impl WireCve {
    fn scored(self) -> impl Iterator<Item = Cvss> {
        [
            (self.cvss_v2_vector, self.cvss_v2_score, "2.0"),
            (self.cvss_v3_vector, self.cvss_v3_score, "3.1"),
        ]
        .into_iter()
        .filter_map(|(vector, score, version)| {
            scored_or(vector.as_str(), score.number(), version, None)
        })
    }
}

/// Kind, package and version of `kind://package:version`; packages of distributions are written
/// `kind://release:package:version`, where the version may have an epoch.
fn component(text: &str) -> (&str, &str, &str) {
    let (kind, rest) = text.split_once("://").unwrap_or(("", text));
    if matches!(kind, "rpm" | "deb" | "alpine" | "debian") {
        let rest = rest.split_once(':').map_or(rest, |(_, rest)| rest);
        let (package, version) = rest.split_once(':').unwrap_or((rest, ""));
        return (kind, package, version);
    }
    let (package, version) = rest.rsplit_once(':').unwrap_or((rest, ""));
    (kind, package, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_told_apart() {
        assert_eq!(component("pypi://Jinja2:2.11.2"), ("pypi", "Jinja2", "2.11.2"));
        assert_eq!(component("gav://a.b:c:1"), ("gav", "a.b:c", "1"));
        assert_eq!(component("rpm://7:json-c:18:0.11-4"), ("rpm", "json-c", "18:0.11-4"));
        assert_eq!(component("a"), ("", "a", ""));
    }
}
