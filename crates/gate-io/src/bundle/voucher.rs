//! Who vouches for a policy beside the signatures within it: sigstore signatures, by key or identity,
//! in a file beside a packed bundle or beside it in the registry.

use std::path::Path;
use std::sync::Arc;

use gate_core::environment::RootRules;
use gate_core::limits::{POLICY_BYTES, SBOM_BYTES};
use gate_core::verify::bundle::{Anchor, Artifact, Signer, check_evidence, check_under};

use super::{BundleFiles, Place, Places, unpack};
use crate::files::read_bounded;
use crate::policy::PolicyFilesError;

/// What `cosign sign` says of an image; an attestation of something else vouches for nothing.
const SIGNS: &str = "https://sigstore.dev/cosign/sign/v1";
/// What the signature of a packed bundle is called: the bundle's name and this.
const SUFFIX: &str = ".sigstore.json";

/// Somebody whose signature counts.
#[derive(Clone)]
pub struct Voucher {
    /// The signer's name.
    pub name: String,
    /// The key or identity.
    pub signer: Signer,
    /// The trusted root of an identity.
    pub root: Option<Arc<[u8]>>,
    /// What that root must prove.
    pub rules: Option<RootRules>,
}

impl Voucher {
    fn anchor(&self) -> Anchor<'_> {
        Anchor { root: self.root.as_deref(), rules: self.rules }
    }
}

/// Reads a bundle, and tells who of these vouches for exactly what was read.
pub(crate) fn read(
    places: &Places,
    place: &Place,
    vouchers: &[Voucher],
) -> Result<(BundleFiles, Vec<String>), PolicyFilesError> {
    match place {
        Place::Local(path) if BundleFiles::is_packed(path) => {
            let unreadable = |source| PolicyFilesError::Read { path: path.clone(), source };
            // Read once: what is checked is what is judged by.
            let bytes = read_bounded(path, POLICY_BYTES).map_err(unreadable)?;
            let files = unpack(&bytes)
                .map_err(|message| PolicyFilesError::Form { path: path.clone(), message })?;
            let names = beside(path, &bytes, vouchers);
            Ok((BundleFiles { from: path.clone(), files }, names))
        }
        Place::Oci(image) if !vouchers.is_empty() => {
            let registry = places.registry(image)?;
            let failed = |error| super::place::unfetched(&image.to_string(), error);
            // The tag is asked once: what is signed is what is fetched.
            let pinned = registry.pin(image, None).map_err(failed)?;
            let collected = registry.collect(&pinned, None).map_err(failed)?;
            let holds = |voucher: &&Voucher| {
                collected.evidence.iter().any(|piece| {
                    let artifact = Artifact::Digest(pinned.digest);
                    let (bytes, signer) = (&piece.unverified_bytes, &voucher.signer);
                    match check_evidence(bytes, artifact, signer, voucher.anchor()) {
                        Some(Ok(accepted)) => {
                            accepted.predicate_type.is_none_or(|kind| kind == SIGNS)
                        }
                        Some(Err(_)) | None => false,
                    }
                })
            };
            let names = vouchers.iter().filter(holds).map(|one| one.name.clone()).collect();
            Ok((places.read(&Place::Oci(image.at(pinned.digest)))?, names))
        }
        place => Ok((places.read(place)?, vec![])),
    }
}

/// Who signed these bytes, by the file beside them.
fn beside(path: &Path, bytes: &[u8], vouchers: &[Voucher]) -> Vec<String> {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    let Ok(signature) = read_bounded(Path::new(&name), SBOM_BYTES) else { return vec![] };
    let holds = |voucher: &&Voucher| {
        check_under(&signature, Artifact::Bytes(bytes), &voucher.signer, voucher.anchor()).is_ok()
    };
    vouchers.iter().filter(holds).map(|one| one.name.clone()).collect()
}
