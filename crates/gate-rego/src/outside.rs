//! What rules ask of the world beyond their input and data: noted by the evaluation, collected by its
//! caller, and found by the next evaluation of the same question. So evaluation stays pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

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

/// What is known of outside, and what is asked for beyond it.
#[derive(Debug, Default)]
pub struct Outside {
    known: BTreeMap<Need, Option<Value>>,
    needs: Mutex<BTreeSet<Need>>,
}

impl Outside {
    /// With these answers; a call without result is known by `None`.
    pub fn new(known: BTreeMap<Need, Option<Value>>) -> Self {
        Self { known, needs: Mutex::default() }
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
