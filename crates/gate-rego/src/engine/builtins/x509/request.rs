//! Requests for certificates.

use super::alternative::Alternative;
use super::der::{
    BOOLEAN, Element, INTEGER, OBJECT_ID, OCTET_STRING, Reader, SEQUENCE, SET, boolean, context,
    integer, object_id,
};
use super::extensions::Extension;
use super::keys::{PublicKey, signature_algorithm};
use super::names::{Name, text};
use super::shape;
use crate::engine::builtins::BuiltinError;
use crate::engine::value::Value;

fn malformed() -> BuiltinError {
    BuiltinError::evaluation("asn1: structure error: tags don't match")
}

/// A request as Go's `x509.CertificateRequest`.
pub(super) fn value(der: &[u8]) -> Result<Value, BuiltinError> {
    let mut reader = Reader(der);
    let outer = reader.element(SEQUENCE).ok_or_else(malformed)?;
    if !reader.is_empty() {
        return Err(BuiltinError::evaluation("asn1: syntax error: trailing data"));
    }
    read(outer)
}

fn read(outer: Element) -> Result<Value, BuiltinError> {
    let mut fields = Reader(outer.content);
    let signed = fields.element(SEQUENCE).ok_or_else(malformed)?;
    let identifier = fields.sequence().ok_or_else(malformed)?;
    let algorithm = signature_algorithm(identifier).ok_or_else(malformed)?;
    let signature = fields.whole_bits().ok_or_else(malformed)?;
    let mut fields = Reader(signed.content);
    let version = fields.integer().ok_or_else(malformed)?;
    let subject = fields.element(SEQUENCE).ok_or_else(malformed)?.whole;
    let name = Name::read(subject).ok_or_else(malformed)?;
    let key_info = fields.element(SEQUENCE).ok_or_else(malformed)?.whole;
    let key = PublicKey::read(key_info).map_err(BuiltinError::evaluation)?;
    let attributes = match fields.optional(context(0, true)).ok_or_else(malformed)? {
        Some(content) => Reader(content),
        None => Reader(&[]),
    };
    let (attributes, extensions) = attributes_of(attributes).ok_or_else(malformed)?;
    let names = extensions.iter().find(|extension| extension.id == [2, 5, 29, 17]);
    let names = match names {
        Some(extension) => Alternative::read(extension.content).ok_or_else(malformed)?,
        None => Alternative::default(),
    };
    Ok(shape::object([
        ("Attributes", shape::list(attributes)),
        ("DNSNames", shape::texts(&names.hosts)),
        ("EmailAddresses", shape::texts(&names.mailboxes)),
        ("Extensions", shape::list(extensions.iter().map(Extension::value).collect())),
        ("ExtraExtensions", Value::Null),
        ("IPAddresses", names.addresses_value()),
        ("PublicKey", key.value()),
        ("PublicKeyAlgorithm", Value::from(key.algorithm())),
        ("Raw", shape::bytes(outer.whole)),
        ("RawSubject", shape::bytes(subject)),
        ("RawSubjectPublicKeyInfo", shape::bytes(key_info)),
        ("RawTBSCertificateRequest", shape::bytes(signed.whole)),
        ("Signature", shape::bytes(signature)),
        ("SignatureAlgorithm", Value::from(algorithm)),
        ("Subject", name.value()),
        ("URIs", names.locators_value()),
        ("Version", shape::number(&version)),
    ]))
}

/// The attributes that are sets of sets, and the extensions that are asked for in one of them.
fn attributes_of(mut reader: Reader) -> Option<(Vec<Value>, Vec<Extension>)> {
    let (mut attributes, mut extensions) = (Vec::new(), Vec::new());
    while !reader.is_empty() {
        let mut attribute = reader.sequence()?;
        let id = object_id(attribute.take(OBJECT_ID)?)?;
        let set = Reader(attribute.take(SET)?);
        if let Some(values) = sets(set) {
            let value = Value::array(values);
            attributes.push(shape::object([("Type", shape::object_id(&id)), ("Value", value)]));
        }
        if id == [1, 2, 840, 113_549, 1, 9, 14] {
            let mut set = set;
            let mut asked = set.sequence()?;
            while !asked.is_empty() {
                extensions.push(Extension::read(&mut asked)?);
            }
        }
    }
    Some((attributes, extensions))
}

fn sets(mut set: Reader) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while !set.is_empty() {
        let mut items = set.sequence()?;
        let mut pairs = Vec::new();
        while !items.is_empty() {
            let mut item = items.sequence()?;
            let id = object_id(item.take(OBJECT_ID)?)?;
            let value = any(item.next()?);
            pairs.push(shape::object([("Type", shape::object_id(&id)), ("Value", value)]));
        }
        values.push(Value::array(pairs));
    }
    Some(values)
}

/// What Go makes of an element whose type it was not told.
fn any(element: Element) -> Value {
    match element.tag {
        BOOLEAN => boolean(element.content).map_or(Value::Null, Value::Bool),
        INTEGER => integer(element.content).map_or(Value::Null, |number| shape::number(&number)),
        OCTET_STRING => shape::bytes(element.content),
        OBJECT_ID => object_id(element.content).map_or(Value::Null, |id| shape::object_id(&id)),
        tag => text(tag, element.content).map_or(Value::Null, Value::from),
    }
}
