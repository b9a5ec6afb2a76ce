//! Credentials as people have them, shown to whom they are for and to nobody else.

use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gate_core::decision::Verdict::Deny;
use gate_core::reason::ErrorCode::{self, *};
use gate_io::registry::{Credentials, Settings};
use gate_tests::registry::{Asked, Reply, Server, Shelf};

use crate::desk::{client, environment, image, outcome, password, serve, settings};

/// `n:p` in base64.
const BASIC: &str = "Basic bjpw";

fn shelf() -> Shelf {
    let mut shelf = Shelf::new();
    shelf.image("app", Some("v1"));
    shelf
}

/// A registry that wants this header, and says so with this challenge.
fn guarded(challenge: String, wanted: &'static str) -> Server {
    serve(shelf(), move |asked| {
        (asked.header("authorization") != Some(wanted))
            .then(|| Reply::refused(401).with("www-authenticate", challenge.clone()))
    })
}

/// A token server that gives `token` to whoever sends this header.
fn token_server(wanted: Option<&'static str>) -> Server {
    Server::start(move |asked| {
        if asked.header("authorization") == wanted {
            Reply::new(200, r#"{"token":"token","expires_in":300}"#)
        } else {
            Reply::refused(401)
        }
    })
    .unwrap()
}

fn bearer(realm: &Server) -> String {
    format!(r#"Bearer realm="http://{}/token",service="test""#, realm.host())
}

fn given(host: &str, credentials: Credentials, others: &[&str]) -> Settings {
    let hosts: Vec<_> = [host].into_iter().chain(others.iter().copied()).collect();
    Settings { given: Some((host.to_owned(), credentials)), ..settings(&hosts) }
}

fn judge(server: &Server, settings: Settings) -> Result<gate_core::decision::Verdict, ErrorCode> {
    outcome(&client(settings), &environment(), &image(&server.host(), ":v1"))
}

#[test]
fn a_password_is_sent_to_whoever_asks_for_one() {
    let server = guarded(r#"Basic realm="x""#.into(), BASIC);
    let host = server.host();
    assert_eq!(judge(&server, given(&host, password("n", "p"), &[])), Ok(Deny));
    let unauthorised =
        server.asked().iter().filter(|it| it.header("authorization").is_none()).count();
    assert_eq!(unauthorised, 1, "what was asked for once is sent at once from then on");
    for (wrong, code) in [
        (settings(&[&host]), RegistryUnauthorized),
        (given(&host, password("n", "wrong"), &[]), RegistryUnauthorized),
        (given(&host, Credentials::Identity("x".into()), &[]), RegistryUnauthorized),
        (given("other.example", password("n", "p"), &[&host]), RegistryUnauthorized),
    ] {
        assert_eq!(judge(&server, wrong), Err(code));
    }
}

#[test]
fn one_token_serves_a_whole_check() {
    let tokens = token_server(Some(BASIC));
    let server = guarded(bearer(&tokens), "Bearer token");
    let settings = given(&server.host(), password("n", "p"), &[&tokens.host()]);
    assert_eq!(judge(&server, settings), Ok(Deny));
    assert_eq!(tokens.lines(), ["GET /token?scope=repository%3Ashop%2Fapp%3Apull&service=test"]);
    assert!(server.asked().iter().all(|asked| asked.header("authorization") != Some(BASIC)));
}

#[test]
fn a_stranger_gets_a_token_where_strangers_do() {
    let tokens = token_server(None);
    let server = guarded(bearer(&tokens), "Bearer token");
    assert_eq!(judge(&server, settings(&[&server.host(), &tokens.host()])), Ok(Deny));
}

#[test]
fn a_token_that_is_no_longer_taken_is_asked_for_again() {
    let asked = AtomicUsize::new(0);
    let tokens = Server::start(move |_| {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        Reply::new(200, format!(r#"{{"token":"token{number}","expires_in":300}}"#))
    })
    .unwrap();
    let taken = Mutex::new(0);
    let challenge = bearer(&tokens);
    let server = serve(shelf(), move |asked| {
        // Each token is good for two requests.
        let mut taken = taken.lock().unwrap();
        let good = asked.header("authorization") == Some(&format!("Bearer token{}", *taken / 2));
        *taken += usize::from(good);
        (!good).then(|| Reply::refused(401).with("www-authenticate", challenge.clone()))
    });
    assert_eq!(judge(&server, settings(&[&server.host(), &tokens.host()])), Ok(Deny));
    assert_eq!(tokens.lines().len(), 3, "six requests, two for each token");
}

#[test]
fn an_identity_token_is_exchanged_and_never_in_an_address() {
    let tokens = Server::start(|asked| {
        let form = String::from_utf8_lossy(&asked.body).into_owned();
        if asked.method == "POST" && form.contains("refresh_token=identity") {
            Reply::new(200, r#"{"access_token":"token"}"#)
        } else {
            Reply::refused(400)
        }
    })
    .unwrap();
    let server = guarded(bearer(&tokens), "Bearer token");
    let identity = Credentials::Identity("identity".into());
    assert_eq!(judge(&server, given(&server.host(), identity, &[&tokens.host()])), Ok(Deny));
    assert!(tokens.lines().iter().all(|line| line == "POST /token"));
}

#[test]
fn every_failure_of_a_token_server_is_a_failure() {
    for (reply, code) in [
        (Reply::refused(401), RegistryUnauthorized),
        (Reply::refused(403), RegistryForbidden),
        (Reply::refused(404), RegistryResponseInvalid),
        (Reply::refused(429), RegistryRateLimited),
        (Reply::refused(500), RegistryUnavailable),
        (Reply::new(200, "<html>"), RegistryResponseInvalid),
        (Reply::new(200, "{}"), RegistryResponseInvalid),
        (Reply::new(200, r#"{"token":"#), RegistryResponseTruncated),
        (Reply::new(302, "").with("location", "/elsewhere"), RegistryLimitExceeded),
        (Reply::new(200, vec![b' '; 2 << 20]), RegistryLimitExceeded),
    ] {
        let answer = reply.clone();
        let tokens = Server::start(move |_| answer.clone()).unwrap();
        let server = guarded(bearer(&tokens), "Bearer token");
        let found = judge(&server, settings(&[&server.host(), &tokens.host()]));
        let redirected = reply.status == 302;
        let code = if redirected { RegistryResponseInvalid } else { code };
        assert_eq!(found, Err(code), "{reply:?}");
    }
}

#[test]
fn a_token_server_in_clear_is_asked_only_where_it_is_named() {
    let tokens = token_server(Some(BASIC));
    let server = guarded(bearer(&tokens), "Bearer token");
    let settings = given(&server.host(), password("n", "p"), &[]);
    assert_eq!(judge(&server, settings), Err(RegistryResponseInvalid));
    assert_eq!(tokens.connections(), 0);
}

#[test]
fn credentials_do_not_follow_a_redirect_to_another_host() {
    let mut other = shelf();
    let subject = other.image("app", Some("v1"));
    let elsewhere = serve(other, |_| None);
    let host = elsewhere.host();
    let server = serve(shelf(), move |asked| {
        if asked.header("authorization") != Some(BASIC) {
            return Some(Reply::refused(401).with("www-authenticate", "Basic"));
        }
        asked
            .path()
            .contains("/blobs/")
            .then(|| Reply::new(307, "").with("location", format!("http://{host}{}", asked.target)))
    });
    let settings = given(&server.host(), password("n", "p"), &[&elsewhere.host()]);
    let registry = client(settings);
    let pinned = registry.pin(&image(&server.host(), &format!("@{subject}")), None).unwrap();
    assert!(registry.collect(&pinned, None).unwrap().unverified_config.is_some());
    let asked = elsewhere.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("authorization"), None);
}

#[test]
fn credentials_do_not_follow_an_upload_to_another_host() {
    let store = Server::start(|_| Reply::new(201, "")).unwrap();
    let host = store.host();
    let server = serve(Shelf::new(), move |asked| {
        if asked.header("authorization") != Some(BASIC) {
            return Some(Reply::refused(401).with("www-authenticate", "Basic"));
        }
        (asked.method == "POST")
            .then(|| Reply::new(202, "").with("location", format!("http://{host}/upload?state=x")))
    });
    let registry = client(given(&server.host(), password("n", "p"), &[&store.host()]));
    let named = image(&server.host(), ":v1");
    registry.push(&named, "text/plain", b"{}".to_vec(), vec![b"blob".to_vec()]).unwrap();
    let asked = store.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].method.as_str(), asked[0].header("authorization")), ("PUT", None));
}

#[test]
fn a_stranger_that_a_redirect_led_to_gets_no_credentials_by_asking() {
    let trap = Server::start(|_| Reply::refused(401).with("www-authenticate", "Basic")).unwrap();
    let host = trap.host();
    let server = serve(shelf(), move |asked| match asked.header("authorization") {
        Some(BASIC) if asked.path().contains("/blobs/") => {
            Some(Reply::new(307, "").with("location", format!("http://{host}/x")))
        }
        Some(BASIC) => None,
        _ => Some(Reply::refused(401).with("www-authenticate", "Basic")),
    });
    let settings = given(&server.host(), password("n", "p"), &[&trap.host()]);
    assert_eq!(judge(&server, settings), Err(RegistryUnauthorized));
    assert!(trap.asked().iter().all(|asked: &Asked| asked.header("authorization").is_none()));
}

#[test]
fn files_of_credentials_are_read_and_a_broken_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = guarded("Basic".into(), BASIC);
    let host = server.host();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let good = write("good.json", format!(r#"{{"auths":{{"{host}/shop":{{"auth":"bjpw"}}}}}}"#));
    let other = write("other.json", r#"{"auths":{"other.example":{"auth":"eA=="}}}"#.into());
    let broken = write("broken.json", "{".into());
    let absent = folder.path().join("absent.json");
    let with = |ambient: &[&std::path::PathBuf]| Settings {
        ambient: ambient.iter().map(|path| (*path).clone()).collect(),
        ..settings(&[&host])
    };
    assert_eq!(judge(&server, with(&[&absent, &other, &good])), Ok(Deny));
    assert_eq!(judge(&server, with(&[&other])), Err(RegistryUnauthorized));
    assert_eq!(judge(&server, with(&[&broken, &good])), Err(RegistryCredentialsFailed));
    let named = |path: &std::path::PathBuf| {
        let mut settings = settings(&[&host]);
        settings.places.get_mut(&host).unwrap().credentials = Some(path.clone());
        settings
    };
    assert_eq!(judge(&server, named(&good)), Ok(Deny));
    assert_eq!(judge(&server, named(&absent)), Err(RegistryCredentialsFailed));
}

/// Helpers are found on PATH, which is the process's: so each has a name of its own in a folder that
/// `gate` gets as its PATH, and `gate` is what is run.
#[test]
fn a_helper_is_asked_for_its_host_and_given_up_when_it_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let helper = |name: &str, script: &str| {
        let path = folder.path().join(format!("docker-credential-{name}"));
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    helper(
        "good",
        r#"read server; test "$1" = get && test "$server" = "$EXPECTED" && echo '{"ServerURL":"x","Username":"n","Secret":"p"}'"#,
    );
    helper("none", "echo 'credentials not found in native keychain'; exit 1");
    helper("bad", "echo hunter2; exit 1");
    helper("hangs", "exec sleep 600");
    let server = guarded("Basic".into(), BASIC);
    let policy = folder.path().join("x.rego");
    let config_file = folder.path().join("gate.yaml");
    std::fs::write(&policy, "package x\n\ndeny contains \"x\" if input.now == \"never\"\n")
        .unwrap();
    for (name, status, code) in [
        ("good", 0, ""),
        ("none", 2, "registry-unauthorized"),
        ("bad", 2, "registry-credentials-failed"),
        ("hangs", 2, "registry-credentials-failed"),
        ("absent", 2, "registry-credentials-failed"),
        ("../bad", 2, "registry-credentials-failed"),
    ] {
        let docker = folder.path().join("docker");
        std::fs::create_dir_all(&docker).unwrap();
        let config = serde_json::json!({"credHelpers": {server.host(): name}}).to_string();
        std::fs::write(docker.join("config.json"), config).unwrap();
        // Only the one that hangs is given up; all others have time on the busiest machine.
        let seconds = if name == "hangs" { 1 } else { 60 };
        let yaml = format!(
            "version: 1\nenvironments: {{ test: {{ policy: [x.rego] }} }}\nregistries:\n  places: \
             {{ '{}': {{ plain_http: true }} }}\n  limits: {{ helper_seconds: {seconds} }}\n",
            server.host()
        );
        std::fs::write(&config_file, yaml).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let run = std::process::Command::new(gate_tests::process::program("gate").unwrap())
            .args(["check", &format!("{}/shop/app:v1", server.host())])
            .arg("--config")
            .arg(&config_file)
            .env("PATH", format!("{}:{path}", folder.path().display()))
            .env("DOCKER_CONFIG", &docker)
            .env("EXPECTED", server.host())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(status), "{name}: {words}");
        assert!(words.contains(code), "{name}: {words}");
        assert!(!words.contains("hunter2"), "{words}");
    }
}
