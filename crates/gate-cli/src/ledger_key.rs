//! `--ledger-key`: a verifier key written out, or a file that holds one, as its text.

use std::path::Path;

use gate_io::files::read_bounded;

use crate::failure::Failure;

const FILE_BYTES: usize = 64 << 10;

/// The text of the key. A verifier key has two plus signs and is no path of a file that exists.
pub(crate) fn ledger_key(text: &str) -> Result<String, Failure> {
    let path = Path::new(text);
    if text.split('+').count() >= 3 && !path.is_file() {
        return Ok(text.to_owned());
    }
    let bytes = read_bounded(path, FILE_BYTES).map_err(|source| Failure::read(path, source))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
