//! From GitHub's Dependabot alerts (answers of GraphQL, or of the REST interface) to a scan and its
//! findings.

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, scored_or, worded};
use crate::facts::{FindingStatus, ReportedEpss, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text, is_array};

pub(super) const FORMAT: Format = Format {
    name: "github-alerts",
    detect: |marks| {
        let graph = marks.object().is_some_and(|fields| {
            fields.keys().all(|key| matches!(key, "data" | "errors" | "extensions"))
                && ["repository", "search", "organization"]
                    .iter()
                    .any(|key| fields.has_in("data", key))
        });
        graph
            || marks.first().is_some_and(|first| {
                first.has("security_advisory") && first.has("security_vulnerability")
            })
    },
    read: |bytes| {
        if is_array(bytes) {
            read_rest(json::parse(bytes)?)
        } else {
            read_graph(json::parse(bytes)?)
        }
    },
};

#[derive(Deserialize)]
struct Graph {
    data: Node,
}

/// A repository, or what holds repositories.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Node {
    name: Text,
    name_with_owner: Text,
    repository: Option<Box<Node>>,
    search: Option<Nodes>,
    organization: Option<Box<Node>>,
    repositories: Option<Nodes>,
    vulnerability_alerts: Option<Alerts>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Nodes {
    nodes: List<Node>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Alerts {
    nodes: List<Alert>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Alert {
    state: Text,
    dismissed_at: Text,
    dismiss_reason: Text,
    fixed_at: Text,
    vulnerable_manifest_path: Text,
    vulnerable_manifest_filename: Text,
    vulnerable_requirements: Text,
    security_vulnerability: Wire,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    severity: Text,
    package: Package,
    advisory: Advisory,
    #[serde(alias = "first_patched_version")]
    first_patched_version: Option<Patched>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
    ecosystem: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patched {
    identifier: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advisory {
    #[serde(alias = "ghsaId")]
    ghsa_id: Text,
    summary: Text,
    identifiers: List<Identifier>,
    cvss: Option<WireCvss>,
    epss: Option<Epss>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Identifier {
    value: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireCvss {
    score: Text,
    #[serde(rename = "vectorString", alias = "vector_string")]
    vector: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Epss {
    percentage: Text,
    percentile: Text,
}

#[derive(Deserialize)]
struct RestAlert {
    #[serde(default)]
    state: Text,
    #[serde(default)]
    dismissed_reason: Text,
    #[serde(default)]
    dependency: RestDependency,
    security_advisory: Advisory,
    security_vulnerability: Wire,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RestDependency {
    manifest_path: Text,
}

fn read_graph(graph: Graph) -> Result<Read, Failure> {
    let mut report = Report::new("github-alerts");
    let mut seen = false;
    walk(&mut report, graph.data, &mut seen)?;
    if !seen {
        return Err(Failure::malformed("the answer has no `vulnerabilityAlerts`"));
    }
    Ok(report.finish())
}

fn read_rest(alerts: Vec<RestAlert>) -> Result<Read, Failure> {
    let mut report = Report::new("github-alerts");
    for alert in alerts {
        let status = status(alert.state.as_str());
        let reason = alert.dismissed_reason.get();
        let place = alert.dependency.manifest_path.or_empty();
        let wire = Wire { advisory: alert.security_advisory, ..alert.security_vulnerability };
        let finding = finding(wire, "", place);
        report.push(Vulnerability { status, status_reason: reason, ..finding })?;
    }
    Ok(report.finish())
}

fn walk(report: &mut Report, node: Node, seen: &mut bool) -> Result<(), Failure> {
    if report.target.is_empty() {
        report.target = node.name_with_owner.or(node.name).or_empty();
    }
    for inner in [node.repository, node.organization].into_iter().flatten() {
        walk(report, *inner, seen)?;
    }
    for inner in [node.search, node.repositories].into_iter().flatten().flat_map(|it| it.nodes) {
        walk(report, inner, seen)?;
    }
    let Some(alerts) = node.vulnerability_alerts else { return Ok(()) };
    *seen = true;
    for alert in alerts.nodes {
        let status = match status(alert.state.as_str()) {
            FindingStatus::Affected if !alert.dismissed_at.as_str().is_empty() => {
                FindingStatus::Ignored
            }
            FindingStatus::Affected if !alert.fixed_at.as_str().is_empty() => {
                FindingStatus::Resolved
            }
            status => status,
        };
        let place = alert.vulnerable_manifest_path.or(alert.vulnerable_manifest_filename);
        let requirement = alert.vulnerable_requirements.or_empty();
        let installed = requirement.strip_prefix('=').unwrap_or_default().trim();
        let finding = finding(alert.security_vulnerability, installed, place.or_empty());
        let status_reason = alert.dismiss_reason.get();
        report.push(Vulnerability { status, status_reason, ..finding })?;
    }
    Ok(())
}

fn status(word: &str) -> FindingStatus {
    match word.to_ascii_lowercase().as_str() {
        "fixed" => FindingStatus::Resolved,
        "dismissed" | "auto_dismissed" => FindingStatus::Ignored,
        _ => FindingStatus::Affected,
    }
}

fn finding(wire: Wire, installed: &str, place: String) -> Vulnerability {
    let (severity, severity_source) = worded(wire.severity.as_str(), Some("ghsa"));
    let advisory = wire.advisory;
    let cvss = advisory
        .cvss
        .and_then(|cvss| scored_or(cvss.vector.as_str(), cvss.score.number(), "3.1", Some("ghsa")));
    let package = wire.package.name.or_empty();
    let mut ids = advisory.identifiers.into_iter().map(|it| it.value.or_empty());
    Vulnerability {
        id: advisory.ghsa_id.get().or_else(|| ids.next()).unwrap_or_default(),
        aliases: ids.collect(),
        purl: purl::of(wire.package.ecosystem.as_str(), &package, installed),
        package,
        installed: installed.to_owned(),
        fixed: wire.first_patched_version.into_iter().map(|it| it.identifier.or_empty()).collect(),
        severity,
        severity_source,
        cvss: cvss.into_iter().collect(),
        title: advisory.summary.get(),
        locations: vec![place],
        reported_epss: advisory.epss.and_then(|epss| {
            let (score, percentile) = (epss.percentage.number()?, epss.percentile.number());
            Some(ReportedEpss { score, percentile, date: None })
        }),
        ..Vulnerability::default()
    }
}
