//! What is one finding and what is two, whatever the order of scans.

use super::*;
use crate::facts::{FindingStatus, Severity};

fn found(id: &str, aliases: &[&str], purl: Option<&str>) -> Vulnerability {
    Vulnerability {
        id: id.to_owned(),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
        package: "p".to_owned(),
        purl: purl.map(str::to_owned),
        installed: "1".to_owned(),
        ..Vulnerability::default()
    }
}

/// The list of these findings, one scan each, in every order.
fn merged(findings: &[Vulnerability]) -> Vec<Vulnerability> {
    let scans: Vec<_> =
        (0..findings.len()).map(|at| Digest::of(at.to_string().as_bytes())).collect();
    let list = |order: &[usize]| {
        let mut all = Findings::default();
        for &at in order {
            all.add(scans[at], vec![findings[at].clone()]);
        }
        all.into_list()
    };
    let order: Vec<_> = (0..findings.len()).collect();
    let expected = list(&order);
    for permutation in permutations(&order) {
        assert_eq!(list(&permutation), expected, "{permutation:?}");
    }
    expected
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![vec![]];
    }
    let mut all = vec![];
    for at in 0..items.len() {
        let mut rest = items.to_vec();
        let one = rest.remove(at);
        all.extend(permutations(&rest).into_iter().map(|tail| [vec![one], tail].concat()));
    }
    all
}

fn shown(list: &[Vulnerability]) -> Vec<(&str, usize)> {
    list.iter().map(|it| (it.id.as_str(), it.scans.len())).collect()
}

const P: Option<&str> = Some("pkg:npm/p@1");

#[test]
fn a_cve_and_a_ghsa_of_one_package_are_one_finding_with_two_sources() {
    let list = merged(&[
        found("CVE-2026-1", &["GHSA-a"], P),
        found("GHSA-a", &[], P),
        found("CVE-2026-1", &[], P),
    ]);
    assert_eq!(shown(&list), [("CVE-2026-1", 3)]);
    assert_eq!(list[0].aliases, ["GHSA-a"]);
}

#[test]
fn ids_are_joined_over_findings_that_share_one() {
    let list = merged(&[
        found("RUSTSEC-1", &["GHSA-a"], P),
        found("GHSA-a", &["SNYK-1"], P),
        found("CVE-2026-1", &["SNYK-1"], P),
        found("GHSA-b", &[], P),
    ]);
    assert_eq!(shown(&list), [("CVE-2026-1", 3), ("GHSA-b", 1)]);
    assert_eq!(list[0].aliases, ["GHSA-a", "RUSTSEC-1", "SNYK-1"]);
}

#[test]
fn without_a_cve_the_first_id_is_shown() {
    let list = merged(&[found("RUSTSEC-1", &["GHSA-a"], P), found("GHSA-a", &[], P)]);
    assert_eq!(shown(&list), [("GHSA-a", 2)]);
    assert_eq!(list[0].aliases, ["RUSTSEC-1"]);
}

#[test]
fn an_advisory_over_several_cves_joins_none_of_them() {
    let list = merged(&[
        found("RHSA-1", &["CVE-2026-1", "CVE-2026-2"], P),
        found("CVE-2026-1", &["RHSA-1"], P),
        found("CVE-2026-2", &["RHSA-1"], P),
        found("RHSA-1", &[], P),
    ]);
    assert_eq!(shown(&list).len(), 4, "{list:#?}");
}

#[test]
fn other_packages_and_versions_are_other_findings() {
    let list = merged(&[
        found("CVE-2026-1", &[], P),
        found("CVE-2026-1", &[], Some("pkg:npm/p@2")),
        found("CVE-2026-1", &[], Some("pkg:pypi/p@1")),
    ]);
    assert_eq!(list.len(), 3);
}

#[test]
fn qualifiers_do_not_tell_packages_apart() {
    let list = merged(&[
        found("CVE-2026-1", &[], Some("pkg:deb/debian/p@1?arch=amd64&distro=debian-12")),
        found("CVE-2026-1", &[], Some("pkg:deb/debian/p@1?arch=amd64")),
        found("CVE-2026-1", &[], Some("pkg:deb/debian/p")),
    ]);
    assert_eq!(shown(&list), [("CVE-2026-1", 3)]);
}

#[test]
fn a_finding_without_a_package_url_is_of_the_one_package_of_its_name() {
    let one = merged(&[found("CVE-2026-1", &[], P), found("CVE-2026-1", &[], None)]);
    assert_eq!(shown(&one), [("CVE-2026-1", 2)]);
    let two = merged(&[
        found("CVE-2026-1", &[], P),
        found("CVE-2026-1", &[], Some("pkg:pypi/p@1")),
        found("CVE-2026-1", &[], None),
    ]);
    assert_eq!(two.len(), 3, "which of the two it is cannot be told");
    let unversioned = Vulnerability { installed: String::new(), ..found("GHSA-a", &[], None) };
    let one = merged(&[found("CVE-2026-1", &["GHSA-a"], P), unversioned]);
    assert_eq!(shown(&one), [("CVE-2026-1", 2)]);
}

#[test]
fn go_versions_are_one_with_and_without_their_letter() {
    let list = merged(&[
        found("CVE-2026-1", &[], Some("pkg:golang/a.example/p@v1.2.3")),
        found("CVE-2026-1", &[], Some("pkg:golang/a.example/p@1.2.3")),
    ]);
    assert_eq!(shown(&list), [("CVE-2026-1", 2)]);
}

#[test]
fn the_graver_word_counts_and_nothing_is_lost() {
    let list = merged(&[
        Vulnerability {
            severity: Severity::High,
            severity_source: Some("nvd".to_owned()),
            status: FindingStatus::Ignored,
            status_reason: Some("accepted".to_owned()),
            fixed: vec!["3".to_owned()],
            locations: vec!["b".to_owned()],
            ..found("CVE-2026-1", &[], P)
        },
        Vulnerability {
            severity: Severity::High,
            severity_source: Some("ghsa".to_owned()),
            fixed: vec!["2".to_owned()],
            locations: vec!["a".to_owned()],
            title: Some("t".to_owned()),
            ..found("CVE-2026-1", &[], P)
        },
        Vulnerability { severity: Severity::Low, ..found("CVE-2026-1", &[], P) },
    ]);
    let [one] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!((one.severity, one.severity_source.as_deref()), (Severity::High, Some("ghsa")));
    assert_eq!((one.status, one.status_reason.as_deref()), (FindingStatus::Affected, None));
    assert_eq!(
        (one.fixed.join(","), one.locations.join(",")),
        ("2,3".to_owned(), "a,b".to_owned())
    );
    assert_eq!(one.title.as_deref(), Some("t"));
}
