//! What Conforma's builtins ask of registries, answered by one that tells the truth and by one that
//! fails.

use std::collections::BTreeSet;
use std::io::Write;

use gate_core::Digest;
use gate_core::effects::EvidenceSource;
use gate_core::reason::ErrorCode;
use gate_core::request::{Asker, Request};
use gate_io::needs::Collector;
use gate_io::registry::{Referrer, Registry};
use gate_io::source::{Layout, Layouts};
use gate_rego::Value;
use gate_rego::outside::{Need, function};
use gate_tests::registry::{Reply, Shelf, descriptor};
use serde_json::{Value as Json, json};

use crate::desk::{SBOM, SBOM_TYPE, client, image, serve, settings};

/// The answer to one call; `None` where it is undefined.
fn answer(registry: &Registry, name: &str, operands: &[Json]) -> Option<Json> {
    let operands = operands.iter().map(|it| gate_rego::value::from(it).unwrap()).collect();
    let need = Need { function: function(name).unwrap(), operands };
    let collector = Collector { registry, root: None, until: None };
    let mut answers = collector.answer(&BTreeSet::from([need.clone()])).unwrap();
    answers.remove(&need).unwrap().map(|value: Value| gate_rego::value::to_json(&value))
}

fn archive(files: &[(&str, &str)], packed: bool) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content.as_bytes()).unwrap();
    }
    let bytes = builder.into_inner().unwrap();
    if !packed {
        return bytes;
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&bytes).unwrap();
    encoder.finish().unwrap()
}

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

#[test]
fn manifests_blobs_and_what_lies_beside_an_image_are_found() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    let referrer = shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    let dashed = subject.to_string().replace(':', "-");
    shelf.evidence(None, SBOM_TYPE, SBOM.as_bytes(), Some(&format!("{dashed}.att")));
    let blob = shelf.blob(SBOM.as_bytes());
    let packed = shelf.blob(&archive(&[("a.json", "{}")], true));
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let place = format!("{}/shop/app", server.host());
    let at = |digest: Digest| json!(format!("{place}@{digest}"));
    let ask = |name: &str, reference: Json| answer(&registry, name, &[reference]);

    assert_eq!(ask("ec.oci.blob", at(blob)), Some(json!(SBOM)));
    assert_eq!(ask("ec.oci.blob", at(packed)), None, "its digest is of the packed bytes");
    assert_eq!(ask("ec.oci.blob", at(Digest::of(b"absent"))), None);
    assert_eq!(ask("ec.oci.blob", json!("no reference at all!")), None);
    let by_tag = ask("ec.oci.image_manifest", json!(format!("{place}:v1"))).unwrap();
    assert_eq!(by_tag["schemaVersion"], 2);
    assert_eq!(Some(&by_tag), ask("ec.oci.image_manifest", at(subject)).as_ref());
    assert_eq!(ask("ec.oci.image_manifest", json!(format!("{place}:v2"))), None);
    assert_eq!(ask("ec.oci.image_index", at(subject)), None, "it is no index");
    let descriptor = ask("ec.oci.descriptor", json!(format!("{place}:v1"))).unwrap();
    assert_eq!(descriptor["digest"], json!(subject));
    let referrers = ask("ec.oci.image_referrers", at(subject)).unwrap();
    assert_eq!(referrers[0]["ref"], at(referrer));
    assert_eq!(referrers.as_array().unwrap().len(), 1);
    let tags = ask("ec.oci.image_tag_refs", at(subject));
    assert_eq!(tags, Some(json!([format!("{place}:{dashed}.att")])));
}

#[test]
fn an_index_is_its_platform_linux_amd64() {
    let mut shelf = Shelf::new();
    let other = shelf.image("arm64", None);
    let wanted = shelf.image("amd64", None);
    let mut entries = [shelf.about(other), shelf.about(wanted)];
    entries[0]["platform"] = json!({"os": "linux", "architecture": "arm64"});
    entries[1]["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let index = json!({"schemaVersion": 2, "manifests": entries,
        "mediaType": "application/vnd.oci.image.index.v1+json"});
    let index = shelf.manifest(&index, Some("v1"));
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let at = |digest| json!(format!("{}/shop/app@{digest}", server.host()));
    let ask = |name: &str, digest| answer(&registry, name, &[at(digest)]);
    assert_eq!(ask("ec.oci.image_manifest", index), ask("ec.oci.image_manifest", wanted));
    let found = ask("ec.oci.image_index", index).unwrap();
    assert_eq!(found["manifests"][1]["platform"]["architecture"], "amd64");
}

#[test]
fn files_of_layers_are_read_from_the_top() {
    let mut shelf = Shelf::new();
    let below = archive(
        &[
            ("manifests/a.yaml", "a: 1"),
            ("manifests/b.json", "{\"b\": 1}"),
            ("manifests/c.json", "{\"c\": 1}"),
            ("other/d.json", "{}"),
        ],
        true,
    );
    let above = archive(
        &[("manifests/a.yaml", "a: 2"), ("manifests/.wh.c.json", ""), ("manifests/e.txt", "no")],
        true,
    );
    shelf.blob(&below);
    shelf.blob(&above);
    shelf.blob(b"{}");
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.oci.image.config.v1+json", b"{}"),
        "layers": [descriptor(LAYER, &below), descriptor(LAYER, &above)],
    });
    let image = shelf.manifest(&manifest, None);
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let at = |digest| json!(format!("{}/shop/app@{digest}", server.host()));
    let files = answer(&registry, "ec.oci.image_files", &[at(image), json!(["manifests/"])]);
    let expected = json!({"manifests/a.yaml": {"a": 2}, "manifests/b.json": {"b": 1}});
    assert_eq!(files, Some(expected));
    let blob = at(Digest::of(&below));
    let one = answer(&registry, "ec.oci.blob_files", &[blob, json!(["other/d.json", "x"])]);
    assert_eq!(one, Some(json!({"other/d.json": {}})));
}

#[test]
fn a_registry_that_fails_is_no_absence() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", None);
    let server = serve(shelf, |_| Some(Reply::refused(503)));
    let registry = client(settings(&[&server.host()]));
    let reference = Value::from(format!("{}/shop/app@{subject}", server.host()));
    let need = Need { function: "ec.oci.image_manifest", operands: vec![reference] };
    let collector = Collector { registry: &registry, root: None, until: None };
    let error = collector.answer(&BTreeSet::from([need])).unwrap_err();
    assert_eq!(error.code, ErrorCode::RegistryUnavailable);
}

#[test]
fn signatures_that_nobody_expected_are_told_and_verify_nothing() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", None);
    shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let reference = json!(format!("{}/shop/app@{subject}", server.host()));
    let options = json!({"ignore_rekor": false, "public_key": "-----BEGIN PUBLIC KEY-----\n"});
    for (name, list) in [
        ("ec.sigstore.verify_image", "signatures"),
        ("ec.sigstore.verify_attestation", "attestations"),
    ] {
        let found = answer(&registry, name, &[reference.clone(), options.clone()]).unwrap();
        assert_eq!(found["success"], false, "{name}");
        assert_eq!(found[list], json!([]), "{name}");
        let unpinned = [json!(format!("{}/shop/app:v1", server.host())), options.clone()];
        let found = answer(&registry, name, &unpinned).unwrap();
        assert!(found["errors"][0].as_str().unwrap().starts_with("new digest"), "{name}");
    }
}

/// The fixture's image with its evidence in a registry: what the build signed counts for its key.
#[test]
fn attestations_by_the_expected_key_are_told_with_their_statements() {
    let root = gate_fixtures::stored::root();
    let layout = Layouts(vec![Layout::new(root.join("good-release_allow/image"))]);
    let named = "oci:".to_owned() + &root.join("good-release_allow/image").display().to_string();
    let server = serve(Shelf::new(), |_| None);
    let registry = client(settings(&[&server.host()]));
    let subject = gate_io::source::resolve(&named, &registry).unwrap().subject;
    let asker = Asker { requester: "tests".into(), admission: None };
    let now = "2026-11-23T08:00:00Z".parse().unwrap();
    let request = Request { subject, asker, now, object: None };
    let collected = layout.collect(&request).unwrap();
    let manifest = collected.unverified_manifest.unwrap();
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let config = collected.unverified_config.unwrap();
    let at = image(&server.host(), ":v1");
    registry.push(&at, media_type, manifest, vec![config]).unwrap();
    let pinned = registry.pin(&at, None).unwrap();
    for piece in collected.evidence {
        let bundle = Referrer {
            artifact_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
            media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
            bytes: piece.unverified_bytes,
            annotations: vec![],
        };
        registry.attach(&pinned, bundle).unwrap();
    }
    let reference = json!(format!("{}/shop/app@{}", server.host(), pinned.digest));
    let verified = |key: &str| {
        let pem = std::fs::read_to_string(root.join(format!("keys/{key}.pub"))).unwrap();
        let options = json!({"ignore_rekor": true, "public_key": pem});
        let name = "ec.sigstore.verify_attestation";
        answer(&registry, name, &[reference.clone(), options]).unwrap()
    };
    let build = verified("build");
    assert_eq!((&build["success"], &build["errors"]), (&json!(true), &json!([])));
    let types: BTreeSet<_> = build["attestations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["statement"]["predicateType"].as_str().unwrap())
        .collect();
    assert!(types.contains("https://slsa.dev/provenance/v1"), "{types:?}");
    assert!(build["attestations"][0]["signatures"][0]["signature"].as_str().unwrap().len() > 40);
    assert_eq!(verified("dave")["success"], false);
}
