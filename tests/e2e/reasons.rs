//! Every reason code is produced by some case.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gate_core::effects::{Clock, Effects, EvidenceSource, GateError, Recorder, Signer};
use gate_core::evidence::Collected;
use gate_core::reason::{ErrorCode, GateCode, Problem};
use gate_core::record::{Entry, Recorded};
use gate_core::request::{Asker, Request, Subject, SubjectKind};
use gate_core::{Digest, Timestamp, spine};
use gate_fixtures::stored;
use gate_tests::process;
use gate_tests::registry::{Body, Reply, Server};
use gate_tests::shop::Shop;

/// `doors.rs` shows that each case gives the codes that it expects.
#[test]
fn every_code_of_a_decision_is_expected_by_a_case() {
    let (mut found, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for case in stored::all().unwrap() {
        let expect = case.document.expect;
        found.extend(expect.codes.into_iter().chain(expect.noted));
        failed.extend(expect.failed);
    }
    let missing: Vec<_> = GateCode::ALL
        .iter()
        .map(|code| code.code())
        .filter(|code| !found.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case denies or warns with {missing:?}");
    let missing: Vec<_> = Problem::ALL
        .iter()
        .map(|code| code.code())
        .filter(|code| !failed.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case fails evidence with {missing:?}");
}

/// What `gate` says when it ends with status 2.
fn says(arguments: &[&str], code: ErrorCode) -> ErrorCode {
    let run = process::gate(arguments).unwrap();
    let words = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{arguments:?}: {words}");
    assert!(words.contains(code.code()), "{arguments:?} does not say {code}: {words}");
    assert!(run.stdout.is_empty(), "{arguments:?} gave a verdict");
    code
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn every_way_to_have_no_verdict_has_its_code() {
    let policy = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &str| {
        let path = policy.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        text(&path)
    };
    let fine =
        write("fine.rego", "package fine\n\ndeny contains \"x\" if input.now == \"never\"\n");
    let slow = write(
        "slow.rego",
        "package slow\n\ndeny contains \"x\" if {\n\tsome a in numbers.range(1, 3000)\n\tsome b in numbers.range(1, 3000)\n\ta * b == -1\n}\n",
    );
    let broken = write("broken.rego", "package broken\n\ndeny contains {\n");
    let subject = &Digest::of(b"a subject").to_string();
    let shop = Shop::new(Path::new(&fine), "").unwrap();
    let (config, store) = (&text(&shop.config()), &text(&shop.store()));
    let with = |more: &[&'static str]| {
        let mut line = vec!["promote", subject, "--config", config, "--environment", "production"];
        line.extend(more);
        line.extend(["--store", store]);
        line.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let promote = with(&[]);
    let promote: Vec<_> = promote.iter().map(String::as_str).collect();

    let mut seen = BTreeSet::from([
        says(&["check", subject, "--policy", &slow], ErrorCode::PolicyTimeout),
        says(&["check", subject, "--policy", &broken], ErrorCode::PolicyInvalid),
        says(
            &["check", subject, "--policy", &fine, "--evidence", "/nowhere"],
            ErrorCode::CollectFailed,
        ),
        says(&["check", "/nowhere", "--policy", &fine], ErrorCode::SubjectInvalid),
        says(&["check", &swapped(policy.path()), "--policy", &fine], ErrorCode::SubjectMismatch),
        says(
            &["check", subject, "--config", &broken, "--environment", "production"],
            ErrorCode::ConfigInvalid,
        ),
        says(&["explain", subject, "--config", config, "--store", store], ErrorCode::NotFound),
    ]);
    let server = shop.serve().unwrap();
    seen.insert(says(&promote, ErrorCode::StoreInUse));
    drop(server);
    seen.insert(record_on_a_full_disk(&promote));
    open_to_all(&shop.path("gate.pem"), 0o644);
    seen.insert(says(&promote, ErrorCode::KeyInvalid));
    open_to_all(&shop.path("gate.pem"), 0o600);
    let junk = write("junk.db", "this is no database, and long enough to be looked at");
    let mut promote = promote;
    promote.pop();
    promote.push(&junk);
    seen.insert(says(&promote, ErrorCode::StoreInvalid));
    seen.insert(an_unsigned_decision_is_not_recorded(Path::new(config)));
    seen.extend(a_registry_that_fails(Path::new(&fine)));

    // `internal` is for what should not happen: nobody knows a case.
    let missing: Vec<_> = ErrorCode::ALL
        .iter()
        .filter(|code| !seen.contains(code) && **code != ErrorCode::Internal)
        .collect();
    assert!(missing.is_empty(), "nothing produces {missing:?}");
}

/// A layout whose image was swapped for other bytes under the same name.
fn swapped(scratch: &Path) -> String {
    let from = stored::named("good-release_allow").unwrap();
    let to = scratch.join("image");
    let copied = Command::new("cp").arg("-r").arg(&from.layouts()[0]).arg(&to).status();
    assert!(copied.unwrap().success());
    let digest: Digest = from.document.subject.unwrap().parse().unwrap();
    let blob = to.join("blobs/sha256").join(digest.to_hex());
    let manifest = std::fs::read_to_string(&blob).unwrap();
    std::fs::write(&blob, manifest.replace("schemaVersion", "schemaversion")).unwrap();
    format!("oci:{}", to.display())
}

/// A repository, what its registry answers, and what that is.
type Failure = (&'static str, fn() -> Reply, ErrorCode);

/// Each way in which a registry fails, under a repository of its own; `tests/registry` goes through
/// every endpoint with more of them.
fn a_registry_that_fails(policy: &Path) -> Vec<ErrorCode> {
    let failures: [Failure; 11] = [
        ("unauthorized", || Reply::refused(401), ErrorCode::RegistryUnauthorized),
        ("forbidden", || Reply::refused(403), ErrorCode::RegistryForbidden),
        ("limited", || Reply::refused(429), ErrorCode::RegistryRateLimited),
        ("down", || Reply::refused(500), ErrorCode::RegistryUnavailable),
        ("mute", || Reply::sent(Body::Mute), ErrorCode::RegistryTimeout),
        ("swapped", || Reply::new(200, "{}"), ErrorCode::RegistryDigestMismatch),
        ("page", || Reply::new(200, "<html>"), ErrorCode::RegistryResponseInvalid),
        ("cut", || Reply::sent(Body::Cut(b"{".into())), ErrorCode::RegistryResponseTruncated),
        ("long", || Reply::sent(Body::Announced(1 << 40)), ErrorCode::RegistryLimitExceeded),
        (
            "asking",
            || Reply::refused(401).with("www-authenticate", "Basic"),
            ErrorCode::RegistryCredentialsFailed,
        ),
        ("absent", || Reply::refused(404), ErrorCode::RegistryNotFound),
    ];
    let server = Server::start(move |asked| {
        let named = |name: &str| asked.path().starts_with(&format!("/v2/{name}/"));
        let found = failures.iter().find(|(name, ..)| named(name));
        found.map_or_else(|| Reply::refused(404), |(_, reply, _)| reply())
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (config, broken) = (folder.path().join("gate.yaml"), folder.path().join("broken.json"));
    std::fs::write(&broken, "{").unwrap();
    let yaml = format!(
        "version: 1\nenvironments: {{ production: {{ policy: ['{}'] }} }}\nregistries:\n  places: \
         {{ '{}': {{ plain_http: true }} }}\n  limits: {{ attempts: 1, silence_seconds: 1 }}\n",
        policy.display(),
        server.host()
    );
    std::fs::write(&config, yaml).unwrap();
    let ask = |(name, _, code): &Failure| {
        let tag = match *code {
            ErrorCode::RegistryDigestMismatch => format!("@{}", Digest::of(b"a manifest")),
            _ => ":v1".to_owned(),
        };
        let subject = format!("{}/{name}/app{tag}", server.host());
        let (config, broken) = (text(&config), text(&broken));
        let arguments = ["check", &subject, "--config", &config, "--registry-auth-file", &broken];
        says(&arguments, *code)
    };
    failures.iter().map(ask).collect()
}

/// `EFBIG` stands in for a full disk: no file may grow beyond 8 KiB.
fn record_on_a_full_disk(arguments: &[&str]) -> ErrorCode {
    let run = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""])
        .arg(process::program("gate").unwrap())
        .args(arguments)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{words}");
    assert!(words.contains("record-failed"), "{words}");
    assert!(run.stdout.is_empty(), "a verdict left without a record");
    ErrorCode::RecordFailed
}

fn open_to_all(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

struct Broken {
    entries: RefCell<Vec<Entry>>,
}

impl EvidenceSource for Broken {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        Ok(Collected::default())
    }
}

impl Signer for Broken {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, GateError> {
        Err(GateError::new(ErrorCode::SignFailed, "the key is gone"))
    }

    fn public_key(&self) -> &[u8] {
        &[]
    }
}

impl Recorder for Broken {
    fn record(&self, entry: Entry) -> Result<Recorded, GateError> {
        self.entries.borrow_mut().push(entry);
        Err(GateError::new(ErrorCode::RecordFailed, "not reached"))
    }

    fn ready(&self) -> Result<(), GateError> {
        Ok(())
    }
}

impl Clock for Broken {
    fn now(&self) -> Timestamp {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

fn an_unsigned_decision_is_not_recorded(config: &Path) -> ErrorCode {
    let configuration = gate_io::config::load(config).unwrap();
    let broken = Broken { entries: RefCell::new(vec![]) };
    let effects = Effects { source: &broken, signer: &broken, recorder: &broken, clock: &broken };
    let request = Request {
        subject: Subject { digest: Digest::of(b"x"), kind: SubjectKind::Artifact },
        asker: Asker { requester: "ci".to_owned(), admission: None },
        now: broken.now(),
        object: None,
    };
    let environment = &configuration.environments["production"];
    let error = spine::promote(&request, environment, &effects).unwrap_err();
    assert!(broken.entries.borrow().is_empty(), "it was recorded without a signature");
    error.code
}
