//! Bundles are read and written as OPA does, and nothing unsigned or out of place gets through.

use std::process::Command;

use super::*;
use crate::keys::{KeyFile, KeyKind, generate};
use crate::policy::{Demands, load_demanding};

type Files = BTreeMap<String, Vec<u8>>;

const RULE: &str =
    "package shop\n\ndeny contains \"x\" if input.subject.kind == data.shop_data.k\n";

fn files() -> BTreeMap<String, Vec<u8>> {
    let manifest = r#"{"revision": "r1", "roots": ["shop", "shop_data"], "rego_version": 1}"#;
    [(MANIFEST, manifest), ("shop/shop.rego", RULE), ("data.json", r#"{"shop_data": {"k": 1}}"#)]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into()
}

fn bundle(files: BTreeMap<String, Vec<u8>>) -> BundleFiles {
    BundleFiles { from: "b".into(), files }
}

/// A key of a kind in a folder, with its public PEM.
fn key(folder: &Path, kind: KeyKind) -> (KeyFile, String) {
    let path = folder.join(format!("{kind}.pem"));
    let key = generate(kind, &path).unwrap();
    let public = key.public().to_pem();
    (key, public)
}

fn signed(key: &KeyFile) -> BTreeMap<String, Vec<u8>> {
    let mut files = files();
    let signatures = sign(&files, key, "shop").unwrap();
    files.insert(SIGNATURES.to_owned(), signatures);
    files
}

#[test]
fn packing_is_the_same_bytes_and_unpacking_the_same_files() {
    let packed = pack(&files()).unwrap();
    assert_eq!(packed, pack(&files()).unwrap());
    assert_eq!(unpack(&packed).unwrap(), files());
}

#[test]
fn each_kind_of_key_signs_and_only_the_signer_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for kind in [KeyKind::P256, KeyKind::Ed25519] {
        let other = tempfile::tempdir().unwrap();
        let ((key, public), (_, stranger)) =
            (key(folder.path(), kind), self::key(other.path(), kind));
        let bundle = bundle(signed(&key));
        let keys = BTreeMap::from([("shop".to_owned(), public), ("other".to_owned(), stranger)]);
        let told = bundle.signed_by(&keys).unwrap();
        assert_eq!(told.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["shop"]);
    }
}

#[test]
fn a_file_changed_added_or_removed_after_signing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (key, public) = key(folder.path(), KeyKind::P256);
    let keys = BTreeMap::from([("shop".to_owned(), public)]);
    let refused = |change: &dyn Fn(&mut Files)| {
        let mut files = signed(&key);
        change(&mut files);
        bundle(files).signed_by(&keys).is_err()
    };
    assert!(refused(&|files| drop(
        files.insert("shop/shop.rego".to_owned(), b"package shop".to_vec())
    )));
    assert!(refused(&|files| drop(files.insert("more.rego".to_owned(), b"package shop".to_vec()))));
    assert!(refused(&|files| drop(files.remove("data.json"))));
    assert!(!refused(&|files| {
        // The same data, written another way.
        files.insert("data.json".to_owned(), b"{\"shop_data\":\n{\"k\":1}}".to_vec());
    }));
}

#[test]
fn a_shared_secret_or_no_algorithm_proves_no_signer() {
    for algorithm in ["HS256", "none"] {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as base64url;
        let header = base64url.encode(format!("{{\"alg\":\"{algorithm}\"}}"));
        let token = format!("{header}.{}.AA", base64url.encode("{\"files\":[]}"));
        let mut files = files();
        let signatures = format!("{{\"signatures\":[\"{token}\"]}}");
        files.insert(SIGNATURES.to_owned(), signatures.into_bytes());
        assert!(bundle(files).signed_by(&BTreeMap::new()).is_err(), "{algorithm}");
    }
}

#[test]
fn modules_and_data_outside_of_the_roots_are_refused() {
    let with = |path: &str, text: &str| {
        let mut files = files();
        files.insert(path.to_owned(), text.as_bytes().to_vec());
        bundle(files).contents()
    };
    assert!(with("x.rego", "package shop.more").is_ok());
    assert!(with("x.rego", "package other").is_err());
    assert!(with("data.json", r#"{"other": 1}"#).is_err());
    assert!(with("other/data.json", "{}").is_err());
    let overlap = r#"{"roots": ["shop", "shop/base"]}"#;
    assert!(with(MANIFEST, overlap).is_err());
}

#[test]
fn an_archive_that_leads_out_or_is_none_is_refused() {
    assert!(unpack(b"no gzip").is_err());
    let mut archive =
        tar::Builder::new(flate2::write::GzEncoder::new(vec![], flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.set_mode(0o644);
    header.as_gnu_mut().unwrap().name[..9].copy_from_slice(b"../a.rego");
    header.set_cksum();
    archive.append(&header, &b"x"[..]).unwrap();
    assert!(unpack(&archive.into_inner().unwrap().finish().unwrap()).is_err());
}

#[test]
fn an_environment_that_demands_signers_takes_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (key, public) = key(folder.path(), KeyKind::P256);
    let demands = |public: &str| Demands {
        signers: BTreeMap::from([("shop".to_owned(), public.to_owned())]),
        ..Demands::default()
    };
    let path = folder.path().join("b.tar.gz");
    let write = |files| std::fs::write(&path, pack(&files).unwrap()).unwrap();
    let load = |demands: &Demands| load_demanding(std::slice::from_ref(&path), &[], demands);
    write(signed(&key));
    assert!(load(&demands(&public)).unwrap().is_ok());
    let other = tempfile::tempdir().unwrap();
    let (_, stranger) = self::key(other.path(), KeyKind::P256);
    assert!(load(&demands(&stranger)).is_err());
    write(files());
    assert!(load(&demands(&public)).is_err(), "no signatures");
    let data = folder.path().join("more.json");
    std::fs::write(&data, "{}").unwrap();
    write(signed(&key));
    let with_data = load_demanding(std::slice::from_ref(&path), &[data], &demands(&public));
    assert!(with_data.is_err(), "data that nobody signed");
}

#[test]
fn a_bundle_has_one_digest_in_whatever_form_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("b.tgz");
    std::fs::write(&packed, pack(&files()).unwrap()).unwrap();
    let open = folder.path().join("open");
    for (path, content) in files() {
        let path = open.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let digest = |path: PathBuf| {
        load_demanding(&[path], &[], &Demands::default()).unwrap().unwrap().digest()
    };
    assert_eq!(digest(packed), digest(open));
}

fn opa() -> Option<PathBuf> {
    let folder = std::env::var_os("GATE_PEERS").map(PathBuf::from)?;
    Some(folder.join("opa")).filter(|path| path.is_file())
}

#[test]
fn opa_takes_what_is_written_here_and_the_reverse() {
    let Some(opa) = opa() else {
        println!("not run: GATE_PEERS names no folder with opa");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (key, public) = key(folder.path(), KeyKind::P256);
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("k.pub"), &public).unwrap();
    std::fs::write(path("ours.tar.gz"), pack(&signed(&key)).unwrap()).unwrap();
    let run = |arguments: &[&str]| {
        let output =
            Command::new(&opa).current_dir(folder.path()).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "opa {arguments:?}: {text}");
        String::from_utf8(output.stdout).unwrap()
    };
    // OPA verifies our signature, builds from it and evaluates it.
    let value = run(&["eval", "-b", "ours.tar.gz", "-f", "raw", "data.shop_data.k"]);
    assert_eq!(value.trim(), "1");
    run(&[
        "build",
        "-b",
        "ours.tar.gz",
        "-o",
        "theirs.tar.gz",
        "--verification-key",
        "k.pub",
        "--verification-key-id",
        "shop",
        "--signing-key",
        "p256.pem",
        "--signing-alg",
        "ES256",
    ]);
    let theirs = BundleFiles::read(&path("theirs.tar.gz")).unwrap();
    let keys = BTreeMap::from([("shop".to_owned(), public)]);
    assert_eq!(theirs.signed_by(&keys).unwrap().len(), 1);
    assert_eq!(theirs.manifest().unwrap().revision, "r1");
    assert_eq!(theirs.contents().unwrap().modules.len(), 1);
}

/// Answers each request on loopback with these, and keeps their heads.
fn serve(answers: Vec<Vec<u8>>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let mut heads = vec![];
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = String::new();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let line = line.unwrap();
                if line.is_empty() {
                    break;
                }
                head.push_str(&line.to_lowercase());
                head.push('\n');
            }
            heads.push(head);
            stream.write_all(&answer).unwrap();
        }
        heads
    });
    (format!("http://{address}/shop.tar.gz"), thread)
}

#[test]
fn what_did_not_change_is_not_fetched_again() {
    let packed = pack(&files()).unwrap();
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nETag: \"one\"\r\n\r\n";
    let first = [head.as_bytes(), &packed].concat();
    let same = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec();
    let gone = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (url, thread) = serve(vec![first, same, gone]);
    let folder = tempfile::tempdir().unwrap();
    let places = Places { registry: None, cache: Some(folder.path().join("cache")) };
    let place = Place::parse(&url).unwrap();
    assert_eq!(places.read(&place).unwrap().files, files());
    assert_eq!(places.read(&place).unwrap().files, files(), "from the cache");
    assert!(places.read(&place).is_err(), "what is gone is not judged by");
    let heads = thread.join().unwrap();
    assert!(!heads[0].contains("if-none-match"));
    assert!(heads[1].contains("if-none-match: \"one\""));
}

#[test]
fn policies_are_not_fetched_in_clear_from_elsewhere() {
    assert!(Place::parse("http://registry.example/b.tar.gz").is_err());
    assert!(Place::parse("https://registry.example/b.tar.gz").is_ok());
    assert!(Place::parse("oci://").is_err());
}

#[test]
fn a_sigstore_signature_beside_a_packed_bundle_vouches_for_its_bytes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (key, public) = key(folder.path(), KeyKind::P256);
    let path = folder.path().join("b.tar.gz");
    let packed = pack(&files()).unwrap();
    std::fs::write(&path, &packed).unwrap();
    let load = |public: &str| {
        let signer = gate_core::verify::bundle::Signer::key(public);
        let name = "release".to_owned();
        let vouchers = vec![Voucher { name, signer, root: None, rules: None }];
        let demands = Demands { vouchers, ..Demands::default() };
        load_demanding(std::slice::from_ref(&path), &[], &demands)
    };
    assert!(load(&public).is_err(), "nothing is signed yet");
    let sign = |bytes: &[u8]| {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let signature = gate_core::effects::Signer::sign(&key, bytes).unwrap();
        let base64 = |bytes: &[u8]| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(bytes)
        };
        let bundle = serde_json::json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": ""}, "tlogEntries": []},
            "messageSignature": {
                "messageDigest": {"algorithm": "SHA2_256", "digest": base64(digest.as_ref())},
                "signature": base64(&signature),
            },
        });
        std::fs::write(folder.path().join("b.tar.gz.sigstore.json"), bundle.to_string()).unwrap();
    };
    sign(&packed);
    assert!(load(&public).unwrap().is_ok());
    let other = tempfile::tempdir().unwrap();
    let (_, stranger) = self::key(other.path(), KeyKind::P256);
    assert!(load(&stranger).is_err(), "another key");
    sign(b"other bytes");
    assert!(load(&public).is_err(), "a signature over something else");
}

#[test]
fn a_manifest_below_the_root_and_a_plan_that_is_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("app")).unwrap();
    std::fs::write(folder.path().join("app/.manifest"), "{}").unwrap();
    assert!(BundleFiles::read(folder.path()).is_err());
    let with = |path: &str, text: &str| {
        let mut files = files();
        files.insert(path.to_owned(), text.as_bytes().to_vec());
        files
    };
    assert!(unpack(&pack(&with("app/.manifest", "{}")).unwrap()).is_err());
    assert!(bundle(with("plan.json", "no plan")).contents().is_err());
    assert!(bundle(with("plan.json", "{}")).contents().is_ok());
}

/// Bundles of the conformance data, each with whether it must load.
#[test]
fn bundles_of_others_load_or_are_refused_as_told() {
    let Some(root) = std::env::var_os("GATE_CONFORMANCE_DATA").map(PathBuf::from) else {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
        return;
    };
    let table = std::fs::read_to_string(root.join("rego/MANIFEST.tsv")).unwrap();
    let mut expected: BTreeMap<PathBuf, bool> = BTreeMap::new();
    for line in table.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [path, .., what, wanted] = cells.as_slice() else { continue };
        if !what.starts_with("OPA bundles") {
            continue;
        }
        let parts: PathBuf = path.split('/').take(3).collect();
        *expected.entry(parts).or_insert(true) &= !wanted.contains("MUST FAIL");
    }
    assert!(!expected.is_empty(), "no bundles are in the table");
    for (path, loads) in &expected {
        let loaded = BundleFiles::read(&root.join("rego").join(path))
            .and_then(|bundle| bundle.contents())
            .map_err(|error| error.to_string());
        assert_eq!(loaded.is_ok(), *loads, "{}: {loaded:?}", path.display());
    }
    println!("{} bundles", expected.len());
}
