//! From reports of the Trivy operator (one object, a list, or lists by kind) to a scan and its
//! findings; checks and secrets become findings of an analysis.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, severity, versions, worded};
use crate::facts::{AnalysisFinding, AnalysisStatus, Category, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

const GROUP: &str = "aquasecurity.github.io";

pub(super) const FORMAT: Format = Format {
    name: "trivy-operator",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.text("apiVersion").is_some_and(|version| version.starts_with(GROUP))
                || (fields.has("apiVersion") && fields.has_in("items", "report"))
                || fields.keys().any(|key| key.ends_with(".aquasecurity.github.io"))
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

/// One object, a list of them, or lists by the kinds that say something of a subject.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    kind: Text,
    metadata: Metadata,
    report: Option<Body>,
    items: List<Object>,
    #[serde(rename = "vulnerabilityreports.aquasecurity.github.io")]
    vulnerabilities: List<Object>,
    #[serde(rename = "clustervulnerabilityreports.aquasecurity.github.io")]
    cluster_vulnerabilities: List<Object>,
    #[serde(rename = "configauditreports.aquasecurity.github.io")]
    audits: List<Object>,
    #[serde(rename = "clusterconfigauditreports.aquasecurity.github.io")]
    cluster_audits: List<Object>,
    #[serde(rename = "exposedsecretreports.aquasecurity.github.io")]
    secrets: List<Object>,
    #[serde(rename = "rbacassessmentreports.aquasecurity.github.io")]
    rights: List<Object>,
    #[serde(rename = "clusterrbacassessmentreports.aquasecurity.github.io")]
    cluster_rights: List<Object>,
    #[serde(rename = "infraassessmentreports.aquasecurity.github.io")]
    infrastructure: List<Object>,
    #[serde(rename = "clusterinfraassessmentreports.aquasecurity.github.io")]
    cluster_infrastructure: List<Object>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    kind: Text,
    #[serde(default)]
    metadata: Metadata,
    report: Body,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    name: Text,
    namespace: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    update_timestamp: Text,
    scanner: Scanner,
    artifact: Artifact,
    vulnerabilities: Option<List<Wire>>,
    checks: List<Check>,
    secrets: List<Secret>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scanner {
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Artifact {
    repository: Text,
    digest: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    #[serde(rename = "vulnerabilityID")]
    id: Text,
    resource: Text,
    #[serde(rename = "packagePURL")]
    purl: Text,
    #[serde(rename = "packagePath")]
    path: Text,
    installed_version: Text,
    fixed_version: Text,
    severity: Text,
    title: Text,
    target: Text,
    score: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Check {
    #[serde(rename = "checkID")]
    id: Text,
    title: Text,
    severity: Text,
    success: bool,
    messages: List<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Secret {
    #[serde(rename = "ruleID")]
    rule: Text,
    title: Text,
    severity: Text,
    target: Text,
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("trivy-operator");
    report.looked = false;
    let one = document.report.map(|report| Object {
        kind: document.kind,
        metadata: document.metadata,
        report,
    });
    let lists = [
        document.items,
        document.vulnerabilities,
        document.cluster_vulnerabilities,
        document.audits,
        document.cluster_audits,
        document.secrets,
        document.rights,
        document.cluster_rights,
        document.infrastructure,
        document.cluster_infrastructure,
    ];
    let objects = one.into_iter().chain(lists.into_iter().flatten());
    for object in objects {
        add(&mut report, object)?;
    }
    Ok(report.finish())
}

fn add(report: &mut Report, object: Object) -> Result<(), Failure> {
    let Object { kind, metadata, report: body } = object;
    let of = format!("{}/{}", metadata.namespace.as_str(), metadata.name.as_str());
    report.scanned_at = report.scanned_at.max(body.update_timestamp.instant());
    report.scanner_version = body.scanner.version.get();
    report.names.extend(body.artifact.digest.as_str().parse::<crate::Digest>().ok());
    if report.target.is_empty() {
        report.target = body.artifact.repository.get().unwrap_or_else(|| of.clone());
    }
    report.looked |=
        kind.as_str().ends_with("VulnerabilityReport") || body.vulnerabilities.is_some();
    for wire in body.vulnerabilities.unwrap_or_default() {
        let (severity, severity_source) = worded(wire.severity.as_str(), None);
        report.push(Vulnerability {
            id: wire.id.or_empty(),
            package: wire.resource.or_empty(),
            purl: wire.purl.get(),
            installed: wire.installed_version.or_empty(),
            fixed: versions(wire.fixed_version.as_str()),
            severity,
            severity_source,
            cvss: scored_or("", wire.score.number(), "3.1", None).into_iter().collect(),
            title: wire.title.get(),
            locations: vec![of.clone(), wire.target.or_empty(), wire.path.or_empty()],
            ..Vulnerability::default()
        })?;
    }
    for check in body.checks {
        report.push_analysis(AnalysisFinding {
            rule: check.id.or_empty(),
            severity: severity(check.severity.as_str()),
            severity_source: Some("severity".to_owned()),
            category: Category::Misconfiguration,
            message: check.messages.into_iter().next().or(check.title.get()).unwrap_or_default(),
            file: Some(of.clone()),
            status: if check.success { AnalysisStatus::Passed } else { AnalysisStatus::Open },
            ..AnalysisFinding::default()
        })?;
    }
    for secret in body.secrets {
        report.push_analysis(AnalysisFinding {
            rule: secret.rule.or_empty(),
            severity: severity(secret.severity.as_str()),
            severity_source: Some("severity".to_owned()),
            category: Category::Secret,
            message: secret.title.or_empty(),
            file: Some(format!("{of}: {}", secret.target.as_str())),
            ..AnalysisFinding::default()
        })?;
    }
    Ok(())
}
