//! From the findings of several scans to one list: a vulnerability of a package stands there once.

use std::collections::BTreeMap;

use crate::Digest;
use crate::facts::Vulnerability;

/// What makes two findings the same: vulnerability, package, package URL, installed version.
type Identity = (String, String, Option<String>, String);

/// Findings merged over scans.
#[derive(Default)]
pub(super) struct Findings(BTreeMap<Identity, Vulnerability>);

impl Findings {
    /// Adds the findings of the scan that is this evidence.
    pub(super) fn add(&mut self, scan: Digest, findings: Vec<Vulnerability>) {
        for mut found in findings {
            found.scans = vec![scan];
            let identity = (
                found.id.clone(),
                found.package.clone(),
                found.purl.clone(),
                found.installed.clone(),
            );
            match self.0.get_mut(&identity) {
                Some(known) => merge(known, found),
                None => {
                    self.0.insert(identity, found);
                }
            }
        }
    }

    pub(super) fn into_list(self) -> Vec<Vulnerability> {
        self.0.into_values().collect()
    }
}

/// The graver severity counts, and every fix that one of them knows.
fn merge(known: &mut Vulnerability, found: Vulnerability) {
    if rank(&found.severity) > rank(&known.severity) {
        known.severity = found.severity;
    }
    known.fixed.extend(found.fixed);
    known.fixed.sort_unstable();
    known.fixed.dedup();
    known.title = first(known.title.take(), found.title);
    known.location = first(known.location.take(), found.location);
    known.scans.extend(found.scans);
    known.scans.sort_unstable();
    known.scans.dedup();
}

/// The same one whatever the order.
fn first(one: Option<String>, other: Option<String>) -> Option<String> {
    one.into_iter().chain(other).min()
}

fn rank(severity: &str) -> u8 {
    match severity {
        "critical" => 5,
        "high" => 4,
        "medium" => 3,
        "low" => 2,
        "negligible" => 1,
        _ => 0,
    }
}
