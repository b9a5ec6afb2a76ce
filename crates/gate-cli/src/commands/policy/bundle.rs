//! `gate policy build|sign|inspect|diff|push|pull`: bundles of OPA's form, made and looked at.

mod difference;
mod summary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use gate_core::effects::GateError;
use gate_core::policy::Bundle;
use gate_core::reason::ErrorCode;
use gate_io::bundle::{self, BundleFiles, Manifest, Place, Places, SIGNATURES};
use gate_io::keys::KeyFile;
use gate_io::policy::PolicyFiles;
use serde_json::Value;

use crate::failure::Failure;
use crate::output::{OutputArguments, write_file};
use crate::registry::RegistryArguments;
use crate::terminal::{ExitStatus, Terminal};

/// Pack policies into a bundle that Gate and OPA read
///
/// Tests are left out. The same files give the same bytes. Prints the digest by which decisions
/// name the policy. Exit status: 0 it is written, 2 the policies do not load.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy build policies
  gate policy build policies --bundle shop.tar.gz --revision 1.4.2 --signing-key policy.pem")]
pub(crate) struct BuildArguments {
    /// Folder of policies and data, or another bundle
    #[arg(value_name = "DIR|BUNDLE")]
    source: String,
    /// The file to write
    #[arg(short, long, env = "GATE_BUNDLE", value_name = "FILE", default_value = "bundle.tar.gz")]
    bundle: PathBuf,
    /// What this state of the policies is called
    #[arg(short, long, env = "GATE_REVISION", value_name = "TEXT")]
    revision: Option<String>,
    /// Path under `data` that the bundle owns, as `shop/base`; repeatable [default: what it holds]
    #[arg(long, env = "GATE_ROOT", value_name = "PATH", value_delimiter = '\n')]
    root: Vec<String>,
    #[command(flatten)]
    key: KeyArguments,
}

/// Who signs.
#[derive(Debug, Args)]
struct KeyArguments {
    /// PKCS#8 PEM key that signs the bundle (OPA reads signatures of P-256 keys)
    #[arg(long, env = "GATE_SIGNING_KEY", value_name = "PEM")]
    signing_key: Option<PathBuf>,
    /// The key's name in the signature
    #[arg(long, env = "GATE_KEY_ID", value_name = "NAME", default_value = "default")]
    key_id: String,
}

impl KeyArguments {
    fn sign(&self, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
        files.remove(SIGNATURES);
        let Some(path) = &self.signing_key else { return Ok(()) };
        let key = KeyFile::load(path)?;
        let signatures = bundle::sign(files, &key, &self.key_id)
            .map_err(|message| GateError::new(ErrorCode::SignFailed, message))?;
        files.insert(SIGNATURES.to_owned(), signatures);
        Ok(())
    }
}

pub(crate) fn build(
    arguments: &BuildArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let mut read = read(&arguments.source, &Places::default())?;
    read.files.retain(|path, _| !path.ends_with("_test.rego"));
    let contents = read.contents().map_err(invalid)?;
    let mut manifest = read.manifest().map_err(invalid)?;
    if let Some(revision) = &arguments.revision {
        manifest.revision.clone_from(revision);
    }
    manifest.rego_version = Some(1);
    if !arguments.root.is_empty() {
        manifest.roots = Some(arguments.root.clone());
    } else if manifest.roots.is_none() {
        manifest.roots = Some(Manifest::roots_of(&contents).map_err(invalid)?);
    }
    let compiled = compiled(&read)?;
    // OPA reads one data document a folder, as JSON; ours is one for all.
    let data = PolicyFiles::of_bundle(&read).map_err(invalid)?.data;
    read.files.retain(|path, _| Path::new(path).extension().is_some_and(|it| it == "rego"));
    let json = |value: &Value| value.to_string().into_bytes();
    read.files.insert("data.json".to_owned(), json(&Value::Object(data)));
    let manifest = serde_json::to_value(&manifest)
        .map_err(|error| Failure::internal("the manifest has no JSON form", error))?;
    read.files.insert(bundle::MANIFEST.to_owned(), json(&manifest));
    read.contents().map_err(invalid)?;
    arguments.key.sign(&mut read.files)?;
    pack(&arguments.bundle, &read)?;
    terminal.data(format!("{}\n", compiled.digest()).as_bytes())?;
    Ok(ExitStatus::Ok)
}

/// Sign a bundle, in place of its signatures so far
///
/// Exit status: 0 it is signed, 2 it cannot be.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy sign bundle.tar.gz --signing-key policy.pem")]
pub(crate) struct SignArguments {
    /// Packed bundle, or a bundle's folder
    #[arg(value_name = "BUNDLE|DIR")]
    bundle: PathBuf,
    #[command(flatten)]
    key: KeyArguments,
}

pub(crate) fn sign(
    arguments: &SignArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    if arguments.key.signing_key.is_none() {
        return Err(Failure::usage("name the key with `--signing-key`"));
    }
    let mut read = BundleFiles::read(&arguments.bundle).map_err(invalid)?;
    arguments.key.sign(&mut read.files)?;
    if arguments.bundle.is_dir() {
        let signatures = read.files.remove(SIGNATURES).unwrap_or_default();
        write_file(&arguments.bundle.join(SIGNATURES), &signatures)?;
    } else {
        pack(&arguments.bundle, &read)?;
    }
    terminal.talk(format_args!("{} files are signed", read.files.len()))?;
    Ok(ExitStatus::Ok)
}

/// Show what is in a bundle: digest, revision, roots, rules, data, and who signed it
///
/// Exit status: 0 it is told, 1 it is not signed by the key given, 2 it does not load.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy inspect bundle.tar.gz
  gate policy inspect oci://registry.example/shop/policy:1.4.2 --key policy.pub --output json")]
pub(crate) struct InspectArguments {
    /// Folder, packed bundle, `https://` or `oci://`
    #[arg(value_name = "BUNDLE")]
    bundle: String,
    /// Public key (PEM) that must have signed it
    #[arg(long, env = "GATE_KEY", value_name = "PEM")]
    key: Option<PathBuf>,
    #[command(flatten)]
    registry: RegistryArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn inspect(
    arguments: &InspectArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let read = read(&arguments.bundle, &places(&arguments.registry, &arguments.bundle)?)?;
    let mut keys = BTreeMap::new();
    if let Some(path) = &arguments.key {
        let pem = std::fs::read_to_string(path).map_err(|error| Failure::read(path, error))?;
        keys.insert(path.display().to_string(), pem);
    }
    let signed = read.signed_by(&keys).map_err(invalid)?;
    let accepted = arguments.key.is_none() || !signed.is_empty();
    let summary = summary::of(&read, &compiled(&read)?, &signed).map_err(invalid)?;
    arguments.output.write(terminal, &summary, |paint| summary::text(&summary, paint))?;
    if !accepted {
        terminal.talk(format_args!("the key given did not sign it"))?;
    }
    Ok(ExitStatus::accepted(accepted))
}

/// Tell two bundles apart: rules, modules and data that one has and the other has not, or otherwise
///
/// Exit status: 0 they judge by the same, 1 they differ, 2 one does not load.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy diff oci://registry.example/shop/policy:1.4.1 bundle.tar.gz
  gate policy diff policies bundle.tar.gz --output json")]
pub(crate) struct DiffArguments {
    /// The older bundle
    #[arg(value_name = "OLD")]
    old: String,
    /// The newer bundle
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    registry: RegistryArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn diff(
    arguments: &DiffArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let one = |source: &str| -> Result<_, Failure> {
        let read = read(source, &places(&arguments.registry, source)?)?;
        let compiled = compiled(&read)?;
        Ok((read, compiled))
    };
    let (old, new) = (one(&arguments.old)?, one(&arguments.new)?);
    let difference = difference::of((&old.0, &old.1), (&new.0, &new.1)).map_err(invalid)?;
    arguments.output.write(terminal, &difference, |_| difference.text())?;
    Ok(ExitStatus::accepted(difference.is_none()))
}

/// Push a bundle to a registry
///
/// Prints the digest of what was pushed. Exit status: 0 it is pushed, 2 it is not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy push bundle.tar.gz oci://registry.example/shop/policy:1.4.2
  gate policy push policies oci://registry.example/shop/policy:1.4.2 --shape conftest")]
pub(crate) struct PushArguments {
    /// Folder or packed bundle
    #[arg(value_name = "BUNDLE|DIR")]
    bundle: PathBuf,
    /// `oci://REGISTRY/REPOSITORY:TAG`
    #[arg(value_name = "PLACE")]
    place: String,
    /// Shape of the artifact
    #[arg(long, env = "GATE_SHAPE", value_name = "SHAPE", default_value = "opa")]
    shape: Shape,
    #[command(flatten)]
    registry: RegistryArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// One packed layer, as OPA pulls it
    Opa,
    /// A layer a file, as `conftest push` and Conforma have it; without signatures
    Conftest,
}

pub(crate) fn push(
    arguments: &PushArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let Place::Oci(image) = Place::parse(&arguments.place).map_err(invalid)? else {
        return Err(Failure::usage("write the place as oci://REGISTRY/REPOSITORY:TAG"));
    };
    let read = BundleFiles::read(&arguments.bundle).map_err(invalid)?;
    compiled(&read)?;
    let places = places(&arguments.registry, &arguments.place)?;
    let digest =
        places.push(&read, &image, arguments.shape == Shape::Conftest).map_err(unpushed)?;
    terminal.data(format!("{digest}\n").as_bytes())?;
    Ok(ExitStatus::Ok)
}

/// Fetch a bundle from a registry or over HTTPS, and pack it into a file
///
/// Prints the digest by which decisions name the policy. Exit status: 0 it is written, 2 it is not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy pull oci://registry.example/shop/policy:1.4.2 --bundle shop.tar.gz")]
pub(crate) struct PullArguments {
    /// `oci://` or `https://`
    #[arg(value_name = "PLACE")]
    place: String,
    /// The file to write
    #[arg(short, long, env = "GATE_BUNDLE", value_name = "FILE", default_value = "bundle.tar.gz")]
    bundle: PathBuf,
    #[command(flatten)]
    registry: RegistryArguments,
}

pub(crate) fn pull(
    arguments: &PullArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let read = read(&arguments.place, &places(&arguments.registry, &arguments.place)?)?;
    let compiled = compiled(&read)?;
    pack(&arguments.bundle, &read)?;
    terminal.data(format!("{}\n", compiled.digest()).as_bytes())?;
    Ok(ExitStatus::Ok)
}

fn read(source: &str, places: &Places) -> Result<BundleFiles, Failure> {
    let place = Place::parse(source).map_err(invalid)?;
    places.read(&place).map_err(invalid)
}

/// How a place is read.
pub(crate) fn places(arguments: &RegistryArguments, source: &str) -> Result<Places, Failure> {
    let image = source.strip_prefix("oci://");
    let registry = image.map(|image| arguments.client(image, None)).transpose()?;
    Ok(Places { registry: registry.map(Arc::new), cache: arguments.cache() })
}

fn compiled(read: &BundleFiles) -> Result<Bundle, Failure> {
    let files = PolicyFiles::of_bundle(read).map_err(invalid)?;
    Bundle::load(files.modules, Value::Object(files.data)).map_err(invalid)
}

fn pack(path: &Path, read: &BundleFiles) -> Result<(), Failure> {
    let packed = bundle::pack(&read.files)
        .map_err(|error| Failure::internal("the bundle cannot be packed", error))?;
    write_file(path, &packed)
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    GateError::new(ErrorCode::PolicyInvalid, "the policy does not load").caused_by(error).into()
}

fn unpushed(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    GateError::new(ErrorCode::RegistryUnavailable, "the policy is not pushed")
        .caused_by(error)
        .into()
}
