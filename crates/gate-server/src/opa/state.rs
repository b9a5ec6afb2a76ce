//! The documents that are served: those of the files, and what callers changed since.

use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwapOption;
use gate_core::Digest;
use gate_io::config::Opa;
use gate_rego::documents::Documents;

/// The documents in force. Changes live in memory, as in OPA, until the files change or the server
/// ends.
#[derive(Default)]
pub struct Live {
    current: ArcSwapOption<Served>,
    /// One change at a time: each makes a state out of the last one.
    changing: std::sync::Mutex<()>,
}

/// One state.
pub(super) struct Served {
    pub(super) documents: Documents,
    pub(super) settings: Arc<Opa>,
    source: Digest,
}

impl Live {
    /// Takes a configuration in force. What callers changed stays unless the files are others.
    pub fn enforce(&self, settings: Option<&Arc<Opa>>) {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = settings.map(|settings| {
            let current = self.current.load();
            let kept = current.as_ref().filter(|it| it.source == settings.source);
            let documents = kept.map_or(&settings.documents, |it| &it.documents).clone();
            Arc::new(Served { documents, settings: settings.clone(), source: settings.source })
        });
        self.current.store(next);
    }

    /// The state in force; `None` where there is no `opa` section.
    pub(super) fn current(&self) -> Option<Arc<Served>> {
        self.current.load_full()
    }

    /// Whether there is an `opa` section.
    pub fn is_served(&self) -> bool {
        self.current.load().is_some()
    }

    /// Puts in force what `change` makes of the state, if it makes one.
    pub(super) fn change<E>(
        &self,
        change: impl FnOnce(&Documents) -> Result<Option<Documents>, E>,
    ) -> Result<(), E> {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(current) = self.current.load_full() else { return Ok(()) };
        if let Some(documents) = change(&current.documents)? {
            let (settings, source) = (current.settings.clone(), current.source);
            self.current.store(Some(Arc::new(Served { documents, settings, source })));
        }
        Ok(())
    }
}
