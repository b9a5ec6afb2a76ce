//! From findings as the readers of formats take them out of reports to one form: ids told apart,
//! severities in one set of words, vectors scored, counts bounded.

use crate::cvss::{Scores, rating};
use crate::facts::{Analysis, AnalysisFinding, Cvss, FindingStatus, Scan, Severity, Vulnerability};
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::readers::{Read, Reading, normalise_purl};
use crate::{Digest, Timestamp, limits};

/// Places of one finding that are kept: a library may lie in thousands.
const LOCATIONS: usize = 100;

/// A report as it is read.
pub(super) struct Report {
    format: &'static str,
    pub(super) version: Option<String>,
    pub(super) scanner_version: Option<String>,
    pub(super) scanned_at: Option<Timestamp>,
    pub(super) target: String,
    /// The digests that it says it is about.
    pub(super) names: Vec<Digest>,
    /// Whether it looked for vulnerabilities at all: a report of misconfigurations alone is no clean
    /// scan.
    pub(super) looked: bool,
    findings: Vec<Vulnerability>,
    analysis: Vec<AnalysisFinding>,
}

impl Report {
    pub(super) fn new(format: &'static str) -> Self {
        Self {
            format,
            version: None,
            scanner_version: None,
            scanned_at: None,
            target: String::new(),
            names: vec![],
            looked: true,
            findings: vec![],
            analysis: vec![],
        }
    }

    /// Adds a finding in its one form.
    pub(super) fn push(&mut self, mut found: Vulnerability) -> Result<(), Failure> {
        self.room()?;
        if found.id.is_empty() && found.aliases.is_empty() {
            if found.package.is_empty() {
                return Err(Failure::malformed("a finding has neither an id nor a package"));
            }
            "unidentified".clone_into(&mut found.id);
        }
        name(&mut found);
        clean(&mut found.fixed);
        clean(&mut found.locations);
        found.purl = found.purl.filter(|purl| !purl.is_empty()).map(|purl| normalise_purl(&purl));
        found.locations.truncate(LOCATIONS);
        found.title = found.title.as_deref().and_then(headline);
        grade(&mut found, self.format);
        if found.status == FindingStatus::Affected && !found.fixed.is_empty() {
            found.status = FindingStatus::Fixed;
        }
        self.findings.push(found);
        Ok(())
    }

    /// Adds what is no vulnerability: a misconfiguration, a secret, a licence.
    pub(super) fn push_analysis(&mut self, found: AnalysisFinding) -> Result<(), Failure> {
        self.room()?;
        self.analysis.push(found);
        Ok(())
    }

    fn room(&self) -> Result<(), Failure> {
        if self.findings.len() + self.analysis.len() < limits::SCAN_FINDINGS {
            return Ok(());
        }
        Err(Failure::new(
            Problem::EvidenceTooLarge,
            format!("the scan has more than {} findings", limits::SCAN_FINDINGS),
        ))
    }

    pub(super) fn finish(self) -> Read {
        let analysis = (!self.analysis.is_empty() || !self.looked).then(|| Analysis {
            format: self.format.to_owned(),
            tool: self.format.to_owned(),
            tool_version: self.scanner_version.clone(),
            analysed_at: self.scanned_at,
            target: self.target.clone(),
            findings: self.analysis,
            ..Analysis::default()
        });
        let analysis: Vec<_> = analysis.into_iter().collect();
        let reading = if self.looked || !self.findings.is_empty() {
            let scan = Scan {
                format: self.format.to_owned(),
                scanner_version: self.scanner_version,
                scanned_at: self.scanned_at,
                target: self.target,
                findings: self.findings.len() as u64,
            };
            Reading::Scan { scan, findings: self.findings, analysis }
        } else {
            Reading::Analysis(analysis)
        };
        Read { reading, names: self.names, version: self.version }
    }
}

/// The CVE is the id where there is exactly one; an advisory over several keeps its own, since no one
/// of them is what it speaks of.
fn name(found: &mut Vulnerability) {
    found.id = spelled(&found.id);
    for alias in &mut found.aliases {
        *alias = spelled(alias);
    }
    clean(&mut found.aliases);
    if found.id.is_empty() {
        found.id = found.aliases.remove(0);
    }
    found.aliases.retain(|alias| *alias != found.id);
    let mut cves = found.aliases.iter().enumerate().filter(|(_, alias)| is_cve(alias));
    if let (Some((at, _)), None, false) = (cves.next(), cves.next(), is_cve(&found.id)) {
        std::mem::swap(&mut found.id, &mut found.aliases[at]);
        found.aliases.sort_unstable();
    }
}

/// Whether it is a CVE.
pub(in crate::verify) fn is_cve(id: &str) -> bool {
    id.strip_prefix("CVE-")
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// An id in its family's one spelling: `CVE-2026-1`, `GHSA-xxxx-xxxx-xxxx`.
fn spelled(id: &str) -> String {
    let id = id.trim();
    let starts = |prefix: &str| {
        id.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if starts("CVE-") {
        id.to_ascii_uppercase()
    } else if starts("GHSA-") {
        format!("GHSA-{}", id["GHSA-".len()..].to_ascii_lowercase())
    } else {
        id.to_owned()
    }
}

/// The first line of a title, which some scanners fill with the whole description.
fn headline(title: &str) -> Option<String> {
    const LONGEST: usize = 200;
    let line = title.trim().lines().next()?.trim_end();
    Some(line.chars().take(LONGEST).collect()).filter(|line: &String| !line.is_empty())
}

/// Trimmed, without what is empty, sorted, each once.
fn clean(texts: &mut Vec<String>) {
    for text in texts.iter_mut() {
        if text.trim().len() != text.len() {
            *text = text.trim().to_owned();
        }
    }
    texts.retain(|text| !text.is_empty());
    texts.sort_unstable();
    texts.dedup();
}

/// A report that names no severity is graded by its gravest vector.
fn grade(found: &mut Vulnerability, format: &str) {
    found.cvss.sort_by(order);
    found.cvss.dedup();
    if found.severity == Severity::Unknown && found.severity_source.is_none() {
        let gravest = found.cvss.iter().map(|cvss| cvss.severity).max();
        if let Some(severity) = gravest.filter(|severity| *severity != Severity::Unknown) {
            found.severity = severity;
            found.severity_source = Some("cvss".to_owned());
        }
    } else if found.severity_source.is_none() {
        found.severity_source = Some(format.to_owned());
    }
}

/// One order of vectors, whatever the order of reports.
pub(in crate::verify) fn order(one: &Cvss, other: &Cvss) -> std::cmp::Ordering {
    (&one.version, &one.vector, &one.source)
        .cmp(&(&other.version, &other.vector, &other.source))
        .then(one.score.total_cmp(&other.score))
}

/// A vector with its score; none where it is no vector.
pub(super) fn scored(vector: &str, source: Option<&str>) -> Option<Cvss> {
    let scores: Scores = vector.parse().ok()?;
    Some(Cvss {
        version: scores.version.to_owned(),
        vector: Some(vector.trim().to_owned()),
        score: scores.base,
        severity: rating(scores.version, scores.base),
        source: source.filter(|source| !source.is_empty()).map(str::to_owned),
    })
}

/// A vector with its score, or the report's score where it has no vector that can be read.
pub(super) fn scored_or(
    vector: &str,
    score: Option<f64>,
    version: &str,
    source: Option<&str>,
) -> Option<Cvss> {
    scored(vector, source).or_else(|| {
        let score = score.filter(|score| *score > 0.0 && *score <= 10.0)?;
        Some(Cvss {
            version: version.to_owned(),
            vector: None,
            score,
            severity: rating(version, score),
            source: source.filter(|source| !source.is_empty()).map(str::to_owned),
        })
    })
}

/// A scanner's word for a severity.
pub(super) fn severity(word: &str) -> Severity {
    match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "crit" | "defcon1" | "blocker" => Severity::Critical,
        "high" | "important" | "severe" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" | "minor" => Severity::Low,
        "negligible" | "minimal" | "unimportant" | "informational" | "info" | "information"
        | "none" => Severity::Negligible,
        _ => Severity::Unknown,
    }
}

/// A finding's severity as a scanner words it: the word, and who says so. A word that says nothing
/// leaves the severity to the vectors; a word that Gate does not know stays unknown.
pub(super) fn worded(word: &str, source: Option<&str>) -> (Severity, Option<String>) {
    let source = source.filter(|source| !source.is_empty()).map(str::to_owned);
    match severity(word) {
        Severity::Unknown if word.trim().is_empty() => (Severity::Unknown, None),
        Severity::Unknown => (Severity::Unknown, source.or_else(|| Some("scanner".to_owned()))),
        severity => (severity, source),
    }
}

/// Versions written in one text.
pub(super) fn versions(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|version| !version.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(found: Vulnerability) -> Vulnerability {
        let mut report = Report::new("test");
        report.push(found).unwrap();
        match report.finish().reading {
            Reading::Scan { mut findings, .. } => findings.remove(0),
            other => panic!("{other:?}"),
        }
    }

    fn named(id: &str, aliases: &[&str]) -> (String, Vec<String>) {
        let aliases = aliases.iter().map(|&alias| alias.to_owned()).collect();
        let found = pushed(Vulnerability {
            id: id.to_owned(),
            aliases,
            package: "p".to_owned(),
            ..Vulnerability::default()
        });
        (found.id, found.aliases)
    }

    #[test]
    fn the_one_cve_is_the_id_and_an_advisory_over_several_keeps_its_own() {
        assert_eq!(
            named("ghsa-AAAA-bbbb-cccc", &["cve-2026-1", "", "GHSA-aaaa-bbbb-cccc"]),
            ("CVE-2026-1".to_owned(), vec!["GHSA-aaaa-bbbb-cccc".to_owned()])
        );
        assert_eq!(named("RHSA-1", &["CVE-2026-1", "CVE-2026-2"]).0, "RHSA-1");
        assert_eq!(named("CVE-2026-2", &["CVE-2026-1"]).0, "CVE-2026-2");
        assert_eq!(named("", &["GHSA-x", "CVE-2026-1"]).0, "CVE-2026-1");
        assert_eq!(named("", &[]).0, "unidentified");
    }

    #[test]
    fn a_finding_without_id_and_package_is_refused() {
        let failure = Report::new("test").push(Vulnerability::default()).unwrap_err();
        assert_eq!(failure.code, Problem::EvidenceMalformed);
    }

    #[test]
    fn a_severity_that_the_report_does_not_name_is_that_of_the_gravest_vector() {
        let vectors = || {
            vec![
                scored("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:L/A:N", Some("nvd")).unwrap(),
                scored("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some("redhat")).unwrap(),
            ]
        };
        let graded = |word: &str| {
            let (severity, severity_source) = worded(word, None);
            let found = pushed(Vulnerability {
                id: "CVE-2026-1".to_owned(),
                severity,
                severity_source,
                cvss: vectors(),
                ..Vulnerability::default()
            });
            (found.severity, found.severity_source.unwrap())
        };
        assert_eq!(graded(""), (Severity::Critical, "cvss".to_owned()));
        assert_eq!(graded("Moderate"), (Severity::Medium, "test".to_owned()));
        assert_eq!(graded("UNKNOWN"), (Severity::Unknown, "scanner".to_owned()));
    }

    #[test]
    fn a_finding_with_a_fix_is_fixed_and_what_was_set_aside_stays_so() {
        let status = |status, fixed: &[&str]| {
            let fixed = fixed.iter().map(|&version| version.to_owned()).collect();
            let id = "CVE-2026-1".to_owned();
            pushed(Vulnerability { id, fixed, status, ..Vulnerability::default() }).status
        };
        assert_eq!(status(FindingStatus::Affected, &["2"]), FindingStatus::Fixed);
        assert_eq!(status(FindingStatus::Affected, &[" "]), FindingStatus::Affected);
        assert_eq!(status(FindingStatus::Ignored, &["2"]), FindingStatus::Ignored);
    }
}
