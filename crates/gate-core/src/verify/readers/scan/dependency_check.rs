//! From a Dependency-Check report in JSON to a scan and its findings. The XML form is read into the
//! same types.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored, scored_or, worded};
use crate::facts::{Cvss, FindingStatus, ReportedKev, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "dependency-check",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has("reportSchema") && fields.has("scanInfo") && fields.has("dependencies")
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Document {
    pub(super) report_schema: Text,
    pub(super) scan_info: ScanInfo,
    pub(super) project_info: ProjectInfo,
    pub(super) dependencies: List<Dependency>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ScanInfo {
    pub(super) engine_version: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ProjectInfo {
    pub(super) name: Text,
    pub(super) report_date: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Dependency {
    pub(super) file_name: Text,
    pub(super) file_path: Text,
    pub(super) packages: List<Identifier>,
    pub(super) vulnerabilities: List<Wire>,
    pub(super) suppressed_vulnerabilities: List<Wire>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Identifier {
    pub(super) id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wire {
    pub(super) source: Text,
    pub(super) name: Text,
    pub(super) severity: Text,
    pub(super) cvssv2: Option<CvssV2>,
    pub(super) cvssv3: Option<CvssV3>,
    pub(super) cvssv4: Option<CvssV4>,
    #[serde(rename = "vulnerableSoftware")]
    pub(super) software: List<Software>,
    #[serde(rename = "knownExploitedVulnerability")]
    pub(super) exploited: Option<Exploited>,
    pub(super) notes: Text,
    pub(super) description: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CvssV2 {
    pub(super) score: Text,
    pub(super) access_vector: Text,
    pub(super) access_complexity: Text,
    /// The spelling is the tool's.
    pub(super) authenticationr: Text,
    pub(super) confidentiality_impact: Text,
    pub(super) integrity_impact: Text,
    pub(super) availability_impact: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CvssV3 {
    pub(super) base_score: Text,
    pub(super) attack_vector: Text,
    pub(super) attack_complexity: Text,
    pub(super) privileges_required: Text,
    pub(super) user_interaction: Text,
    pub(super) scope: Text,
    pub(super) confidentiality_impact: Text,
    pub(super) integrity_impact: Text,
    pub(super) availability_impact: Text,
    pub(super) version: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CvssV4 {
    pub(super) base_score: Text,
    pub(super) vector_string: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Software {
    pub(super) software: SoftwareRange,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SoftwareRange {
    pub(super) vulnerability_id_matched: Text,
    pub(super) version_end_excluding: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Exploited {
    pub(super) due_date: Text,
}

pub(super) fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("dependency-check");
    report.version = document.report_schema.get();
    report.scanner_version = document.scan_info.engine_version.get();
    report.scanned_at = document.project_info.report_date.instant();
    report.target = document.project_info.name.or_empty();
    for dependency in document.dependencies {
        let Dependency { file_name, file_path, packages, .. } = dependency;
        let place = Place {
            purl: packages
                .into_iter()
                .filter_map(|it| it.id.get())
                .find(|id| id.starts_with("pkg:")),
            name: file_name.or_empty(),
            path: file_path.or_empty(),
        };
        for found in dependency.vulnerabilities {
            report.push(finding(found, &place))?;
        }
        for found in dependency.suppressed_vulnerabilities {
            let status_reason = found.notes.clone().get();
            let status = FindingStatus::Ignored;
            report.push(Vulnerability { status, status_reason, ..finding(found, &place) })?;
        }
    }
    Ok(report.finish())
}

/// The dependency that a vulnerability is of.
struct Place {
    purl: Option<String>,
    name: String,
    path: String,
}

impl Place {
    /// The package and version of the package URL; the file's name where there is none.
    fn package(&self) -> (String, String) {
        let parsed =
            self.purl.as_ref().and_then(|purl| purl.parse::<packageurl::PackageUrl<'_>>().ok());
        let Some(purl) = parsed else { return (self.name.clone(), String::new()) };
        let separator = if purl.ty() == "maven" { ':' } else { '/' };
        let name = match purl.namespace() {
            Some(namespace) => format!("{namespace}{separator}{}", purl.name()),
            None => purl.name().to_owned(),
        };
        (name, purl.version().unwrap_or_default().to_owned())
    }
}

fn finding(wire: Wire, place: &Place) -> Vulnerability {
    let (severity, severity_source) =
        worded(wire.severity.as_str(), Some(&wire.source.as_str().to_lowercase()));
    let source = Some(wire.source.as_str().to_lowercase());
    let source = source.as_deref();
    let mut cvss = vec![];
    cvss.extend(wire.cvssv2.and_then(|it| it.scored(source)));
    cvss.extend(wire.cvssv3.and_then(|it| it.scored(source)));
    cvss.extend(wire.cvssv4.and_then(|it| {
        scored_or(it.vector_string.as_str(), it.base_score.number(), "4.0", source)
    }));
    let matched = wire.software.into_iter().map(|it| it.software);
    let matched = matched.filter(|it| it.vulnerability_id_matched.is_true());
    let (package, installed) = place.package();
    Vulnerability {
        id: wire.name.or_empty(),
        package,
        purl: place.purl.clone(),
        installed,
        fixed: matched.filter_map(|it| it.version_end_excluding.get()).collect(),
        severity,
        severity_source,
        cvss,
        title: wire.description.get(),
        locations: vec![place.path.clone()],
        reported_kev: wire
            .exploited
            .map(|it| ReportedKev { due_date: it.due_date.get(), ransomware: None }),
        ..Vulnerability::default()
    }
}

/// The first letter of a metric's value, which is its letter in a vector.
fn letter(text: &Text) -> char {
    text.as_str().chars().next().unwrap_or('X').to_ascii_uppercase()
}

impl CvssV2 {
    fn scored(&self, source: Option<&str>) -> Option<Cvss> {
        let vector = format!(
            "AV:{}/AC:{}/Au:{}/C:{}/I:{}/A:{}",
            letter(&self.access_vector),
            letter(&self.access_complexity),
            letter(&self.authenticationr),
            letter(&self.confidentiality_impact),
            letter(&self.integrity_impact),
            letter(&self.availability_impact),
        );
        scored(&vector, source).or_else(|| scored_or("", self.score.number(), "2.0", source))
    }
}

impl CvssV3 {
    fn scored(&self, source: Option<&str>) -> Option<Cvss> {
        let version = match self.version.as_str() {
            "3.0" => "3.0",
            _ => "3.1",
        };
        let vector = format!(
            "CVSS:{version}/AV:{}/AC:{}/PR:{}/UI:{}/S:{}/C:{}/I:{}/A:{}",
            letter(&self.attack_vector),
            letter(&self.attack_complexity),
            letter(&self.privileges_required),
            letter(&self.user_interaction),
            letter(&self.scope),
            letter(&self.confidentiality_impact),
            letter(&self.integrity_impact),
            letter(&self.availability_impact),
        );
        scored(&vector, source).or_else(|| scored_or("", self.base_score.number(), version, source))
    }
}
