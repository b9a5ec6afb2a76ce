//! Evidence files that the caller names.

use std::io::ErrorKind;
use std::path::PathBuf;

use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::{Collected, Evidence, Origin};
use gate_core::reason::{ErrorCode, Problem};
use gate_core::request::Request;
use gate_core::{Digest, limits};

use crate::files::read_bounded;

/// Evidence files named by the caller. One that cannot be opened is an error, one that cannot be
/// understood is for `verify` to judge.
pub struct Files(pub Vec<PathBuf>);

impl EvidenceSource for Files {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        let mut evidence = vec![];
        for path in &self.0 {
            let name = path.display().to_string();
            let origin = Origin::Named { name: name.clone() };
            evidence.push(match read_bounded(path, limits::SBOM_BYTES) {
                Ok(bytes) => Evidence::new(bytes, origin),
                Err(error) if error.kind() == ErrorKind::FileTooLarge => Evidence::unreadable(
                    // Nobody hashes what nobody reads: the name stands in for the bytes.
                    Digest::of(name.as_bytes()),
                    origin,
                    Problem::EvidenceTooLarge,
                    format!("{name} has more than {} bytes", limits::SBOM_BYTES),
                ),
                Err(error) => {
                    let message = format!("evidence file {name} cannot be read: {error}");
                    return Err(GateError::new(ErrorCode::CollectFailed, message));
                }
            });
        }
        Ok(Collected { evidence, ..Collected::default() })
    }
}
