//! The subjects that evidence was uploaded for, in memory: most subjects that are asked about have
//! none, and then no query need say so.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use gate_core::Digest;

/// Subjects that are remembered; with more of them every question is a query.
pub(super) const REMEMBERED: usize = 100_000;

/// Every subject with uploads, and perhaps some without. Only the process that holds the store's lock
/// writes uploads, so nothing is missed.
pub(super) struct Subjects(RwLock<Option<HashSet<Digest>>>);

impl Subjects {
    /// What the store holds; read one more than are remembered to tell that there are too many.
    pub(super) fn new(stored: HashSet<Digest>) -> Self {
        Self(RwLock::new((stored.len() <= REMEMBERED).then_some(stored)))
    }

    /// Whether the subject may have uploads.
    pub(super) fn may_hold(&self, subject: &Digest) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().is_none_or(|known| known.contains(subject))
    }

    /// To be called before an upload is written: from then on the store is asked.
    pub(super) fn add(&self, subject: Digest) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(subjects) = known.as_mut() {
            subjects.insert(subject);
            if subjects.len() > REMEMBERED {
                *known = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: usize) -> Digest {
        Digest::of(&number.to_le_bytes())
    }

    #[test]
    fn a_subject_with_uploads_is_never_forgotten() {
        let subjects = Subjects::new(HashSet::from([digest(0)]));
        assert!(subjects.may_hold(&digest(0)));
        assert!(!subjects.may_hold(&digest(1)));
        for number in 1..=REMEMBERED + 1 {
            subjects.add(digest(number));
        }
        assert!([0, 1, REMEMBERED + 1].iter().all(|number| subjects.may_hold(&digest(*number))));
        let full = Subjects::new((0..=REMEMBERED).map(digest).collect());
        assert!(full.may_hold(&digest(REMEMBERED + 7)));
    }
}
