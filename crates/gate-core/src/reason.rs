//! Gate's own reasons, each with a stable kebab-case code. Codes of rules are the policies' own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$outer:meta])* $name:ident { $($variant:ident = $code:literal, $text:literal, $fix:literal;)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $(#[doc = $text] #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every reason of this family.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it means, in one sentence.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// How to mend it.
            pub const fn solution(self) -> &'static str {
                match self { $(Self::$variant => $fix,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

codes! {
    /// Why a piece of evidence became a failed fact: it satisfies no rule.
    Problem {
        EvidenceMalformed = "evidence-malformed", "The evidence cannot be read as what it claims to be.", "Produce the file again with its tool and check it with `gate evidence inspect`.";
        EvidenceUnknown = "evidence-unknown", "The evidence is of no kind that Gate reads.", "See `gate evidence inspect --help` for the kinds that are read.";
        EvidenceTooLarge = "evidence-too-large", "The evidence exceeds the size or count that Gate reads.", "Split or shorten it.";
        PredicateUnsupported = "predicate-unsupported", "The statement's predicate type is none that Gate reads.", "Use a predicate type that Gate reads, or configure an alias for it.";
        UnsignedNotAllowed = "unsigned-not-allowed", "The evidence is not signed and the environment asks for a signature on this kind.", "Sign it, or allow unsigned evidence of this kind for the environment.";
        SignerUnknown = "signer-unknown", "No configured signer made this signature.", "Sign with a configured signer, or name the signer in the configuration.";
        SignerNotTrusted = "signer-not-trusted", "The signer is configured, but not for this kind of evidence.", "Have a signer named for this kind sign it, or name this one under `trust`.";
        IdentityMismatch = "identity-mismatch", "The certificate is valid, but names an identity or issuer that no configured signer has.", "Sign from the expected workflow or account, or configure this identity.";
        SignatureInvalid = "signature-invalid", "The signature does not fit the signed bytes.", "The evidence was changed after signing, or signed with another key: sign it again.";
        CertificateInvalid = "certificate-invalid", "The certificate does not chain to a trusted authority or lacks its transparency proof.", "Check that the trusted root belongs to the instance that signed.";
        CertificateExpired = "certificate-expired", "The certificate was not valid when the signature was made.", "Sign again: a short-lived certificate signs only within its window.";
        LogProofInvalid = "log-proof-invalid", "The transparency log entry or its proof does not hold.", "Sign again and keep the bundle as it is written.";
        SigningTimeUnproven = "signing-time-unproven", "Nothing trusted says when the signature was made.", "Sign with a transparency log or a timestamp authority that the root names.";
        KeyNotValid = "key-not-valid", "The signature was made outside the time in which its key is configured to be in use.", "Sign with the key that is in use, or correct `valid_from` and `valid_until` of the signer.";
        SignersInsufficient = "signers-insufficient", "The evidence is signed, but not by all whom the environment asks for.", "Have the signers sign whom the detail names.";
        SubjectMismatch = "subject-mismatch", "The evidence speaks of another subject.", "Produce the evidence for this subject's digest.";
        VexUnjustified = "vex-unjustified", "A VEX statement says that the product is not affected and not why.", "Add a justification or an impact statement.";
        VexUndated = "vex-undated", "Nothing says when a VEX statement was made, so it cannot be told from one that it replaces.", "Give the document or the statement a timestamp with a time zone.";
        VexNotYetValid = "vex-not-yet-valid", "A VEX statement is dated after the decision.", "Check the clock of the machine that wrote it.";
        VexUnrelated = "vex-unrelated", "A VEX statement about a vulnerability that was found speaks of another product.", "Name the subject by its digest, or the package by its package URL.";
        ApproverUnknown = "approver-unknown", "The approval's signer is no person of the configuration.", "Map the signer to a person under `people`.";
        ApprovalMalformed = "approval-malformed", "The approval lacks its environment, time or end.", "Write approvals with `gate approve`.";
        ApprovalExpired = "approval-expired", "The approval has ended.", "Approve again.";
        ApprovalNotYetValid = "approval-not-yet-valid", "The approval is dated after the decision.", "Check the clock of the approver's machine, then approve again.";
        ApprovalOtherEnvironment = "approval-other-environment", "The approval is for another environment.", "Approve for this environment.";
        ApprovalByAuthor = "approval-by-author", "The approver is an author of the change.", "Have somebody else approve.";
        ApprovalRepeated = "approval-repeated", "This person has already approved.", "Have another person approve.";
        ChangeAuthorUnknown = "change-author-unknown", "Who authored the change is not known, so no approval counts.", "Attach a signed change statement for the commit in the provenance, and map its authors under `people`.";
        ChangeUnrelated = "change-unrelated", "The change statement is about a commit that no verified provenance names.", "Attach the change statement of the commit that was built.";
    }
}

codes! {
    /// Gate's own words in a decision, beside those of the rules. No exception excuses them.
    GateCode {
        EvidenceMalformed = "evidence-malformed", "Evidence that the caller named cannot be read.", "Produce the file again with its tool and check it with `gate evidence inspect`.";
        PolicyEmpty = "policy-empty", "The policy bundle has no `deny` or `warn` rule.", "Point the environment at a bundle whose packages have `deny` or `warn` rules.";
        PolicyError = "policy-error", "A rule ended in an engine error.", "Mend the rule at the place named; `gate policy eval` repeats it.";
        ImageNotPinned = "image-not-pinned", "An image reference has no digest.", "Write the reference with `@sha256:...`.";
        ObjectUnreadable = "object-unreadable", "The object under admission is not shaped as its kind demands.", "Check the object against its API version.";
        ExceptionUnused = "exception-unused", "A configured exception matched no finding.", "Remove the exception, or correct what it names.";
        ExceptionEnded = "exception-ended", "A configured exception has ended and excuses nothing.", "Remove it, or have it granted again with a new end.";
    }
}

codes! {
    /// Why there is no verdict: exit 2, HTTP 4xx or 5xx, admission refused.
    ErrorCode {
        PolicyTimeout = "policy-timeout", "Policy evaluation ran out of time.", "Make the rule cheaper or raise `limits`.";
        CollectFailed = "collect-failed", "Evidence could not be collected.", "Mend the source named and ask again.";
        SubjectInvalid = "subject-invalid", "The subject cannot be read.", "Name an image of a registry, a file or folder, `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE` or `sha256:HEX`.";
        SubjectMismatch = "subject-mismatch", "The subject's bytes do not have the digest that was asked for.", "The source is damaged or lies: fetch the subject again.";
        RegistryUnauthorized = "registry-unauthorized", "The registry does not know who asks.", "Log in to the registry, or name a file of credentials under `registries`.";
        RegistryForbidden = "registry-forbidden", "The registry refuses this to whoever asks.", "Give the account the right to pull from the repository, or use another account.";
        RegistryRateLimited = "registry-rate-limited", "The registry takes no more requests for now.", "Ask again later, log in, or use a mirror.";
        RegistryUnavailable = "registry-unavailable", "The registry cannot be reached, or fails.", "Check the address, its certificate and the network, then ask again.";
        RegistryTimeout = "registry-timeout", "The registry did not answer in time.", "Ask again, or raise the time limits under `registries.limits`.";
        RegistryDigestMismatch = "registry-digest-mismatch", "The registry's bytes do not have the digest that was asked for.", "The registry or something before it is damaged or lies: push the content again or find out.";
        RegistryResponseInvalid = "registry-response-invalid", "The registry's answer is none that its protocol knows.", "Check that the address is a registry's, and what stands before it.";
        RegistryResponseTruncated = "registry-response-truncated", "The registry's answer ended before it was whole.", "Ask again; if it stays, look at what stands before the registry.";
        RegistryLimitExceeded = "registry-limit-exceeded", "The registry's answers exceed what a decision reads.", "Remove what is superfluous beside the image, or raise the limit named under `registries.limits`.";
        RegistryCredentialsFailed = "registry-credentials-failed", "The credentials for the registry cannot be had.", "Mend the file or the credential helper that is named.";
        RegistryNotFound = "registry-not-found", "The registry has no such image.", "Check registry, repository and tag or digest.";
        SignFailed = "sign-failed", "The attestation could not be signed.", "Check the signing key.";
        RecordFailed = "record-failed", "The record could not be made durable.", "Check the store's disk and permissions.";
        StoreInUse = "store-in-use", "Another process holds the store.", "Stop the other process, or ask it over HTTP.";
        StoreInvalid = "store-invalid", "The store is damaged or of another version.", "Run `gate ledger verify` on a copy.";
        ConfigInvalid = "config-invalid", "The configuration does not load.", "Run `gate config check`.";
        PolicyInvalid = "policy-invalid", "The policy bundle does not load.", "Mend the place named.";
        KeyInvalid = "key-invalid", "A key cannot be read or is of a kind that Gate does not use.", "Use a PKCS#8 PEM key (P-256 or Ed25519), readable by its owner alone.";
        NotFound = "not-found", "There is no such record.", "Check the id.";
        Internal = "internal", "Gate failed in a way it should not.", "Report it with the request id.";
    }
}

codes! {
    /// Refusals of the HTTP surface, before the spine starts.
    RequestCode {
        RequestMalformed = "request-malformed", "The request cannot be read.", "See /openapi.json.";
        BodyTooLarge = "body-too-large", "The body exceeds the limit of this endpoint.", "Send less.";
        Unauthorized = "unauthorized", "No valid token or client certificate came with the request.", "Send `Authorization: Bearer TOKEN`.";
        TokenEnded = "token-ended", "The token has ended.", "Ask for a new one.";
        Forbidden = "forbidden", "This token may not do this here.", "Use a token with the right and environment.";
        EnvironmentUnknown = "environment-unknown", "There is no such environment.", "Name a configured environment.";
        DigestMismatch = "digest-mismatch", "The body does not have the digest in the path.", "Send the bytes as they were hashed.";
        UploadLimit = "upload-limit", "The subject's evidence would exceed its count or bytes.", "Send only the evidence that the policies ask for.";
        EvidenceRefused = "evidence-refused", "The upload is no evidence that Gate reads.", "Check it with `gate evidence inspect`.";
        IdempotencyConflict = "idempotency-conflict", "The idempotency key was used with another body.", "Use a new key for a new request.";
        Overloaded = "overloaded", "The server has as much work as it takes.", "Try again after the time in `Retry-After`.";
        DeadlineExceeded = "deadline-exceeded", "The answer was not ready in time.", "Try again, or raise the time-out.";
        RouteUnknown = "route-unknown", "There is no such path or method.", "See /openapi.json.";
        Stopping = "stopping", "The server is stopping.", "Ask another replica.";
    }
}
