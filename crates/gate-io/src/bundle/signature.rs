//! `.signatures.json`: a JSON Web Token over the hash of each file, as OPA writes and checks it.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256, SHA384, SHA512};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gate_core::effects::Signer as _;
use gate_rego::eval::{Evaluation, eval};
use gate_rego::{Dialect, Value as Rego};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{MANIFEST, SIGNATURES};
use crate::keys::{KeyFile, KeyKind};

/// The most signatures of one bundle; OPA itself writes one.
const TOKENS: usize = 8;
/// Algorithms by which a public key verifies. A shared secret proves nothing about who signed.
const ALGORITHMS: &[&str] =
    &["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];

/// Who signed a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The name of the key.
    pub name: String,
    /// The token's algorithm.
    pub algorithm: String,
}

#[derive(Deserialize)]
struct Tokens {
    signatures: Vec<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Payload {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    hash: String,
    #[serde(default)]
    algorithm: String,
}

/// Checks each token against the keys and the files.
pub(super) fn verify(
    bytes: &[u8],
    files: &BTreeMap<String, Vec<u8>>,
    keys: &BTreeMap<String, String>,
) -> Result<Vec<Signed>, String> {
    let tokens: Tokens =
        serde_json::from_slice(bytes).map_err(|error| format!("no signatures: {error}"))?;
    if tokens.signatures.len() > TOKENS {
        return Err(format!("more than {TOKENS} signatures"));
    }
    let mut signed = Vec::new();
    for token in &tokens.signatures {
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("a signature is no JSON Web Token".to_owned());
        };
        let header: Header = decoded(header)?;
        if !ALGORITHMS.contains(&header.alg.as_str()) {
            return Err(format!("the algorithm `{}` proves no signer", header.alg));
        }
        let payload: Payload = decoded(payload)?;
        check_files(&payload.files, files)?;
        for (name, key) in keys {
            if fits(token, key, &header.alg) {
                signed.push(Signed { name: name.clone(), algorithm: header.alg.clone() });
            }
        }
    }
    Ok(signed)
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, String> {
    let wrong = |error: String| format!("a signature is no JSON Web Token: {error}");
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
}

/// The builtin that policies verify tokens with does it here too: one implementation to get right.
fn fits(token: &str, key: &str, algorithm: &str) -> bool {
    let query = format!("io.jwt.verify_{}(input.token, input.key)", algorithm.to_lowercase());
    let Ok(input) = gate_rego::value::from(&json!({"token": token, "key": key})) else {
        return false;
    };
    let output = eval(Evaluation {
        modules: vec![],
        data: Rego::object(vec![]),
        input: Some(input),
        dialect: Dialect::default(),
        query,
        now_ns: 0,
        limit: None,
    });
    let first = |value: &Rego, name: &str| value.field(name)?.as_array()?.iter().next().cloned();
    first(&output.document, "result")
        .and_then(|result| first(&result, "expressions"))
        .is_some_and(|expression| expression.field("value") == Some(&Rego::Bool(true)))
}

/// Every file is signed, and every signed file is there and is what was signed.
fn check_files(signed: &[File], files: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let named: BTreeMap<&str, &File> =
        signed.iter().map(|file| (file.name.trim_start_matches('/'), file)).collect();
    for (path, content) in files.iter().filter(|(path, _)| *path != SIGNATURES) {
        let Some(file) = named.get(path.as_str()) else {
            return Err(format!("`{path}` is not signed"));
        };
        let algorithm = if file.algorithm.is_empty() { "SHA-256" } else { &file.algorithm };
        if hash(path, content, algorithm)? != file.hash.to_ascii_lowercase() {
            return Err(format!("`{path}` is not what was signed"));
        }
    }
    match named.keys().find(|path| !files.contains_key(**path)) {
        Some(path) => Err(format!("`{path}` is signed and not there")),
        None => Ok(()),
    }
}

/// JSON and YAML are hashed by what they say, so that packing them again changes nothing; everything
/// else by its bytes.
fn hash(path: &str, content: &[u8], algorithm: &str) -> Result<String, String> {
    let algorithm = match algorithm {
        "SHA-256" => &SHA256,
        "SHA-384" => &SHA384,
        "SHA-512" => &SHA512,
        other => return Err(format!("the hash `{other}` is not accepted")),
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let unreadable = |error: String| format!("`{path}`: {error}");
    let said: Option<Value> = match name {
        MANIFEST | "data.json" => {
            Some(serde_json::from_slice(content).map_err(|error| unreadable(error.to_string()))?)
        }
        "data.yaml" | "data.yml" => {
            Some(serde_saphyr::from_slice(content).map_err(|error| unreadable(error.to_string()))?)
        }
        _ => None,
    };
    let mut hasher = Context::new(algorithm);
    match said {
        // Keys of objects are sorted here, as the hash has them.
        Some(value) => hasher.update(value.to_string().as_bytes()),
        None => hasher.update(content),
    }
    Ok(hex::encode(hasher.finish()))
}

/// The `.signatures.json` of files, with one token by this key.
pub fn sign(files: &BTreeMap<String, Vec<u8>>, key: &KeyFile, id: &str) -> Result<Vec<u8>, String> {
    let mut list = Vec::new();
    for (path, content) in files.iter().filter(|(path, _)| *path != SIGNATURES) {
        let hash = hash(path, content, "SHA-256")?;
        list.push(json!({"name": path, "hash": hash, "algorithm": "SHA-256"}));
    }
    let algorithm = match key.kind() {
        KeyKind::P256 => "ES256",
        KeyKind::Ed25519 => "EdDSA",
    };
    let header = json!({"alg": algorithm, "kid": id, "typ": "JWT"}).to_string();
    let payload = json!({"files": list, "keyid": id}).to_string();
    let covered = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(covered.as_bytes()).map_err(|error| error.message)?;
    let signature = match key.kind() {
        KeyKind::P256 => fixed(&signature).ok_or("the key's signature has an unknown form")?,
        KeyKind::Ed25519 => signature,
    };
    let token = format!("{covered}.{}", URL_SAFE_NO_PAD.encode(signature));
    Ok(json!({"signatures": [token]}).to_string().into_bytes())
}

/// A P-256 signature of two DER integers as two numbers of 32 bytes, which JSON Web Tokens hold.
fn fixed(der: &[u8]) -> Option<Vec<u8>> {
    let [0x30, length, rest @ ..] = der else { return None };
    if usize::from(*length) != rest.len() {
        return None;
    }
    let mut out = Vec::with_capacity(64);
    let mut rest = rest;
    for _ in 0..2 {
        let [0x02, length, tail @ ..] = rest else { return None };
        let (number, tail) = tail.split_at_checked(usize::from(*length))?;
        let number = match number {
            [0, digits @ ..] if digits.len() == 32 => digits,
            digits => digits,
        };
        out.extend(std::iter::repeat_n(0, 32usize.checked_sub(number.len())?));
        out.extend_from_slice(number);
        rest = tail;
    }
    rest.is_empty().then_some(out)
}
