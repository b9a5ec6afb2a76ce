//! From a scanner's report, in any of its formats, to a scan and its findings.

mod anchore;
mod aqua;
mod cargo_audit;
mod clair;
mod dependency_check;
mod dependency_check_xml;
mod dependency_track;
mod gcloud;
mod github;
mod gitlab;
mod govulncheck;
mod grype;
mod harbor;
mod in_toto;
mod inspector;
mod npm_audit;
mod openreports;
mod osv_record;
mod osv_scanner;
mod pip_audit;
mod purl;
pub(in crate::verify) mod report;
mod semgrep_supply_chain;
mod snyk;
mod snyk_api;
mod sysdig;
mod table;
mod trivy;
mod trivy_analysis;
mod trivy_operator;
mod twistlock;
mod xray;

#[cfg(test)]
mod tests;

pub(super) use in_toto::{Predicate as InTotoPredicate, read as read_in_toto};

use super::entry::Entry as Format;

/// Every format. No two have marks in common: a test holds all of them against each document.
pub(super) const ALL: [Format; 33] = [
    trivy::REPORT,
    trivy::LEGACY,
    trivy::KUBERNETES,
    trivy_operator::FORMAT,
    grype::FORMAT,
    anchore::FORMAT,
    snyk::FORMAT,
    snyk_api::FORMAT,
    clair::V4,
    clair::KLAR,
    clair::SCANNER,
    clair::QUAY,
    osv_scanner::FORMAT,
    npm_audit::V6,
    npm_audit::V7,
    pip_audit::FORMAT,
    cargo_audit::FORMAT,
    dependency_check::FORMAT,
    dependency_check_xml::FORMAT,
    dependency_track::FORMAT,
    aqua::FORMAT,
    inspector::FORMAT,
    gcloud::FORMAT,
    github::FORMAT,
    gitlab::FORMAT,
    govulncheck::FORMAT,
    harbor::FORMAT,
    xray::FORMAT,
    openreports::FORMAT,
    semgrep_supply_chain::FORMAT,
    sysdig::FORMAT,
    twistlock::FORMAT,
    in_toto::FORMAT,
];
