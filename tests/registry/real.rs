//! Real registries with images that the real cosign signed and attested. `scripts/peers.sh` builds
//! what is needed; elsewhere these tests say that they did not run, in CI that is a failure.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use gate_core::evidence::Collected;
use gate_io::registry::{
    Credentials, Image, Patience, Pinned, Place, Referrer, Registry, Settings,
};
use gate_tests::peers::peer;
use gate_tests::registry::descriptor;
use serde_json::json;

/// A peer, or the word that the test did not run.
fn wanted(name: &str) -> Option<PathBuf> {
    let found = peer(name);
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "CI must have {name}");
    if found.is_none() {
        println!("NOT RUN: there is no {name}; scripts/peers.sh builds it");
    }
    found
}

/// A registry as a process, killed when it is dropped.
struct Running {
    child: Child,
    host: String,
    folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a registry on a free port and waits until it answers.
fn start(name: &str) -> Option<Running> {
    start_with(name, &|_| String::new())
}

/// The same with more of docker-registry's configuration, made for the folder that it is given.
fn start_with(name: &str, more: &dyn Fn(&Path) -> String) -> Option<Running> {
    let program = wanted(if name == "crane" { "crane" } else { name })?;
    let folder = tempfile::tempdir().unwrap();
    // The port is free when it is asked for: these registries cannot tell which they chose.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("127.0.0.1:{port}");
    let mut command = Command::new(program);
    match name {
        "docker-registry" => {
            let config = folder.path().join("config.yml");
            let text = format!(
                "version: 0.1\nlog: {{ accesslog: {{ disabled: true }}, level: error }}\nstorage:\n  \
                 filesystem: {{ rootdirectory: '{}' }}\nhttp:\n  addr: '{host}'\n{}",
                folder.path().join("data").display(),
                more(folder.path())
            );
            std::fs::write(&config, text).unwrap();
            command.arg("serve").arg(config)
        }
        "crane" => command.args(["registry", "serve", "--address", &host]),
        _ => command.arg(&host),
    };
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let running = Running { child, host, folder };
    // It is ready when it takes connections; a registry that never does fails the test.
    for _ in 0..600 {
        if std::net::TcpStream::connect(&running.host).is_ok() {
            return Some(running);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{name} did not start");
}

fn client(host: &str) -> Registry {
    let place = Place { plain_http: true, ..Place::default() };
    let settings = Settings { places: [(host.to_owned(), place)].into(), ..Settings::default() };
    Registry::with_pace(settings, Arc::new(Patience))
}

fn push(registry: &Registry, host: &str) -> Pinned {
    let (config, layer) = (json!({"os": "linux", "architecture": "amd64"}).to_string(), "layer");
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let config_type = "application/vnd.oci.image.config.v1+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": descriptor(config_type, config.as_bytes()),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", layer.as_bytes())],
    });
    let image: Image = format!("{host}/shop/app:v1").parse().unwrap();
    let blobs = vec![config.into_bytes(), layer.as_bytes().to_vec()];
    registry.push(&image, media_type, manifest.to_string().into_bytes(), blobs).unwrap();
    registry.pin(&image, None).unwrap()
}

fn contents(collected: &Collected) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    collected.evidence.iter().map(|piece| text(&piece.unverified_bytes)).collect()
}

const REGISTRIES: [&str; 3] = ["docker-registry", "crane", "referrers-registry"];

#[test]
fn real_registries_take_referrers_and_give_them_back() {
    for name in REGISTRIES {
        let Some(running) = start(name) else { continue };
        let registry = client(&running.host);
        let pinned = push(&registry, &running.host);
        assert!(registry.collect(&pinned, None).unwrap().evidence.is_empty(), "{name}");
        for text in ["one", "two"] {
            let referrer = Referrer::bundle("https://example.org", text.as_bytes());
            registry.attach(&pinned, referrer).unwrap();
        }
        let mut found = contents(&registry.collect(&pinned, None).unwrap());
        found.sort();
        assert_eq!(found, ["one", "two"], "{name}");
        let absent: Image = format!("{}/shop/app:absent", running.host).parse().unwrap();
        let refused = registry.pin(&absent, None).unwrap_err();
        assert_eq!(refused.code.code(), "registry-not-found", "{name}");
    }
}

/// `n` with the password `p`, as htpasswd writes it.
const HTPASSWD: &str = "n:$2b$04$w/bc21W6utnrjaRq6tptSezEVJGqHYECAPnQKu/SBkKgRow5pJEOK\n";

/// A self-signed certificate for loopback, and its key, as PEM.
fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn a_registry_behind_tls_and_a_password_is_asked_as_it_is_configured() {
    let (certificate, key) = certificate();
    let started = start_with("docker-registry", &|folder| {
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).unwrap();
            folder.join(name).display().to_string()
        };
        let (cert, key) = (write("cert.pem", &certificate), write("key.pem", &key));
        let users = write("htpasswd", HTPASSWD);
        format!(
            "  tls: {{ certificate: '{cert}', key: '{key}' }}\nauth:\n  htpasswd: {{ realm: test, \
             path: '{users}' }}\n"
        )
    });
    let Some(running) = started else { return };
    let other = running.folder.path().join("other.pem");
    std::fs::write(&other, self::certificate().0).unwrap();
    let junk = running.folder.path().join("junk.pem");
    std::fs::write(&junk, "no certificate").unwrap();
    let with = |ca: &str, password: &str| {
        let place = Place { ca: Some(running.folder.path().join(ca)), ..Place::default() };
        let given = Credentials::Password { name: "n".to_owned(), password: password.to_owned() };
        Registry::new(Settings {
            places: [(running.host.clone(), place)].into(),
            given: Some((running.host.clone(), given)),
            ..Settings::default()
        })
    };
    let pinned = push(&with("cert.pem", "p"), &running.host);
    for (ca, password, code) in [
        ("cert.pem", "wrong", "registry-unauthorized"),
        ("other.pem", "p", "registry-unavailable"),
        ("junk.pem", "p", "config-invalid"),
        ("absent.pem", "p", "config-invalid"),
    ] {
        let refused = with(ca, password).collect(&pinned, None).unwrap_err();
        assert_eq!(refused.code.code(), code, "{ca} {password}");
    }
    assert!(with("cert.pem", "p").collect(&pinned, None).unwrap().evidence.is_empty());
}

/// Runs cosign without a log or a password.
fn cosign(program: &Path, folder: &Path, arguments: &[&str]) {
    let run = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("COSIGN_PASSWORD", "")
        .env("TUF_ROOT", folder.join("tuf"))
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "cosign {arguments:?}: {words}");
}

#[test]
fn what_cosign_signs_and_attests_in_a_registry_is_collected() {
    let Some(program) = wanted("cosign") else { return };
    for name in REGISTRIES {
        let Some(running) = start(name) else { continue };
        let registry = client(&running.host);
        let pinned = push(&registry, &running.host);
        let image = pinned.image.at(pinned.digest).to_string();
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| cosign(&program, folder.path(), arguments);
        std::fs::write(folder.path().join("predicate.json"), "{\"a\":1}").unwrap();
        run(&["generate-key-pair"]);
        run(&["signing-config", "create", "--out", "signing-config.json"]);
        let new = ["--key", "cosign.key", "--signing-config", "signing-config.json", "--yes"];
        let old = ["--key", "cosign.key", "--tlog-upload=false", "--use-signing-config=false"];
        let attest = ["--predicate", "predicate.json", "--type", "https://example.org/p"];
        let old_form = ["--new-bundle-format=false", "--yes"];
        run(&[&["sign", "--allow-http-registry"][..], &new, &[&image]].concat());
        run(&[&["attest", "--allow-http-registry"][..], &new, &attest, &[&image]].concat());
        run(&[&["sign", "--allow-http-registry"][..], &old, &old_form, &[&image]].concat());
        run(&[&["attest", "--allow-http-registry"][..], &old, &old_form, &attest, &[&image]]
            .concat());
        let found = contents(&registry.collect(&pinned, None).unwrap());
        let count = |mark: &str| found.iter().filter(|text| text.contains(mark)).count();
        assert_eq!(count("application/vnd.dev.sigstore.bundle.v0.3+json"), 2, "{name}: {found:#?}");
        assert_eq!(count("dev.cosignproject.cosign/signature"), 1, "{name}: {found:#?}");
        assert_eq!(count("application/vnd.gate.cosign.layer.v1+json"), 1, "{name}: {found:#?}");
        assert_eq!(found.len(), 4, "{name}: {found:#?}");
    }
}
