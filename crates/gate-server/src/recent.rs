//! Decisions on artifacts that were just made.
//!
//! A decision follows from the request, what was collected, the environment and the time, which counts
//! in seconds. Where all are the same (the replicas of one Deployment under admission), so is the
//! decision, byte for byte, and it need not be made again. What there is to collect is collected every
//! time; a decision for which rules asked registries themselves is not remembered, since their answers
//! may be others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::evidence::Collected;
use gate_core::request::Request;
use gate_core::spine::Decided;

/// Decisions remembered.
const REMEMBERED: usize = 64;
/// The most bytes that were collected for a decision that is remembered.
const COLLECTED: usize = 256 << 10;

/// The last decisions of one configuration.
#[derive(Default)]
pub struct Recent(Mutex<HashMap<Key, (Request, Arc<Decided>)>>);

type Key = (String, Digest);

impl Recent {
    /// The decision on an artifact, made by `judge` unless the same request met the same evidence
    /// before.
    pub fn decide(
        &self,
        environment: &str,
        request: &Request,
        collected: Collected,
        judge: impl FnOnce(Collected) -> Result<Decided, GateError>,
    ) -> Result<Arc<Decided>, GateError> {
        if request.object.is_some() || collected.size() > COLLECTED {
            return judge(collected).map(Arc::new);
        }
        let key = (environment.to_owned(), request.subject.digest);
        if let Some(decided) = self.same(&key, request, &collected) {
            return Ok(decided);
        }
        let decided = Arc::new(judge(collected)?);
        if decided.facts.document().inquiries.is_empty() {
            self.remember(key, request, decided.clone());
        }
        Ok(decided)
    }

    fn same(&self, key: &Key, request: &Request, collected: &Collected) -> Option<Arc<Decided>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, decided) = known.get(key)?;
        let same = asked.now == request.now
            && asked.subject == request.subject
            && asked.asker == request.asker
            && decided.evidence == *collected;
        same.then(|| decided.clone())
    }

    fn remember(&self, key: Key, request: &Request, decided: Arc<Decided>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED && !known.contains_key(&key) {
            known.retain(|_, (asked, _)| asked.now == request.now);
            if known.len() >= REMEMBERED {
                return;
            }
        }
        known.insert(key, (request.clone(), decided));
    }
}
