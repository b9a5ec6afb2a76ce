//! From an analyser's run as a reader takes it out of a report to a reading: counts bounded.

use crate::Digest;
use crate::facts::{Analysis, AnalysisFinding, Severity};
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::readers::{Read, Reading};

/// A run with nothing found yet.
pub(super) fn run(format: &str, tool: &str) -> Analysis {
    Analysis { format: format.to_owned(), tool: tool.to_owned(), ..Analysis::default() }
}

/// Adds a finding.
pub(super) fn push(run: &mut Analysis, found: AnalysisFinding) -> Result<(), Failure> {
    if run.findings.len() == limits::SCAN_FINDINGS {
        return Err(Failure::new(
            Problem::EvidenceTooLarge,
            format!("the analysis has more than {} findings", limits::SCAN_FINDINGS),
        ));
    }
    run.findings.push(found);
    Ok(())
}

/// The runs of a document, the digests that it names and its format's version.
pub(super) fn read(runs: Vec<Analysis>, names: Vec<Digest>, version: Option<String>) -> Read {
    Read { reading: Reading::Analysis(runs), names, version }
}

/// The words of analysers for a severity.
pub(super) fn severity(word: &str) -> Severity {
    match word.trim().to_ascii_lowercase().as_str() {
        "blocker" | "critical" | "exception" => Severity::Critical,
        "high" | "major" | "error" => Severity::High,
        "medium" | "moderate" | "warning" | "warn" => Severity::Medium,
        "low" | "minor" | "note" => Severity::Low,
        "info" | "informational" | "information" | "style" | "none" | "ignore" | "inventory" => {
            Severity::Negligible
        }
        _ => Severity::Unknown,
    }
}

/// The same with what it is taken from; where the word says nothing, the format's own default.
pub(super) fn graded(word: &str, default: Severity) -> (Severity, Option<String>) {
    if word.trim().is_empty() {
        return (default, Some("default".to_owned()));
    }
    (severity(word), Some("severity".to_owned()))
}
