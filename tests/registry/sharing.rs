//! Connections, answers and content used more than once, and requests sent again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gate_core::Digest;
use gate_core::decision::Verdict::{Allow, Deny};
use gate_core::reason::ErrorCode::*;
use gate_io::registry::{CacheSettings, Registry, Settings};
use gate_tests::registry::{Body, Reply, Shelf};

use crate::desk::{Noted, SBOM, SBOM_TYPE, client, environment, image, outcome, serve, settings};

fn shelf() -> (Shelf, Digest) {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    (shelf, subject)
}

#[test]
fn an_anonymous_check_makes_one_connection() {
    let (shelf, _) = shelf();
    let server = serve(shelf, |_| None);
    let registry = client(settings(&[&server.host()]));
    for _ in 0..3 {
        let named = image(&server.host(), ":v1");
        assert_eq!(outcome(&registry, &environment(), &named), Ok(Allow));
    }
    assert!(server.lines().len() >= 24, "{}", server.lines().len());
    assert_eq!(server.connections(), 1);
}

#[test]
fn refusals_and_redirects_cost_no_connection() {
    let (shelf, _) = shelf();
    let server = serve(shelf, |asked| {
        let moved = asked.path().contains("/blobs/") && !asked.path().starts_with("/v2/moved");
        moved.then(|| {
            let to = asked.target.replacen("/v2/", "/v2/moved/", 1);
            Reply::new(307, "see there").with("location", to)
        })
    });
    let named = image(&server.host(), ":v1");
    let registry = client(settings(&[&server.host()]));
    assert_eq!(outcome(&registry, &environment(), &named), Ok(Allow));
    assert_eq!(server.connections(), 1);
}

fn cached(host: &str, folder: &std::path::Path, bytes: u64) -> Registry {
    let cache = CacheSettings { folder: folder.to_owned(), bytes };
    client(Settings { cache: Some(cache), ..settings(&[host]) })
}

#[test]
fn content_comes_from_the_cache_and_names_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let (shelf, subject) = shelf();
    let server = serve(shelf, |_| None);
    let named = image(&server.host(), &format!("@{subject}"));
    let judge = || {
        let registry = cached(&server.host(), folder.path(), 1 << 20);
        let before = server.lines().len();
        assert_eq!(outcome(&registry, &environment(), &named), Ok(Allow));
        server.lines()[before..].to_vec()
    };
    let by_digest = |line: &String| line.contains("/blobs/") || line.contains("/manifests/sha256:");
    assert!(judge().iter().any(by_digest));
    let second = judge();
    assert!(!second.iter().any(by_digest), "{second:?}");
    assert_eq!(second.len(), 4, "the list and three tags: {second:?}");
}

#[test]
fn what_was_changed_in_the_cache_is_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let (shelf, subject) = shelf();
    let server = serve(shelf, |_| None);
    let named = image(&server.host(), &format!("@{subject}"));
    let registry = cached(&server.host(), folder.path(), 1 << 20);
    assert_eq!(outcome(&registry, &environment(), &named), Ok(Allow));
    let hex = Digest::of(SBOM.as_bytes()).to_hex();
    let file = folder.path().join("sha256").join(&hex[..2]).join(&hex);
    std::fs::write(&file, "evil").unwrap();
    assert_eq!(outcome(&registry, &environment(), &named), Ok(Allow));
    assert_eq!(std::fs::read(&file).unwrap(), SBOM.as_bytes());
}

#[test]
fn absence_is_remembered_only_as_long_as_it_is_told() {
    let mut shelf = Shelf::new();
    shelf.image("app", Some("v1"));
    let server = serve(shelf, |_| None);
    let named = image(&server.host(), ":v1");
    for (remember, tags) in [(Duration::ZERO, 8), (Duration::from_hours(1), 4)] {
        let registry = client(Settings { remember, ..settings(&[&server.host()]) });
        let before = server.lines().len();
        for _ in 0..2 {
            assert_eq!(outcome(&registry, &environment(), &named), Ok(Deny));
        }
        let by_tag = |line: &&String| line.contains("/manifests/") && !line.contains("sha256:");
        assert_eq!(server.lines()[before..].iter().filter(by_tag).count(), tags);
    }
}

#[test]
fn what_may_pass_is_tried_again_and_the_registrys_pause_is_kept() {
    for (replies, pauses, expected) in [
        (vec![Reply::refused(503), Reply::refused(502)], vec![200, 400], Ok(Allow)),
        (vec![Reply::refused(429).with("retry-after", "3")], vec![3_000], Ok(Allow)),
        (
            vec![Reply::sent(Body::Hangup), Reply::sent(Body::Cut(b"{".into()))],
            vec![200, 400],
            Ok(Allow),
        ),
        (vec![Reply::refused(429).with("retry-after", "3600")], vec![], Err(RegistryRateLimited)),
        (vec![Reply::refused(403)], vec![], Err(RegistryForbidden)),
        (vec![Reply::refused(500); 3], vec![200, 400], Err(RegistryUnavailable)),
    ] {
        let (shelf, _) = shelf();
        let told = Mutex::new(replies.clone());
        let server = serve(shelf, move |asked| {
            let mut told = told.lock().unwrap();
            (asked.path().ends_with("/v1") && !told.is_empty()).then(|| told.remove(0))
        });
        let pace = Arc::new(Noted::default());
        let mut settings = settings(&[&server.host()]);
        settings.limits.attempts = 3;
        let registry = Registry::with_pace(settings, pace.clone());
        let found = outcome(&registry, &environment(), &image(&server.host(), ":v1"));
        assert_eq!(found, expected, "{replies:?}");
        let noted: Vec<_> = pace.0.lock().unwrap().iter().map(Duration::as_millis).collect();
        assert_eq!(noted, pauses, "{replies:?}");
    }
}
