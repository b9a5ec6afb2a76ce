//! What rules ask of the world beyond their input and data: noted by the evaluation, collected by its
//! caller, and found by the next evaluation of the same question. So evaluation stays pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::value::Value;

/// The most needs that one evaluation may note.
pub const NEEDS: usize = 1_000;

/// A call whose answer is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The builtin function.
    pub function: &'static str,
    /// Its operands.
    pub operands: Vec<Value>,
}

/// The name of a function that asks outside; `None` where it does not.
pub fn function(name: &str) -> Option<&'static str> {
    crate::engine::builtins::asking(name)
}

/// What reads configurations, and the files that hold them, for the builtins of Conftest. It depends
/// on nothing that changes while a question is asked.
pub type Reader = Arc<dyn Fn(&Need) -> Result<Value, String> + Send + Sync>;

/// What is known of outside, and what is asked for beyond it.
#[derive(Default)]
pub struct Outside {
    known: BTreeMap<Need, Option<Value>>,
    needs: Mutex<BTreeSet<Need>>,
    reader: Option<Reader>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("known", &self.known).finish_non_exhaustive()
    }
}

impl Outside {
    /// With these answers; a call without result is known by `None`.
    pub fn new(known: BTreeMap<Need, Option<Value>>) -> Self {
        Self { known, needs: Mutex::default(), reader: None }
    }

    /// With what reads configurations.
    pub fn reading(reader: Reader) -> Self {
        Self { reader: Some(reader), ..Self::default() }
    }

    pub(crate) fn reader(&self) -> Option<Reader> {
        self.reader.clone()
    }

    /// What has been asked for and is not known.
    pub fn needs(&self) -> BTreeSet<Need> {
        self.needs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The answer to a call; undefined, and noted, where it is not known.
    pub(crate) fn answer(&self, need: Need) -> Option<Value> {
        if let Some(known) = self.known.get(&need) {
            return known.clone();
        }
        let mut needs = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        if needs.len() < NEEDS {
            needs.insert(need);
        }
        None
    }
}
