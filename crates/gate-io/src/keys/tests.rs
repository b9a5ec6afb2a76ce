//! Tests of key files: what is refused, and that what is made can be used.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_new_key_is_its_owners_alone_and_signs() {
    let folder = tempfile::tempdir().unwrap();
    for kind in [KeyKind::P256, KeyKind::Ed25519] {
        let path = folder.path().join(kind.to_string());
        let made = generate(kind, &path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let key = KeyFile::load(&path).unwrap();
        assert_eq!((key.kind(), key.public()), (kind, made.public()));
        let signature = key.sign(b"message").unwrap();
        assert!(key.public().verifies(b"message", &signature));
        assert!(!key.public().verifies(b"another", &signature));
    }
}

#[test]
fn a_key_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    generate(KeyKind::P256, &path).unwrap();
    let before = fs::read(&path).unwrap();
    let refused = generate(KeyKind::P256, &path).unwrap_err();
    assert_eq!(refused.code, ErrorCode::KeyInvalid);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_key_that_others_can_read_or_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    generate(KeyKind::P256, &path).unwrap();
    for others in [0o640, 0o604, 0o620, 0o602, 0o644, 0o601] {
        mode(&path, others);
        let refused = KeyFile::load(&path).unwrap_err();
        assert_eq!(refused.code, ErrorCode::KeyInvalid, "{others:o}");
    }
    mode(&path, 0o400);
    KeyFile::load(&path).unwrap();
}

#[test]
fn what_is_no_usable_key_is_refused_with_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let block = |tag: &str| pem::encode(&pem::Pem::new(tag, b"bytes".as_slice()));
    for (text, expected) in [
        (String::new(), "no PEM block"),
        (block("EC PRIVATE KEY"), "SEC1"),
        (block("ENCRYPTED PRIVATE KEY"), "encrypted"),
        (block("PUBLIC KEY"), "public key"),
        (block("CERTIFICATE"), "certificate"),
        (block("RSA PRIVATE KEY"), "no `PRIVATE KEY`"),
        (block("PRIVATE KEY"), "neither a P-256 nor an Ed25519 key"),
    ] {
        fs::write(&path, text).unwrap();
        mode(&path, 0o600);
        let refused = KeyFile::load(&path).unwrap_err();
        assert_eq!(refused.code, ErrorCode::KeyInvalid);
        assert!(refused.message.contains(expected), "{refused}");
    }
    assert_eq!(KeyFile::load(folder.path()).unwrap_err().code, ErrorCode::KeyInvalid);
    let absent = KeyFile::load(&folder.path().join("absent")).unwrap_err();
    assert_eq!(absent.code, ErrorCode::KeyInvalid);
}

#[test]
fn a_ledger_key_is_ed25519_and_named_by_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let (p256, ed25519) = (folder.path().join("p256"), folder.path().join("ed25519"));
    generate(KeyKind::P256, &p256).unwrap();
    generate(KeyKind::Ed25519, &ed25519).unwrap();
    let key = LedgerKey::load(&ed25519, "gate.example/shop").unwrap();
    assert_eq!(key.verifier().name(), "gate.example/shop");
    for (path, origin) in [(&p256, "gate.example/shop"), (&ed25519, "gate+example"), (&ed25519, "")]
    {
        let refused = LedgerKey::load(path, origin).unwrap_err();
        assert_eq!(refused.code, ErrorCode::KeyInvalid);
    }
}

#[test]
fn the_private_key_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let key = generate(KeyKind::P256, &folder.path().join("key.pem")).unwrap();
    assert_eq!(format!("{key:?}"), format!("KeyFile {{ public: {:?}, .. }}", key.public().hint()));
}

/// A key as cosign encrypts it, with this cost.
fn sealed(der: &[u8], password: &str, cost: u64) -> String {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use crypto_secretbox::aead::Aead;
    use crypto_secretbox::{KeyInit, XSalsa20Poly1305};

    let mut secret = [0; 32];
    let log_n = u8::try_from(cost.ilog2()).unwrap();
    let params = scrypt::Params::new(log_n, 8, 1, 32).unwrap();
    scrypt::scrypt(password.as_bytes(), b"salt", &params, &mut secret).unwrap();
    let nonce = [7; 24];
    let ciphertext = XSalsa20Poly1305::new(&secret.into()).encrypt(&nonce.into(), der).unwrap();
    let [salt, nonce, ciphertext] =
        [b"salt".as_slice(), &nonce, &ciphertext].map(|bytes| BASE64_STANDARD.encode(bytes));
    let contents = serde_json::json!({
        "kdf": {"name": "scrypt", "params": {"N": cost, "r": 8, "p": 1}, "salt": salt},
        "cipher": {"name": "nacl/secretbox", "nonce": nonce},
        "ciphertext": ciphertext,
    });
    pem::encode(&pem::Pem::new("ENCRYPTED SIGSTORE PRIVATE KEY", contents.to_string()))
}

#[test]
fn a_key_that_cosign_encrypted_is_opened_with_its_password_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, path) = (folder.path().join("plain"), folder.path().join("cosign.key"));
    let made = generate(KeyKind::P256, &plain).unwrap();
    let der = pem::parse(fs::read_to_string(&plain).unwrap()).unwrap().into_contents();
    fs::write(&path, sealed(&der, "secret", 1 << 10)).unwrap();
    mode(&path, 0o600);
    let open = |given: Option<&str>, file: Option<&Path>| {
        let given = given.map(str::to_owned);
        KeyFile::open(&path, &Passwords { given, file: file.map(Path::to_owned) })
    };
    assert_eq!(open(Some("secret"), None).unwrap().public(), made.public());
    let file = folder.path().join("password");
    fs::write(&file, "secret\n").unwrap();
    mode(&file, 0o600);
    assert_eq!(open(None, Some(&file)).unwrap().public(), made.public());
    mode(&file, 0o644);
    for (refused, expected) in [
        (open(None, Some(&file)), "others can reach it"),
        (open(Some("wrong"), None), "password is wrong"),
        (open(Some(""), None), "password is wrong"),
        (open(None, None), "COSIGN_PASSWORD"),
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, ErrorCode::KeyInvalid);
        assert!(refused.message.contains(expected), "{refused}");
    }
}

#[test]
fn a_key_file_does_not_choose_how_much_memory_its_opening_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cosign.key");
    let sealed = sealed(b"key", "secret", 2);
    let contents = String::from_utf8(pem::parse(sealed).unwrap().into_contents()).unwrap();
    for (cost, expected) in [("N\":2", "N\":262144"), ("N\":2", "N\":3"), ("r\":8", "r\":9")]
        .map(|(from, to)| (contents.replace(from, to), "scrypt parameters"))
        .into_iter()
        .chain([
            (contents.replace("nacl/secretbox", "none"), "encrypted otherwise"),
            ("{}".to_owned(), "as cosign writes them"),
        ])
    {
        let text = pem::encode(&pem::Pem::new("ENCRYPTED COSIGN PRIVATE KEY", cost));
        fs::write(&path, text).unwrap();
        mode(&path, 0o600);
        let passwords = Passwords { given: Some("secret".to_owned()), file: None };
        let refused = KeyFile::open(&path, &passwords).unwrap_err();
        assert!(refused.message.contains(expected), "{refused}");
    }
}
