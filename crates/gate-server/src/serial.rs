//! One at a time for each idempotency key: who comes second waits, and then finds what the first did.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

type Key = (String, String);

/// The locks of the keys in work.
#[derive(Debug, Default)]
pub struct Serial {
    locks: Mutex<HashMap<Key, Weak<Lock<()>>>>,
}

impl Serial {
    /// Waits until nobody else works under this requester's key.
    pub async fn turn(&self, requester: &str, key: &str) -> OwnedMutexGuard<()> {
        let lock = self.lock(requester, key);
        lock.lock_owned().await
    }

    fn lock(&self, requester: &str, key: &str) -> Arc<Lock<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        // Keys in work are at most as many as requests in work; the others go.
        if locks.len() > 1_000 {
            locks.retain(|_, lock| lock.strong_count() > 0);
        }
        let entry = locks.entry((requester.to_owned(), key.to_owned())).or_default();
        if let Some(lock) = entry.upgrade() {
            return lock;
        }
        let lock = Arc::default();
        *entry = Arc::downgrade(&lock);
        lock
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn the_same_key_waits_and_another_does_not() {
        let serial = Serial::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut first = Box::pin(serial.turn("ci", "a"));
        let std::task::Poll::Ready(held) = first.as_mut().poll(&mut context) else {
            panic!("nobody holds the key");
        };
        let mut second = Box::pin(serial.turn("ci", "a"));
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(Box::pin(serial.turn("ci", "b")).as_mut().poll(&mut context).is_ready());
        assert!(Box::pin(serial.turn("another", "a")).as_mut().poll(&mut context).is_ready());
        drop(held);
        assert!(second.as_mut().poll(&mut context).is_ready());
    }
}
