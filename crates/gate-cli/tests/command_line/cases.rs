//! Every case of the fixtures through `gate check`: verdict, codes and exit status as expected; and
//! the account of two of them, word by word.

use std::collections::BTreeSet;

use super::in_process::{Outcome, gate};
use gate_core::decision::{Answer, Effect, Verdict};
use gate_fixtures::stored::{self, StoredCase};

/// `gate check` of a case as of its time.
fn check(case: &StoredCase, output: &str) -> Outcome {
    let scratch = tempfile::tempdir().unwrap();
    let layout = case.layouts().first().unwrap().to_str().unwrap().to_owned();
    let config = case.config().to_str().unwrap().to_owned();
    let mut line = vec!["check".to_owned(), format!("oci:{layout}")];
    line.extend(["--config".to_owned(), config]);
    line.extend(["--environment".to_owned(), case.document.environment.clone()]);
    line.extend(["--effective-time".to_owned(), case.document.now.clone()]);
    line.extend(["--output".to_owned(), output.to_owned()]);
    for path in case.evidence(scratch.path()).unwrap() {
        line.extend(["--evidence".to_owned(), path.to_str().unwrap().to_owned()]);
    }
    gate(&line)
}

#[test]
fn every_case_is_judged_as_its_story_says() {
    let mut judged = 0;
    for case in stored::all().unwrap().iter().filter(|case| case.has_door("cli")) {
        let (name, expect) = (&case.name, &case.document.expect);
        let outcome = check(case, "json");
        let answer: Answer =
            serde_json::from_str(&outcome.out).unwrap_or_else(|_| panic!("{name}: {outcome:?}"));
        let decision = &answer.decision;
        assert_eq!(decision.verdict == Verdict::Allow, expect.verdict == "allow", "{name}");
        assert_eq!(outcome.status, u8::from(decision.verdict == Verdict::Deny), "{name}");
        assert_eq!(decision.would_deny, expect.would_deny, "{name}");
        let denying: BTreeSet<_> = decision
            .findings
            .iter()
            .filter(|finding| finding.effect == Effect::Denies)
            .map(|finding| finding.code.as_str())
            .collect();
        assert!(denying.iter().copied().eq(expect.codes.iter()), "{name}: {denying:?}");
        let failed: BTreeSet<_> = answer.failed.iter().map(|fact| fact.code.code()).collect();
        assert!(failed.iter().copied().eq(expect.failed.iter()), "{name}: {failed:?}");
        judged += 1;
    }
    assert!(judged >= 40, "{judged} cases");
}

#[test]
fn the_accounts_of_the_demo_are_as_they_were() {
    for name in ["good-release_allow", "stopped-release_deny"] {
        let case = stored::named(name).unwrap();
        let account = check(&case, "text").out;
        let fixtures = stored::root();
        let account = account.replace(fixtures.to_str().unwrap(), "fixtures");
        insta::assert_snapshot!(name, without_digests(&account));
    }
}

/// Digests change with every policy; that they are there is what the account is about.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |out, part| {
        assert!(part[..64].bytes().all(|digit| digit.is_ascii_hexdigit()), "{part}");
        out + "sha256:..." + &part[64..]
    })
}
