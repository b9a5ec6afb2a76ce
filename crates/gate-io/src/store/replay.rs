//! A recorded decision, judged again from its record alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gate_core::Digest;
use gate_core::decision::Decision;
use gate_core::effects::{Clock, EvidenceSource, GateError};
use gate_core::environment::{Environment, EnvironmentDocument};
use gate_core::evidence::{Collected, Evidence};
use gate_core::facts::Facts;
use gate_core::policy::{self, Bundle};
use gate_core::reason::ErrorCode;
use gate_core::record::Leaf;
use gate_core::request::{Object, Request};
use gate_core::spine;
use gate_rego::explain::Explanation;
use gate_rego::outside::Need;
use serde_json::Value;

use super::reader::{Found, Reader};

/// Differences that are listed.
const DIFFERENCES: usize = 20;

/// What came of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// The recorded decision's id.
    pub id: Digest,
    /// The version of Gate that recorded it.
    pub gate: String,
    /// The decision of the replay.
    pub decision: Decision,
    /// Where the replay differs from the record; empty where the decisions are the same bytes.
    pub differences: Vec<Difference>,
}

/// A place in which two decisions differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// JSON pointer.
    pub path: String,
    /// What the record says; `null` where it has nothing there.
    pub recorded: Value,
    /// What the replay says.
    pub replayed: Value,
}

impl Reader {
    /// Judges a recorded decision again: its recorded facts, or with `verify` its evidence, so that
    /// the cryptography is repeated too. Policy, configuration, roots and time are the record's.
    ///
    /// Call it on a thread with a deep stack, as for any evaluation. Errors: `not-found`, and
    /// `store-invalid` when the record is not what its digests say.
    pub fn replay(
        &self,
        id: Digest,
        verify: bool,
        clock: &dyn Clock,
    ) -> Result<Replayed, GateError> {
        let Found { decision: recorded, leaf, .. } = self.decision(id)?;
        let environment = self.environment(&leaf)?;
        let facts = Facts::recorded(self.facts(&leaf)?, leaf.facts)
            .map_err(|error| invalid("facts").caused_by(error))?;
        let object = facts.document().object.as_deref().cloned().map(Object::new).transpose();
        let request = Request {
            subject: recorded.subject.clone(),
            asker: leaf.asker.clone(),
            now: recorded.now,
            object: object.map_err(|error| invalid("object").caused_by(error))?,
        };
        let decided = if verify {
            let answers = gate_core::policy::answers(facts.document())?;
            let mut collected = self.collected(&leaf)?;
            collected.recorded_files.clone_from(&facts.document().files);
            let source = Recorded { collected, answers };
            spine::check(&request, &environment, &source, clock)?
        } else {
            spine::replay(&request, facts, &environment, clock)?
        };
        let differences =
            if decided.id == id { vec![] } else { differences(&recorded, &decided.decision)? };
        Ok(Replayed { id, gate: leaf.gate, decision: decided.decision, differences })
    }

    /// Why each rule said what it said of a recorded decision: from its recorded facts, by the rules
    /// of then.
    pub fn explain(&self, id: Digest) -> Result<Vec<(String, Explanation)>, GateError> {
        let Found { decision, leaf, .. } = self.decision(id)?;
        let environment = self.environment(&leaf)?;
        let facts = Facts::recorded(self.facts(&leaf)?, leaf.facts)
            .map_err(|error| invalid("facts").caused_by(error))?;
        let object = facts.document().object.as_deref().cloned().map(Object::new).transpose();
        let request = Request {
            subject: decision.subject.clone(),
            asker: leaf.asker.clone(),
            now: decision.now,
            object: object.map_err(|error| invalid("object").caused_by(error))?,
        };
        policy::explain(&request, &facts, &environment)
    }

    fn environment(&self, leaf: &Leaf) -> Result<Environment, GateError> {
        let document: EnvironmentDocument = serde_json::from_slice(&self.blob(leaf.configuration)?)
            .map_err(|error| invalid("configuration").caused_by(error))?;
        let mut roots = BTreeMap::new();
        for root in &leaf.roots {
            roots.insert(*root, Arc::from(self.blob(*root)?));
        }
        let manifest = self.blob(leaf.policy)?;
        let policy = Bundle::recorded(&manifest, &self.blob(leaf.modules)?, &self.blob(leaf.data)?)
            .map_err(|error| invalid("policy").caused_by(error))?;
        Environment::compile(document, roots, Arc::new(policy))
            .map_err(|error| invalid("configuration").caused_by(error))
    }

    fn collected(&self, leaf: &Leaf) -> Result<Collected, GateError> {
        let mut evidence = vec![];
        for piece in &leaf.evidence {
            evidence.push(Evidence::new(self.blob(piece.digest)?, piece.origin.clone()));
        }
        let optional = |digest: Option<Digest>| digest.map(|digest| self.blob(digest)).transpose();
        Ok(Collected {
            unverified_manifest: optional(leaf.manifest)?,
            unverified_config: optional(leaf.config)?,
            repository: repository(&self.facts(leaf)?)?,
            evidence,
            ..Collected::default()
        })
    }
}

/// Where the subject was found: facts say it, since no evidence does.
fn repository(facts: &[u8]) -> Result<Option<String>, GateError> {
    #[derive(serde::Deserialize)]
    struct Facts {
        subject: Subject,
    }
    #[derive(serde::Deserialize)]
    struct Subject {
        #[serde(default)]
        repository: Option<String>,
    }
    let facts: Facts =
        serde_json::from_slice(facts).map_err(|error| invalid("facts").caused_by(error))?;
    Ok(facts.subject.repository)
}

/// The evidence of a record as a source, and what registries answered.
struct Recorded {
    collected: Collected,
    answers: BTreeMap<Need, Option<gate_rego::Value>>,
}

impl EvidenceSource for Recorded {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        Ok(self.collected.clone())
    }

    fn inquire(
        &self,
        needs: &BTreeSet<Need>,
        _: Option<&[u8]>,
    ) -> Result<Option<BTreeMap<Need, Option<gate_rego::Value>>>, GateError> {
        let answer = |need: &Need| Some((need.clone(), self.answers.get(need)?.clone()));
        Ok(needs.iter().map(answer).collect())
    }
}

fn differences(recorded: &Decision, replayed: &Decision) -> Result<Vec<Difference>, GateError> {
    let value = |decision| {
        serde_json::to_value(decision).map_err(|error| {
            GateError::new(ErrorCode::Internal, "a decision is no JSON").caused_by(error)
        })
    };
    let mut found = vec![];
    compare(String::new(), &value(recorded)?, &value(replayed)?, &mut found);
    Ok(found)
}

fn compare(path: String, recorded: &Value, replayed: &Value, found: &mut Vec<Difference>) {
    if recorded == replayed || found.len() == DIFFERENCES {
        return;
    }
    match (recorded, replayed) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let side = |object: &serde_json::Map<String, Value>| {
                    object.get(key).cloned().unwrap_or_default()
                };
                compare(format!("{path}/{key}"), &side(left), &side(right), found);
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            for at in 0..left.len().max(right.len()) {
                let side = |array: &[Value]| array.get(at).cloned().unwrap_or_default();
                compare(format!("{path}/{at}"), &side(left), &side(right), found);
            }
        }
        _ => {
            found.push(Difference { path, recorded: recorded.clone(), replayed: replayed.clone() });
        }
    }
}

fn invalid(what: &str) -> GateError {
    GateError::new(ErrorCode::StoreInvalid, format!("the recorded {what} cannot be used"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gate_core::Timestamp;
    use gate_core::effects::Effects;
    use gate_core::environment::{FeedDocument, LimitsDocument, PolicyDocument};
    use gate_core::evidence::Origin;
    use gate_core::request::{Asker, Subject, SubjectKind};

    use super::*;
    use crate::keys::{KeyKind, generate};
    use crate::store::testing::Bench;

    struct FixedClock;

    impl Clock for FixedClock {
        fn now(&self) -> Timestamp {
            "2026-11-23T08:00:00Z".parse().unwrap()
        }

        fn steady(&self) -> Duration {
            Duration::ZERO
        }
    }

    const POLICY: &str = r#"package shop

deny contains {"rule": "tests-absent", "detail": {"failed": count(input.failed)}} if {
	input.tests == []
}
"#;

    fn environment() -> Environment {
        let modules = vec![("shop.rego".to_owned(), POLICY.to_owned())];
        let bundle = Bundle::load(modules, serde_json::json!({})).unwrap();
        let document = serde_json::from_value(serde_json::json!({
            "name": "production", "mode": "enforce",
            "policy": PolicyDocument { digest: bundle.digest(), dialect: bundle.dialect(), uri: "https://gate.example/p".into() },
            "signers": {}, "trust": {}, "people": {}, "allow_unsigned": [], "predicate_aliases": {},
            "roots": {}, "exceptions": [], "limits": LimitsDocument::default(),
            "verifier_id": "https://gate.example/shop", "resource_uri": null
        }))
        .unwrap();
        Environment::compile(document, BTreeMap::new(), Arc::new(bundle)).unwrap()
    }

    /// The environment with a feed that lists one vulnerability, and unsigned scans that count.
    fn fed() -> Environment {
        let feed: Arc<[u8]> = Arc::from(
            &br#"{"dateReleased": "2026-11-20T00:00:00Z", "vulnerabilities": [
                {"cveID": "CVE-2026-0001", "dateAdded": "2026-11-18"}]}"#[..],
        );
        let plain = environment();
        let mut document = plain.document().clone();
        let digest = Digest::of(&feed);
        document.feeds.kev = Some(FeedDocument { digest, maximum_age_days: 7 });
        document.allow_unsigned.insert(gate_core::evidence::Kind::Scan);
        let modules = vec![("shop.rego".to_owned(), POLICY.to_owned())];
        let bundle = Bundle::load(modules, serde_json::json!({})).unwrap();
        Environment::compile(document, BTreeMap::from([(digest, feed)]), Arc::new(bundle)).unwrap()
    }

    #[test]
    fn a_replay_finds_the_feeds_that_the_decision_was_joined_with() {
        let bench = Bench::new();
        let scan = serde_json::json!({"SchemaVersion": 2, "ArtifactName": "shop", "Results": [
            {"Target": "app", "Vulnerabilities": [{"VulnerabilityID": "CVE-2026-0001",
                "PkgName": "openssl", "InstalledVersion": "3.0", "Severity": "LOW"}]}]});
        let receipt = promoted_with(&bench, &fed(), scan.to_string().into_bytes());
        let reader = Reader::open(&bench.path()).unwrap();
        let leaf = reader.decision(receipt.id).unwrap().leaf;
        let facts: Value = serde_json::from_slice(&reader.facts(&leaf).unwrap()).unwrap();
        let listed = &facts["vulnerabilities"]["findings"][0]["kev"]["added"];
        assert_eq!(listed, "2026-11-18");
        assert_eq!(facts["feeds"]["kev"]["stale"], false);
        for verify in [false, true] {
            let replayed = reader.replay(receipt.id, verify, &FixedClock).unwrap();
            assert_eq!(
                (replayed.differences, replayed.decision),
                (vec![], receipt.decision.clone())
            );
        }
    }

    fn promoted(bench: &Bench) -> gate_core::record::Receipt {
        promoted_with(bench, &environment(), b"no evidence of any kind".to_vec())
    }

    fn promoted_with(
        bench: &Bench,
        environment: &Environment,
        bytes: Vec<u8>,
    ) -> gate_core::record::Receipt {
        let evidence = Evidence::new(bytes, Origin::Named { name: "notes.txt".into() });
        let collected = Collected { evidence: vec![evidence], ..Collected::default() };
        let source = Recorded { collected, answers: BTreeMap::new() };
        let signer = generate(KeyKind::P256, &bench.folder.path().join("signer.pem")).unwrap();
        let request = Request {
            subject: Subject { digest: Digest::of(b"artifact"), kind: SubjectKind::Artifact },
            asker: Asker { requester: "ci".into(), admission: None },
            now: FixedClock.now(),
            object: None,
        };
        let store = bench.open();
        let recorder = store.recorder(None);
        let effects =
            Effects { source: &source, signer: &signer, recorder: &recorder, clock: &FixedClock };
        spine::promote(&request, environment, &effects).unwrap()
    }

    #[test]
    fn a_recorded_decision_is_judged_again_to_the_same_bytes() {
        let bench = Bench::new();
        let receipt = promoted(&bench);
        assert!(receipt.decision.findings.iter().any(|finding| finding.code == "tests-absent"));
        let reader = Reader::open(&bench.path()).unwrap();
        for verify in [false, true] {
            let replayed = reader.replay(receipt.id, verify, &FixedClock).unwrap();
            assert_eq!(replayed.differences, []);
            assert_eq!(replayed.decision, receipt.decision);
        }
    }

    #[test]
    fn a_changed_record_is_not_replayed() {
        let bench = Bench::new();
        let receipt = promoted(&bench);
        let leaf = Reader::open(&bench.path()).unwrap().decision(receipt.id).unwrap().leaf;
        for part in [leaf.facts, leaf.modules, leaf.data, leaf.configuration] {
            let digest = part.to_hex();
            bench.sql(&format!(
                "UPDATE blobs SET bytes = CAST(bytes || ' ' AS BLOB) WHERE digest = x'{digest}'"
            ));
            let refused =
                Reader::open(&bench.path()).unwrap().replay(receipt.id, false, &FixedClock);
            assert_eq!(refused.unwrap_err().code, ErrorCode::StoreInvalid);
            bench.sql(&format!("UPDATE blobs SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE digest = x'{digest}'"));
        }
        let evidence = leaf.evidence[0].digest.to_hex();
        bench.sql(&format!("UPDATE blobs SET bytes = x'00' WHERE digest = x'{evidence}'"));
        let reader = Reader::open(&bench.path()).unwrap();
        reader.replay(receipt.id, false, &FixedClock).unwrap();
        let refused = reader.replay(receipt.id, true, &FixedClock);
        assert_eq!(refused.unwrap_err().code, ErrorCode::StoreInvalid);
    }

    #[test]
    fn differences_are_named_by_their_place() {
        let bench = Bench::new();
        let recorded = promoted(&bench).decision;
        let mut replayed = recorded.clone();
        replayed.findings[0].message = "another".into();
        replayed.would_deny = !recorded.would_deny;
        let found = differences(&recorded, &replayed).unwrap();
        let paths: Vec<_> = found.iter().map(|difference| difference.path.as_str()).collect();
        assert_eq!(paths, ["/findings/0/message", "/would_deny"]);
    }
}
