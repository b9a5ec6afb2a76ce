//! Keys and documents that the tests of this room share.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::Trust;
use super::envelope::IN_TOTO;
use crate::decision::Mode;
use crate::effects::GateError;
use crate::environment::{
    EnvironmentDocument, FeedsDocument, LimitsDocument, PersonDocument, PolicyDocument,
    SignerDocument,
};
use crate::evidence::{Collected, Evidence, Kind, Origin};
use crate::facts::{Facts, FactsDocument, FailedFact};
use crate::request::{Asker, Request, Subject, SubjectKind};
use crate::{Digest, Timestamp, predicates};

/// A fresh key.
pub(super) enum Keypair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Keypair {
    pub(super) fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    pub(super) fn ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().unwrap())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    pub(super) fn pem(&self) -> String {
        let der = match self {
            Self::P256(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
        };
        pem::encode(&pem::Pem::new("PUBLIC KEY", der))
    }
}

/// An environment without signers.
pub(super) fn document() -> EnvironmentDocument {
    EnvironmentDocument {
        name: "production".to_owned(),
        mode: Mode::Enforce,
        policy: PolicyDocument {
            digest: Digest::of(b""),
            dialect: crate::policy::Dialect::Gate,
            uri: "https://p.example".to_owned(),
        },
        signers: BTreeMap::new(),
        trust: BTreeMap::new(),
        people: BTreeMap::new(),
        allow_unsigned: BTreeSet::new(),
        predicate_aliases: BTreeMap::new(),
        roots: BTreeMap::new(),
        root_rules: BTreeMap::new(),
        require: vec![],
        exceptions: vec![],
        limits: LimitsDocument::default(),
        verifier_id: "https://gate.example".to_owned(),
        resource_uri: None,
        feeds: FeedsDocument::default(),
    }
}

/// The digest of the subject of these tests.
pub(super) fn subject() -> Digest {
    Digest::of(b"the shop's image")
}

/// The commit that it was built from.
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The keys of an environment and the evidence that they sign.
pub(super) struct Shop {
    pub(super) document: EnvironmentDocument,
    pub(super) keys: BTreeMap<&'static str, Keypair>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) now: Timestamp,
}

impl Shop {
    /// Signers `build`, `scanner`, `scm`, `alice`, `bob` and `carol`, each for their kinds; alice is the
    /// author of the change.
    pub(super) fn new() -> Self {
        let mut shop = Self {
            document: document(),
            keys: BTreeMap::new(),
            evidence: vec![],
            now: "2026-11-23T08:00:00Z".parse().unwrap(),
        };
        for name in ["build", "scanner", "vendor", "scm", "alice", "bob", "carol"] {
            let key = if name == "bob" { Keypair::ed25519() } else { Keypair::p256() };
            let signer = SignerDocument { key: Some(key.pem()), ..SignerDocument::default() };
            shop.document.signers.insert(name.to_owned(), signer);
            shop.keys.insert(name, key);
        }
        for name in ["alice", "bob", "carol"] {
            let person = PersonDocument {
                signers: vec![name.to_owned()],
                names: vec![format!("{name}@shop.example")],
            };
            shop.document.people.insert(name.to_owned(), person);
        }
        for (kind, names) in [
            (Kind::Signature, vec!["build"]),
            (Kind::Provenance, vec!["build"]),
            (Kind::Sbom, vec!["build"]),
            (Kind::Test, vec!["build"]),
            (Kind::Scan, vec!["scanner"]),
            (Kind::Vex, vec!["vendor"]),
            (Kind::Analysis, vec!["build"]),
            (Kind::Change, vec!["scm"]),
            (Kind::Approval, vec!["alice", "bob", "carol"]),
        ] {
            shop.document.trust.insert(kind, names.into_iter().map(str::to_owned).collect());
        }
        shop
    }

    /// A statement about the subject.
    pub(super) fn statement(predicate_type: &str, predicate: &Value) -> Vec<u8> {
        Self::statement_about(&json!({"sha256": subject().to_hex()}), predicate_type, predicate)
    }

    pub(super) fn statement_about(
        digest: &Value,
        predicate_type: &str,
        predicate: &Value,
    ) -> Vec<u8> {
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "shop", "digest": digest}],
            "predicateType": predicate_type,
            "predicate": predicate,
        })
        .to_string()
        .into_bytes()
    }

    /// A plain envelope.
    pub(super) fn envelope(&self, signer: &str, payload: &[u8]) -> Value {
        let pae =
            [format!("DSSEv1 {} {IN_TOTO} {} ", IN_TOTO.len(), payload.len()).as_bytes(), payload]
                .concat();
        let signature = self.keys[signer].sign(&pae);
        json!({
            "payloadType": IN_TOTO,
            "payload": BASE64.encode(payload),
            "signatures": [{"sig": BASE64.encode(signature)}],
        })
    }

    /// A bundle without a log, as `cosign attest-blob --key --tlog-upload=false` writes it.
    pub(super) fn bundle(&self, signer: &str, payload: &[u8]) -> Value {
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": ""}, "tlogEntries": []},
            "dsseEnvelope": self.envelope(signer, payload),
        })
    }

    /// Lays evidence beside the subject.
    pub(super) fn lay(&mut self, bytes: impl Into<Vec<u8>>) -> Digest {
        self.add(bytes, Origin::Beside { name: "referrer".to_owned() })
    }

    pub(super) fn add(&mut self, bytes: impl Into<Vec<u8>>, origin: Origin) -> Digest {
        let evidence = Evidence::new(bytes.into(), origin);
        let digest = evidence.digest;
        self.evidence.push(evidence);
        digest
    }

    /// Signs a statement about the subject and lays it beside it.
    pub(super) fn attest(
        &mut self,
        signer: &str,
        predicate_type: &str,
        predicate: &Value,
    ) -> Digest {
        let payload = Self::statement(predicate_type, predicate);
        let bundle = self.bundle(signer, &payload).to_string();
        self.lay(bundle)
    }

    pub(super) fn provenance() -> Value {
        json!({
            "buildDefinition": {
                "buildType": "https://shop.example/build/v1",
                "externalParameters": {},
                "resolvedDependencies": [
                    {"uri": "git+https://git.example/shop@refs/heads/main", "digest": {"gitCommit": COMMIT}},
                ],
            },
            "runDetails": {"builder": {"id": "https://shop.example/builder"}},
        })
    }

    pub(super) fn change(authors: &[&str]) -> Value {
        json!({"commit": COMMIT, "authors": authors, "committer": "Alice <ALICE@shop.example>"})
    }

    pub(super) fn approval() -> Value {
        json!({
            "environment": "production",
            "approved_at": "2026-11-23T07:00:00Z",
            "expires_at": "2026-11-24T07:00:00Z",
        })
    }

    /// Provenance and the change by alice.
    pub(super) fn built(&mut self) {
        self.attest("build", predicates::SLSA_PROVENANCE_V1, &Self::provenance());
        self.attest("scm", predicates::CHANGE, &Self::change(&["alice@shop.example"]));
    }

    pub(super) fn facts(&self) -> FactsDocument {
        let collected = Collected { evidence: self.evidence.clone(), ..Collected::default() };
        self.facts_of(&collected).unwrap()
    }

    pub(super) fn facts_of(&self, collected: &Collected) -> Result<FactsDocument, GateError> {
        let trust = Trust::compile(&self.document, &BTreeMap::new()).unwrap();
        let request = Request {
            subject: Subject { digest: subject(), kind: SubjectKind::Artifact },
            asker: Asker { requester: "ci".to_owned(), admission: None },
            now: self.now,
            object: None,
        };
        let document = super::facts(&request, collected, "production", &trust)?;
        // What is judged must be what the record gives back, or a replay would judge something else.
        let facts = Facts::verified(document.clone()).unwrap();
        let recorded = Facts::recorded(facts.bytes().to_vec(), facts.digest()).unwrap();
        assert_eq!(*recorded.document(), document);
        Ok(document)
    }

    /// The one failed fact of this evidence.
    pub(super) fn failure(&self, digest: Digest) -> FailedFact {
        let failed = self.facts().failed;
        let of: Vec<_> = failed.iter().filter(|fact| fact.evidence == digest).collect();
        assert_eq!(of.len(), 1, "{failed:#?}");
        of[0].clone()
    }
}
