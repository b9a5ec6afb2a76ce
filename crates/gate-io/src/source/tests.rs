//! Layouts as they come: whole, damaged, hostile.

use std::path::Path;

use gate_core::Digest;
use gate_core::reason::{ErrorCode, Problem};
use gate_core::request::{Asker, Subject, SubjectKind};
use serde_json::{Value, json};

use super::*;

fn put(folder: &Path, bytes: &[u8]) -> Value {
    let digest = Digest::of(bytes);
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).unwrap();
    std::fs::write(blobs.join(digest.to_hex()), bytes).unwrap();
    json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": bytes.len()})
}

fn manifest(folder: &Path, manifest: &Value) -> Value {
    put(folder, manifest.to_string().as_bytes())
}

fn write_index(folder: &Path, manifests: &[&Value]) {
    let index = json!({"schemaVersion": 2, "manifests": manifests});
    std::fs::write(folder.join("index.json"), index.to_string()).unwrap();
}

fn request(descriptor: &Value) -> Request {
    Request {
        subject: Subject { digest: digest(descriptor), kind: SubjectKind::Artifact },
        asker: Asker { requester: "ci".to_owned(), admission: None },
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        object: None,
    }
}

fn digest(descriptor: &Value) -> Digest {
    descriptor["digest"].as_str().unwrap().parse().unwrap()
}

/// A layout with an image and one referrer holding `evidence`.
fn layout() -> (tempfile::TempDir, Value, Value, Value) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let config = put(at, b"{}");
    let image = manifest(at, &json!({"config": config, "layers": []}));
    let layer = put(at, b"evidence");
    let referrer = manifest(at, &json!({"subject": image, "layers": [layer]}));
    write_index(at, &[&image, &referrer]);
    (folder, image, referrer, layer)
}

fn collected(folder: &Path, image: &Value) -> Result<Collected, GateError> {
    Layouts(vec![Layout::new(folder)]).collect(&request(image))
}

#[test]
fn the_image_its_configuration_and_its_referrers_are_found() {
    let (folder, image, _, _) = layout();
    let found = collected(folder.path(), &image).unwrap();
    assert_eq!(found.unverified_config.as_deref(), Some(&b"{}"[..]));
    assert_eq!(found.evidence[0].unverified_bytes, b"evidence");
    assert_eq!(Layout::new(folder.path()).image(None).unwrap(), digest(&image));
}

#[test]
fn referrers_under_the_fallback_tag_are_found() {
    let (folder, image, referrer, _) = layout();
    let mut fallback = manifest(folder.path(), &json!({"manifests": [referrer]}));
    let tag = digest(&image).to_string().replace(':', "-");
    fallback["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
    write_index(folder.path(), &[&image, &fallback]);
    assert_eq!(collected(folder.path(), &image).unwrap().evidence.len(), 1);
    assert_eq!(Layout::new(folder.path()).image(None).unwrap(), digest(&image));
}

#[test]
fn a_swapped_blob_is_never_handed_on() {
    let (folder, image, _, layer) = layout();
    let path = folder.path().join("blobs/sha256").join(digest(&layer).to_hex());
    std::fs::write(path, b"forged").unwrap();
    let found = collected(folder.path(), &image).unwrap();
    assert!(found.evidence[0].unverified_bytes.is_empty());
    assert_eq!(found.evidence[0].problem.as_ref().unwrap().0, Problem::EvidenceMalformed);

    let path = folder.path().join("blobs/sha256").join(digest(&image).to_hex());
    std::fs::write(path, b"forged").unwrap();
    let error = collected(folder.path(), &image).unwrap_err();
    assert_eq!(error.code, ErrorCode::SubjectMismatch);
}

#[test]
fn a_missing_layer_stops_nothing_and_a_missing_index_is_an_error() {
    let (folder, image, _, layer) = layout();
    let blobs = folder.path().join("blobs/sha256");
    std::fs::remove_file(blobs.join(digest(&layer).to_hex())).unwrap();
    assert!(collected(folder.path(), &image).unwrap().evidence[0].problem.is_some());
    std::fs::remove_file(folder.path().join("index.json")).unwrap();
    let error = collected(folder.path(), &image).unwrap_err();
    assert_eq!(error.code, ErrorCode::CollectFailed);
}

#[test]
fn evidence_of_another_image_is_not_this_ones() {
    let (folder, image, referrer, _) = layout();
    let other = manifest(folder.path(), &json!({"layers": [], "x": 1}));
    write_index(folder.path(), &[&image, &other, &referrer]);
    assert!(collected(folder.path(), &other).unwrap().evidence.is_empty());
    let error = Layout::new(folder.path()).image(None).unwrap_err();
    assert_eq!(error.code, ErrorCode::SubjectInvalid);
}

#[test]
fn a_subject_that_is_not_there_is_absent() {
    let (folder, _, _, _) = layout();
    let found = collected(folder.path(), &json!({"digest": Digest::of(b"x")})).unwrap();
    assert!(found.unverified_manifest.is_none() && found.evidence.is_empty());
}

#[test]
fn subjects_are_named_as_files_layouts_and_digests() {
    let (folder, image, _, _) = layout();
    let file = folder.path().join("release.tar");
    std::fs::write(&file, b"release").unwrap();
    let name = |path: &Path| path.display().to_string();
    assert_eq!(resolve(&name(&file)).unwrap().subject.digest, Digest::of(b"release"));
    let layout = resolve(&format!("oci:{}", name(folder.path()))).unwrap();
    assert_eq!(layout.subject.digest, digest(&image));
    assert_eq!(resolve(&Digest::of(b"x").to_string()).unwrap().subject.digest, Digest::of(b"x"));
    for bad in ["sha256:12", "oci:/nowhere", "nowhere.tar", ""] {
        assert!(resolve(bad).is_err(), "{bad}");
    }
}
