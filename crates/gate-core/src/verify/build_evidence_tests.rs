//! Evidence of builds, tests and coverage on its way into facts.

use serde_json::json;

use super::testing::{COMMIT, Shop};
use crate::evidence::{Kind, Origin};
use crate::predicates;
use crate::reason::Problem;

const LCOV: &str = "SF:a.c\nDA:1,1\nDA:2,0\nend_of_record\n";

fn named() -> Origin {
    Origin::Named { name: "file".to_owned() }
}

#[test]
fn every_statement_of_a_file_is_examined_by_itself() {
    let mut shop = Shop::new();
    let good = Shop::statement(predicates::SLSA_PROVENANCE_V1, &Shop::provenance());
    let other = Shop::statement_about(
        &json!({"sha256": "0".repeat(64)}),
        predicates::SLSA_PROVENANCE_V1,
        &Shop::provenance(),
    );
    let lines = format!(
        "{}\n{{\"a note\": 1}}\n{}\n{}\n",
        shop.bundle("build", &good),
        shop.bundle("scanner", &good),
        shop.bundle("build", &other)
    );
    let digest = shop.add(lines, named());
    let facts = shop.facts();
    assert_eq!(facts.provenance.len(), 1);
    assert_eq!(facts.provenance[0].source.evidence, digest);
    let codes: Vec<_> = facts.failed.iter().map(|it| (it.code, it.denies)).collect();
    assert_eq!(codes, [(Problem::SignerNotTrusted, false), (Problem::SubjectMismatch, false)]);
}

#[test]
fn what_is_broken_within_a_file_denies_as_it_would_alone() {
    let mut shop = Shop::new();
    let good = Shop::statement(predicates::SLSA_PROVENANCE_V1, &Shop::provenance());
    let broken = Shop::statement(predicates::SLSA_PROVENANCE_V1, &json!({}));
    let answer = json!({"attestations": [
        {"bundle": shop.bundle("build", &good)},
        {"bundle": shop.bundle("build", &broken)},
        {"bundle": {"attestations": []}},
    ]});
    shop.add(answer.to_string(), named());
    let facts = shop.facts();
    assert_eq!(facts.provenance.len(), 1);
    let codes: Vec<_> = facts.failed.iter().map(|it| (it.code, it.denies)).collect();
    assert_eq!(codes, [(Problem::EvidenceMalformed, true), (Problem::EvidenceMalformed, true)]);
}

#[test]
fn a_key_proves_no_builder_and_older_provenance_names_its_commit_for_changes() {
    let mut shop = Shop::new();
    let predicate = json!({
        "builder": {"id": "https://shop.example/builder"},
        "buildType": "https://shop.example/build/v1",
        "invocation": {"configSource": {"uri": "git+https://git.example/shop.git@refs/heads/main", "digest": {"sha1": COMMIT}}},
    });
    shop.attest("build", "https://slsa.dev/provenance/v0.2", &predicate);
    shop.attest("scm", predicates::CHANGE, &Shop::change(&["alice@shop.example"]));
    let facts = shop.facts();
    let build = &facts.provenance[0].value;
    assert_eq!((build.builder_bound_by, build.build_level.level), (None, 1));
    assert_eq!(build.source.as_ref().unwrap().repository, "https://git.example/shop");
    assert_eq!(facts.changes.len(), 1);
}

#[test]
fn coverage_counts_by_its_own_trust() {
    let mut shop = Shop::new();
    let predicate = json!({"format": "lcov", "report": LCOV});
    let digest = shop.attest("build", predicates::COVERAGE, &predicate);
    assert_eq!(shop.failure(digest).code, Problem::SignerNotTrusted);
    shop.document.trust.insert(Kind::Coverage, vec!["build".to_owned()]);
    let facts = shop.facts();
    assert_eq!(
        (facts.coverage[0].value.lines.covered, facts.coverage[0].value.lines.total),
        (1, 2)
    );
    // A report of another format than the predicate says, or of another kind.
    for predicate in [
        json!({"format": "jacoco", "report": LCOV}),
        json!({"format": "tap", "report": "1..1\nok 1\n"}),
    ] {
        let digest = shop.attest("build", predicates::COVERAGE, &predicate);
        assert_eq!(shop.failure(digest).code, Problem::EvidenceMalformed);
    }
}

#[test]
fn unsigned_reports_count_only_where_they_may() {
    let mut shop = Shop::new();
    let tap = shop.add("TAP version 14\n1..1\nok 1\n", named());
    let lcov = shop.add(LCOV, named());
    for digest in [tap, lcov] {
        assert_eq!(shop.failure(digest).code, Problem::UnsignedNotAllowed);
    }
    shop.document.allow_unsigned.extend([Kind::Test, Kind::Coverage]);
    let facts = shop.facts();
    assert_eq!((facts.tests.len(), facts.coverage.len(), facts.failed.len()), (1, 1, 0));
}

#[test]
fn a_test_result_is_a_test_run() {
    let mut shop = Shop::new();
    let predicate =
        json!({"result": "FAILED", "configuration": [{"name": "unit"}], "failedTests": ["a"]});
    shop.attest("build", predicates::TEST_RESULT, &predicate);
    let tests = &shop.facts().tests[0].value;
    assert_eq!((tests.name.as_str(), tests.failed, tests.passed), ("unit", 1, 0));
}
