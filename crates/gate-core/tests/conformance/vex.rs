//! VEX documents that others wrote, read from `GATE_CONFORMANCE_DATA`: each is told for what it is,
//! loses no statement, and CSAF fails the tests that its index says.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gate_core::Digest;
use gate_core::environment::{FeedDocument, FeedsDocument};
use gate_core::evidence::Kind;
use gate_core::facts::Vulnerability;
use gate_core::feeds::Feeds;
use gate_core::verify::{Inspection, inspect};
use serde_json::Value;

use crate::data::data;

/// CSAF cases of the index that must be at hand: fewer means that the data is not whole.
const LEAST_CASES: usize = 100;
/// Documents that must be at hand.
const LEAST_DOCUMENTS: usize = 60;

fn look(path: &Path) -> Inspection {
    inspect(&std::fs::read(path).unwrap())
}

fn problems(inspection: &Inspection) -> String {
    let words = inspection.problems.iter().map(|it| format!("{}: {}", it.place, it.detail));
    words.collect::<Vec<_>>().join("; ")
}

#[test]
fn csaf_documents_pass_and_fail_as_their_index_says() {
    let Some(folder) = data("vex/csaf/csaf_2.0/test/validator/data") else { return };
    let index: Value =
        serde_json::from_slice(&std::fs::read(folder.join("testcases.json")).unwrap()).unwrap();
    let (mut count, mut absent, mut misses) = (0, 0, vec![]);
    for test in index["tests"].as_array().unwrap() {
        let id = test["id"].as_str().unwrap();
        let cases = ["failures", "valid"].into_iter().filter_map(|key| test[key].as_array());
        for case in cases.flatten() {
            let path = folder.join(case["name"].as_str().unwrap());
            // The index is the whole suite's; the data holds a part of it.
            if !path.exists() {
                absent += 1;
                continue;
            }
            count += 1;
            let inspection = look(&path);
            let found = problems(&inspection);
            let right = if case["valid"] == true {
                found.is_empty() && inspection.kind == Some(Kind::Vex)
            } else {
                found.contains(&format!("(CSAF test {id})"))
            };
            if !right {
                misses.push(format!("{id} {}: {found}", path.display()));
            }
        }
    }
    println!(
        "CSAF: {} of {count} cases; {absent} of the index are not in the data",
        count - misses.len()
    );
    assert!(count >= LEAST_CASES, "{count} cases");
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

/// Documents that are rightly refused, with the reason.
const INVALID: [(&str, &str); 1] = [(
    "django-DefectDojo/csaf/csaf_no_vuln.json",
    "a security advisory without vulnerabilities (CSAF test 6.1.27.11)",
)];

/// Files of the folder that are no VEX: bills of materials that VEX documents refer to, schemas and
/// the indices of repositories.
fn is_other(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap();
    name.starts_with("spec/")
        || file.starts_with("bom")
        || matches!(
            file,
            "sbom.spdx.json" | "repository.yaml" | "vex-repository.json" | "index.json"
        )
}

#[test]
fn every_document_is_told_and_read_without_loss() {
    let Some(folder) = data("vex") else { return };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let (mut count, mut statements, mut misses) = (0, 0, vec![]);
    for line in manifest.lines().skip(1) {
        let name = line.split('\t').next().unwrap();
        if name.contains("/validator/") {
            continue;
        }
        let path = folder.join(name);
        let inspection = look(&path);
        if is_other(name) {
            if inspection.kind == Some(Kind::Vex) {
                misses.push(format!("{name} is read as VEX"));
            }
            continue;
        }
        count += 1;
        if let Some((_, reason)) = INVALID.iter().find(|(known, _)| *known == name) {
            println!("refused: {name}: {reason}");
            assert!(problems(&inspection).contains("6.1.27.11"), "{name}");
            continue;
        }
        let expected = expected_statements(&path);
        let found = inspection.facts["statements"].as_array().map_or(0, Vec::len);
        statements += found;
        if !inspection.problems.is_empty() || inspection.kind != Some(Kind::Vex) {
            misses.push(format!("{name}: {}", problems(&inspection)));
        } else if expected.is_some_and(|expected| expected != found) {
            misses.push(format!("{name}: {found} of {expected:?} statements"));
        }
    }
    println!("VEX: {} of {count} documents, {statements} statements", count - misses.len());
    assert!(count >= LEAST_DOCUMENTS, "{count} documents");
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

/// The statements of a document by a count of its own; of CSAF, which is split by status and reason,
/// those that name a product are compared by product.
fn expected_statements(path: &Path) -> Option<usize> {
    let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).ok()?;
    if let Some(list) = document["statements"].as_array() {
        return Some(list.len());
    }
    let vulnerabilities = document["vulnerabilities"].as_array()?;
    if document.get("bomFormat").is_some() {
        return Some(
            vulnerabilities.iter().filter(|it| it["analysis"]["state"].is_string()).count(),
        );
    }
    None
}

#[test]
fn no_product_of_csaf_is_lost() {
    let Some(folder) = data("vex/csaf") else { return };
    let mut count = 0;
    for examples in [
        "csaf_2.0/examples/csaf",
        "csaf_2.0/examples/csaf/csaf_vex",
        "csaf_2.1/examples/csaf",
        "csaf_2.1/examples/csaf/csaf_vex",
    ] {
        for entry in std::fs::read_dir(folder.join(examples)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let lists = document["vulnerabilities"].as_array().into_iter().flatten();
            let expected: usize = lists
                .filter(|it| it["cve"].is_string() || it["ids"].is_array())
                .flat_map(|it| it["product_status"].as_object().into_iter().flatten())
                .filter(|(name, _)| *name != "recommended")
                .map(|(_, ids)| ids.as_array().unwrap().len())
                .sum();
            let inspection = look(&path);
            let statements = inspection.facts["statements"].as_array();
            let Some(statements) = statements else {
                panic!("{}: {}", path.display(), problems(&inspection));
            };
            let found: usize =
                statements.iter().map(|it| it["products"].as_array().unwrap().len()).sum();
            assert_eq!(found, expected, "{}", path.display());
            count += 1;
        }
    }
    println!("CSAF: {count} examples");
    assert!(count >= 20, "{count} examples");
}

#[test]
fn the_catalogue_of_exploited_vulnerabilities_is_read() {
    let Some(folder) = data("purl-cvss-licence/kev") else { return };
    let bytes: Arc<[u8]> =
        std::fs::read(folder.join("known_exploited_vulnerabilities.sample.json")).unwrap().into();
    let digest = Digest::of(&bytes);
    let listed: Value = serde_json::from_slice(&bytes).unwrap();
    let kev = Some(FeedDocument { digest, maximum_age_days: 7 });
    let document = FeedsDocument { kev, ..FeedsDocument::default() };
    let feeds = Feeds::load(&document, &BTreeMap::from([(digest, bytes)])).unwrap();
    let entries = listed["vulnerabilities"].as_array().unwrap();
    let finding = |entry: &Value| Vulnerability {
        id: entry["cveID"].as_str().unwrap().to_owned(),
        ..Vulnerability::default()
    };
    let mut findings: Vec<_> = entries.iter().map(finding).collect();
    let now = listed["dateReleased"].as_str().unwrap().parse().unwrap();
    assert!(!feeds.join(&mut findings, now).kev.unwrap().stale);
    for (entry, finding) in entries.iter().zip(findings) {
        let kev = finding.kev.unwrap();
        assert_eq!(
            (&*kev.added, kev.due.as_deref()),
            (entry["dateAdded"].as_str().unwrap(), entry["dueDate"].as_str())
        );
        assert_eq!(kev.ransomware, entry["knownRansomwareCampaignUse"] == "Known");
    }
    println!("KEV: {} entries", entries.len());
    assert!(entries.len() > 5);
}
