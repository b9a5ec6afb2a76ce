//! SBOMs of the specifications and of real tools: what is valid is read, what is invalid is refused.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::collections::BTreeMap;
use std::path::Path;

use gate_core::verify::{Inspection, inspect, read_sbom};
use serde_json::{Value, json};

use crate::data::data;

fn look(path: &Path) -> Inspection {
    inspect(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn told(inspection: &Inspection) -> String {
    let problems = inspection.problems.iter().take(3);
    let words = problems.map(|it| format!("\n    {} {}: {}", it.code, it.place, it.detail));
    words.collect::<Vec<_>>().concat()
}

/// Cases by group, and those that came out otherwise than they should.
#[derive(Default)]
struct Score {
    groups: BTreeMap<String, (u32, u32)>,
    misses: Vec<String>,
}

impl Score {
    fn add(&mut self, group: String, file: &str, right: bool, inspection: &Inspection) {
        let (count, hits) = self.groups.entry(group).or_default();
        *count += 1;
        *hits += u32::from(right);
        if !right {
            println!("{file}{}", told(inspection));
            self.misses.push(file.to_owned());
        }
    }

    fn print(&self) {
        for (group, (count, hits)) in &self.groups {
            println!("{group}: {hits} of {count}");
        }
    }
}

/// Documents of the specification that are refused as they should not be, or accepted: with why.
const SPECIFICATION_MISSES: [(&str, &str); 0] = [];

#[test]
fn documents_of_the_specification_come_out_as_their_names_say() {
    let Some(data) = data("sbom") else { return };
    let mut score = Score::default();
    for version in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        let folder = data.join("specification").join(version);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let valid = name.starts_with("valid-");
            assert!(valid || name.starts_with("invalid-"), "{name}");
            let inspection = look(&path);
            let right = inspection.problems.is_empty() == valid
                && inspection.form.as_deref() == Some("cyclonedx");
            let kind = path.extension().unwrap().to_string_lossy().into_owned();
            let group = format!("{version} {kind} {}", if valid { "valid" } else { "invalid" });
            score.add(group, &name, right, &inspection);
        }
    }
    score.print();
    score.misses.sort();
    assert_eq!(score.misses, SPECIFICATION_MISSES.map(|(name, _)| name));
}

/// Documents of real tools that come out otherwise than the manifest says: with why.
const TOOL_MISSES: [(&str, &str); 7] = [
    (
        "osv-scanner/cmd/osv-scanner/scan/source/testdata/sbom-insecure/osv-scanner.toml",
        "is the scanner's configuration, no SBOM",
    ),
    ("syft/syft/format/cyclonedxxml/testdata/bad-sbom", "says of itself that it is no SBOM"),
    (
        "syft/syft/format/cyclonedxxml/testdata/snapshot/TestCycloneDxDirectoryEncoder.golden",
        "its serial number and time are the word `redacted`, which the schema forbids",
    ),
    ("syft/syft/format/syftjson/testdata/image-alpine/Dockerfile", "is a Dockerfile, no SBOM"),
    (
        "tools-java/testResources/SPDXXMLExample-v2.3.spdx.xml",
        "SPDX in XML, which no producer that Gate knows writes, is not read",
    ),
    ("trivy/integration/testdata/alpine-310.gsbom.golden", "is a GitHub dependency snapshot"),
    (
        "trivy/pkg/sbom/spdx/testdata/happy/no-relationship.json",
        "has members that SPDX 2.3 has not, and one SPDXID twice",
    ),
];

#[test]
fn documents_of_tools_come_out_as_the_manifest_says() {
    let Some(data) = data("sbom") else { return };
    let manifest = std::fs::read_to_string(data.join("MANIFEST.tsv")).unwrap();
    let mut score = Score::default();
    for row in manifest.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [file, source, .., expected] = columns[..] else { panic!("{row}") };
        if file.starts_with("specification/") {
            continue;
        }
        let inspection = look(&data.join(file));
        let group = |outcome: &str| format!("{source} {outcome}");
        let read = inspection.problems.is_empty();
        match expected {
            "valid" | "valid (warning file may warn)" => {
                score.add(group("valid"), file, read, &inspection);
            }
            "invalid" | "MUST FAIL" | "decode MUST FAIL" => {
                score.add(group("invalid"), file, !read, &inspection);
            }
            // Nothing is promised of these but that they are told for what they are.
            _ => score.add(group("told"), file, inspection.form.is_some(), &inspection),
        }
    }
    score.print();
    score.misses.sort();
    assert_eq!(score.misses, TOOL_MISSES.map(|(name, _)| name));
}

/// Suites of package URLs: every purl that the suites call valid comes out in its canonical form, and
/// those that they call invalid are recorded as problems.
#[test]
fn package_urls_are_normalised_as_their_suites_say() {
    let Some(data) = data("sbom") else { return };
    let suites = data.join("../purl-cvss-licence");
    let mut files = vec![];
    for folder in ["purl-spec/tests/spec", "purl-spec/tests/types"] {
        let entries = std::fs::read_dir(suites.join(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    let mut cases: Vec<(String, Option<String>)> = vec![];
    for file in files {
        let suite: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for case in suite["tests"].as_array().unwrap() {
            let Some(input) = case["input"].as_str() else { continue };
            match (case["expected_failure"] == true, case["expected_output"].as_str()) {
                (true, _) => cases.push((input.to_owned(), None)),
                (false, Some(output)) => cases.push((input.to_owned(), Some(output.to_owned()))),
                (false, None) => {}
            }
        }
    }
    let old = suites.join("packageurl-python/tests/data/test-suite-data.json");
    let old: Value = serde_json::from_slice(&std::fs::read(old).unwrap()).unwrap();
    for case in old.as_array().unwrap() {
        let Some(input) = case["purl"].as_str() else { continue };
        let output = case["canonical_purl"].as_str().filter(|_| case["is_invalid"] == false);
        cases.push((input.to_owned(), output.map(str::to_owned)));
    }
    let mut misses = vec![];
    for (input, expected) in &cases {
        let component = json!({"type": "library", "name": "a", "purl": input});
        let bom =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]});
        let sbom = read_sbom(bom.to_string().as_bytes()).unwrap();
        let read = sbom.components[0].purl.clone().filter(|_| sbom.problems.is_empty());
        if read != *expected {
            println!("{input}: {read:?}, not {expected:?}");
            misses.push(input.as_str());
        }
    }
    println!("package URLs: {} of {}", cases.len() - misses.len(), cases.len());
    misses.sort_unstable();
    misses.dedup();
    assert_eq!(misses, PURL_MISSES.map(|(purl, _)| purl));
}

/// Package URLs that come out otherwise than their suites say: with why.
const PURL_MISSES: [(&str, &str); 2] = [
    (
        "pkg:Maven/org.apache.xmlgraphics/batik-anim@1.9.1?repositorY_url=repo.spring.io/release&classifier=sources",
        "the older suite leaves `/` in a qualifier, which the newer one wants escaped",
    ),
    (
        "pkg:Maven/org.apache.xmlgraphics/batik-anim@1.9.1?repositorY_url=repo.spring.io/release&extension=pom",
        "the older suite leaves `/` in a qualifier, which the newer one wants escaped",
    ),
];

/// Expressions that a suite of others uses are read; what it calls no expression is a problem.
#[test]
fn licence_expressions_of_the_suite_are_read() {
    let Some(data) = data("sbom") else { return };
    let suite = data.join("../purl-cvss-licence/spdx-satisfies.js/examples.json");
    let suite: Value = serde_json::from_slice(&std::fs::read(suite).unwrap()).unwrap();
    let cases =
        ["returnTrue", "returnFalse"].iter().flat_map(|list| suite[list].as_array().unwrap());
    let mut count = 0;
    for expression in cases.map(|case| case[0].as_str().unwrap()) {
        count += 1;
        let component =
            json!({"type": "library", "name": "a", "licenses": [{"expression": expression}]});
        let bom =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]});
        let sbom = read_sbom(bom.to_string().as_bytes()).unwrap();
        assert_eq!(sbom.problems, [], "{expression}");
        assert_eq!(sbom.components[0].licences, [expression]);
    }
    println!("licence expressions: {count} of {count}");
    assert!(count > 20);
}
