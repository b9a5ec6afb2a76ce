//! Every case of `fixtures/` through the spine: verdict, codes and failed facts are those it names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gate_core::decision::{Effect, Verdict};
use gate_core::effects::Clock;
use gate_core::object;
use gate_core::request::{Asker, Object, Request, Subject, SubjectKind};
use gate_core::spine::{Decided, check};
use gate_core::{Digest, Timestamp, canonical};
use gate_fixtures::stored::{self, StoredCase};
use gate_io::config::{self, Configuration};
use gate_io::source::{Files, Layout, Layouts, Sources};

/// The time that a case says.
struct Fixed(Timestamp);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

/// What came out of a case, in the words of its expectation.
#[derive(Default)]
struct Outcome {
    denied: bool,
    would_deny: bool,
    denies: BTreeSet<String>,
    all: BTreeSet<String>,
    failed: BTreeSet<String>,
}

impl Outcome {
    fn add(&mut self, decided: &Decided) {
        let decision = &decided.decision;
        self.denied |= decision.verdict == Verdict::Deny;
        self.would_deny |= decision.would_deny;
        for finding in &decision.findings {
            self.all.insert(finding.code.clone());
            if finding.effect == Effect::Denies {
                self.denies.insert(finding.code.clone());
            }
        }
        let failed = decided.facts.document().failed.iter();
        self.failed.extend(failed.map(|fact| fact.code.code().to_owned()));
    }
}

fn judge(case: &StoredCase, configuration: &Configuration) -> Outcome {
    let scratch = tempfile::tempdir().unwrap();
    let mut outcome = Outcome::default();
    for (subject, object) in subjects(case) {
        let named = case.evidence(scratch.path()).unwrap();
        outcome.add(&ask(case, configuration, subject, object, named));
    }
    outcome
}

/// The decision about the image of a case with evidence of the caller's own.
pub(crate) fn decide(
    case: &StoredCase,
    configuration: &Configuration,
    digest: Digest,
    named: Vec<PathBuf>,
) -> Decided {
    let subject = Subject { digest, kind: SubjectKind::Artifact };
    ask(case, configuration, subject, None, named)
}

fn ask(
    case: &StoredCase,
    configuration: &Configuration,
    subject: Subject,
    object: Option<serde_json::Value>,
    named: Vec<PathBuf>,
) -> Decided {
    let environment = &configuration.environments[&case.document.environment];
    let layouts = Layouts(case.layouts().into_iter().map(Layout::new).collect());
    let files = Files(named);
    let sources = Sources(vec![&layouts, &files]);
    let clock = Fixed(case.document.now.parse().unwrap());
    let asker = Asker { requester: "tester".to_owned(), admission: None };
    let request = Request {
        subject,
        asker,
        now: clock.now(),
        object: object.map(|object| Object::new(object).unwrap()),
    };
    check(&request, environment, &sources, &clock).unwrap()
}

/// The subjects of a case: its image, or the object under review and every image that it pins.
fn subjects(case: &StoredCase) -> Vec<(Subject, Option<serde_json::Value>)> {
    let artifact = |digest| (Subject { digest, kind: SubjectKind::Artifact }, None);
    if let Some(digest) = &case.document.subject {
        return vec![artifact(digest.parse().unwrap())];
    }
    let object = case.review().unwrap().unwrap()["request"]["object"].clone();
    let digest = canonical::with_digest(&object).unwrap().1;
    let pinned: BTreeSet<Digest> = object::images(&object)
        .map(|images| images.iter().filter_map(|image| image.digest).collect())
        .unwrap_or_default();
    let judged = (Subject { digest, kind: SubjectKind::Object }, Some(object));
    std::iter::once(judged).chain(pinned.into_iter().map(artifact)).collect()
}

fn differences(case: &StoredCase, outcome: &Outcome) -> Vec<String> {
    let expect = &case.document.expect;
    let text = |codes: &BTreeSet<String>| codes.iter().cloned().collect::<Vec<_>>();
    let mut differences = vec![];
    let verdict = if outcome.denied { "deny" } else { "allow" };
    if verdict != expect.verdict || outcome.would_deny != expect.would_deny {
        differences.push(format!("{verdict}, would_deny {}", outcome.would_deny));
    }
    if text(&outcome.denies) != expect.codes {
        differences.push(format!("codes {:?}, not {:?}", outcome.denies, expect.codes));
    }
    if text(&outcome.failed) != expect.failed {
        differences.push(format!("failed {:?}, not {:?}", outcome.failed, expect.failed));
    }
    if let Some(code) = expect.noted.iter().find(|code| !outcome.all.contains(*code)) {
        differences.push(format!("{code} is not noted in {:?}", outcome.all));
    }
    differences.iter().map(|found| format!("{}: {found}", case.name)).collect()
}

#[test]
fn every_case_comes_out_as_its_story_says() {
    let mut configurations = BTreeMap::new();
    let mut wrong = vec![];
    for case in stored::all().unwrap().iter().filter(|case| case.has_door("core")) {
        let path = case.folder.join(&case.document.config);
        let configuration = configurations
            .entry(case.document.config.clone())
            .or_insert_with(|| config::load(Path::new(&path)).unwrap());
        wrong.extend(differences(case, &judge(case, configuration)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
