//! From a report of Clair (version 4, and the older shapes that klar, clair-scanner and Quay write) to
//! a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored, worded};
use crate::facts::{Cvss, ReportedEpss, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, Text};

/// Version 4: tables of packages and vulnerabilities, joined by their ids.
pub(super) const V4: Format = Format {
    name: "clair-v4",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has("manifest_hash")
                && fields.has("packages")
                && fields.has("vulnerabilities")
                && fields.has("package_vulnerabilities")
        })
    },
    read: |bytes| read_v4(json::parse(bytes)?),
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct V4Document {
    manifest_hash: Text,
    packages: Members<V4Package>,
    vulnerabilities: Members<V4Vulnerability>,
    package_vulnerabilities: Members<List<String>>,
    enrichments: Members<List<Members<List<Enrichment>>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct V4Package {
    name: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct V4Vulnerability {
    name: Text,
    updater: Text,
    severity: Text,
    normalized_severity: Text,
    fixed_in_version: Text,
    aliases: List<V4Alias>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct V4Alias {
    space: Text,
    name: Text,
}

/// What an enricher adds to a vulnerability: a vector, or a probability of exploitation.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Enrichment {
    #[serde(rename = "vectorString")]
    vector: Text,
    epss: Text,
    percentile: Text,
    date: Text,
}

fn read_v4(document: V4Document) -> Result<Read, Failure> {
    let mut report = Report::new("clair-v4");
    report.version = Some("4".to_owned());
    report.names.extend(document.manifest_hash.as_str().parse::<crate::Digest>().ok());
    report.target = document.manifest_hash.or_empty();
    let enriched = |id: &str| {
        let lists = document.enrichments.0.values().flat_map(|list| &list.0);
        lists.filter_map(|map| map.0.get(id)).flat_map(|list| &list.0).collect::<Vec<_>>()
    };
    for (package_id, ids) in &document.package_vulnerabilities.0 {
        let package = document.packages.0.get(package_id);
        for id in &ids.0 {
            let Some(found) = document.vulnerabilities.0.get(id) else {
                let detail =
                    format!("package {package_id} has vulnerability {id}, which is not there");
                return Err(Failure::malformed(detail));
            };
            report.push(found.finding(package, &enriched(id)))?;
        }
    }
    Ok(report.finish())
}

impl V4Vulnerability {
    fn finding(&self, package: Option<&V4Package>, enriched: &[&Enrichment]) -> Vulnerability {
        let word = match self.normalized_severity.as_str() {
            "" => self.severity.as_str(),
            word => word,
        };
        let (severity, severity_source) = worded(word, Some(self.updater.as_str()));
        let cvss: Vec<Cvss> =
            enriched.iter().filter_map(|it| scored(it.vector.as_str(), None)).collect();
        let epss = enriched.iter().find_map(|it| {
            Some(ReportedEpss {
                score: it.epss.number()?,
                percentile: it.percentile.number(),
                date: it.date.clone().get(),
            })
        });
        let text = |text: Option<&Text>| text.cloned().unwrap_or_default().or_empty();
        Vulnerability {
            id: self.name.clone().or_empty(),
            aliases: self.aliases.0.iter().map(V4Alias::id).collect(),
            package: text(package.map(|package| &package.name)),
            installed: text(package.map(|package| &package.version)),
            fixed: vec![self.fixed_in_version.clone().or_empty()],
            severity,
            severity_source,
            cvss,
            reported_epss: epss,
            ..Vulnerability::default()
        }
    }
}

impl V4Alias {
    fn id(&self) -> String {
        match self.space.as_str() {
            "" => self.name.as_str().to_owned(),
            space => format!("{space}-{}", self.name.as_str()),
        }
    }
}

/// What klar writes: findings by severity.
pub(super) const KLAR: Format = Format {
    name: "clair-klar",
    detect: |marks| marks.has("LayerCount") && marks.has("Vulnerabilities"),
    read: |bytes| {
        let mut report = Report::new("clair-klar");
        let document: KlarDocument = json::parse(bytes)?;
        for (severity, list) in document.vulnerabilities.0 {
            for found in list {
                report.push(found.finding(&severity))?;
            }
        }
        Ok(report.finish())
    },
};

#[derive(Deserialize)]
struct KlarDocument {
    #[serde(rename = "Vulnerabilities")]
    vulnerabilities: Members<List<V1Vulnerability>>,
}

/// A vulnerability of Clair's first interface.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct V1Vulnerability {
    name: Text,
    namespace_name: Text,
    severity: Text,
    fixed_by: Text,
    feature_name: Text,
    feature_version: Text,
}

impl V1Vulnerability {
    fn finding(self, grouped: &str) -> Vulnerability {
        let word = match self.severity.as_str() {
            "" => grouped,
            word => word,
        };
        let (severity, severity_source) = worded(word, Some(self.namespace_name.as_str()));
        Vulnerability {
            id: self.name.or_empty(),
            package: self.feature_name.or_empty(),
            installed: self.feature_version.or_empty(),
            fixed: vec![self.fixed_by.or_empty()],
            severity,
            severity_source,
            ..Vulnerability::default()
        }
    }
}

/// What clair-scanner writes.
pub(super) const SCANNER: Format = Format {
    name: "clair-scanner",
    detect: |marks| marks.has("unapproved") && marks.has("vulnerabilities"),
    read: |bytes| {
        let document: ScannerDocument = json::parse(bytes)?;
        let mut report = Report::new("clair-scanner");
        report.names.extend(crate::verify::readers::wire::pinned(document.image.as_str()));
        report.target = document.image.or_empty();
        for found in document.vulnerabilities {
            let (severity, severity_source) =
                worded(found.severity.as_str(), Some(found.namespace.as_str()));
            report.push(Vulnerability {
                id: found.vulnerability.or_empty(),
                package: found.featurename.or_empty(),
                installed: found.featureversion.or_empty(),
                fixed: vec![found.fixedby.or_empty()],
                severity,
                severity_source,
                ..Vulnerability::default()
            })?;
        }
        Ok(report.finish())
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct ScannerDocument {
    image: Text,
    vulnerabilities: List<ScannerVulnerability>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ScannerVulnerability {
    featurename: Text,
    featureversion: Text,
    vulnerability: Text,
    namespace: Text,
    severity: Text,
    fixedby: Text,
}

/// What Quay answers, and Clair's first interface: features of a layer.
pub(super) const QUAY: Format = Format {
    name: "clair-layer",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has_in("Layer", "Name")
                || fields.has_in("Layer", "Features")
                || (fields.has("status") && fields.has_in("data", "Layer"))
        })
    },
    read: |bytes| read_layer(json::parse(bytes)?),
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct LayerDocument {
    status: Text,
    data: Option<LayerData>,
    #[serde(rename = "Layer")]
    layer: Option<Layer>,
}

#[derive(Deserialize)]
struct LayerData {
    #[serde(rename = "Layer")]
    layer: Layer,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Layer {
    name: Text,
    features: List<Feature>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Feature {
    name: Text,
    version: Text,
    added_by: Text,
    vulnerabilities: List<V1Vulnerability>,
}

fn read_layer(document: LayerDocument) -> Result<Read, Failure> {
    if !matches!(document.status.as_str(), "" | "scanned") {
        let status = document.status.as_str();
        return Err(Failure::malformed(format!("the scan is not done: its status is `{status}`")));
    }
    let layer = document.layer.or(document.data.map(|data| data.layer)).unwrap_or_default();
    let mut report = Report::new("clair-layer");
    report.names.extend(layer.name.as_str().parse::<crate::Digest>().ok());
    report.target = layer.name.or_empty();
    for feature in layer.features {
        for found in feature.vulnerabilities {
            let finding = found.finding("");
            report.push(Vulnerability {
                package: feature.name.clone().or_empty(),
                installed: feature.version.clone().or_empty(),
                locations: vec![feature.added_by.clone().or_empty()],
                ..finding
            })?;
        }
    }
    Ok(report.finish())
}
