//! From `npm audit --json` (npm 6 and 7, pnpm) to a scan and its findings.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, scored_or, worded};
use crate::facts::Vulnerability;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, Text};

/// npm 6 and pnpm: advisories by their number.
pub(super) const V6: Format = Format {
    name: "npm-audit-v6",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_object("advisories") && (fields.has("metadata") || fields.has("actions"))
        })
    },
    read: |bytes| read_v6(json::parse(bytes)?),
};

/// npm 7 and later: vulnerable packages, each with the advisories or packages that make it so.
pub(super) const V7: Format = Format {
    name: "npm-audit-v7",
    detect: |marks| marks.has("auditReportVersion") && marks.has("vulnerabilities"),
    read: |bytes| read_v7(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct V6Document {
    advisories: Members<Advisory>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Advisory {
    id: Text,
    title: Text,
    module_name: Text,
    cves: List<String>,
    github_advisory_id: Text,
    url: Text,
    severity: Text,
    patched_versions: Text,
    cvss: WireCvss,
    findings: List<Found>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireCvss {
    score: Text,
    vector_string: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    version: Text,
    paths: List<String>,
}

fn read_v6(document: V6Document) -> Result<Read, Failure> {
    let mut report = Report::new("npm-audit");
    report.version = Some("6".to_owned());
    for (number, advisory) in document.advisories.0 {
        let found = advisory.vulnerability(&number);
        let mut versions = BTreeSet::new();
        for place in &advisory.findings.0 {
            if !versions.insert(place.version.as_str()) {
                continue;
            }
            let same = advisory.findings.0.iter().filter(|it| it.version == place.version);
            report.push(Vulnerability {
                purl: purl::of("npm", &found.package, place.version.as_str()),
                installed: place.version.clone().or_empty(),
                locations: same.flat_map(|it| it.paths.0.iter().cloned()).collect(),
                ..found.clone()
            })?;
        }
        if versions.is_empty() {
            report.push(found)?;
        }
    }
    Ok(report.finish())
}

impl Advisory {
    fn vulnerability(&self, number: &str) -> Vulnerability {
        let (severity, severity_source) = worded(self.severity.as_str(), None);
        let ghsa = self.github_advisory_id.clone().get().or_else(|| ghsa(self.url.as_str()));
        let number = match self.id.as_str() {
            "" => number,
            id => id,
        };
        let package = self.module_name.clone().or_empty();
        Vulnerability {
            id: ghsa.unwrap_or_else(|| format!("NPM-{number}")),
            aliases: self.cves.0.clone(),
            purl: purl::of("npm", &package, ""),
            package,
            fixed: patched(self.patched_versions.as_str()),
            severity,
            severity_source,
            cvss: self.cvss.scored(),
            title: self.title.clone().get(),
            ..Vulnerability::default()
        }
    }
}

impl WireCvss {
    fn scored(&self) -> Vec<crate::facts::Cvss> {
        let score = self.score.number();
        scored_or(self.vector_string.as_str(), score, "3.1", None).into_iter().collect()
    }
}

/// The GitHub advisory that an address is of.
fn ghsa(url: &str) -> Option<String> {
    let last = url.rsplit('/').next()?;
    last.starts_with("GHSA-").then(|| last.to_owned())
}

/// The versions from which on a package is mended, out of the range of those that are: `<0.0.0` is
/// npm's word for none.
fn patched(range: &str) -> Vec<String> {
    let parts = range.split("||").map(str::trim);
    parts
        .filter(|part| !part.is_empty() && *part != "<0.0.0")
        .map(|part| {
            let first = part.strip_prefix(">=").unwrap_or(part).trim();
            first.split_whitespace().next().unwrap_or(first).to_owned()
        })
        .collect()
}

#[derive(Deserialize)]
struct V7Document {
    vulnerabilities: Members<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    name: Text,
    #[serde(default)]
    via: List<Via>,
    #[serde(default)]
    nodes: List<String>,
    fix_available: Option<FixAvailable>,
}

/// An advisory, or the name of a package that has one: that package is listed itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Via {
    Advisory(Box<ViaAdvisory>),
    Package(Text),
}

#[derive(Deserialize)]
struct ViaAdvisory {
    source: Text,
    #[serde(default)]
    dependency: Text,
    #[serde(default)]
    title: Text,
    #[serde(default)]
    url: Text,
    #[serde(default)]
    severity: Text,
    #[serde(default)]
    cvss: Option<WireCvss>,
    #[serde(default)]
    range: Text,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FixAvailable {
    Known(bool),
    Upgrade { name: String, version: String },
}

fn read_v7(document: V7Document) -> Result<Read, Failure> {
    let mut report = Report::new("npm-audit");
    report.version = Some("7".to_owned());
    for (key, package) in document.vulnerabilities.0 {
        let Package { name, via, nodes, fix_available } = package;
        let name = name.get().unwrap_or(key);
        for via in via {
            let advisory = match via {
                Via::Advisory(advisory) => advisory,
                Via::Package(package) if !package.as_str().is_empty() => continue,
                Via::Package(_) => {
                    let detail = format!("`{name}` is vulnerable by neither advisory nor package");
                    return Err(Failure::malformed(detail));
                }
            };
            let (severity, severity_source) = worded(advisory.severity.as_str(), None);
            let source = advisory.source.as_str();
            let package = advisory.dependency.get().unwrap_or_else(|| name.clone());
            report.push(Vulnerability {
                id: ghsa(advisory.url.as_str()).unwrap_or_else(|| format!("NPM-{source}")),
                purl: purl::of("npm", &package, ""),
                fixed: fixed(&package, advisory.range.as_str(), fix_available.as_ref()),
                package,
                severity,
                severity_source,
                cvss: advisory.cvss.map(|cvss| cvss.scored()).unwrap_or_default(),
                title: advisory.title.get(),
                locations: nodes.0.clone(),
                ..Vulnerability::default()
            })?;
        }
    }
    Ok(report.finish())
}

/// What ends each vulnerable range: npm 7 names no mended version but that of a package to install.
fn fixed(package: &str, range: &str, available: Option<&FixAvailable>) -> Vec<String> {
    if matches!(available, None | Some(FixAvailable::Known(false))) {
        return vec![];
    }
    let ends: Vec<_> = range
        .split("||")
        .filter_map(|part| {
            let last = part.trim().rsplit_once('<').map(|(_, last)| last)?;
            Some(match last.strip_prefix('=') {
                Some(last) => format!(">{}", last.trim()),
                None => last.trim().to_owned(),
            })
        })
        .filter(|end| !end.is_empty())
        .collect();
    match available {
        Some(FixAvailable::Upgrade { name, version }) if ends.is_empty() && name == package => {
            vec![version.clone()]
        }
        _ if ends.is_empty() => vec![format!("outside {range}")],
        _ => ends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_where_the_fix_is() {
        assert_eq!(patched(">= 0.6.1"), ["0.6.1"]);
        assert_eq!(patched(">= 2.11.2 < 3.0.0|| >= 3.6.4 < 4.0.0"), ["2.11.2", "3.6.4"]);
        assert!(patched("<0.0.0").is_empty() && patched("").is_empty());
        let known = FixAvailable::Known(true);
        assert_eq!(fixed("a", "<7.2.2 || >=8.0.0 <8.1.1", Some(&known)), ["7.2.2", "8.1.1"]);
        assert_eq!(fixed("a", "<=5.28.2", Some(&known)), [">5.28.2"]);
        assert!(fixed("a", "<2", Some(&FixAvailable::Known(false))).is_empty());
        let upgrade = FixAvailable::Upgrade { name: "a".to_owned(), version: "3".to_owned() };
        assert_eq!(fixed("a", "*", Some(&upgrade)), ["3"]);
    }
}
