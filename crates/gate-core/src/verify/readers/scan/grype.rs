//! From a Grype report to a scan and its findings, those that its ignore rules set aside among them.

use serde::Deserialize;

use super::Format;
use super::report::{Report, is_cve, scored_or, worded};
use crate::facts::{Cvss, FindingStatus, ReportedEpss, ReportedKev, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text, pinned};

pub(super) const FORMAT: Format = Format {
    name: "grype",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has("matches")
                && (fields.has_in("matches", "vulnerability")
                    || fields.has_in("descriptor", "name")
                    || fields.has("source"))
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    matches: List<Match>,
    #[serde(default, rename = "ignoredMatches")]
    ignored: List<Match>,
    #[serde(default)]
    source: Option<Source>,
    #[serde(default)]
    descriptor: Descriptor,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Source {
    target: Target,
}

/// What was scanned: an image, or a path as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Target {
    Image(Image),
    Path(Text),
}

impl Default for Target {
    fn default() -> Self {
        Self::Path(Text::default())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    user_input: Text,
    #[serde(default)]
    manifest_digest: Text,
    #[serde(default)]
    repo_digests: List<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Descriptor {
    version: Text,
    timestamp: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Match {
    vulnerability: Wire,
    #[serde(default)]
    related_vulnerabilities: List<Wire>,
    artifact: Artifact,
    #[serde(default)]
    applied_ignore_rules: List<IgnoreRule>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    id: Text,
    namespace: Text,
    severity: Text,
    description: Text,
    cvss: List<WireCvss>,
    fix: Fix,
    epss: List<Probability>,
    known_exploited: List<Exploited>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireCvss {
    source: Text,
    version: Text,
    vector: Text,
    metrics: Metrics,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metrics {
    base_score: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fix {
    versions: List<String>,
    state: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Probability {
    epss: Text,
    percentile: Text,
    date: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Exploited {
    due_date: Text,
    known_ransomware_campaign_use: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Artifact {
    name: Text,
    version: Text,
    purl: Text,
    locations: List<Location>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Location {
    path: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct IgnoreRule {
    reason: Text,
    vex_status: Text,
    vex_justification: Text,
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("grype");
    report.scanner_version = document.descriptor.version.get();
    report.scanned_at = document.descriptor.timestamp.instant();
    match document.source.unwrap_or_default().target {
        Target::Path(path) => report.target = path.or_empty(),
        Target::Image(image) => {
            report.names = image.names();
            report.target = image.user_input.or_empty();
        }
    }
    for found in document.matches {
        report.push(found.finding())?;
    }
    for found in document.ignored {
        let (status, reason) = found.ignored();
        let finding = found.finding();
        report.push(Vulnerability { status, status_reason: reason, ..finding })?;
    }
    Ok(report.finish())
}

impl Image {
    /// The digests of registries that the image has. Of an image that was never in one, the manifest
    /// is the scanner's own, and its digest is nobody else's.
    fn names(&self) -> Vec<crate::Digest> {
        let mut names: Vec<_> = self
            .repo_digests
            .0
            .iter()
            .map(String::as_str)
            .chain([self.user_input.as_str()])
            .filter_map(pinned)
            .collect();
        if !names.is_empty() {
            names.extend(self.manifest_digest.as_str().parse::<crate::Digest>().ok());
        }
        names
    }
}

impl Match {
    fn finding(self) -> Vulnerability {
        let Self { vulnerability: own, related_vulnerabilities: related, artifact, .. } = self;
        let mut cvss = own.vectors();
        let mut aliases = vec![];
        let mut epss = own.epss();
        let mut kev = own.exploited();
        for other in &related.0 {
            cvss.extend(other.vectors());
            aliases.push(other.id.as_str().to_owned());
            epss = epss.or_else(|| other.epss());
            kev = kev.or_else(|| other.exploited());
        }
        // An advisory of a distribution speaks of several: its own score is theirs.
        if is_cve(own.id.as_str()) {
            aliases.retain(|alias| !is_cve(alias));
        }
        let (severity, severity_source) =
            worded(own.severity.as_str(), Some(own.namespace.as_str()));
        let status = match own.fix.state.as_str() {
            "wont-fix" => FindingStatus::WillNotFix,
            _ => FindingStatus::Affected,
        };
        let related_text = related.0.into_iter().next().map(|it| it.description);
        Vulnerability {
            id: own.id.or_empty(),
            aliases,
            package: artifact.name.or_empty(),
            purl: artifact.purl.get(),
            installed: artifact.version.or_empty(),
            fixed: own.fix.versions.0,
            severity,
            severity_source,
            cvss,
            status,
            title: own.description.or(related_text.unwrap_or_default()).get(),
            locations: artifact.locations.into_iter().map(|at| at.path.or_empty()).collect(),
            reported_epss: epss,
            reported_kev: kev,
            ..Vulnerability::default()
        }
    }

    fn ignored(&self) -> (FindingStatus, Option<String>) {
        let rules = &self.applied_ignore_rules.0;
        let vex = rules.iter().find(|rule| !rule.vex_status.as_str().is_empty());
        let status = match vex.map(|rule| rule.vex_status.as_str()) {
            Some("not_affected") => FindingStatus::NotAffected,
            Some("fixed") => FindingStatus::Resolved,
            _ => FindingStatus::Ignored,
        };
        let reasons = rules.iter().flat_map(|rule| [&rule.vex_justification, &rule.reason]);
        let reason = reasons.map(Text::as_str).find(|reason| !reason.is_empty());
        (status, reason.map(str::to_owned))
    }
}

impl Wire {
    fn vectors(&self) -> Vec<Cvss> {
        let namespace = self.namespace.as_str();
        let scored = |cvss: &WireCvss| {
            let source = match cvss.source.as_str() {
                "" => namespace,
                source => source,
            };
            let score = cvss.metrics.base_score.number();
            scored_or(cvss.vector.as_str(), score, cvss.version.as_str(), Some(source))
        };
        self.cvss.0.iter().filter_map(scored).collect()
    }

    fn epss(&self) -> Option<ReportedEpss> {
        let first = self.epss.0.first()?;
        Some(ReportedEpss {
            score: first.epss.number()?,
            percentile: first.percentile.number(),
            date: first.date.clone().get(),
        })
    }

    fn exploited(&self) -> Option<ReportedKev> {
        let first = self.known_exploited.0.first()?;
        Some(ReportedKev {
            due_date: first.due_date.clone().get(),
            ransomware: match first.known_ransomware_campaign_use.as_str() {
                "Known" | "known" => Some(true),
                "Unknown" | "unknown" => Some(false),
                _ => None,
            },
        })
    }
}
