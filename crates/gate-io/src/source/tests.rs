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
    let registry = crate::registry::Registry::new(crate::registry::Settings::default());
    let resolve = |name: &str| super::resolve(name, &registry);
    assert_eq!(resolve(&name(&file)).unwrap().subject.digest, Digest::of(b"release"));
    let layout = resolve(&format!("oci:{}", name(folder.path()))).unwrap();
    assert_eq!(layout.subject.digest, digest(&image));
    assert_eq!(resolve(&Digest::of(b"x").to_string()).unwrap().subject.digest, Digest::of(b"x"));
    for bad in ["sha256:12", "oci:/nowhere", "nowhere.tar", ""] {
        assert!(resolve(bad).is_err(), "{bad}");
    }
}

#[test]
fn an_image_is_told_from_a_file_by_its_name_and_a_planted_file_does_not_change_that() {
    let hex = Digest::of(b"x");
    for (name, expected) in [
        (format!("a.example/shop@{hex}"), Some(format!("a.example/shop@{hex}"))),
        ("a.example/shop:v1".to_owned(), Some("a.example/shop:v1".to_owned())),
        ("nginx:1.27".to_owned(), Some("docker.io/library/nginx:1.27".to_owned())),
        ("docker://nginx".to_owned(), Some("docker.io/library/nginx:latest".to_owned())),
        ("a.example/shop".to_owned(), None),
        ("dist/app.tar.gz".to_owned(), None),
        ("./a.example/shop:v1".to_owned(), None),
        (format!("oci:image@{hex}"), None),
        (hex.to_string(), None),
    ] {
        let found = image(&name).unwrap().map(|image| image.to_string());
        assert_eq!(found, expected, "{name}");
    }
    assert!(image("a.example/Shop@sha256:00").is_err());
}

/// An archive of these files.
fn archive(path: &Path, files: &[(&str, &[u8])]) {
    let mut archive = tar::Builder::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn archives_are_read_where_they_are() {
    let registry = crate::registry::Registry::new(crate::registry::Settings::default());
    let (folder, image, _, _) = layout();
    let packed = folder.path().join("image.tar");
    let mut tar = tar::Builder::new(std::fs::File::create(&packed).unwrap());
    tar.append_dir_all("./blobs", folder.path().join("blobs")).unwrap();
    tar.append_path_with_name(folder.path().join("index.json"), "./index.json").unwrap();
    tar.finish().unwrap();
    drop(tar);
    for prefix in ["oci-archive:", "docker-archive:"] {
        let named = resolve(&format!("{prefix}{}", packed.display()), &registry).unwrap();
        assert_eq!(named.subject.digest, digest(&image));
        let found = Layouts(vec![named.layout.unwrap()]).collect(&request(&image)).unwrap();
        assert_eq!(found.evidence.len(), 1);
        assert_eq!(found.evidence[0].unverified_bytes, b"evidence");
    }
    let saved = folder.path().join("saved.tar");
    let list = br#"[{"Config":"c.json","RepoTags":["shop:1"]},{"Config":"d.json"}]"#;
    archive(&saved, &[("manifest.json", list), ("c.json", b"c"), ("d.json", b"d")]);
    let name = format!("docker-archive:{}", saved.display());
    let named = resolve(&format!("{name}:shop:1"), &registry).unwrap();
    assert_eq!(named.subject.digest, Digest::of(b"c"));
    assert!(resolve(&name, &registry).is_err(), "one of two");
    let twice = folder.path().join("twice.tar");
    archive(&twice, &[("index.json", b"{}"), ("./index.json", b"[]")]);
    let refused = resolve(&format!("oci-archive:{}", twice.display()), &registry).unwrap_err();
    assert_eq!(refused.code, ErrorCode::SubjectInvalid);
}

#[test]
fn a_folder_is_its_files_and_their_paths() {
    let digest_of = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        hash_path(folder.path()).unwrap()
    };
    let one = digest_of(&[("b", "2"), ("a/x", "1")]);
    let lines = format!("{}  a/x\n{}  b\n", Digest::of(b"1").to_hex(), Digest::of(b"2").to_hex());
    assert_eq!(one, Digest::of(lines.as_bytes()), "as sha256sum prints it");
    assert_ne!(one, digest_of(&[("b", "2"), ("a-x", "1")]));
    assert_ne!(one, digest_of(&[("b", "2"), ("a/x", "3")]));
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
    assert!(hash_path(folder.path()).is_err(), "what a link leads to is not judged");
}
