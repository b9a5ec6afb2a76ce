//! `ec.*`: the builtins that Conforma adds to Rego. Package URLs are read here; what is asked of a
//! registry is noted, see [`crate::outside`].

use std::str::FromStr;

use packageurl::PackageUrl;

use super::{Context, Declared, Outcome, Type};
use crate::engine::value::Value;
use crate::outside::Need;

const TEXTS: Type = Type::Object(&[], Some(&(Type::String, Type::String)));
const PURL: Type = Type::Object(
    &[
        ("name", Type::String),
        ("namespace", Type::String),
        ("qualifiers", Type::Array(&[], Some(&PAIR))),
        ("subpath", Type::String),
        ("type", Type::String),
        ("version", Type::String),
    ],
    None,
);
const PAIR: Type = Type::Object(&[("key", Type::String), ("value", Type::String)], None);
const PLATFORM: Type = Type::Object(
    &[
        ("architecture", Type::String),
        ("features", Type::STRINGS),
        ("os", Type::String),
        ("os.features", Type::STRINGS),
        ("os.version", Type::String),
        ("variant", Type::String),
    ],
    None,
);
const DESCRIPTOR: Type = Type::Object(
    &[
        ("annotations", TEXTS),
        ("artifactType", Type::String),
        ("data", Type::String),
        ("digest", Type::String),
        ("mediaType", Type::String),
        ("platform", PLATFORM),
        ("size", Type::Number),
        ("urls", Type::STRINGS),
    ],
    None,
);
const DESCRIPTORS: Type = Type::Array(&[], Some(&DESCRIPTOR));
const MANIFEST: Type = Type::Object(
    &[
        ("annotations", TEXTS),
        ("config", DESCRIPTOR),
        ("layers", DESCRIPTORS),
        ("mediaType", Type::String),
        ("schemaVersion", Type::Number),
        ("subject", DESCRIPTOR),
    ],
    None,
);
const INDEX: Type = Type::Object(
    &[
        ("annotations", TEXTS),
        ("manifests", DESCRIPTORS),
        ("mediaType", Type::String),
        ("schemaVersion", Type::Number),
    ],
    None,
);
const REFERRER: Type = Type::Object(
    &[
        ("annotations", TEXTS),
        ("artifactType", Type::String),
        ("digest", Type::String),
        ("mediaType", Type::String),
        ("ref", Type::String),
        ("size", Type::Number),
    ],
    None,
);
const FILES: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));
const OPTIONS: Type =
    Type::Object(&[("ignore_rekor", Type::Boolean)], Some(&(Type::String, Type::String)));
const SIGNATURE: Type = Type::Object(
    &[
        ("certificate", Type::String),
        ("chain", Type::STRINGS),
        ("keyid", Type::String),
        ("metadata", TEXTS),
        ("signature", Type::String),
    ],
    None,
);
const SIGNATURES: Type = Type::Array(&[], Some(&SIGNATURE));
const ATTESTATION: Type =
    Type::Object(&[("signatures", SIGNATURES), ("statement", Type::Any)], None);
const IMAGE_VERDICT: Type = Type::Object(
    &[("errors", Type::STRINGS), ("signatures", SIGNATURES), ("success", Type::Boolean)],
    None,
);
const ATTESTATION_VERDICT: Type = Type::Object(
    &[
        ("attestations", Type::Array(&[], Some(&ATTESTATION))),
        ("errors", Type::STRINGS),
        ("success", Type::Boolean),
    ],
    None,
);

const BLOB: &str = "ec.oci.blob";
const BLOB_FILES: &str = "ec.oci.blob_files";
const DESCRIPTOR_OF: &str = "ec.oci.descriptor";
const IMAGE_FILES: &str = "ec.oci.image_files";
const IMAGE_INDEX: &str = "ec.oci.image_index";
const IMAGE_MANIFEST: &str = "ec.oci.image_manifest";
const IMAGE_REFERRERS: &str = "ec.oci.image_referrers";
const IMAGE_TAG_REFS: &str = "ec.oci.image_tag_refs";
const VERIFY_ATTESTATION: &str = "ec.sigstore.verify_attestation";
const VERIFY_IMAGE: &str = "ec.sigstore.verify_image";

/// The functions that ask outside.
const ASKING: [&str; 10] = [
    BLOB,
    BLOB_FILES,
    DESCRIPTOR_OF,
    IMAGE_FILES,
    IMAGE_INDEX,
    IMAGE_MANIFEST,
    IMAGE_REFERRERS,
    IMAGE_TAG_REFS,
    VERIFY_ATTESTATION,
    VERIFY_IMAGE,
];

const REFERENCE: &[Type] = &[Type::String];
const REFERENCE_AND_PATHS: &[Type] = &[Type::String, Type::STRINGS];
const REFERENCE_AND_OPTIONS: &[Type] = &[Type::String, OPTIONS];

pub(super) const TABLE: &[Declared] = &[
    Declared::new("ec.purl.is_valid", &[Type::String], Type::Boolean, purl_is_valid),
    Declared::new("ec.purl.parse", &[Type::String], PURL, purl_parse),
    Declared::new(BLOB, REFERENCE, Type::String, |context, operands| {
        Ok(asked(context, BLOB, operands))
    }),
    Declared::new(BLOB_FILES, REFERENCE_AND_PATHS, FILES, |context, operands| {
        Ok(asked(context, BLOB_FILES, operands))
    }),
    Declared::new(DESCRIPTOR_OF, REFERENCE, DESCRIPTOR, |context, operands| {
        Ok(asked(context, DESCRIPTOR_OF, operands))
    }),
    Declared::new(IMAGE_FILES, REFERENCE_AND_PATHS, FILES, |context, operands| {
        Ok(asked(context, IMAGE_FILES, operands))
    }),
    Declared::new(IMAGE_INDEX, REFERENCE, INDEX, |context, operands| {
        Ok(asked(context, IMAGE_INDEX, operands))
    }),
    Declared::new(IMAGE_MANIFEST, REFERENCE, MANIFEST, |context, operands| {
        Ok(asked(context, IMAGE_MANIFEST, operands))
    }),
    Declared::new(
        "ec.oci.image_manifests",
        &[Type::STRING_SET],
        Type::Object(&[], Some(&(Type::String, MANIFEST))),
        image_manifests,
    ),
    Declared::new(
        IMAGE_REFERRERS,
        REFERENCE,
        Type::Array(&[], Some(&REFERRER)),
        |context, operands| Ok(asked(context, IMAGE_REFERRERS, operands)),
    ),
    Declared::new(IMAGE_TAG_REFS, REFERENCE, Type::STRINGS, |context, operands| {
        Ok(asked(context, IMAGE_TAG_REFS, operands))
    }),
    Declared::new("ec.oci.parsed_blob", REFERENCE, Type::Any, parsed_blob),
    Declared::new(
        VERIFY_ATTESTATION,
        REFERENCE_AND_OPTIONS,
        ATTESTATION_VERDICT,
        |context, operands| Ok(asked(context, VERIFY_ATTESTATION, operands)),
    ),
    Declared::new(VERIFY_IMAGE, REFERENCE_AND_OPTIONS, IMAGE_VERDICT, |context, operands| {
        Ok(asked(context, VERIFY_IMAGE, operands))
    }),
];

/// The name of a function that asks outside.
pub(crate) fn asking(name: &str) -> Option<&'static str> {
    ASKING.into_iter().find(|function| *function == name)
}

/// What is known to be the answer of a call. Without anybody who collects, no call has one: so it is
/// in Conforma where there is no network.
fn asked(context: &Context, function: &'static str, operands: &[Value]) -> Option<Value> {
    let outside = context.outside.as_ref()?;
    outside.answer(Need { function, operands: operands.to_vec() })
}

/// The manifests of those images that have one.
fn image_manifests(context: &mut Context, operands: &[Value]) -> Outcome {
    let Some(references) = operands[0].as_set() else { return Ok(None) };
    let mut manifests = Vec::new();
    for reference in references {
        context.step()?;
        let manifest = asked(context, IMAGE_MANIFEST, std::slice::from_ref(reference));
        if let Some(manifest) = manifest {
            context.allocate_values(2)?;
            manifests.push((reference.clone(), manifest));
        }
    }
    Ok(Some(Value::object(manifests)))
}

/// A blob that is JSON, read.
fn parsed_blob(context: &mut Context, operands: &[Value]) -> Outcome {
    let Some(blob) = asked(context, BLOB, operands) else { return Ok(None) };
    let Some(text) = blob.as_str() else { return Ok(None) };
    context.work(text.len())?;
    context.allocate(text.len().saturating_mul(4))?;
    Ok(Value::from_json(text).ok())
}

fn purl_is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    Ok(Some(Value::Bool(purl(context, operands)?.is_some())))
}

fn purl_parse(context: &mut Context, operands: &[Value]) -> Outcome {
    let Some(purl) = purl(context, operands)? else { return Ok(None) };
    let text = |text: Option<&str>| Value::from(text.unwrap_or_default());
    let mut qualifiers: Vec<_> = purl.qualifiers().iter().collect();
    qualifiers.sort();
    let pair = |(key, value): (&std::borrow::Cow<'_, str>, &std::borrow::Cow<'_, str>)| {
        Value::object(vec![
            (Value::from("key"), Value::from(&**key)),
            (Value::from("value"), Value::from(&**value)),
        ])
    };
    Ok(Some(Value::object(vec![
        (Value::from("type"), Value::from(purl.ty())),
        (Value::from("namespace"), text(purl.namespace())),
        (Value::from("name"), Value::from(purl.name())),
        (Value::from("version"), text(purl.version())),
        (Value::from("qualifiers"), Value::array(qualifiers.into_iter().map(pair).collect())),
        (Value::from("subpath"), text(purl.subpath())),
    ])))
}

fn purl<'a>(
    context: &mut Context,
    operands: &'a [Value],
) -> Result<Option<PackageUrl<'a>>, super::BuiltinError> {
    let Some(text) = operands[0].as_str() else { return Ok(None) };
    context.work(text.len())?;
    context.allocate(text.len().saturating_mul(2))?;
    // An empty subpath or list of qualifiers is none.
    let text = text.strip_suffix('#').unwrap_or(text);
    let text = text.strip_suffix('?').unwrap_or(text);
    Ok(PackageUrl::from_str(text).ok())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use super::super::testing::context;
    use super::*;
    use crate::outside::Outside;

    fn json(text: &str) -> Value {
        Value::from_json(text).unwrap()
    }

    #[test]
    fn a_package_url_is_taken_apart() {
        let parsed = |text: &str| {
            let found = purl_parse(&mut context(), &[Value::from(text)]).unwrap();
            found.map(|value| value.to_json())
        };
        assert_eq!(
            parsed("pkg:rpm/fedora/curl@7.50.3-1?distro=fedora-25&arch=i386#a/b").unwrap(),
            "{\"name\":\"curl\",\"namespace\":\"fedora\",\"qualifiers\":[\
             {\"key\":\"arch\",\"value\":\"i386\"},{\"key\":\"distro\",\"value\":\"fedora-25\"}],\
             \"subpath\":\"a/b\",\"type\":\"rpm\",\"version\":\"7.50.3-1\"}"
        );
        assert_eq!(parsed("pkg:npm/a@1#"), parsed("pkg:npm/a@1"));
        assert_eq!(parsed("curl@7"), None);
        let valid = |text: &str| purl_is_valid(&mut context(), &[Value::from(text)]).unwrap();
        assert_eq!(valid("pkg:npm/a"), Some(Value::Bool(true)));
        assert_eq!(valid("npm/a"), Some(Value::Bool(false)));
    }

    #[test]
    fn what_is_asked_of_a_registry_is_noted_once_and_then_found() {
        let mut first = context();
        let outside = Arc::new(Outside::default());
        first.outside = Some(outside.clone());
        let blob = [Value::from("r/a@sha256:1")];
        assert_eq!(parsed_blob(&mut first, &blob), Ok(None));
        assert_eq!(parsed_blob(&mut first, &blob), Ok(None));
        let images = [Value::set(vec![Value::from("r/a"), Value::from("r/b")])];
        assert_eq!(image_manifests(&mut first, &images), Ok(Some(json("{}"))));
        let need =
            |function, operand: &str| Need { function, operands: vec![Value::from(operand)] };
        let needs = BTreeSet::from([
            need(BLOB, "r/a@sha256:1"),
            need(IMAGE_MANIFEST, "r/a"),
            need(IMAGE_MANIFEST, "r/b"),
        ]);
        assert_eq!(outside.needs(), needs);
        let known = BTreeMap::from([
            (need(BLOB, "r/a@sha256:1"), Some(Value::from("{\"x\": [1]}"))),
            (need(IMAGE_MANIFEST, "r/a"), Some(json("{\"schemaVersion\": 2}"))),
            (need(IMAGE_MANIFEST, "r/b"), None),
        ]);
        let mut second = context();
        let outside = Arc::new(Outside::new(known));
        second.outside = Some(outside.clone());
        assert_eq!(parsed_blob(&mut second, &blob), Ok(Some(json("{\"x\": [1]}"))));
        let found = image_manifests(&mut second, &images).unwrap().unwrap();
        assert_eq!(found, json("{\"r/a\": {\"schemaVersion\": 2}}"));
        assert!(outside.needs().is_empty());
    }
}
