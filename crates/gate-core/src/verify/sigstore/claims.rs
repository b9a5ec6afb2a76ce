//! From a verified certificate to what its authority says about the workload: subject and claims.

use std::collections::BTreeMap;

use sigstore_verify::VerificationResult;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::{ObjectIdentifier, Utf8StringRef};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::Bundle;

/// The claims that Fulcio writes into certificates, by the names that configuration and rules use:
/// those of its extensions 1.3.6.1.4.1.57264.1.9 to 1.24, then the older ones of GitHub.
pub(in crate::verify) const NAMES: [&str; 21] = [
    "build_signer_uri",
    "build_signer_digest",
    "runner_environment",
    "source_repository_uri",
    "source_repository_digest",
    "source_repository_ref",
    "source_repository_identifier",
    "source_repository_owner_uri",
    "source_repository_owner_identifier",
    "build_config_uri",
    "build_config_digest",
    "build_trigger",
    "run_invocation_uri",
    "source_repository_visibility_at_signing",
    "deployment_environment",
    "token_subject",
    "github_workflow_trigger",
    "github_workflow_sha",
    "github_workflow_name",
    "github_workflow_repository",
    "github_workflow_ref",
];

/// Fulcio's name for identities that are neither e-mail addresses nor URIs.
const USER_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7");

/// The claims of the certificate, those that it makes alone.
pub(super) fn of(result: &VerificationResult) -> BTreeMap<String, String> {
    let Some(certificate) = result.certificate() else { return BTreeMap::new() };
    let claims = &certificate.ci_claims;
    let github = &claims.deprecated_github;
    let values = [
        &claims.build_signer_uri,
        &claims.build_signer_digest,
        &claims.runner_environment,
        &claims.source_repository_uri,
        &claims.source_repository_digest,
        &claims.source_repository_ref,
        &claims.source_repository_identifier,
        &claims.source_repository_owner_uri,
        &claims.source_repository_owner_identifier,
        &claims.build_config_uri,
        &claims.build_config_digest,
        &claims.build_trigger,
        &claims.run_invocation_uri,
        &claims.source_repository_visibility_at_signing,
        &claims.deployment_environment,
        &claims.token_subject,
        &github.workflow_trigger,
        &github.workflow_sha,
        &github.workflow_name,
        &github.workflow_repository,
        &github.workflow_ref,
    ];
    let named = NAMES.into_iter().zip(values);
    named.filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect()
}

/// Whom the certificate names: an e-mail address or URI, or Fulcio's user name, which the crates
/// leave out.
pub(super) fn subject(result: &VerificationResult, bundle: &Bundle) -> Option<String> {
    if let Some(subject) = result.identity() {
        return Some(subject.as_str().to_owned());
    }
    let der = bundle.wire.signing_certificate()?;
    let certificate = Certificate::from_der(der.as_bytes()).ok()?;
    let (_, names) = certificate.tbs_certificate.get::<SubjectAltName>().ok()??;
    // One name alone: of several, two readers could take different ones.
    let [GeneralName::OtherName(name)] = names.0.as_slice() else { return None };
    if name.type_id != USER_NAME {
        return None;
    }
    name.value.decode_as::<Utf8StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
}
