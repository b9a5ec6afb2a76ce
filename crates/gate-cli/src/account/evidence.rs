//! Facts as lines: which evidence there is of each kind, from whom, and which counts for nothing.

use gate_core::evidence::Kind;
use gate_core::facts::{
    Analysis, AnalysisStatus, Binding, Fact, FactsDocument, FailedFact, FindingVex, GateStatus,
    Scan, Severity, Source, VexStatus, Vulnerability,
};

use super::{count, deeper, line};
use crate::terminal::{Paint, plain};

/// One line for each piece of evidence of this kind that counts.
pub(super) fn lines(facts: &FactsDocument, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Signature => told(&facts.signatures, |signature| {
            let when = signature
                .signed_at
                .map_or_else(|| ", time not proven".to_owned(), |at| format!(", proven at {at}"));
            let logged = if signature.logged { ", in a transparency log" } else { "" };
            format!("signed {}{when}{logged}", plain(&signature.form))
        }),
        Kind::Provenance => told(&facts.provenance, |build| {
            let source = build.source.as_ref().map_or_else(String::new, |source| {
                let commit = source.commit.as_deref().unwrap_or("an unnamed commit");
                format!(" from {} at {}", plain(&source.repository), plain(commit))
            });
            let builder = match build.builder.as_str() {
                "" => "an unnamed builder".to_owned(),
                builder => plain(builder),
            };
            format!("built by {builder}{source}, SLSA build level {}", build.build_level.level)
        }),
        Kind::Sbom => told(&facts.sbom, |sbom| {
            let components = count(sbom.components.len(), "component", "components");
            format!("{} {}, {components}", plain(&sbom.format), plain(&sbom.version))
        }),
        Kind::Scan => facts
            .vulnerabilities
            .scans
            .iter()
            .map(|scan| {
                with_source(&scan_line(scan, &facts.vulnerabilities.findings), &scan.source)
            })
            .collect(),
        Kind::Test => told(&facts.tests, |tests| {
            format!(
                "{} {}: {} passed, {} failed, {} errors, {} skipped of {}",
                plain(&tests.format),
                plain(&tests.name),
                tests.passed,
                tests.failed,
                tests.errors,
                tests.skipped,
                tests.total
            )
        }),
        Kind::Coverage => told(&facts.coverage, |coverage| {
            let branches = coverage.branches.map_or_else(String::new, |it| {
                format!(", {} of {} branches", it.covered, it.total)
            });
            let lines = coverage.lines;
            let format = plain(&coverage.format);
            format!("{format}: {} of {} lines{branches}", lines.covered, lines.total)
        }),
        Kind::Vex => vex_lines(facts),
        Kind::Analysis => told(&facts.analysis, analysis_line),
        Kind::Approval => told(&facts.approvals, |approval| {
            let reason = approval
                .reason
                .as_ref()
                .map_or_else(String::new, |reason| format!(": {}", plain(reason)));
            format!(
                "approved by {} at {} until {}{reason}",
                plain(&approval.person),
                approval.approved_at,
                approval.expires_at
            )
        }),
        Kind::Change => told(&facts.changes, |change| {
            let authors: Vec<_> = change.authors.iter().map(|author| plain(author)).collect();
            let committer = change
                .committer
                .as_ref()
                .map_or_else(String::new, |name| format!(", committed by {}", plain(name)));
            format!("commit {} by {}{committer}", plain(&change.commit), authors.join(", "))
        }),
    }
}

/// Each document, and under it the findings of which it has the last word.
fn vex_lines(facts: &FactsDocument) -> Vec<String> {
    let mut lines = vec![];
    for fact in &facts.vex {
        let statements = usize::try_from(fact.value.statements).unwrap_or(usize::MAX);
        let statements = count(statements, "statement", "statements");
        lines.push(with_source(
            &format!("{}, {statements}", plain(&fact.value.format)),
            &fact.source,
        ));
        for finding in &facts.vulnerabilities.findings {
            let said = finding.vex.as_ref().filter(|it| it.evidence == fact.source.evidence);
            lines.extend(said.map(|vex| excuse_line(finding, vex)));
        }
    }
    lines
}

fn excuse_line(finding: &Vulnerability, vex: &FindingVex) -> String {
    let status = match vex.status {
        VexStatus::NotAffected => "not affected",
        VexStatus::Fixed => "fixed",
        VexStatus::UnderInvestigation => "under investigation",
        VexStatus::Affected => "affected",
    };
    let why = [&vex.justification, &vex.impact].into_iter().flatten().map(|text| plain(text));
    let why: Vec<_> = why.collect();
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(": ")) };
    let (id, package) = (plain(&finding.id), plain(&finding.package));
    format!("{id} in {package}: {status}{why}, said at {}", vex.timestamp)
}

fn told<T>(facts: &[Fact<T>], tell: impl Fn(&T) -> String) -> Vec<String> {
    facts.iter().map(|fact| with_source(&tell(&fact.value), &fact.source)).collect()
}

fn with_source(text: &str, source: &Source) -> String {
    let from = match source.binding {
        Binding::Statement => match (&source.signer, &source.identity) {
            (Some(signer), Some(identity)) => {
                let [subject, issuer] = [&identity.subject, &identity.issuer].map(|t| plain(t));
                format!("signed by {}: {subject} of {issuer}", plain(signer))
            }
            (Some(signer), None) => format!("signed by {}", plain(signer)),
            (None, _) => "signed".to_owned(),
        },
        Binding::Content => "not signed, names the subject".to_owned(),
        Binding::Caller => {
            let caller = source.caller.as_deref().unwrap_or("the caller");
            format!("not signed, {} says that it is about the subject", plain(caller))
        }
    };
    format!("{text}  ({from})")
}

fn analysis_line(analysis: &Analysis) -> String {
    let open = |level| {
        let of = analysis.findings.iter().filter(|found| found.status == AnalysisStatus::Open);
        of.filter(|found| found.severity == level).count()
    };
    let counts = by_severity(open);
    let version = analysis
        .tool_version
        .as_deref()
        .map_or_else(String::new, |version| format!(" {}", plain(version)));
    let when = analysis.analysed_at.map_or_else(String::new, |at| format!(" at {at}"));
    let gate = analysis.quality_gate.as_ref().map_or("", |gate| match gate.status {
        GateStatus::Ok => ", quality gate passed",
        GateStatus::Warn => ", quality gate passed with warnings",
        GateStatus::Error => ", quality gate failed",
        GateStatus::None => ", no verdict of a quality gate",
    });
    format!("{}{version}{when}: {counts}{gate}", plain(&analysis.tool))
}

/// Counts of the severities that there are, the gravest first.
fn by_severity(number: impl Fn(Severity) -> usize) -> String {
    let counts: Vec<_> = Severity::ALL
        .into_iter()
        .filter_map(|level| {
            let number = number(level);
            (number > 0).then(|| format!("{number} {}", level.name()))
        })
        .collect();
    if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") }
}

fn scan_line(scan: &Fact<Scan>, findings: &[Vulnerability]) -> String {
    let found = by_severity(|level| {
        let of = findings.iter().filter(|found| found.scans.contains(&scan.source.evidence));
        of.filter(|found| found.severity == level).count()
    });
    let version = scan
        .value
        .scanner_version
        .as_deref()
        .map_or_else(String::new, |version| format!(" {}", plain(version)));
    let when = scan.value.scanned_at.map_or_else(String::new, |at| format!(" at {at}"));
    format!("{}{version}{when}: {found}", plain(&scan.value.format))
}

/// Evidence that proves nothing, each with its code, what was found and how to mend it.
pub(super) fn write_failed(out: &mut String, failed: &[FailedFact], paint: Paint) {
    if failed.is_empty() {
        return;
    }
    let title = count(
        failed.len(),
        "piece of evidence that counts for nothing",
        "pieces of evidence that count for nothing",
    );
    line(out, &format!("\n{}", paint.strong(title)));
    for fact in failed {
        let kind = fact.kind.map_or("evidence", Kind::name);
        let signer = fact
            .signer
            .as_ref()
            .map_or_else(String::new, |signer| format!(" by {}", plain(signer)));
        let code = paint.attention(fact.code.code());
        line(out, &format!("  {code}  {}", paint.faint(format!("[{kind}{signer}]"))));
        deeper(out, "found", &plain(&fact.detail));
        deeper(out, "where", &fact.evidence.to_string());
        deeper(out, "fix", fact.code.solution());
    }
}
