//! Key files as cosign encrypts them: from a password to the PKCS#8 key inside.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crypto_secretbox::aead::Aead;
use crypto_secretbox::{KeyInit, XSalsa20Poly1305};
use gate_core::effects::GateError;
use scrypt::{Params, scrypt};
use serde::Deserialize;

use super::{invalid, read_private};

/// The variable that holds the password, as cosign names it.
const PASSWORD: &str = "COSIGN_PASSWORD";
/// The variable that names a file with the password.
const PASSWORD_FILE: &str = "GATE_KEY_PASSWORD_FILE";
/// The greatest cost that is taken: 2^17 blocks of 1 KiB are 128 MiB, twice what cosign asks for.
const MOST_LOG_N: u8 = 17;

/// Where a password comes from; asked only when a key is encrypted.
pub(super) struct Passwords {
    /// The password itself.
    pub(super) given: Option<String>,
    /// A file that holds it, of its owner alone.
    pub(super) file: Option<PathBuf>,
}

impl Passwords {
    /// Those of the process.
    pub(super) fn of_process() -> Self {
        Self {
            given: std::env::var(PASSWORD).ok(),
            file: std::env::var_os(PASSWORD_FILE).map(PathBuf::from),
        }
    }

    fn password(&self, key: &Path) -> Result<String, GateError> {
        match (&self.given, &self.file) {
            (Some(password), _) => Ok(password.clone()),
            (None, Some(file)) => {
                // An editor ends a file with a line break that belongs to no password.
                Ok(read_private(file)?.trim_end_matches(['\r', '\n']).to_owned())
            }
            (None, None) => Err(invalid(
                key,
                &format!(
                    "it is encrypted: give its password in {PASSWORD}, or in a file named by {PASSWORD_FILE}"
                ),
            )),
        }
    }
}

#[derive(Deserialize)]
struct Sealed {
    kdf: Derivation,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Derivation {
    name: String,
    params: Cost,
    salt: String,
}

#[derive(Deserialize)]
struct Cost {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// The PKCS#8 key in the contents of an `ENCRYPTED SIGSTORE PRIVATE KEY`.
pub(super) fn open(
    contents: &[u8],
    key: &Path,
    passwords: &Passwords,
) -> Result<Vec<u8>, GateError> {
    let refuse = |message: &str| invalid(key, message);
    let Sealed { kdf, cipher, ciphertext } = serde_json::from_slice(contents)
        .map_err(|error| refuse("its contents are not as cosign writes them").caused_by(error))?;
    if kdf.name != "scrypt" || cipher.name != "nacl/secretbox" {
        return Err(refuse("it is encrypted otherwise than with scrypt and nacl/secretbox"));
    }
    let params =
        cost(&kdf.params).ok_or_else(|| refuse("its scrypt parameters are none that are taken"))?;
    let decode = |text: &str| {
        BASE64_STANDARD
            .decode(text)
            .map_err(|error| refuse("its contents are no base64").caused_by(error))
    };
    let nonce: [u8; 24] =
        decode(&cipher.nonce)?.try_into().map_err(|_| refuse("its nonce has not 24 bytes"))?;
    let (salt, ciphertext) = (decode(&kdf.salt)?, decode(&ciphertext)?);
    let password = passwords.password(key)?;
    let mut secret = [0; 32];
    scrypt(password.as_bytes(), &salt, &params, &mut secret)
        .map_err(|_| refuse("its scrypt parameters are none that are taken"))?;
    XSalsa20Poly1305::new(&secret.into())
        .decrypt(&nonce.into(), ciphertext.as_slice())
        .map_err(|_| refuse("the password is wrong, or the file is damaged"))
}

/// A file from outside must not choose how much memory and time its opening takes.
fn cost(cost: &Cost) -> Option<Params> {
    let log_n = u8::try_from(cost.n.checked_ilog2()?).ok()?;
    if !cost.n.is_power_of_two() || log_n > MOST_LOG_N || cost.r > 8 || cost.p > 4 {
        return None;
    }
    Params::new(log_n, cost.r, cost.p, 32).ok()
}
