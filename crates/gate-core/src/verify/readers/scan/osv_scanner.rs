//! From an OSV-Scanner report to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::osv_record::Record;
use super::report::Report;
use crate::facts::FindingStatus;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "osv-scanner",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_list("results")
                && ((fields.has_in("results", "packages") && fields.has_in("results", "source"))
                    || fields.has("experimental_config"))
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    results: List<Source>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(default)]
    source: SourceInfo,
    #[serde(default)]
    packages: List<Found>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SourceInfo {
    path: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    package: Package,
    vulnerabilities: List<Record>,
    groups: List<Group>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
    version: Text,
    ecosystem: Text,
    commit: Text,
}

/// What the scanner thinks is one vulnerability.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Group {
    ids: List<String>,
    aliases: List<String>,
    #[serde(rename = "experimentalAnalysis")]
    analysis: Option<std::collections::BTreeMap<String, Called>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Called {
    called: Option<bool>,
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("osv-scanner");
    for source in document.results {
        let path = source.source.path.or_empty();
        if report.target.is_empty() {
            report.target.clone_from(&path);
        }
        for found in source.packages {
            let Package { name, version, ecosystem, commit } = found.package;
            let version = version.or(commit).or_empty();
            for record in &found.vulnerabilities.0 {
                let mut finding = record.finding(name.as_str(), &version, ecosystem.as_str());
                let groups = found.groups.0.iter();
                let mut group = groups.filter(|group| group.ids.0.contains(&finding.id));
                if let Some(group) = group.next() {
                    finding.aliases.extend(group.ids.0.iter().chain(&group.aliases.0).cloned());
                    if uncalled(group, &finding.id) {
                        finding.status = FindingStatus::NotAffected;
                        finding.status_reason =
                            Some("the scanner found that the vulnerable code is not called".into());
                    }
                }
                finding.locations.push(path.clone());
                report.push(finding)?;
            }
        }
    }
    Ok(report.finish())
}

fn uncalled(group: &Group, id: &str) -> bool {
    let called = group.analysis.iter().flatten().find(|(of, _)| of.as_str() == id);
    called.is_some_and(|(_, analysis)| analysis.called == Some(false))
}
