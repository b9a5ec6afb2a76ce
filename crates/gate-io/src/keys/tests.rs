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
