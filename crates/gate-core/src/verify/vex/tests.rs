//! What excuses a finding, and every way to excuse one that must not.

use serde_json::{Value, json};

use crate::Digest;
use crate::evidence::{Kind, Origin};
use crate::facts::{FactsDocument, FindingVex, VexStatus};
use crate::predicates::{CYCLONEDX, OPENVEX, SCAN, VEX};
use crate::reason::Problem;
use crate::verify::testing::{Shop, subject};

const PACKAGE: &str = "pkg:golang/golang.org/x/crypto@v0.43.0";

/// A shop in which `CVE-2026-0001` was found in [`PACKAGE`].
fn shop() -> Shop {
    let mut shop = Shop::new();
    let report = json!({
        "SchemaVersion": 2, "CreatedAt": "2026-11-22T00:00:00Z", "ArtifactName": "shop",
        "Results": [{"Target": "app", "Vulnerabilities": [{
            "VulnerabilityID": "CVE-2026-0001", "PkgName": "golang.org/x/crypto",
            "PkgIdentifier": {"PURL": PACKAGE}, "InstalledVersion": "v0.43.0",
            "FixedVersion": "0.44.0", "Severity": "CRITICAL",
        }]}],
    });
    shop.attest("scanner", SCAN, &report);
    shop
}

fn openvex(statements: &Value) -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://shop.example/vex/1",
        "author": "the vendor", "timestamp": "2026-11-20T00:00:00Z", "version": 1,
        "statements": statements,
    })
}

/// That the product is not affected, since its code is never run.
fn excuse(product: &str) -> Value {
    json!({
        "vulnerability": {"name": "CVE-2026-0001"},
        "products": [{"@id": product}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
    })
}

fn image() -> String {
    format!("pkg:oci/shop@sha256%3A{}", subject().to_hex())
}

/// What became of the one finding.
fn vex(facts: &FactsDocument) -> Option<&FindingVex> {
    let [finding] = facts.vulnerabilities.findings.as_slice() else { panic!("one finding") };
    finding.vex.as_ref()
}

fn status(facts: &FactsDocument) -> Option<VexStatus> {
    vex(facts).map(|vex| vex.status)
}

/// The finding's status with this document by the vendor, and the codes of what failed.
fn judged(predicate: &Value) -> (Option<VexStatus>, Vec<Problem>) {
    let mut shop = shop();
    shop.attest("vendor", OPENVEX, predicate);
    let facts = shop.facts();
    (status(&facts), facts.failed.iter().map(|fact| fact.code).collect())
}

#[test]
fn a_trusted_statement_excuses_and_the_finding_stays_with_it() {
    for product in [&image(), PACKAGE, "pkg:golang/golang.org/x/crypto"] {
        let mut shop = shop();
        let evidence = shop.attest("vendor", OPENVEX, &openvex(&json!([excuse(product)])));
        let facts = shop.facts();
        assert_eq!(facts.failed, []);
        let vex = vex(&facts).unwrap();
        assert_eq!(vex.status, VexStatus::NotAffected);
        assert_eq!(vex.justification.as_deref(), Some("vulnerable_code_not_in_execute_path"));
        assert_eq!((vex.evidence, vex.signer.as_deref()), (evidence, Some("vendor")));
        assert_eq!(vex.timestamp.to_string(), "2026-11-20T00:00:00Z");
        assert_eq!((facts.vex[0].value.statements, facts.vex[0].value.decides), (1, 1));
    }
}

#[test]
fn a_statement_without_products_is_about_the_statement_around_it() {
    let mut statement = excuse("");
    statement.as_object_mut().unwrap().remove("products");
    let document = openvex(&json!([statement]));
    assert_eq!(judged(&document), (Some(VexStatus::NotAffected), vec![]));
    // By itself it is about nothing, wherever it lies.
    let mut shop = shop();
    shop.document.allow_unsigned.insert(Kind::Vex);
    shop.lay(document.to_string());
    let facts = shop.facts();
    assert_eq!((status(&facts), facts.failed[0].code), (None, Problem::VexUnrelated));
}

#[test]
fn every_format_and_predicate_type_says_the_same() {
    let cyclonedx = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"timestamp": "2026-11-20T00:00:00Z"},
        "vulnerabilities": [{
            "id": "CVE-2026-0001", "affects": [{"ref": PACKAGE}],
            "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
        }],
    });
    let mut with_components = cyclonedx.clone();
    with_components["components"] =
        json!([{"type": "library", "name": "crypto", "bom-ref": "c", "purl": PACKAGE}]);
    with_components["vulnerabilities"][0]["affects"] = json!([{"ref": "c"}]);
    let old = json!({
        "@context": "https://openvex.dev/ns", "author": "a", "version": "1",
        "timestamp": "2026-11-20T00:00:00Z",
        "statements": [{
            "vulnerability": "CVE-2026-0001", "products": [image()], "subcomponents": [PACKAGE],
            "status": "not_affected", "impact_statement": "never run",
        }],
    });
    for (predicate_type, predicate) in [
        (OPENVEX, &openvex(&json!([excuse(PACKAGE)]))),
        ("https://openvex.dev/ns/v0.2.0", &openvex(&json!([excuse(PACKAGE)]))),
        (OPENVEX, &old),
        (VEX, &csaf("known_not_affected", PACKAGE)),
        (VEX, &cyclonedx),
        (VEX, &with_components),
        (CYCLONEDX, &cyclonedx),
    ] {
        let mut shop = shop();
        shop.attest("vendor", predicate_type, predicate);
        let facts = shop.facts();
        assert_eq!(facts.failed, [], "{predicate}");
        assert_eq!(status(&facts), Some(VexStatus::NotAffected), "{predicate}");
        assert_eq!((facts.vex.len(), facts.sbom.len()), (1, 0));
    }
    // A bill of materials that mentions vulnerabilities stays one, and excuses nothing.
    let mut shop = shop();
    shop.attest("build", CYCLONEDX, &with_components);
    let facts = shop.facts();
    assert_eq!((status(&facts), facts.vex.len(), facts.sbom.len()), (None, 0, 1));
}

fn csaf(list: &str, purl: &str) -> Value {
    json!({
        "document": {
            "category": "csaf_vex", "csaf_version": "2.0", "title": "t",
            "publisher": {"category": "vendor", "name": "n", "namespace": "https://shop.example"},
            "tracking": {
                "id": "1", "status": "final", "version": "1",
                "current_release_date": "2026-11-20T00:00:00Z",
                "initial_release_date": "2026-11-20T00:00:00Z",
                "revision_history": [{"date": "2026-11-20T00:00:00Z", "number": "1", "summary": "s"}],
            },
        },
        "product_tree": {"full_product_names": [{
            "product_id": "p", "name": "p", "product_identification_helper": {"purl": purl},
        }]},
        "vulnerabilities": [{
            "cve": "CVE-2026-0001", "notes": [{"category": "summary", "text": "t"}],
            "product_status": {list: ["p"]},
            "flags": [{"label": "component_not_present", "product_ids": ["p"]}],
        }],
    })
}

#[test]
fn the_newest_statement_wins_whatever_the_order_of_documents() {
    let newer = json!({
        "vulnerability": {"name": "CVE-2026-0001"}, "products": [{"@id": image()}],
        "status": "affected", "action_statement": "update", "timestamp": "2026-11-21T00:00:00Z",
    });
    let mut revised = excuse(PACKAGE);
    revised["last_updated"] = json!("2026-11-22T00:00:00Z");
    for (statements, wins) in
        [(vec![&newer], VexStatus::Affected), (vec![&newer, &revised], VexStatus::NotAffected)]
    {
        let mut shop = shop();
        shop.attest("vendor", OPENVEX, &openvex(&json!([excuse(PACKAGE)])));
        for statement in statements {
            shop.attest("vendor", OPENVEX, &openvex(&json!([statement])));
        }
        assert_eq!(status(&shop.facts()), Some(wins));
        shop.evidence.reverse();
        assert_eq!(status(&shop.facts()), Some(wins));
    }
}

#[test]
fn of_two_statements_of_one_moment_the_graver_counts() {
    let affected = json!({
        "vulnerability": {"name": "CVE-2026-0001"}, "products": [{"@id": PACKAGE}],
        "status": "affected", "action_statement": "update",
    });
    for statements in [json!([excuse(PACKAGE), affected]), json!([affected, excuse(PACKAGE)])] {
        assert_eq!(judged(&openvex(&statements)).0, Some(VexStatus::Affected));
    }
}

#[test]
fn aliases_name_the_vulnerability_too() {
    let mut statement = excuse(PACKAGE);
    statement["vulnerability"] = json!({"name": "GHSA-0", "aliases": ["cve-2026-0001"]});
    assert_eq!(judged(&openvex(&json!([statement]))).0, Some(VexStatus::NotAffected));
    statement["vulnerability"] = json!({"name": "CVE-2026-00011"});
    assert_eq!(judged(&openvex(&json!([statement]))), (None, vec![]));
}

#[test]
fn vex_by_a_stranger_excuses_nothing() {
    for (signer, code) in [
        ("scanner", Problem::SignerNotTrusted),
        ("build", Problem::SignerNotTrusted),
        ("alice", Problem::SignerNotTrusted),
    ] {
        let mut shop = shop();
        let mut document = openvex(&json!([excuse(PACKAGE)]));
        // Whom the document names is nobody's business.
        document["author"] = json!("vendor");
        let evidence = shop.attest(signer, OPENVEX, &document);
        assert_eq!(shop.failure(evidence).code, code);
        assert_eq!(status(&shop.facts()), None);
    }
}

#[test]
fn vex_disguised_as_a_bill_of_materials_needs_a_signer_of_vex() {
    let mut shop = shop();
    let document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2026-11-20T00:00:00Z"},
        "vulnerabilities": [{"id": "CVE-2026-0001", "affects": [{"ref": PACKAGE}],
            "analysis": {"state": "not_affected", "justification": "code_not_reachable"}}],
    });
    let evidence = shop.attest("build", CYCLONEDX, &document);
    let failure = shop.failure(evidence);
    assert_eq!((failure.code, failure.kind), (Problem::SignerNotTrusted, Some(Kind::Vex)));
    assert_eq!(status(&shop.facts()), None);
}

#[test]
fn unsigned_vex_counts_only_where_it_is_allowed() {
    let document = openvex(&json!([excuse(PACKAGE)])).to_string();
    let mut shop = shop();
    let evidence = shop.add(document, Origin::Named { name: "vex.json".to_owned() });
    assert_eq!(shop.failure(evidence).code, Problem::UnsignedNotAllowed);
    assert_eq!(status(&shop.facts()), None);
    shop.document.allow_unsigned.insert(Kind::Vex);
    let facts = shop.facts();
    assert_eq!(vex(&facts).unwrap().signer, None);
}

#[test]
fn a_statement_dated_after_the_decision_does_not_count() {
    let mut later = excuse(PACKAGE);
    later["timestamp"] = json!("2026-11-23T08:00:01Z");
    let found = judged(&openvex(&json!([later])));
    assert_eq!(found, (None, vec![Problem::VexNotYetValid]));
    // Nor does it hide the one before it.
    let mut affected = later.clone();
    affected["status"] = json!("affected");
    let found = judged(&openvex(&json!([excuse(PACKAGE), affected])));
    assert_eq!(found, (Some(VexStatus::NotAffected), vec![Problem::VexNotYetValid]));
    later["timestamp"] = json!("2026-11-23T08:00:00.9Z");
    assert_eq!(judged(&openvex(&json!([later]))).0, Some(VexStatus::NotAffected));
}

#[test]
fn not_affected_without_a_reason_excuses_nothing() {
    let mut statement = excuse(PACKAGE);
    statement.as_object_mut().unwrap().remove("justification");
    let found = judged(&openvex(&json!([statement])));
    assert_eq!(found, (None, vec![Problem::VexUnjustified]));
    statement["impact_statement"] = json!(" ");
    let found = judged(&openvex(&json!([statement])));
    assert_eq!(found, (None, vec![Problem::VexUnjustified]));
    statement["impact_statement"] = json!("the server is not built in");
    assert_eq!(judged(&openvex(&json!([statement]))), (Some(VexStatus::NotAffected), vec![]));
}

#[test]
fn a_statement_without_a_time_cannot_be_the_newest() {
    let mut document = openvex(&json!([excuse(PACKAGE)]));
    document.as_object_mut().unwrap().remove("timestamp");
    assert_eq!(judged(&document), (None, vec![Problem::VexUndated]));
}

#[test]
fn vex_for_another_product_excuses_nothing() {
    for product in [
        format!("pkg:oci/shop@{}", Digest::of(b"other")),
        "pkg:oci/shop".to_owned(),
        "pkg:golang/golang.org/x/crypto@v0.42.0".to_owned(),
        "pkg:golang/golang.org/x/net".to_owned(),
        "https://shop.example/products/shop".to_owned(),
    ] {
        let found = judged(&openvex(&json!([excuse(&product)])));
        assert_eq!(found, (None, vec![Problem::VexUnrelated]), "{product}");
    }
    // The package as a part of another image.
    let mut part = excuse(&format!("pkg:oci/shop@{}", Digest::of(b"other")));
    part["products"][0]["subcomponents"] = json!([{"@id": PACKAGE}]);
    assert_eq!(judged(&openvex(&json!([part]))), (None, vec![Problem::VexUnrelated]));
}

#[test]
fn a_document_about_another_subject_excuses_nothing() {
    let mut shop = shop();
    let other = json!({"sha256": Digest::of(b"other").to_hex()});
    let payload = Shop::statement_about(&other, OPENVEX, &openvex(&json!([excuse(PACKAGE)])));
    let bundle = shop.bundle("vendor", &payload).to_string();
    let evidence = shop.lay(bundle);
    assert_eq!(shop.failure(evidence).code, Problem::SubjectMismatch);
    assert_eq!(status(&shop.facts()), None);
}

#[test]
fn a_range_excuses_the_versions_in_it() {
    let ranged = |range: &str, status: Option<&str>| {
        let mut versions = json!([{"range": range}]);
        if let Some(status) = status {
            versions[0]["status"] = json!(status);
        }
        json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "metadata": {"timestamp": "2026-11-20T00:00:00Z"},
            "vulnerabilities": [{
                "id": "CVE-2026-0001",
                "affects": [{"ref": "pkg:golang/golang.org/x/crypto", "versions": versions}],
                "analysis": {"state": "not_affected", "detail": "not reachable"},
            }],
        })
    };
    for (range, word, excused) in [
        ("vers:golang/<0.44.0", Some("unaffected"), true),
        ("vers:golang/<0.44.0", None, true),
        ("vers:golang/<0.43.0", Some("unaffected"), false),
        ("vers:golang/<0.44.0", Some("affected"), false),
        ("vers:deb/<0.44.0", Some("unaffected"), false),
        ("no range", Some("unaffected"), false),
    ] {
        let mut shop = shop();
        shop.attest("vendor", VEX, &ranged(range, word));
        assert_eq!(status(&shop.facts()).is_some(), excused, "{range} {word:?}");
    }
}

#[test]
fn a_component_of_a_product_that_nobody_can_tell_is_not_excused() {
    let mut document = csaf("known_not_affected", PACKAGE);
    let whole = |helper: Value| json!({"product_id": "w", "name": "w", "product_identification_helper": helper});
    for (helper, excused) in [
        (json!({"cpe": "cpe:/o:shop:linux:8"}), true),
        (json!({"cpe": "cpe:/a:other:application:8"}), false),
        (json!({"purl": image()}), true),
        (json!({"purl": format!("pkg:oci/o@{}", Digest::of(b"other"))}), false),
    ] {
        let names = &mut document["product_tree"]["full_product_names"];
        *names = json!([names[0], whole(helper.clone())]);
        document["product_tree"]["relationships"] = json!([{
            "category": "default_component_of", "product_reference": "p",
            "relates_to_product_reference": "w",
            "full_product_name": {"product_id": "p-of-w", "name": "p of w"},
        }]);
        let vulnerability = &mut document["vulnerabilities"][0];
        vulnerability["product_status"] = json!({"known_not_affected": ["p-of-w"]});
        vulnerability["flags"][0]["product_ids"] = json!(["p-of-w"]);
        let mut shop = shop();
        shop.attest("vendor", VEX, &document);
        assert_eq!(status(&shop.facts()).is_some(), excused, "{helper}");
    }
}
