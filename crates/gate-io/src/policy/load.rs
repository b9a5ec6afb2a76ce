//! From policies wherever they lie, and what is demanded of them, to a compiled bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gate_core::policy::{Bundle, BundleError, Dialect, Reading};
use serde_json::{Map, Value};

use super::{DataFiles, PolicyFiles, PolicyFilesError, malformed, manifests, merge};
use crate::bundle::{self, BundleFiles, Place, Places, Voucher, is_remote, voucher};

/// How policies are found and who must have signed them.
#[derive(Clone, Default)]
pub struct Demands {
    /// How places elsewhere are read.
    pub places: Places,
    /// Keys (PEM) by name, by which `.signatures.json` counts.
    pub signers: BTreeMap<String, String>,
    /// Keys and identities by which sigstore signatures count.
    pub vouchers: Vec<Voucher>,
    /// How policies are read and asked.
    pub reading: Reading,
}

impl Demands {
    /// Whether somebody must have signed each policy.
    fn is_signed(&self) -> bool {
        !self.signers.is_empty() || !self.vouchers.is_empty()
    }

    fn names(&self) -> String {
        let names = self.signers.keys().chain(self.vouchers.iter().map(|one| &one.name));
        names
            .map(String::as_str)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Reads and compiles a bundle: policies with the data in their folders, then rule data over it.
pub fn load_bundle(
    policies: &[PathBuf],
    data: &[PathBuf],
    reading: &Reading,
) -> Result<Result<Bundle, BundleError>, PolicyFilesError> {
    load_demanding(policies, data, &Demands { reading: reading.clone(), ..Demands::default() })
}

/// The same from anywhere, with what is demanded of it.
pub fn load_demanding(
    policies: &[PathBuf],
    data: &[PathBuf],
    demands: &Demands,
) -> Result<Result<Bundle, BundleError>, PolicyFilesError> {
    let reading = &demands.reading;
    let is_constraints = matches!(reading.dialect, None | Some(Dialect::Gatekeeper));
    if is_constraints && policies.iter().all(|path| !is_remote(&path.to_string_lossy())) {
        let manifests = manifests::read(policies)?;
        if !manifests.is_empty() || reading.dialect.is_some() {
            if demands.is_signed() {
                let message = "the policy must be signed, and constraints are in no signed bundle";
                return Err(malformed(Path::new(&manifests[0].0), message));
            }
            let objects = manifests::objects(data)?;
            let data = serde_json::json!({"objects": objects});
            return Ok(Bundle::load_as(manifests, data, reading.clone()));
        }
    }
    let mut files = PolicyFiles::default();
    for path in policies {
        files.add(policy(path, demands)?, path)?;
    }
    let over = PolicyFiles::read(data, DataFiles::All, false)?;
    if let Some((path, _)) = over.modules.first() {
        return Err(malformed(Path::new(path), "Rego belongs under `policy`, not under `data`"));
    }
    if let (Some(path), true) = (data.first(), demands.is_signed()) {
        let message = "the policy must be signed, and this is data that nobody signed";
        return Err(malformed(path, message));
    }
    // Conftest reads data where it is told to alone; which dialect it is, the rules say.
    let is_conftest = match reading.dialect {
        None if !files.data.is_empty() => {
            let none = Value::Object(Map::new());
            let bundle = Bundle::load_as(files.modules.clone(), none, reading.clone());
            bundle.is_ok_and(|bundle| bundle.dialect() == Dialect::Conftest)
        }
        given => given == Some(Dialect::Conftest),
    };
    if is_conftest {
        files.data.clear();
    }
    merge(&mut files.data, over.data);
    files.sorted()?;
    Ok(Bundle::load_as(files.modules, Value::Object(files.data), reading.clone()))
}

/// One policy: a module, a folder, or a bundle of OPA's form.
fn policy(path: &Path, demands: &Demands) -> Result<PolicyFiles, PolicyFilesError> {
    let text = path.to_string_lossy();
    let is_bundle = is_remote(&text)
        || BundleFiles::is_packed(path)
        || [bundle::MANIFEST, bundle::SIGNATURES].iter().any(|name| path.join(name).is_file());
    if !is_bundle {
        if demands.is_signed() {
            return Err(malformed(path, "the policy must be signed, and this is no signed bundle"));
        }
        return PolicyFiles::read(&[path.to_owned()], DataFiles::Bundle, false);
    }
    let place = Place::parse(&text)?;
    let (bundle, vouched) = voucher::read(&demands.places, &place, &demands.vouchers)?;
    // Signatures within it must hold, whoever else vouches for it.
    let signed = bundle.signed_by(&demands.signers)?;
    if demands.is_signed() && signed.is_empty() && vouched.is_empty() {
        return Err(malformed(path, format!("none of {} signed it", demands.names())));
    }
    PolicyFiles::of_bundle(&bundle)
}
