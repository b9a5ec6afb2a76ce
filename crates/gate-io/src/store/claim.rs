//! Idempotency: who answers a request that may be sent twice.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use gate_core::Digest;
use gate_core::record::Receipt;

/// A request by its requester's own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Who asks: keys of different requesters never meet.
    pub requester: String,
    /// The key that the requester chose.
    pub key: String,
    /// Digest of the request's body.
    pub body: Digest,
}

/// What is known of a request.
pub enum Claimed<'a> {
    /// Nothing: the holder of the claim answers it.
    Fresh(Claim<'a>),
    /// It was answered with this receipt.
    Recorded(Box<Receipt>),
    /// The key was used with another body.
    OtherBody,
    /// Somebody is answering it now.
    InProgress,
}

/// The right to answer a request, until it is dropped.
pub struct Claim<'a> {
    claims: &'a Claims,
    request: Idempotency,
}

impl Claim<'_> {
    pub(super) fn request(&self) -> &Idempotency {
        &self.request
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let name = (self.request.requester.clone(), self.request.key.clone());
        self.claims.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    }
}

/// The requests that are being answered. In memory: no other process writes to the store.
#[derive(Default)]
pub(super) struct Claims(Mutex<HashSet<(String, String)>>);

impl Claims {
    pub(super) fn take(&self, request: &Idempotency) -> Option<Claim<'_>> {
        let name = (request.requester.clone(), request.key.clone());
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        fresh.then(|| Claim { claims: self, request: request.clone() })
    }
}
