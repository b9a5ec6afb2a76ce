//! Signatures and attestations of an image, for `ec.sigstore.*`. They are judged by Gate's own
//! verification; a rule names whom to expect.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gate_core::effects::GateError;
use gate_core::environment::RootRules;
use gate_core::verify::bundle::{Accepted, Anchor, Artifact, Signer, check_evidence};
use gate_rego::Value;
use serde_json::{Value as Json, json};

use super::Collector;
use super::oci::pinned;
use crate::registry::Pinned;

/// A verified signature with what it is over.
struct Found {
    accepted: Accepted,
    /// The statement, of attestations.
    statement: Option<Json>,
    signature: Json,
}

impl Collector<'_> {
    pub(super) fn verify_image(
        &self,
        reference: &str,
        options: Option<&Value>,
    ) -> Result<Value, GateError> {
        Ok(match self.verified(reference, options)? {
            Ok(found) => {
                let signatures: Vec<_> = found
                    .into_iter()
                    .filter(|one| one.statement.is_none() || !one.is_predicate())
                    .map(|one| one.signature)
                    .collect();
                if signatures.is_empty() {
                    verdict("signatures", &[], Some("verify image signature: no signatures found"))
                } else {
                    verdict("signatures", &signatures, None)
                }
            }
            Err(message) => verdict("signatures", &[], Some(&message)),
        })
    }

    pub(super) fn verify_attestation(
        &self,
        reference: &str,
        options: Option<&Value>,
    ) -> Result<Value, GateError> {
        Ok(match self.verified(reference, options)? {
            Ok(found) => {
                let attestations: Vec<_> = found
                    .into_iter()
                    .filter_map(|one| {
                        let statement = one.statement?;
                        Some(json!({"statement": statement, "signatures": [one.signature]}))
                    })
                    .collect();
                if attestations.is_empty() {
                    let message = "verify image attestation signature: no matching attestations";
                    verdict("attestations", &[], Some(message))
                } else {
                    verdict("attestations", &attestations, None)
                }
            }
            Err(message) => verdict("attestations", &[], Some(&message)),
        })
    }

    /// Every signature beside an image that is accepted; or what of the call cannot be meant.
    fn verified(
        &self,
        reference: &str,
        options: Option<&Value>,
    ) -> Result<Result<Vec<Found>, String>, GateError> {
        let Some((image, digest)) = pinned(reference) else {
            return Ok(Err(format!("new digest: `{reference}` names no image by digest")));
        };
        let (signer, rules) = match expected(options) {
            Ok(expected) => expected,
            Err(message) => return Ok(Err(format!("opts parameter: {message}"))),
        };
        let pinned = Pinned::by_digest(image);
        let Some(pinned) = pinned else { return Ok(Ok(Vec::new())) };
        let collected = self.registry.collect(&pinned, self.until)?;
        let artifact = collected
            .unverified_manifest
            .as_deref()
            .map_or(Artifact::Digest(digest), Artifact::Bytes);
        let anchor = Anchor { root: self.root.as_deref(), rules };
        let mut found = Vec::new();
        for piece in collected.evidence.iter().filter(|piece| piece.problem.is_none()) {
            let bytes = &piece.unverified_bytes;
            let Some(Ok(accepted)) = check_evidence(bytes, artifact, &signer, anchor) else {
                continue;
            };
            let envelope = serde_json::from_slice(bytes).unwrap_or_default();
            found.push(Found::new(accepted, &envelope));
        }
        Ok(Ok(found))
    }
}

impl Found {
    fn new(accepted: Accepted, whole: &Json) -> Self {
        let envelope = whole.get("dsseEnvelope").unwrap_or(whole);
        let statement = envelope["payload"]
            .as_str()
            .and_then(|text| STANDARD.decode(text).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let signature = &envelope["signatures"][0];
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let material = &whole["verificationMaterial"];
        let certificate = [
            &material["certificate"]["rawBytes"],
            &material["x509CertificateChain"]["certificates"][0]["rawBytes"],
        ];
        let certificate = certificate.into_iter().find_map(Json::as_str).map(pem);
        let metadata = accepted.identity.as_ref().map_or_else(
            || json!({}),
            |identity| json!({"Issuer": identity.issuer, "Subject": identity.subject}),
        );
        let signature = json!({
            "keyid": text(&signature["keyid"]),
            "signature": text(&signature["sig"]),
            "certificate": certificate.unwrap_or_default(),
            "chain": [],
            "metadata": metadata,
        });
        Self { accepted, statement, signature }
    }

    /// Whether it is an attestation about the image rather than a signature of it.
    fn is_predicate(&self) -> bool {
        self.accepted.predicate_type.as_deref().is_some_and(|kind| !kind.contains("cosign/sign"))
    }
}

/// Whom to expect, and what the root must prove.
fn expected(options: Option<&Value>) -> Result<(Signer, Option<RootRules>), String> {
    let Some(options) = options.and_then(Value::as_object) else {
        return Err("it is no object".to_owned());
    };
    let text =
        |name: &str| options.field(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let ignore = matches!(options.field("ignore_rekor"), Some(Value::Bool(true)));
    if text("rekor_public_key").is_some() {
        return Err("`rekor_public_key`: name the log in a trusted root instead".to_owned());
    }
    if let Some(key) = text("public_key") {
        if !key.trim_start().starts_with("-----BEGIN") {
            return Err("`public_key` is no PEM: files and key stores are not looked at".to_owned());
        }
        return Ok((Signer::key(key), None));
    }
    let signer = Signer::identity(
        text("certificate_identity"),
        text("certificate_identity_regexp"),
        text("certificate_oidc_issuer"),
        text("certificate_oidc_issuer_regexp"),
    )?;
    let rules = ignore.then(|| RootRules { logs: 0, timestamp: true, ..RootRules::default() });
    Ok((signer, rules))
}

fn verdict(name: &str, found: &[Json], error: Option<&str>) -> Value {
    let errors: Vec<_> = error.into_iter().collect();
    let told = json!({"success": errors.is_empty(), "errors": errors, name: found});
    gate_rego::value::from(&told).unwrap_or(Value::Null)
}

fn pem(text: &str) -> String {
    let mut lines = String::from("-----BEGIN CERTIFICATE-----\n");
    for chunk in text.as_bytes().chunks(64) {
        lines.push_str(&String::from_utf8_lossy(chunk));
        lines.push('\n');
    }
    lines.push_str("-----END CERTIFICATE-----\n");
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Result<(), String> {
        expected(Some(&Value::from_json(text).unwrap())).map(|_| ())
    }

    #[test]
    fn options_that_name_nobody_are_refused() {
        let empty = r#"{"ignore_rekor": false, "public_key": "", "certificate_identity": ""}"#;
        assert!(options(empty).is_err());
        assert!(options(r#"{"ignore_rekor": false, "public_key": "k8s://x/y"}"#).is_err());
        assert!(options(r#"{"ignore_rekor": true, "certificate_identity": "a"}"#).is_err());
        assert!(options("[]").is_err());
        let both = r#"{"ignore_rekor": false, "certificate_identity": "a", "certificate_oidc_issuer": "b"}"#;
        assert_eq!(options(both), Ok(()));
    }

    #[test]
    fn a_verdict_without_errors_is_a_success() {
        assert_eq!(
            verdict("signatures", &[], Some("no")).to_json(),
            r#"{"errors":["no"],"signatures":[],"success":false}"#
        );
        assert_eq!(verdict("attestations", &[], None).field("success"), Some(&Value::Bool(true)));
    }
}
