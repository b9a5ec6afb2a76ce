//! From the report of an analyser of code, configuration or secrets, in any of its formats, to one
//! model.

mod bandit;
mod checkov;
mod code_quality;
mod conftest;
mod gitleaks;
mod gosec;
mod hadolint;
mod run;
mod sarif;
mod sarif_wire;
mod semgrep;
mod sonarqube;
mod sonarqube_issues;

#[cfg(test)]
mod tests;

use super::entry::Entry as Format;

/// Every format. No two have marks in common: a test holds all of them against each document.
pub(super) const ALL: [Format; 16] = [
    sarif::FORMAT,
    sonarqube::WEBHOOK,
    sonarqube::STATUS,
    sonarqube_issues::ISSUES,
    sonarqube_issues::HOTSPOTS,
    sonarqube_issues::REPORT,
    sonarqube_issues::LIST,
    checkov::FORMAT,
    gitleaks::FORMAT,
    semgrep::FORMAT,
    semgrep::PLATFORM,
    bandit::FORMAT,
    gosec::FORMAT,
    hadolint::FORMAT,
    conftest::FORMAT,
    code_quality::FORMAT,
];
