//! What is pushed is found again, whether the registry lists referrers or not.

use gate_core::Digest;
use gate_core::reason::ErrorCode::*;
use gate_io::registry::{Pinned, Referrer, Registry};
use gate_tests::registry::{Reply, Shelf, descriptor};
use serde_json::json;

use crate::desk::{client, image, serve, settings};

fn referrer(text: &str) -> Referrer {
    Referrer {
        artifact_type: "application/vnd.example".to_owned(),
        media_type: "text/plain".to_owned(),
        bytes: text.as_bytes().to_vec(),
        annotations: vec![("org.example".to_owned(), text.to_owned())],
    }
}

/// Pushes an image with one layer.
fn push(registry: &Registry, host: &str) -> Pinned {
    let (config, layer) = (b"{\"os\":\"linux\"}".to_vec(), b"layer".to_vec());
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
    });
    let bytes = manifest.to_string().into_bytes();
    let digest = Digest::of(&bytes);
    let image = image(host, ":v1");
    let pushed = registry.push(&image, media_type, bytes, vec![config, layer]).unwrap();
    assert_eq!(pushed, digest);
    registry.pin(&image, None).unwrap()
}

#[test]
fn referrers_are_found_again_with_and_without_a_list() {
    for lists in [true, false] {
        let mut shelf = Shelf::new();
        shelf.lists = lists;
        let server = serve(shelf, |_| None);
        let registry = client(settings(&[&server.host()]));
        let pinned = push(&registry, &server.host());
        for text in ["one", "two", "two"] {
            registry.attach(&pinned, referrer(text)).unwrap();
        }
        let found = registry.collect(&pinned, None).unwrap();
        let mut texts: Vec<_> = found
            .evidence
            .iter()
            .map(|piece| String::from_utf8_lossy(&piece.unverified_bytes).into_owned())
            .collect();
        texts.sort();
        assert_eq!(texts, ["one", "two"], "lists: {lists}");
        let tag = pinned.digest.to_string().replace(':', "-");
        let written = server
            .lines()
            .iter()
            .filter(|line| line.starts_with("PUT") && line.ends_with(&tag))
            .count();
        assert_eq!(written, if lists { 0 } else { 2 }, "what is listed is not listed again");
    }
}

#[test]
fn an_entry_that_another_writer_overwrote_is_added_again() {
    let lost = std::sync::atomic::AtomicBool::new(false);
    let mut shelf = Shelf::new();
    shelf.lists = false;
    let server = serve(shelf, move |asked| {
        let index = asked.method == "PUT" && asked.path().contains("/manifests/sha256-");
        // The first write is answered, and nothing of it stays.
        let first = index && !lost.swap(true, std::sync::atomic::Ordering::SeqCst);
        first.then(|| Reply::new(201, ""))
    });
    let registry = client(settings(&[&server.host()]));
    let pinned = push(&registry, &server.host());
    registry.attach(&pinned, referrer("one")).unwrap();
    assert_eq!(registry.collect(&pinned, None).unwrap().evidence.len(), 1);
}

#[test]
fn a_push_that_fails_says_why() {
    for (status, code) in
        [(401, RegistryUnauthorized), (403, RegistryForbidden), (507, RegistryUnavailable)]
    {
        for method in ["POST", "PUT"] {
            let server = serve(Shelf::new(), move |asked| {
                (asked.method == method).then(|| Reply::refused(status))
            });
            let registry = client(settings(&[&server.host()]));
            let named = image(&server.host(), ":v1");
            let pushed = registry.push(&named, "text/plain", b"{}".to_vec(), vec![b"x".to_vec()]);
            assert_eq!(pushed.unwrap_err().code, code, "{method} {status}");
        }
    }
}

#[test]
fn nothing_refers_to_what_is_not_there() {
    let server = serve(Shelf::new(), |_| None);
    let registry = client(settings(&[&server.host()]));
    let absent = image(&server.host(), &format!("@{}", Digest::of(b"absent")));
    let pinned = Pinned::by_digest(absent).unwrap();
    assert_eq!(registry.attach(&pinned, referrer("x")).unwrap_err().code, RegistryNotFound);
    assert!(server.lines().iter().all(|line| line.starts_with("GET")));
}
