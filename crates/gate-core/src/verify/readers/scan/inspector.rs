//! From Amazon Inspector's findings to a scan; findings of code and of the network become those of an
//! analysis.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, severity, worded};
use crate::facts::{
    AnalysisFinding, AnalysisStatus, Category, FindingStatus, ReportedEpss, Vulnerability,
};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "inspector",
    detect: |marks| marks.object().is_some_and(|fields| fields.has_in("findings", "findingArn")),
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct Document {
    findings: List<Found>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Found {
    title: Text,
    r#type: Text,
    severity: Text,
    status: Text,
    last_observed_at: Text,
    epss: Option<Epss>,
    package_vulnerability_details: Option<Details>,
    code_vulnerability_details: Option<CodeDetails>,
    inspector_score_details: ScoreDetails,
    resources: List<Resource>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Epss {
    score: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    vulnerability_id: Text,
    source: Text,
    cvss: List<WireCvss>,
    vulnerable_packages: List<Package>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireCvss {
    base_score: Text,
    scoring_vector: Text,
    source: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Package {
    name: Text,
    version: Text,
    epoch: Text,
    release: Text,
    fixed_in_version: Text,
    file_path: Text,
    source_layer_hash: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct CodeDetails {
    detector_id: Text,
    file_path: CodePlace,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct CodePlace {
    file_path: Text,
    start_line: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ScoreDetails {
    adjusted_cvss: Option<Adjusted>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Adjusted {
    scoring_vector: Text,
    score: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resource {
    id: Text,
    details: ResourceDetails,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ResourceDetails {
    aws_ecr_container_image: Option<ContainerImage>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ContainerImage {
    image_hash: Text,
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("inspector");
    for found in document.findings {
        for resource in &found.resources.0 {
            let image = resource.details.aws_ecr_container_image.as_ref();
            report
                .names
                .extend(image.and_then(|it| it.image_hash.as_str().parse::<crate::Digest>().ok()));
            if report.target.is_empty() {
                resource.id.as_str().clone_into(&mut report.target);
            }
        }
        report.scanned_at = report.scanned_at.max(found.last_observed_at.instant());
        add(&mut report, found)?;
    }
    report.names.sort_unstable();
    report.names.dedup();
    Ok(report.finish())
}

fn add(report: &mut Report, found: Found) -> Result<(), Failure> {
    let Some(details) = found.package_vulnerability_details else {
        let code = found.code_vulnerability_details.unwrap_or_default();
        return report.push_analysis(AnalysisFinding {
            rule: code.detector_id.or(found.r#type).or_empty(),
            severity: severity(found.severity.as_str()),
            severity_source: Some("severity".to_owned()),
            category: Category::Code,
            message: found.title.or_empty(),
            file: code.file_path.file_path.get(),
            line: code.file_path.start_line.whole(),
            status: match found.status.as_str() {
                "CLOSED" => AnalysisStatus::Resolved,
                "SUPPRESSED" => AnalysisStatus::Suppressed,
                _ => AnalysisStatus::Open,
            },
            ..AnalysisFinding::default()
        });
    };
    let source = details.source.as_str().to_lowercase();
    let (severity, severity_source) = worded(found.severity.as_str(), None);
    let mut cvss: Vec<_> = details
        .cvss
        .into_iter()
        .filter_map(|it| {
            let score = it.base_score.number();
            let source = it.source.as_str().to_lowercase();
            scored_or(it.scoring_vector.as_str(), score, it.version.as_str(), Some(&source))
        })
        .collect();
    cvss.extend(found.inspector_score_details.adjusted_cvss.and_then(|it| {
        let version = it.version.as_str();
        scored_or(it.scoring_vector.as_str(), it.score.number(), version, Some("inspector"))
    }));
    let common = Vulnerability {
        id: details.vulnerability_id.or_empty(),
        severity,
        severity_source,
        cvss,
        status: match found.status.as_str() {
            "CLOSED" => FindingStatus::Resolved,
            "SUPPRESSED" => FindingStatus::Ignored,
            _ => FindingStatus::Affected,
        },
        title: found.title.get(),
        reported_epss: found.epss.and_then(|epss| {
            Some(ReportedEpss { score: epss.score.number()?, percentile: None, date: None })
        }),
        ..Vulnerability::default()
    };
    if details.vulnerable_packages.0.is_empty() {
        return report.push(Vulnerability { package: source, ..common });
    }
    for package in details.vulnerable_packages {
        report.push(package.finding(common.clone()))?;
    }
    Ok(())
}

impl Package {
    fn finding(self, common: Vulnerability) -> Vulnerability {
        let epoch = Some(self.epoch.as_str()).filter(|epoch| !matches!(*epoch, "" | "0"));
        let mut installed = epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
        installed.push_str(self.version.as_str());
        if !self.release.as_str().is_empty() {
            installed.push('-');
            installed.push_str(self.release.as_str());
        }
        // Where there is no fix, the field says so.
        let fixed = self.fixed_in_version.get().filter(|version| {
            version.starts_with(|first: char| first.is_ascii_digit() || first == 'v')
        });
        Vulnerability {
            package: self.name.or_empty(),
            installed,
            fixed: fixed.into_iter().collect(),
            locations: vec![self.file_path.or(self.source_layer_hash).or_empty()],
            ..common
        }
    }
}
