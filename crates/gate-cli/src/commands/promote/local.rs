//! A promotion decided, signed and recorded by this process.

use std::sync::Arc;

use gate_core::effects::{Clock, Effects, EvidenceSource};
use gate_core::reason::ErrorCode;
use gate_core::request::{Asker, Request};
use gate_core::spine;
use gate_io::config::Configuration;
use gate_io::keys::{KeyFile, LedgerKey};
use gate_io::needs::Answering;
use gate_io::registry::RegistrySource;
use gate_io::source::{self, Sources, SubjectBytes, SubjectTree};
use gate_io::store::Store;
use gate_io::user::requester;

use super::{Arguments, Promoted};
use crate::commands::check::evidence;
use crate::failure::Failure;
use crate::settings;

/// Everything that can fail without a decision fails before one is made.
pub(super) fn promote(arguments: &Arguments, clock: &dyn Clock) -> Result<Promoted, Failure> {
    // A token in the environment is nobody's harm here; a key would promise what nobody keeps.
    if arguments.idempotency_key.is_some() {
        return Err(Failure::usage("`--idempotency-key` is for `--server`"));
    }
    let path = arguments.config.as_ref().ok_or_else(|| {
        Failure::usage("a promotion needs `--config`, or `--server` to have a server make it")
    })?;
    let configuration = settings::load(path)?;
    let environment = settings::environment(&configuration, arguments.environment.as_deref())?;
    let signer = KeyFile::load(configured("signing_key", configuration.signing_key.as_ref())?)?;
    let store = open(arguments, &configuration)?;
    let registry = arguments.registry.client(&arguments.subject, Some(&configuration))?;
    let named = source::resolve(&arguments.subject, &registry)?;
    let request = Request {
        subject: named.subject.clone(),
        asker: Asker { requester: requester(), admission: None },
        now: clock.now(),
        object: None,
    };
    let subject = SubjectBytes(named.file.clone());
    let (layouts, files) = evidence(&named, configuration.layouts, &arguments.evidence);
    let image = named.image.as_ref().map(|image| RegistrySource::new(&registry, image, None));
    let mut sources: Vec<&dyn EvidenceSource> = vec![&layouts, &files, &subject];
    let dialect = environment.policy().dialect();
    let any_name = environment.policy().parser().is_some();
    let tree = named.tree.as_ref().map(|tree| SubjectTree { tree, dialect, any_name });
    sources.extend(tree.as_ref().map(|tree| tree as &dyn EvidenceSource));
    sources.extend(image.as_ref().map(|image| image as &dyn EvidenceSource));
    let answering = Answering(&registry);
    sources.push(&answering);
    let effects = Effects {
        source: &Sources(sources),
        signer: &signer,
        recorder: &store.recorder(None),
        clock,
    };
    let receipt = spine::promote(&request, &environment, &effects)?;
    // For words alone: what cannot be read back here is told by `gate ledger verify`.
    let facts = store.reader().blob(receipt.decision.facts).ok();
    let facts = facts.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ok(Promoted { receipt, asked: environment.policy().asked().to_vec(), facts })
}

fn open(arguments: &Arguments, configuration: &Configuration) -> Result<Store, Failure> {
    let ledger = configured("ledger", configuration.ledger.as_ref())?;
    let key = Arc::new(LedgerKey::load(&ledger.key, &ledger.origin)?);
    let path = arguments.store.as_ref().or(configuration.store.as_ref());
    Ok(Store::open(configured("store", path)?, key)?)
}

fn configured<'a, T>(name: &str, value: Option<&'a T>) -> Result<&'a T, Failure> {
    value.ok_or_else(|| {
        let message = format!("the configuration has no `{name}`, which a promotion needs");
        gate_core::effects::GateError::new(ErrorCode::ConfigInvalid, message).into()
    })
}
