//! From the findings of several scans to one list: a vulnerability of a package stands there once,
//! whatever the scanners call it.

use std::collections::{BTreeMap, BTreeSet};

use super::readers::scan::report::{is_cve, order};
use crate::Digest;
use crate::facts::{ReportedEpss, Vulnerability};

mod packages;

use packages::Packages;

/// Findings of all scans.
#[derive(Default)]
pub(super) struct Findings(Vec<Vulnerability>);

impl Findings {
    /// Adds the findings of the scan that is this evidence.
    pub(super) fn add(&mut self, scan: Digest, findings: Vec<Vulnerability>) {
        self.0
            .extend(findings.into_iter().map(|found| Vulnerability { scans: vec![scan], ..found }));
    }

    /// Every vulnerability of a package once. Each step looks at all findings, so that their order
    /// decides nothing.
    pub(super) fn into_list(self) -> Vec<Vulnerability> {
        let packages = Packages::of(&self.0);
        let mut groups: BTreeMap<_, Vec<Vulnerability>> = BTreeMap::new();
        for found in self.0 {
            groups.entry(packages.key(&found)).or_default().push(found);
        }
        let mut list: Vec<_> = groups.into_values().flat_map(vulnerabilities).collect();
        list.sort_by(|one, other| key(one).cmp(&key(other)));
        list
    }
}

/// What findings are listed by.
fn key(found: &Vulnerability) -> (&str, &str, Option<&str>, &str) {
    (&found.id, &found.package, found.purl.as_deref(), &found.installed)
}

/// The findings of one package, each vulnerability once.
fn vulnerabilities(findings: Vec<Vulnerability>) -> Vec<Vulnerability> {
    if findings.len() == 1 {
        return findings;
    }
    let names = Names::of(&findings);
    let mut merged: BTreeMap<Name, Vulnerability> = BTreeMap::new();
    for (at, found) in findings.into_iter().enumerate() {
        match merged.remove(&names.0[at]) {
            Some(known) => merged.insert(names.0[at].clone(), merge(known, found)),
            None => merged.insert(names.0[at].clone(), found),
        };
    }
    merged.into_iter().map(|(name, found)| named(found, &name)).collect()
}

/// What one vulnerability is known by among the findings of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    /// Its CVE.
    Cve(String),
    /// The CVEs of an advisory over several, which is none of them alone.
    Several(Vec<String>),
    /// The first of the ids that are its.
    Other(String),
}

/// The name of each finding.
struct Names(Vec<Name>);

impl Names {
    /// A finding with one CVE is known by it. Those without are joined by the ids that they share, and
    /// known by the CVE of the findings that share one with them, where there is exactly one.
    fn of(findings: &[Vulnerability]) -> Self {
        let mut cves: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for found in findings {
            if let [cve] = cves_of(found)[..] {
                for id in ids(found).filter(|id| !is_cve(id)) {
                    cves.entry(id).or_default().insert(cve);
                }
            }
        }
        let mut sets = Sets::default();
        for found in findings.iter().filter(|found| cves_of(found).is_empty()) {
            for id in ids(found) {
                sets.join(&found.id, id);
            }
        }
        let mut reached: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for id in sets.ids() {
            let root = sets.root(&id);
            reached.entry(root).or_default().extend(cves.get(id.as_str()).into_iter().flatten());
        }
        let name = |found: &Vulnerability| match cves_of(found)[..] {
            [cve] => Name::Cve(cve.to_owned()),
            [] => {
                let root = sets.root(&found.id);
                let cves = reached.get(&root).into_iter().flatten().copied().collect::<Vec<_>>();
                match cves[..] {
                    [cve] => Name::Cve(cve.to_owned()),
                    _ => Name::Other(root),
                }
            }
            ref several => Name::Several(several.iter().map(|&cve| cve.to_owned()).collect()),
        };
        Self(findings.iter().map(name).collect())
    }
}

fn ids(found: &Vulnerability) -> impl Iterator<Item = &str> {
    [found.id.as_str()].into_iter().chain(found.aliases.iter().map(String::as_str))
}

fn cves_of(found: &Vulnerability) -> Vec<&str> {
    let mut cves: Vec<_> = ids(found).filter(|id| is_cve(id)).collect();
    cves.sort_unstable();
    cves.dedup();
    cves
}

/// Disjoint sets of ids. The root of each is its first by order, whatever the order of joins.
#[derive(Default)]
struct Sets(BTreeMap<String, String>);

impl Sets {
    fn root(&self, id: &str) -> String {
        let mut id = id;
        while let Some(parent) = self.0.get(id) {
            if parent == id {
                break;
            }
            id = parent;
        }
        id.to_owned()
    }

    fn join(&mut self, one: &str, other: &str) {
        for id in [one, other] {
            self.0.entry(id.to_owned()).or_insert_with(|| id.to_owned());
        }
        let (one, other) = (self.root(one), self.root(other));
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        self.0.insert(second, first);
    }

    fn ids(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// The id shown is the CVE where there is one.
fn named(mut found: Vulnerability, name: &Name) -> Vulnerability {
    if let Name::Cve(cve) = name
        && found.id != *cve
    {
        found.aliases.push(std::mem::replace(&mut found.id, cve.clone()));
    }
    found.aliases.sort_unstable();
    found.aliases.dedup();
    found.aliases.retain(|alias| *alias != found.id);
    found
}

/// The graver severity counts, what one scan leaves open is open, and every fix, vector and place
/// that one of them knows is kept.
fn merge(known: Vulnerability, found: Vulnerability) -> Vulnerability {
    let aliases = [known.aliases, vec![known.id.clone()], found.aliases, vec![found.id.clone()]];
    let (severity, severity_source) = std::cmp::max_by(
        (known.severity, known.severity_source),
        (found.severity, found.severity_source),
        // Of equals the source that is first by name counts.
        |one, other| one.0.cmp(&other.0).then_with(|| other.1.cmp(&one.1)),
    );
    let (status, status_reason) = std::cmp::max_by(
        (known.status, known.status_reason),
        (found.status, found.status_reason),
        |one, other| one.0.cmp(&other.0).then_with(|| other.1.cmp(&one.1)),
    );
    let mut cvss = [known.cvss, found.cvss].concat();
    cvss.sort_by(order);
    cvss.dedup();
    Vulnerability {
        id: known.id.min(found.id),
        aliases: aliases.concat(),
        package: said(known.package, found.package),
        purl: first(known.purl, found.purl),
        installed: said(known.installed, found.installed),
        fixed: all(known.fixed, found.fixed),
        severity,
        severity_source,
        cvss,
        status,
        status_reason,
        title: first(known.title, found.title),
        locations: all(known.locations, found.locations),
        reported_epss: later(known.reported_epss, found.reported_epss),
        reported_kev: first(known.reported_kev, found.reported_kev),
        scans: all(known.scans, found.scans),
        // Joined once all scans are merged.
        vex: None,
        epss: None,
        kev: None,
    }
}

/// The same one whatever the order.
fn first<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}

/// The text that one of them says; of two the first by order.
fn said(one: String, other: String) -> String {
    match (one.is_empty(), other.is_empty()) {
        (true, _) => other,
        (_, true) => one,
        _ => one.min(other),
    }
}

fn all<T: Ord>(mut one: Vec<T>, other: Vec<T>) -> Vec<T> {
    one.extend(other);
    one.sort_unstable();
    one.dedup();
    one
}

/// The probability of the later day; of one day the greater.
fn later(one: Option<ReportedEpss>, other: Option<ReportedEpss>) -> Option<ReportedEpss> {
    one.into_iter().chain(other).max_by(|one, other| {
        one.date.cmp(&other.date).then_with(|| one.score.total_cmp(&other.score))
    })
}

#[cfg(test)]
mod tests;
