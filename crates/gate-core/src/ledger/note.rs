//! C2SP signed notes (signed-note v1) with Ed25519 keys: verifier keys as text, notes signed and opened.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Digest;
use crate::effects::{GateError, Signer};

/// The signature type of Ed25519 in key ids and verifier keys.
const TYPE_ED25519: u8 = 1;
/// The greatest size of a note, cosignatures included.
const NOTE_BYTES: usize = 64 << 10;
/// Signature lines that are read; the specification demands at least 16.
const SIGNATURES: usize = 64;

/// A key that checks notes, by name: the "vkey" of the C2SP formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

/// The text is no verifier key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifierKeyError {
    /// Another form than `name+hex+base64`.
    #[error("a ledger key is written NAME+KEYID+BASE64, as `gate keys show` prints it")]
    Form,
    /// The name is empty or has a space, a plus sign or a control character.
    #[error(
        "`{0}` is no key name: it must not be empty or have spaces, plus signs or control characters"
    )]
    Name(String),
    /// The key is no Ed25519 key.
    #[error("the ledger key is no Ed25519 key")]
    Kind,
    /// The id in the text is not that of the name and key.
    #[error("the key id is not that of this name and key")]
    Id,
}

impl VerifierKey {
    /// The verifier key of a name (the ledger's origin) and a raw Ed25519 public key.
    pub fn ed25519(name: &str, public: [u8; 32]) -> Result<Self, VerifierKeyError> {
        let refused = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.contains(refused) {
            return Err(VerifierKeyError::Name(name.chars().take(100).collect()));
        }
        let mut bytes = name.as_bytes().to_vec();
        bytes.extend_from_slice(&[b'\n', TYPE_ED25519]);
        bytes.extend_from_slice(&public);
        let [a, b, c, d, ..] = *Digest::of(&bytes).as_bytes();
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], public })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The raw Ed25519 public key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        // Base64 has plus signs of its own, so only the first two separate.
        let mut parts = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Form);
        };
        let key = STANDARD.decode(key).map_err(|_| VerifierKeyError::Form)?;
        let [TYPE_ED25519, public @ ..] = key.as_slice() else {
            return Err(VerifierKeyError::Kind);
        };
        let public = public.try_into().map_err(|_| VerifierKeyError::Kind)?;
        let key = Self::ed25519(name, public)?;
        if hex::encode(key.id) == id { Ok(key) } else { Err(VerifierKeyError::Id) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![TYPE_ED25519];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), STANDARD.encode(key))
    }
}

/// Why a note is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The bytes have not the form of a signed note.
    #[error("this is no signed note: {0}")]
    Form(&'static str),
    /// None of its signatures is by a known key.
    #[error("no signature is by `{0}`")]
    Unsigned(String),
    /// A signature under the name and id of a known key does not fit.
    #[error("the signature by `{0}` does not fit the text")]
    Signature(String),
}

/// Signs a text, which must end in a newline and is followed by the signature line.
pub fn sign_note(text: &str, key: &VerifierKey, signer: &dyn Signer) -> Result<String, GateError> {
    let mut signature = key.id.to_vec();
    signature.extend_from_slice(&signer.sign(text.as_bytes())?);
    Ok(format!("{text}\n\u{2014} {} {}\n", key.name, STANDARD.encode(signature)))
}

/// The text of a note that this key signed.
///
/// Signatures of unknown keys are ignored, also where they share the name or the id of the known one
/// but not both. A known key's signature that fails rejects the whole note.
pub fn open_note<'a>(note: &'a str, key: &VerifierKey) -> Result<&'a str, NoteError> {
    if note.len() > NOTE_BYTES {
        return Err(NoteError::Form("it is too long"));
    }
    if note.chars().any(|c| c < ' ' && c != '\n') {
        return Err(NoteError::Form("it has control characters"));
    }
    let split = note.rfind("\n\n").ok_or(NoteError::Form("it has no blank line"))?;
    let (text, signatures) = (&note[..=split], &note[split + 2..]);
    let lines = signatures.strip_suffix('\n').ok_or(NoteError::Form("its last line is cut"))?;
    let mut known = false;
    for (count, line) in lines.split('\n').enumerate() {
        if count == SIGNATURES {
            return Err(NoteError::Form("it has too many signatures"));
        }
        let (name, signature) = signature_line(line)?;
        let Some(signature) = signature.strip_prefix(&key.id).filter(|_| name == key.name) else {
            continue;
        };
        UnparsedPublicKey::new(&ED25519, key.public)
            .verify(text.as_bytes(), signature)
            .map_err(|_| NoteError::Signature(key.name.clone()))?;
        known = true;
    }
    if known { Ok(text) } else { Err(NoteError::Unsigned(key.name.clone())) }
}

fn signature_line(line: &str) -> Result<(&str, Vec<u8>), NoteError> {
    let refused = || NoteError::Form("a signature line is malformed");
    let line = line.strip_prefix("\u{2014} ").ok_or_else(refused)?;
    let (name, signature) = line.split_once(' ').ok_or_else(refused)?;
    let signature = STANDARD.decode(signature).map_err(|_| refused())?;
    if name.is_empty() || name.contains('+') || signature.len() < 5 {
        return Err(refused());
    }
    Ok((name, signature))
}
