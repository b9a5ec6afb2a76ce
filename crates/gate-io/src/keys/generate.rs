//! New keys: random pairs into files that never overwrite another.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use gate_core::effects::GateError;

use super::{KeyFile, KeyKind, invalid};

/// Makes a key of this kind in a new file of mode 0600. Errors are `key-invalid`; a file that exists
/// is left alone, since a key once overwritten is lost for good.
pub fn generate(kind: KeyKind, path: &Path) -> Result<KeyFile, GateError> {
    let der =
        pkcs8(kind).map_err(|error| invalid(path, "no key could be made").caused_by(error))?;
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    let text = pem::encode_config(&pem::Pem::new("PRIVATE KEY", der.as_slice()), config);
    let key = KeyFile::from_pem(&text).map_err(|message| invalid(path, message))?;
    write_new(path, text.as_bytes())
        .map_err(|error| invalid(path, "it cannot be written").caused_by(error))?;
    Ok(key)
}

/// Version 1, which every tool reads.
fn pkcs8(kind: KeyKind) -> Result<Vec<u8>, Unspecified> {
    let document = match kind {
        KeyKind::P256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?.to_pkcs8v1(),
        KeyKind::Ed25519 => Ed25519KeyPair::generate()?.to_pkcs8v1(),
    }?;
    Ok(document.as_ref().to_vec())
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
