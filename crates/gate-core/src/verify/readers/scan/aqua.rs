//! From a report of Aqua's scanner (of an image, a list of images, or its interface's answers) to a
//! scan and its findings.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, versions, worded};
use crate::facts::{FindingStatus, ReportedEpss, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, OneOrMany, Text};

pub(super) const FORMAT: Format = Format {
    name: "aqua",
    detect: |marks| {
        let object = marks.object().is_some_and(|fields| {
            (fields.has("vulnerability_summary") && fields.has("image"))
                || fields.has_in("resources", "resource")
                || (fields.has("cves_counts") && fields.has("image_name"))
                || (fields.is_list("result") && fields.has_in("query", "image_name"))
                || (fields.is_list("result") && fields.has_in("result", "aqua_severity"))
        });
        let array = marks.first().is_some_and(|first| {
            first.has("image_name") && first.has_in("results", "resources")
                || first.has_in("results", "vulnerability_summary")
        });
        object || array
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    image: Text,
    image_name: Text,
    results: Option<Box<Document>>,
    resources: List<Scanned>,
    cves: List<Wire>,
    /// Answers of the interface.
    result: List<Wire>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scanned {
    resource: Resource,
    vulnerabilities: List<Wire>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Resource {
    name: Text,
    version: Text,
    path: Text,
    cpe: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    name: Text,
    description: Text,
    file: Text,
    resource: Option<Resource>,
    fix_version: Text,
    severity: Text,
    aqua_severity: Text,
    vendor_severity: Text,
    nvd_severity_v3: Text,
    nvd_severity: Text,
    score: Text,
    score_version: Text,
    aqua_vectors: Text,
    nvd_vectors: Text,
    nvd_score: Text,
    nvd_vectors_v3: Text,
    nvd_score_v3: Text,
    vendor_vectors: Text,
    vendor_vectors_v3: Text,
    acknowledged: Text,
    epss_score: Text,
    epss_percentile: Text,
    epss_date: Text,
}

fn read(images: OneOrMany<Document>) -> Result<Read, Failure> {
    let mut report = Report::new("aqua");
    for image in images.0 {
        add(&mut report, image)?;
    }
    Ok(report.finish())
}

fn add(report: &mut Report, image: Document) -> Result<(), Failure> {
    let name = image.image.or(image.image_name);
    if report.target.is_empty() {
        report.target = name.or_empty();
    }
    for scanned in image.resources {
        for found in scanned.vulnerabilities {
            report.push(finding(found, scanned.resource.clone()))?;
        }
    }
    for found in image.cves.into_iter().chain(image.result) {
        report.push(finding(found, Resource::default()))?;
    }
    match image.results {
        Some(inner) => add(report, *inner),
        None => Ok(()),
    }
}

fn finding(wire: Wire, resource: Resource) -> Vulnerability {
    let resource = wire.resource.unwrap_or(resource);
    let words = [
        (&wire.aqua_severity, None),
        (&wire.severity, None),
        (&wire.vendor_severity, Some("vendor")),
        (&wire.nvd_severity_v3, Some("nvd")),
        (&wire.nvd_severity, Some("nvd")),
    ];
    let worded_first = words
        .into_iter()
        .find(|(word, _)| !word.as_str().is_empty())
        .map(|(word, source)| worded(word.as_str(), source));
    let (severity, severity_source) = worded_first.unwrap_or_default();
    let own = if wire.score_version.as_str().contains("v2") { "2.0" } else { "3.1" };
    let vectors = [
        (&wire.nvd_vectors, &wire.nvd_score, "2.0", "nvd"),
        (&wire.nvd_vectors_v3, &wire.nvd_score_v3, "3.1", "nvd"),
        (&wire.vendor_vectors, &Text::default(), "2.0", "vendor"),
        (&wire.vendor_vectors_v3, &Text::default(), "3.1", "vendor"),
        (&wire.aqua_vectors, &Text::default(), "3.1", "aqua"),
        (&Text::default(), &wire.score, own, "aqua"),
    ];
    let cvss = vectors
        .into_iter()
        .filter_map(|(vector, score, version, source)| {
            scored_or(vector.as_str(), score.number(), version, Some(source))
        })
        .collect();
    // The older form names a file alone, the newest an identifier made of all parts.
    let package = resource.name.or(wire.file).or(resource.cpe).or_empty();
    Vulnerability {
        id: wire.name.or_empty(),
        package,
        installed: resource.version.or_empty(),
        fixed: versions(wire.fix_version.as_str()),
        severity,
        severity_source,
        cvss,
        status: if wire.acknowledged.is_true() {
            FindingStatus::Ignored
        } else {
            FindingStatus::Affected
        },
        title: wire.description.get(),
        locations: vec![resource.path.or_empty()],
        reported_epss: wire.epss_score.number().map(|score| ReportedEpss {
            score,
            percentile: wire.epss_percentile.number(),
            date: wire.epss_date.get(),
        }),
        ..Vulnerability::default()
    }
}
