//! A store in a folder that vanishes, with its keys, and promotions to record: for the tests of the store.

use std::path::PathBuf;
use std::sync::Arc;

use gate_core::attest::{Statement, Subject, Summary, sign_statement};
use gate_core::decision::{Decision, Mode, Verdict};
use gate_core::environment::EnvironmentDocument;
use gate_core::evidence::Origin;
use gate_core::facts::{Facts, FactsDocument};
use gate_core::ledger::verify_receipt;
use gate_core::predicates::SLSA_VSA;
use gate_core::record::{Blob, Entry, Leaf, Receipt, RecordedEvidence};
use gate_core::request::{Asker, Subject as DecisionSubject, SubjectKind};
use gate_core::{Digest, canonical};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use super::Store;
use crate::keys::{KeyFile, KeyKind, LedgerKey, generate};

/// A store in a folder that vanishes, with its keys.
pub(super) struct Bench {
    pub(super) folder: TempDir,
    pub(super) ledger: Arc<LedgerKey>,
    pub(super) signer: KeyFile,
}

impl Bench {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.pem");
        generate(KeyKind::Ed25519, &path).unwrap();
        let ledger = Arc::new(LedgerKey::load(&path, "gate.example/shop").unwrap());
        let signer = generate(KeyKind::P256, &folder.path().join("gate.pem")).unwrap();
        Self { folder, ledger, signer }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("gate.db")
    }

    pub(super) fn open(&self) -> Store {
        Store::open(&self.path(), self.ledger.clone()).unwrap()
    }

    /// A promotion of the `number`th artifact, complete and signed.
    pub(super) fn entry(&self, number: u32) -> Entry {
        entry(number, Some(&self.signer))
    }

    /// Runs a statement on the file, as somebody with an editor could.
    pub(super) fn sql(&self, statement: &str) -> u64 {
        let options = SqliteConnectOptions::new().filename(self.path()).foreign_keys(false);
        let statement = statement.to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async move {
            let mut connection = options.connect().await.unwrap();
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .unwrap();
            sqlx::Connection::close(connection).await.unwrap();
            done.rows_affected()
        })
    }

    pub(super) fn receipt_holds(&self, receipt: &Receipt) {
        let bytes = serde_json::to_vec(receipt).unwrap();
        let verified =
            verify_receipt(&bytes, self.signer.public(), self.ledger.verifier()).unwrap();
        assert_eq!(&verified, receipt);
    }
}

pub(super) fn entry(number: u32, signer: Option<&KeyFile>) -> Entry {
    let policy = [b"modules".as_slice(), b"data"].map(Blob::new);
    let manifest = canonical::to_vec(
        &serde_json::json!({"modules": policy[0].digest, "data": policy[1].digest}),
    )
    .unwrap();
    let manifest = Blob::new(manifest);
    let facts = Blob::new(format!("facts of {number}").into_bytes());
    let decision = Decision {
        version: 1,
        dialect: gate_core::policy::Dialect::Gate,
        subject: DecisionSubject {
            digest: Digest::of(&number.to_be_bytes()),
            kind: SubjectKind::Artifact,
        },
        environment: "production".into(),
        mode: Mode::Enforce,
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        policy: manifest.digest,
        facts: facts.digest,
        findings: vec![],
        exceptions: vec![],
        verdict: Verdict::Allow,
        would_deny: false,
    };
    let (bytes, id) = decision.canonical().unwrap();
    let configuration = Blob::new(b"configuration".as_slice());
    let root = Blob::new(b"root".as_slice());
    let evidence = Blob::new(format!("evidence of {number}").into_bytes());
    let attestation = signer.map(|signer| Blob::new(attestation(&decision, id, signer)));
    let leaf = Leaf {
        version: 1,
        decision: id,
        attestation: attestation.as_ref().map(|blob| blob.digest),
        facts: facts.digest,
        evidence: vec![RecordedEvidence {
            digest: evidence.digest,
            origin: Origin::Named { name: "scan.json".into() },
        }],
        manifest: None,
        config: None,
        policy: manifest.digest,
        modules: policy[0].digest,
        data: policy[1].digest,
        configuration: configuration.digest,
        roots: vec![root.digest],
        asker: Asker { requester: "ci".into(), admission: None },
        gate: "0.1.0".into(),
    };
    let mut blobs = vec![Blob::new(bytes), facts, manifest, configuration, root, evidence];
    blobs.extend(policy);
    blobs.extend(attestation);
    Entry { leaf, decision, blobs }
}

pub(super) fn attestation(decision: &Decision, id: Digest, signer: &KeyFile) -> Vec<u8> {
    let environment: EnvironmentDocument = serde_json::from_value(serde_json::json!({
        "name": "production", "mode": "enforce",
        "policy": {"digest": decision.policy, "uri": "https://gate.example/policy"},
        "signers": {}, "trust": {}, "people": {}, "allow_unsigned": [], "predicate_aliases": {},
        "roots": {}, "exceptions": [], "limits": {"rule_ms": 1, "decision_ms": 1},
        "verifier_id": "https://gate.example/shop", "resource_uri": null
    }))
    .unwrap();
    let summary = Summary::new(decision, id, &no_facts(decision), &environment);
    let statement = Statement::new(
        Subject::by_sha256(decision.subject.digest),
        SLSA_VSA,
        serde_json::to_value(summary).unwrap(),
    );
    sign_statement(&statement, signer).unwrap().bundle
}

fn no_facts(decision: &Decision) -> FactsDocument {
    let bytes = serde_json::to_vec(&serde_json::json!({
        "subject": {
            "digest": decision.subject.digest, "kind": "artifact", "media_type": null,
            "annotations": {}, "config": null, "platforms": []
        },
        "signatures": [], "attestations": [], "provenance": [], "sbom": [],
        "vulnerabilities": {"scans": [], "findings": []}, "tests": [], "analysis": [],
        "approvals": [], "changes": [], "promotions": [], "deployments": [], "object": null,
        "failed": []
    }))
    .unwrap();
    let digest = Digest::of(&bytes);
    Facts::recorded(bytes, digest).unwrap().document().clone()
}
