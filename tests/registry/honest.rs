//! What is collected from a registry that tells the truth, and where it was found.

use gate_core::Digest;
use gate_core::decision::Verdict::{Allow, Deny};
use gate_core::evidence::{Collected, Origin};
use gate_core::reason::Problem;
use gate_io::registry::{Place, Registry, Settings};
use gate_tests::registry::{Shelf, descriptor};
use serde_json::json;

use crate::desk::{SBOM, SBOM_TYPE, client, environment, image, outcome, serve, settings};

fn collect(registry: &Registry, host: &str, rest: &str) -> Collected {
    let pinned = registry.pin(&image(host, rest), None).unwrap();
    registry.collect(&pinned, None).unwrap()
}

/// The places of the evidence with these bytes.
fn places(collected: &Collected, bytes: &[u8]) -> Vec<String> {
    let digest = Digest::of(bytes);
    let found = collected.evidence.iter().filter(|piece| piece.digest == digest);
    found
        .map(|piece| match &piece.origin {
            Origin::Beside { name } => name.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn evidence_is_found_in_the_list_under_the_fallback_tag_and_under_cosigns_tags() {
    for how in ["list", "fallback", "att", "sbom"] {
        let mut shelf = Shelf::new();
        let subject = shelf.image("app", Some("v1"));
        let dashed = subject.to_string().replace(':', "-");
        shelf.lists = how == "list";
        let tag = format!("{dashed}.{how}");
        let tagged = matches!(how, "att" | "sbom");
        let about = (!tagged).then_some(subject);
        let tag = tagged.then_some(tag.as_str());
        let manifest = shelf.evidence(about, SBOM_TYPE, SBOM.as_bytes(), tag);
        if how == "fallback" {
            shelf.index(&[manifest], Some(&dashed));
        }
        let server = serve(shelf, |_| None);
        let registry = client(settings(&[&server.host()]));
        let found = collect(&registry, &server.host(), ":v1");
        assert_eq!(places(&found, SBOM.as_bytes()), [manifest.to_string()], "{how}");
        assert_eq!(found.repository, Some(format!("{}/shop/app", server.host())));
        assert!(found.unverified_config.is_some());
        let named = image(&server.host(), ":v1");
        assert_eq!(outcome(&registry, &environment(), &named), Ok(Allow), "{how}");
    }
}

#[test]
fn an_image_without_evidence_is_denied_and_no_failure() {
    let mut shelf = Shelf::new();
    shelf.image("app", Some("v1"));
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let named = image(&server.host(), ":v1");
    assert_eq!(outcome(&registry, &environment(), &named), Ok(Deny));
}

#[test]
fn a_tag_is_asked_once_and_its_digest_is_what_is_judged() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let pinned = registry.pin(&image(&server.host(), ":v1"), None).unwrap();
    assert_eq!(pinned.digest, subject);
    registry.collect(&pinned, None).unwrap();
    let manifests: Vec<_> = server
        .lines()
        .into_iter()
        .filter(|line| line.ends_with("/v1") || line.ends_with(&subject.to_string()))
        .filter(|line| line.contains("/manifests/"))
        .collect();
    assert_eq!(manifests, ["GET /v2/shop/app/manifests/v1"]);
}

#[test]
fn a_digest_beside_a_tag_counts_and_the_tag_does_not() {
    let mut shelf = Shelf::new();
    let pinned = shelf.image("app", None);
    shelf.image("other", Some("v1"));
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let found = registry.pin(&image(&server.host(), &format!(":v1@{pinned}")), None).unwrap();
    assert_eq!(found.digest, pinned);
    assert_eq!(server.connections(), 0);
}

#[test]
fn evidence_of_an_indexs_platforms_says_which_it_is_about() {
    let mut shelf = Shelf::new();
    let platform = shelf.image("amd64", None);
    let beside = json!({"_type": "https://in-toto.io/Statement/v1"}).to_string();
    let buildkit = shelf.evidence(None, "application/vnd.in-toto+json", beside.as_bytes(), None);
    let mut entries = [shelf.about(platform), shelf.about(buildkit)];
    entries[0]["platform"] = json!({"os": "linux", "architecture": "arm64", "variant": "v8"});
    entries[1]["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    entries[1]["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": platform,
    });
    let index = json!({"schemaVersion": 2, "manifests": entries,
        "mediaType": "application/vnd.oci.image.index.v1+json"});
    let subject = shelf.manifest(&index, Some("v1"));
    let manifest = shelf.evidence(Some(platform), SBOM_TYPE, SBOM.as_bytes(), None);
    let own = shelf.evidence(Some(subject), "text/plain", b"own", None);
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let found = collect(&registry, &server.host(), ":v1");
    let about = |manifest, more| format!("{manifest} about {platform}{more}");
    assert_eq!(places(&found, SBOM.as_bytes()), [about(manifest, " (linux/arm64/v8)")]);
    assert_eq!(places(&found, beside.as_bytes()), [about(buildkit, "")]);
    assert_eq!(places(&found, b"own"), [own.to_string()]);
    assert_eq!(found.evidence.len(), 3);
}

#[test]
fn signatures_are_found_in_the_repository_that_keeps_them() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    let tag = format!("{}.sig", subject.to_string().replace(':', "-"));
    shelf.evidence(None, "text/plain", b"signed", Some(&tag));
    let server = serve(shelf, move |asked| {
        let own = asked.path().starts_with("/v2/shop/app/");
        (own && asked.path().contains(".sig")).then(|| gate_tests::registry::Reply::refused(404))
    });
    let place = Place {
        plain_http: true,
        signatures: Some(format!("{}/shop/signatures", server.host())),
        ..Place::default()
    };
    let places_of = [(server.host(), place)].into();
    let registry = client(Settings { places: places_of, ..settings(&[]) });
    let found = collect(&registry, &server.host(), ":v1");
    assert_eq!(places(&found, b"signed").len(), 1);
}

#[test]
fn a_layer_that_cosign_2_signed_carries_its_annotations() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    let payload = br#"{"critical":{}}"#;
    shelf.blob(payload);
    let mut layer = descriptor("application/vnd.dev.cosign.simplesigning.v1+json", payload);
    layer["annotations"] = json!({"dev.cosignproject.cosign/signature": "c2ln"});
    let tag = format!("{}.sig", subject.to_string().replace(':', "-"));
    let manifest = json!({"schemaVersion": 2, "layers": [layer],
        "mediaType": "application/vnd.oci.image.manifest.v1+json"});
    shelf.manifest(&manifest, Some(&tag));
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    let found = collect(&registry, &server.host(), ":v1");
    let document: serde_json::Value =
        serde_json::from_slice(&found.evidence[0].unverified_bytes).unwrap();
    assert_eq!(document["annotations"]["dev.cosignproject.cosign/signature"], "c2ln");
    assert_eq!(document["content"], r#"{"critical":{}}"#);
}

#[test]
fn what_is_listed_and_missing_is_a_failed_piece() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    let manifest = shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    let blob = Digest::of(SBOM.as_bytes()).to_string();
    let server = serve(shelf, move |asked| {
        asked.path().ends_with(&blob).then(|| gate_tests::registry::Reply::refused(404))
    });
    let registry = client(settings(&[&server.host()]));
    let found = collect(&registry, &server.host(), ":v1");
    assert_eq!(places(&found, SBOM.as_bytes()), [manifest.to_string()]);
    assert_eq!(found.evidence[0].problem.as_ref().unwrap().0, Problem::EvidenceMalformed);
}

#[test]
fn a_mirror_is_asked_for_content_and_the_registry_for_names() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    let (own, mirror) = (serve(shelf.clone(), |_| None), serve(shelf, |_| None));
    let broken = serve(Shelf::new(), |_| Some(gate_tests::registry::Reply::refused(500)));
    let mut settings = settings(&[&own.host(), &mirror.host(), &broken.host()]);
    settings.places.get_mut(&own.host()).unwrap().mirrors =
        vec![format!("http://{}", broken.host()), format!("http://{}/cache/", mirror.host())];
    let found = outcome(&client(settings), &environment(), &image(&own.host(), ":v1"));
    assert_eq!(found, Ok(Allow));
    let by_digest = |line: &String| line.contains("/blobs/") || line.contains("/manifests/sha256:");
    assert!(!own.lines().iter().any(by_digest), "{:?}", own.lines());
    assert!(mirror.lines().iter().all(|line| line.contains("/v2/cache/shop/app/")));
    assert!(mirror.lines().iter().all(by_digest), "{:?}", mirror.lines());
}
