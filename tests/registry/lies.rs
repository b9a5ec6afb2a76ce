//! Every endpoint through every failure: a code for each, and a verdict for none that is no answer.

use std::collections::BTreeSet;
use std::time::Duration;

use gate_core::decision::Verdict::{self, Allow, Deny};
use gate_core::reason::ErrorCode::{self, *};
use gate_io::registry::{Limits, Settings};
use gate_tests::registry::{Asked, Body, Reply, Shelf};

use crate::desk::{SBOM, SBOM_TYPE, client, environment, image, outcome, serve, settings};

/// A way to fail, and what it is everywhere unless an endpoint says otherwise.
struct Failure {
    name: &'static str,
    reply: fn() -> Reply,
    code: ErrorCode,
}

const fn failure(name: &'static str, reply: fn() -> Reply, code: ErrorCode) -> Failure {
    Failure { name, reply, code }
}

const FAILURES: &[Failure] = &[
    failure("401", || Reply::refused(401), RegistryUnauthorized),
    failure("403", || Reply::refused(403), RegistryForbidden),
    failure("429", || Reply::refused(429), RegistryRateLimited),
    failure("500", || Reply::refused(500), RegistryUnavailable),
    failure("502", || Reply::refused(502), RegistryUnavailable),
    failure("503", || Reply::refused(503), RegistryUnavailable),
    failure("504", || Reply::refused(504), RegistryUnavailable),
    failure("599", || Reply::refused(599), RegistryUnavailable),
    failure("400", || Reply::refused(400), RegistryResponseInvalid),
    failure("405", || Reply::refused(405), RegistryResponseInvalid),
    failure("406", || Reply::refused(406), RegistryResponseInvalid),
    failure("410", || Reply::refused(410), RegistryResponseInvalid),
    failure("418", || Reply::refused(418), RegistryResponseInvalid),
    failure("501", || Reply::refused(501), RegistryUnavailable),
    failure("hangs up", || Reply::sent(Body::Hangup), RegistryUnavailable),
    failure("says nothing", || Reply::sent(Body::Mute), RegistryTimeout),
    failure("stops after its headers", || Reply::sent(Body::Silent), RegistryTimeout),
    failure("never ends", || Reply::sent(Body::Endless), RegistryLimitExceeded),
    failure("announces 1 TB", || Reply::sent(Body::Announced(1 << 40)), RegistryLimitExceeded),
    failure("is cut", || Reply::sent(Body::Cut(b"{\"a\":".to_vec())), RegistryResponseTruncated),
    failure("is no JSON", || Reply::new(200, "<html></html>"), RegistryResponseInvalid),
    failure("is half a JSON", || Reply::new(200, "{\"a\":["), RegistryResponseTruncated),
    failure("is empty", || Reply::new(200, ""), RegistryResponseTruncated),
    failure(
        "redirects to itself",
        || Reply::new(307, "").with("location", ""),
        RegistryLimitExceeded,
    ),
    failure("redirects nowhere", || Reply::new(302, ""), RegistryResponseInvalid),
    failure(
        "redirects to a clear channel",
        || Reply::new(307, "").with("location", "http://registry.example/x"),
        RegistryResponseInvalid,
    ),
    failure(
        "redirects to another scheme",
        || Reply::new(307, "").with("location", "file:///etc/passwd"),
        RegistryResponseInvalid,
    ),
];

/// A request of a check, told apart by its path.
struct Endpoint {
    name: &'static str,
    path: fn(&Paths) -> String,
    /// The verdict with a 404 here.
    absent: Result<Verdict, ErrorCode>,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    /// Asked by a name: only its form can be checked.
    Name,
    /// Asked by a digest: everything else than those bytes is no answer.
    Digest,
    /// The first page of the list of referrers.
    List,
    /// A later page of it.
    Page,
}

/// The paths of the image that is judged.
struct Paths {
    subject: String,
    config: String,
    manifest: String,
    sbom: String,
}

const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "tag",
        path: |_| "manifests/v1".into(),
        absent: Err(RegistryNotFound),
        kind: Kind::Name,
    },
    Endpoint {
        name: "subject",
        path: |paths| format!("manifests/{}", paths.subject),
        absent: Err(RegistryNotFound),
        kind: Kind::Digest,
    },
    Endpoint {
        name: "configuration",
        path: |paths| format!("blobs/{}", paths.config),
        absent: Ok(Allow),
        kind: Kind::Digest,
    },
    Endpoint {
        name: "referrers",
        path: |paths| format!("referrers/{}", paths.subject),
        absent: Ok(Deny),
        kind: Kind::List,
    },
    Endpoint {
        name: "second page of referrers",
        path: |paths| format!("referrers/{}?last=1", paths.subject),
        absent: Err(RegistryResponseInvalid),
        kind: Kind::Page,
    },
    Endpoint {
        name: "fallback tag",
        path: |paths| format!("manifests/{}", paths.subject.replace(':', "-")),
        absent: Ok(Deny),
        kind: Kind::Name,
    },
    Endpoint {
        name: "signature tag",
        path: |paths| format!("manifests/{}.sig", paths.subject.replace(':', "-")),
        absent: Ok(Allow),
        kind: Kind::Name,
    },
    Endpoint {
        name: "attestation tag",
        path: |paths| format!("manifests/{}.att", paths.subject.replace(':', "-")),
        absent: Ok(Allow),
        kind: Kind::Name,
    },
    Endpoint {
        name: "SBOM tag",
        path: |paths| format!("manifests/{}.sbom", paths.subject.replace(':', "-")),
        absent: Ok(Allow),
        kind: Kind::Name,
    },
    Endpoint {
        name: "referrer",
        path: |paths| format!("manifests/{}", paths.manifest),
        absent: Ok(Deny),
        kind: Kind::Digest,
    },
    Endpoint {
        name: "evidence",
        path: |paths| format!("blobs/{}", paths.sbom),
        absent: Ok(Deny),
        kind: Kind::Digest,
    },
];

/// The one thing that a failure is at an endpoint.
fn expected(endpoint: &Endpoint, failure: &Failure) -> Result<Verdict, ErrorCode> {
    let whole = matches!((failure.reply)().body, Body::Whole(_));
    match endpoint.kind {
        // The registry has no such list, and the fallback tag, asked instead, does not exist.
        Kind::List if ["400", "405", "406", "501"].contains(&failure.name) => Ok(Deny),
        // Whatever was sent, it was not what was asked for.
        Kind::Digest if whole && (failure.reply)().status == 200 => Err(RegistryDigestMismatch),
        _ => Err(failure.code),
    }
}

fn shelf(endpoint: &Endpoint) -> (Shelf, Paths) {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", Some("v1"));
    let manifest = shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    shelf.evidence(Some(subject), "text/plain", b"nothing", None);
    shelf.page = 1;
    if endpoint.name == "fallback tag" {
        shelf.lists = false;
        let tag = subject.to_string().replace(':', "-");
        shelf.index(&[manifest], Some(&tag));
    }
    let config = serde_json::json!({"architecture": "amd64", "os": "linux", "author": "app"});
    let paths = Paths {
        subject: subject.to_string(),
        config: gate_core::Digest::of(config.to_string().as_bytes()).to_string(),
        manifest: manifest.to_string(),
        sbom: gate_core::Digest::of(SBOM.as_bytes()).to_string(),
    };
    (shelf, paths)
}

/// Judges the image of a shelf while one path answers with a lie.
fn judged(endpoint: &Endpoint, reply: Option<fn() -> Reply>) -> Result<Verdict, ErrorCode> {
    let (shelf, paths) = shelf(endpoint);
    let path = format!("/v2/shop/app/{}", (endpoint.path)(&paths));
    let lie = move |asked: &Asked| reply.filter(|_| asked.target == path).map(|reply| reply());
    let server = serve(shelf, lie);
    let mut settings = settings(&[&server.host()]);
    // A limit that honest answers keep, and a patience that only silence tries.
    settings.limits.manifest_bytes = 1 << 16;
    settings.limits.sbom_bytes = 1 << 16;
    settings.limits.blob_bytes = 1 << 16;
    if reply.is_some_and(|reply| matches!(reply().body, Body::Mute | Body::Silent)) {
        settings.limits.silence = Duration::from_millis(100);
    }
    let named = if endpoint.name == "tag" {
        image(&server.host(), ":v1")
    } else {
        image(&server.host(), &format!("@{}", paths.subject))
    };
    outcome(&client(settings), &environment(), &named)
}

#[test]
fn no_failure_of_any_endpoint_becomes_a_verdict() {
    let mut wrong = vec![];
    let mut seen = BTreeSet::new();
    for endpoint in ENDPOINTS {
        assert_eq!(judged(endpoint, None), Ok(Allow), "{}, honest", endpoint.name);
        let absent = judged(endpoint, Some(|| Reply::refused(404)));
        if absent != endpoint.absent {
            wrong.push(format!("{}, 404: {absent:?}", endpoint.name));
        }
        for failure in FAILURES {
            let found = judged(endpoint, Some(failure.reply));
            let expected = expected(endpoint, failure);
            seen.extend(found.err());
            if found != expected {
                wrong.push(format!(
                    "{}, {}: {found:?} instead of {expected:?}",
                    endpoint.name, failure.name
                ));
            }
        }
    }
    let cases = ENDPOINTS.len() * (FAILURES.len() + 2);
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{cases} cases of {} endpoints, {} codes", ENDPOINTS.len(), seen.len());
}

#[test]
fn a_list_of_referrers_without_an_end_is_given_up() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", None);
    let server = serve(shelf, |asked| {
        asked.path().contains("/referrers/").then(|| {
            Reply::new(200, r#"{"schemaVersion":2,"manifests":[]}"#)
                .with("link", format!("<{}>; rel=\"next\"", asked.target))
        })
    });
    let named = image(&server.host(), &format!("@{subject}"));
    let mut settings = settings(&[&server.host()]);
    settings.limits.pages = 7;
    let found = outcome(&client(settings), &environment(), &named);
    assert_eq!(found, Err(RegistryLimitExceeded));
    let pages = server.lines().iter().filter(|line| line.contains("/referrers/")).count();
    assert_eq!(pages, 7);
}

#[test]
fn a_next_page_elsewhere_is_not_asked() {
    let elsewhere = serve(Shelf::new(), |_| None);
    let link = format!("<http://{}/v2/x/referrers/y>; rel=\"next\"", elsewhere.host());
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", None);
    let server = serve(shelf, move |asked| {
        asked.path().contains("/referrers/").then(|| {
            Reply::new(200, r#"{"schemaVersion":2,"manifests":[]}"#).with("link", link.clone())
        })
    });
    let named = image(&server.host(), &format!("@{subject}"));
    let settings = settings(&[&server.host(), &elsewhere.host()]);
    let found = outcome(&client(settings), &environment(), &named);
    assert_eq!(found, Err(RegistryResponseInvalid));
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_referrer_that_names_another_subject_is_not_believed() {
    let mut shelf = Shelf::new();
    let (subject, other) = (shelf.image("app", None), shelf.image("other", None));
    let foreign = shelf.evidence(Some(other), SBOM_TYPE, SBOM.as_bytes(), None);
    let list = serde_json::json!({"schemaVersion": 2, "manifests": [shelf.about(foreign)]});
    let server = serve(shelf, move |asked| {
        asked.path().contains("/referrers/").then(|| Reply::new(200, list.to_string()))
    });
    let named = image(&server.host(), &format!("@{subject}"));
    let settings = settings(&[&server.host()]);
    assert_eq!(outcome(&client(settings), &environment(), &named), Ok(Deny));
}

#[test]
fn the_subject_under_its_own_fallback_tag_is_no_list() {
    let mut shelf = Shelf::new();
    shelf.lists = false;
    let platform = shelf.evidence(None, SBOM_TYPE, SBOM.as_bytes(), None);
    let subject = shelf.index(&[platform], None);
    let tag = subject.to_string().replace(':', "-");
    shelf.index(&[platform], Some(&tag));
    let server = serve(shelf, |_| None);
    let named = image(&server.host(), &format!("@{subject}"));
    let settings = settings(&[&server.host()]);
    assert_eq!(outcome(&client(settings), &environment(), &named), Ok(Deny));
}

#[test]
fn evidence_that_is_too_large_counts_for_nothing_and_stops_nothing() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", None);
    shelf.evidence(Some(subject), SBOM_TYPE, SBOM.as_bytes(), None);
    shelf.evidence(Some(subject), "text/plain", &[b'x'; 4096], None);
    let server = serve(shelf, |_| None);
    let named = image(&server.host(), &format!("@{subject}"));
    let mut settings = settings(&[&server.host()]);
    settings.limits.blob_bytes = 1024;
    assert_eq!(outcome(&client(settings), &environment(), &named), Ok(Allow));
    let large = gate_core::Digest::of(&[b'x'; 4096]).to_string();
    assert!(server.lines().iter().all(|line| !line.contains(&large)), "it is not even fetched");
}

#[test]
fn a_decision_reads_no_more_than_its_bytes_and_referrers() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", None);
    for text in ["1", "2", "3"] {
        shelf.evidence(Some(subject), "text/plain", text.as_bytes(), None);
    }
    let server = serve(shelf, |_| None);
    let named = image(&server.host(), &format!("@{subject}"));
    let few = Limits { referrers: 2, ..settings(&[]).limits };
    let short = Limits { decision_bytes: 700, ..settings(&[]).limits };
    for limits in [few, short] {
        let settings = Settings { limits, ..settings(&[&server.host()]) };
        let found = outcome(&client(settings), &environment(), &named);
        assert_eq!(found, Err(RegistryLimitExceeded));
    }
}

#[test]
fn plain_http_is_spoken_to_nobody_who_is_not_named() {
    let mut shelf = Shelf::new();
    let subject = shelf.image("app", None);
    let server = serve(shelf, |_| None);
    let named = image(&server.host(), &format!("@{subject}"));
    // It is tried by TLS, which this server does not speak.
    assert_eq!(outcome(&client(settings(&[])), &environment(), &named), Err(RegistryUnavailable));
    assert!(server.lines().iter().all(|line| !line.contains("/v2/")));
}
