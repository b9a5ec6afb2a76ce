//! Certificates.

use num_bigint::BigInt;

use super::der::{Reader, SEQUENCE, context};
use super::extensions::{Extension, Known};
use super::keys::{PublicKey, signature_algorithm};
use super::moment::Moment;
use super::names::Name;
use super::shape::{bytes, dotted, list, number, object, object_id, optional_bytes, texts};
use crate::engine::builtins::BuiltinError;
use crate::engine::value::Value;

pub(super) struct Certificate<'a> {
    pub(super) whole: &'a [u8],
    pub(super) signed: &'a [u8],
    pub(super) key_info: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) signature: &'a [u8],
    pub(super) algorithm: i64,
    pub(super) key: PublicKey<'a>,
    pub(super) version: i64,
    serial: BigInt,
    subject_name: Name,
    issuer_name: Name,
    pub(super) not_before: Moment,
    pub(super) not_after: Moment,
    extensions: Vec<Extension<'a>>,
    pub(super) known: Known<'a>,
}

fn malformed(what: &str) -> BuiltinError {
    BuiltinError::evaluation(format!("x509: malformed {what}"))
}

/// The certificates that stand one behind the other.
pub(super) fn all(der: &[u8]) -> Result<Vec<Certificate<'_>>, BuiltinError> {
    let mut reader = Reader(der);
    let mut certificates = Vec::new();
    while !reader.is_empty() {
        let certificate = reader.element(SEQUENCE).ok_or_else(|| malformed("certificate"))?;
        certificates.push(Certificate::read(certificate.whole)?);
    }
    Ok(certificates)
}

impl<'a> Certificate<'a> {
    pub(super) fn read(whole: &'a [u8]) -> Result<Self, BuiltinError> {
        let mut outer = Reader(whole).sequence().ok_or_else(|| malformed("certificate"))?;
        let signed = outer.element(SEQUENCE).ok_or_else(|| malformed("tbs certificate"))?;
        let mut fields = Reader(signed.content);
        let version = version(&mut fields).ok_or_else(|| malformed("version"))?;
        let serial = fields.integer().ok_or_else(|| malformed("serial number"))?;
        if serial < BigInt::ZERO {
            return Err(BuiltinError::evaluation("x509: negative serial number"));
        }
        let inner = fields.sequence().ok_or_else(|| malformed("signature algorithm identifier"))?;
        let identifier = outer.sequence().ok_or_else(|| malformed("algorithm identifier"))?;
        if inner.0 != identifier.0 {
            return Err(BuiltinError::evaluation(
                "x509: inner and outer signature algorithm identifiers don't match",
            ));
        }
        let algorithm =
            signature_algorithm(inner).ok_or_else(|| malformed("algorithm identifier"))?;
        let issuer = fields.element(SEQUENCE).ok_or_else(|| malformed("issuer"))?.whole;
        let mut validity = fields.sequence().ok_or_else(|| malformed("validity"))?;
        let mut moment = || Moment::read(&mut validity).ok_or_else(|| malformed("validity"));
        let (not_before, not_after) = (moment()?, moment()?);
        let subject = fields.element(SEQUENCE).ok_or_else(|| malformed("issuer"))?.whole;
        let key_info = fields.element(SEQUENCE).ok_or_else(|| malformed("spki"))?.whole;
        let key = PublicKey::read(key_info).map_err(BuiltinError::evaluation)?;
        let name = |whole| Name::read(whole).ok_or_else(|| malformed("name"));
        let extensions = extensions(&mut fields, version).ok_or_else(|| malformed("extensions"))?;
        let mut known = Known::default();
        for extension in &extensions {
            known.add(extension).ok_or_else(|| malformed("extension"))?;
        }
        let signature = outer.whole_bits().ok_or_else(|| malformed("signature"))?;
        Ok(Self {
            whole,
            signed: signed.whole,
            key_info,
            subject,
            issuer,
            signature,
            algorithm,
            key,
            version,
            serial,
            subject_name: name(subject)?,
            issuer_name: name(issuer)?,
            not_before,
            not_after,
            extensions,
            known,
        })
    }

    /// The fields of Go's `x509.Certificate`.
    pub(super) fn fields(&self) -> Vec<(Value, Value)> {
        let known = &self.known;
        let (authority, length) = known.basic.unwrap_or((false, 0));
        let usages = known.usages.iter().map(|usage| Value::from(*usage)).collect();
        let ids = |ids: &[Vec<u64>]| list(ids.iter().map(|id| object_id(id)).collect());
        let mappings = known.mappings.iter().map(|[issuer, subject]| {
            object([
                ("IssuerDomainPolicy", Value::from(dotted(issuer))),
                ("SubjectDomainPolicy", Value::from(dotted(subject))),
            ])
        });
        let counted = |number: Option<i64>| Value::from(number.unwrap_or(0));
        let zero = |number: Option<i64>| Value::Bool(number == Some(0));
        let policies = known.policies.as_deref().unwrap_or_default();
        let short = policies.iter().filter(|id| id.iter().all(|part| i32::try_from(*part).is_ok()));
        let short: Vec<_> = short.map(|id| object_id(id)).collect();
        let fields = [
            ("AuthorityKeyId", optional_bytes(known.authority_key)),
            ("BasicConstraintsValid", Value::Bool(known.basic.is_some())),
            ("CRLDistributionPoints", texts(&known.revocation_lists)),
            ("DNSNames", texts(&known.names.hosts)),
            ("EmailAddresses", texts(&known.names.mailboxes)),
            ("ExcludedDNSDomains", texts(&known.excluded.hosts)),
            ("ExcludedEmailAddresses", texts(&known.excluded.mailboxes)),
            ("ExcludedIPRanges", known.excluded.networks_value()),
            ("ExcludedURIDomains", texts(&known.excluded.domains)),
            ("ExtKeyUsage", list(usages)),
            ("Extensions", list(self.extensions.iter().map(Extension::value).collect())),
            ("ExtraExtensions", Value::Null),
            ("IPAddresses", known.names.addresses_value()),
            ("InhibitAnyPolicy", counted(known.inhibit_any)),
            ("InhibitAnyPolicyZero", zero(known.inhibit_any)),
            ("InhibitPolicyMapping", counted(known.inhibit_mapping)),
            ("InhibitPolicyMappingZero", zero(known.inhibit_mapping)),
            ("IsCA", Value::Bool(authority)),
            ("Issuer", self.issuer_name.value()),
            ("IssuingCertificateURL", texts(&known.issuers)),
            ("KeyUsage", Value::from(known.key_usage)),
            ("MaxPathLen", Value::from(length)),
            ("MaxPathLenZero", Value::Bool(known.basic.is_some() && length == 0)),
            ("NotAfter", Value::from(self.not_after.text.as_str())),
            ("NotBefore", Value::from(self.not_before.text.as_str())),
            ("OCSPServer", texts(&known.status_servers)),
            ("PermittedDNSDomains", texts(&known.permitted.hosts)),
            ("PermittedDNSDomainsCritical", Value::Bool(known.constraints_critical)),
            ("PermittedEmailAddresses", texts(&known.permitted.mailboxes)),
            ("PermittedIPRanges", known.permitted.networks_value()),
            ("PermittedURIDomains", texts(&known.permitted.domains)),
            ("Policies", list(policies.iter().map(|id| Value::from(dotted(id))).collect())),
            (
                "PolicyIdentifiers",
                if known.policies.is_some() { Value::array(short) } else { Value::Null },
            ),
            ("PolicyMappings", list(mappings.collect())),
            ("PublicKey", self.key.value()),
            ("PublicKeyAlgorithm", Value::from(self.key.algorithm())),
            ("Raw", bytes(self.whole)),
            ("RawIssuer", bytes(self.issuer)),
            ("RawSubject", bytes(self.subject)),
            ("RawSubjectPublicKeyInfo", bytes(self.key_info)),
            ("RawTBSCertificate", bytes(self.signed)),
            ("RequireExplicitPolicy", counted(known.explicit_policy)),
            ("RequireExplicitPolicyZero", zero(known.explicit_policy)),
            ("SerialNumber", number(&self.serial)),
            ("Signature", bytes(self.signature)),
            ("SignatureAlgorithm", Value::from(self.algorithm)),
            ("Subject", self.subject_name.value()),
            ("SubjectKeyId", optional_bytes(known.subject_key)),
            ("URIs", known.names.locators_value()),
            ("UnhandledCriticalExtensions", ids(&known.unhandled)),
            ("UnknownExtKeyUsage", ids(&known.unknown_usages)),
            ("Version", Value::from(self.version)),
        ];
        fields.into_iter().map(|(name, value)| (Value::from(name), value)).collect()
    }

    pub(super) fn value(&self) -> Value {
        Value::object(self.fields())
    }

    /// The fields, and the locators as texts, which OPA adds to most.
    pub(super) fn extended(&self) -> Value {
        let mut fields = self.fields();
        fields.push((Value::from("URIStrings"), texts(&self.known.names.locators)));
        Value::object(fields)
    }
}

/// The version, counted from 1.
fn version(fields: &mut Reader) -> Option<i64> {
    let Some(tagged) = fields.optional(context(0, true))? else { return Some(1) };
    let version = i64::try_from(Reader(tagged).integer()?).ok()?;
    (0..3).contains(&version).then_some(version + 1)
}

fn extensions<'a>(fields: &mut Reader<'a>, version: i64) -> Option<Vec<Extension<'a>>> {
    let mut extensions: Vec<Extension> = Vec::new();
    if version > 1 {
        fields.optional(context(1, false))?;
        fields.optional(context(2, false))?;
    }
    if version < 3 {
        return Some(extensions);
    }
    let Some(tagged) = fields.optional(context(3, true))? else { return Some(extensions) };
    let mut reader = Reader(tagged).sequence()?;
    while !reader.is_empty() {
        let extension = Extension::read(&mut reader)?;
        if extensions.iter().any(|known| known.id == extension.id) {
            return None;
        }
        extensions.push(extension);
    }
    Some(extensions)
}
