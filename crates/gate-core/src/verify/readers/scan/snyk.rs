//! From Snyk's report of one project or of many to a scan and its findings. Snyk lists a
//! vulnerability once for each path to its package.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, scored_or, severity, worded};
use crate::facts::{
    AnalysisFinding, AnalysisStatus, Category, FindingStatus, ReportedEpss, Vulnerability,
};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Fields;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, OneOrMany, Text, pinned};

pub(super) const FORMAT: Format = Format {
    name: "snyk",
    detect: |marks| marks.object().or(marks.first()).is_some_and(is_project),
    read: |bytes| read(json::parse(bytes)?),
};

fn is_project(fields: &Fields) -> bool {
    fields.is_list("vulnerabilities")
        && fields.has("ok")
        && ["dependencyCount", "packageManager", "uniqueCount", "org", "projectName"]
            .iter()
            .any(|key| fields.has(key))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Tested {
    vulnerabilities: List<Wire>,
    package_manager: Text,
    project_name: Text,
    path: Text,
    display_target_file: Text,
    filtered: Filtered,
    applications: List<Tested>,
}

/// What the policy file sets aside.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Filtered {
    ignore: List<Wire>,
    patch: List<Wire>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    id: Text,
    title: Text,
    severity: Text,
    package_name: Text,
    module_name: Text,
    version: Text,
    package_manager: Text,
    identifiers: Members<List<String>>,
    #[serde(rename = "CVSSv3")]
    cvss_v3: Text,
    cvss_score: Text,
    cvss_details: List<CvssDetail>,
    cvss_sources: List<CvssDetail>,
    fixed_in: List<String>,
    nearest_fixed_in_version: Text,
    from: List<String>,
    epss_details: Option<Epss>,
    filtered: Reasons,
    r#type: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct CvssDetail {
    assigner: Text,
    cvss_v3_vector: Text,
    vector: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Epss {
    probability: Text,
    percentile: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reasons {
    ignored: List<Reason>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reason {
    reason: Text,
}

fn read(projects: OneOrMany<Tested>) -> Result<Read, Failure> {
    let mut report = Report::new("snyk");
    for project in projects.0 {
        add(&mut report, project)?;
    }
    Ok(report.finish())
}

fn add(report: &mut Report, project: Tested) -> Result<(), Failure> {
    let name = project.project_name.or(project.path).or_empty();
    report.names.extend(pinned(&name));
    if report.target.is_empty() {
        report.target.clone_from(&name);
    }
    let file = project.display_target_file.as_str();
    let at = if file.is_empty() { name } else { format!("{name}: {file}") };
    let manager = project.package_manager.as_str();
    for (list, status) in [
        (project.vulnerabilities, FindingStatus::Affected),
        (project.filtered.ignore, FindingStatus::Ignored),
        (project.filtered.patch, FindingStatus::Resolved),
    ] {
        let (licences, list): (Vec<_>, Vec<_>) =
            list.into_iter().partition(|wire| wire.r#type.as_str() == "license");
        let ignored = status != FindingStatus::Affected;
        for wire in licences {
            report.push_analysis(licence(wire, ignored, &at))?;
        }
        for found in once(list, manager, &at) {
            let status = if found.status == FindingStatus::Ignored { found.status } else { status };
            report.push(Vulnerability { status, ..found })?;
        }
    }
    // The applications within an image.
    for application in project.applications {
        add(report, application)?;
    }
    Ok(())
}

/// Each vulnerability of a package once, with every path to it.
fn once(list: Vec<Wire>, manager: &str, at: &str) -> Vec<Vulnerability> {
    let mut known: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let mut findings: Vec<Vulnerability> = vec![];
    for wire in list {
        let found = finding(wire, manager, at);
        let key = (found.id.clone(), found.package.clone(), found.installed.clone());
        if let Some(&index) = known.get(&key) {
            findings[index].locations.extend(found.locations);
        } else {
            known.insert(key, findings.len());
            findings.push(found);
        }
    }
    findings
}

/// Issues of licences stand among the vulnerabilities.
fn licence(wire: Wire, ignored: bool, at: &str) -> AnalysisFinding {
    let package = wire.package_name.or(wire.module_name).or_empty();
    AnalysisFinding {
        rule: wire.id.or_empty(),
        severity: severity(wire.severity.as_str()),
        severity_source: Some("severity".to_owned()),
        category: Category::Licence,
        message: format!("{package}: {}", wire.title.as_str()),
        file: Some(at.to_owned()),
        status: if ignored { AnalysisStatus::Suppressed } else { AnalysisStatus::Open },
        ..AnalysisFinding::default()
    }
}

fn finding(wire: Wire, manager: &str, at: &str) -> Vulnerability {
    let aliases: Vec<_> = wire
        .identifiers
        .0
        .into_iter()
        .filter(|(kind, _)| matches!(kind.as_str(), "CVE" | "GHSA" | "RUSTSEC" | "GO"))
        .flat_map(|(_, ids)| ids)
        .collect();
    let (severity, severity_source) = worded(wire.severity.as_str(), None);
    let own = scored_or(wire.cvss_v3.as_str(), wire.cvss_score.number(), "3.1", Some("snyk"));
    let details = wire.cvss_details.into_iter().chain(wire.cvss_sources).filter_map(|detail| {
        let vector = detail.cvss_v3_vector.or(detail.vector);
        scored_or(vector.as_str(), None, "3.1", Some(&detail.assigner.as_str().to_lowercase()))
    });
    let package = wire.package_name.or(wire.module_name).or_empty();
    let installed = wire.version.or_empty();
    let mut fixed = wire.fixed_in.0;
    fixed.extend(wire.nearest_fixed_in_version.get());
    let ignored = wire.filtered.ignored.0;
    let manager = match wire.package_manager.as_str() {
        "" => manager,
        own => own,
    };
    Vulnerability {
        id: wire.id.or_empty(),
        aliases,
        purl: purl::of(manager, &package, &installed),
        package,
        installed,
        fixed,
        severity,
        severity_source,
        cvss: own.into_iter().chain(details).collect(),
        status: if ignored.is_empty() { FindingStatus::Affected } else { FindingStatus::Ignored },
        status_reason: ignored.into_iter().find_map(|reason| reason.reason.get()),
        title: wire.title.get(),
        locations: vec![path(at, &wire.from.0)],
        reported_epss: wire.epss_details.and_then(|epss| {
            let (score, percentile) = (epss.probability.number()?, epss.percentile.number());
            Some(ReportedEpss { score, percentile, date: None })
        }),
        ..Vulnerability::default()
    }
}

fn path(at: &str, from: &[String]) -> String {
    match from {
        [] => at.to_owned(),
        from => from.join(" > "),
    }
}
