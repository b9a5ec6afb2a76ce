//! Private keys in files: PKCS#8 PEM that its owner alone may read, into signers; and new ones.

mod encrypted;
mod generate;
mod ledger;

#[cfg(test)]
mod peer_tests;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use gate_core::attest::PublicKey;
use gate_core::effects::{GateError, Signer};
use gate_core::reason::ErrorCode;

use encrypted::Passwords;
pub use generate::generate;
pub use ledger::LedgerKey;

/// The PEM blocks of keys that cosign encrypted, the older one last.
const SEALED: [&str; 2] = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"];
/// A key file is a few hundred bytes long.
const KEY_BYTES: u64 = 16 << 10;
/// Bits that let the group or others at a file.
const OTHERS: u32 = 0o077;

/// The kinds of keys that Gate signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on P-256 with SHA-256.
    P256,
    /// Ed25519: the kind of ledger keys.
    Ed25519,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "p256",
            Self::Ed25519 => "ed25519",
        })
    }
}

impl std::str::FromStr for KeyKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "p256" => Ok(Self::P256),
            "ed25519" => Ok(Self::Ed25519),
            other => Err(format!("`{other}` is no kind of key: use p256 or ed25519")),
        }
    }
}

/// A private key, ready to sign.
pub struct KeyFile {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl KeyFile {
    /// Reads a PKCS#8 PEM file, or one that cosign encrypted, whose password is in the environment.
    /// Errors are `key-invalid`; a file that anybody but its owner may read or write is refused,
    /// since its key must be taken for known to others.
    pub fn load(path: &Path) -> Result<Self, GateError> {
        Self::open(path, &Passwords::of_process())
    }

    fn open(path: &Path, passwords: &Passwords) -> Result<Self, GateError> {
        let text = read_private(path)?;
        let sealed = pem::parse(&text).ok().filter(|it| SEALED.contains(&it.tag()));
        let key = match sealed {
            Some(block) => Self::from_pkcs8(&encrypted::open(block.contents(), path, passwords)?),
            None => Self::from_pem(&text),
        };
        key.map_err(|message| invalid(path, message))
    }

    /// The key in a PKCS#8 PEM text; the error says what it is instead.
    fn from_pem(text: &str) -> Result<Self, &'static str> {
        let block = pem::parse(text).map_err(|_| "it has no PEM block")?;
        match block.tag() {
            "PRIVATE KEY" => Self::from_pkcs8(block.contents()),
            "EC PRIVATE KEY" => {
                Err("it is a SEC1 key: turn it into PKCS#8 with `openssl pkcs8 -topk8 -nocrypt`")
            }
            "ENCRYPTED PRIVATE KEY" => Err(
                "it is encrypted as OpenSSL does it: decrypt it with `openssl pkcs8`, or import it with `cosign import-key-pair`",
            ),
            "PUBLIC KEY" => Err("it is a public key"),
            "CERTIFICATE" => Err("it is a certificate"),
            _ => Err("its PEM block is no `PRIVATE KEY`"),
        }
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, &'static str> {
        let (pair, spki) =
            if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der) {
                let spki: Result<PublicKeyX509Der<'_>, _> = pair.public_key().as_der();
                let spki = spki.map(|der| der.as_ref().to_vec());
                (Pair::P256(pair), spki)
            } else if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
                let spki: Result<PublicKeyX509Der<'_>, _> = pair.public_key().as_der();
                let spki = spki.map(|der| der.as_ref().to_vec());
                (Pair::Ed25519(pair), spki)
            } else {
                return Err("it is neither a P-256 nor an Ed25519 key");
            };
        let spki = spki.map_err(|_| "its public key cannot be computed")?;
        let public = PublicKey::from_der(&spki).map_err(|_| "its public key cannot be read")?;
        Ok(Self { pair, public })
    }

    /// The kind of key.
    pub fn kind(&self) -> KeyKind {
        match self.pair {
            Pair::P256(_) => KeyKind::P256,
            Pair::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// The public key, which verifiers are given.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The raw public key of an Ed25519 pair.
    fn ed25519(&self) -> Option<[u8; 32]> {
        match &self.pair {
            Pair::Ed25519(pair) => pair.public_key().as_ref().try_into().ok(),
            Pair::P256(_) => None,
        }
    }
}

impl Signer for KeyFile {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, GateError> {
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), message),
            Pair::Ed25519(pair) => pair.try_sign(message),
        };
        signature.map(|signature| signature.as_ref().to_vec()).map_err(|error| {
            GateError::new(ErrorCode::SignFailed, "the key did not sign").caused_by(error)
        })
    }

    fn public_key(&self) -> &[u8] {
        self.public.spki()
    }
}

impl fmt::Debug for KeyFile {
    /// The public key alone: what is printed ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("public", &self.public.hint()).finish_non_exhaustive()
    }
}

/// The text of a file that its owner alone may read. Permissions are asked of the open file: asked
/// by name they could change in between.
fn read_private(path: &Path) -> Result<String, GateError> {
    let unreadable = |error: std::io::Error| invalid(path, "it cannot be read").caused_by(error);
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(invalid(path, "it is no regular file"));
    }
    if metadata.mode() & OTHERS != 0 {
        return Err(invalid(
            path,
            &format!(
                "its mode is {:04o}, so others can reach it: make a new key, or `chmod 600` it if nobody has read it",
                metadata.mode() & 0o7777
            ),
        ));
    }
    let mut text = String::new();
    file.take(KEY_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

fn invalid(path: &Path, message: &str) -> GateError {
    GateError::new(ErrorCode::KeyInvalid, format!("key {}: {message}", path.display()))
}
