//! Identical fetches at one time are one fetch.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use gate_core::reason::ErrorCode;
use tokio::sync::OnceCell;

use super::failure::Outcome;

type Cell<T> = OnceCell<Outcome<T>>;

/// Fetches under way, by what is fetched.
#[derive(Debug)]
pub(super) struct Flights<K, T>(Mutex<HashMap<K, Weak<Cell<T>>>>);

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, T: Clone> Flights<K, T> {
    /// Fetches, or waits for whoever is fetching the same. An answer serves those who waited for
    /// it and nobody later: nothing is remembered here.
    pub(super) async fn join<F>(&self, key: &K, fetch: impl Fn() -> F) -> Outcome<T>
    where
        F: Future<Output = Outcome<T>>,
    {
        let cell = self.cell(key);
        let mut led = false;
        let outcome = cell
            .get_or_init(|| {
                led = true;
                fetch()
            })
            .await
            .clone();
        self.forget(key, &cell);
        match outcome {
            // Another decision's time or bytes were over: this one's are its own.
            Err(error) if !led && is_of_one_decision(error.code) => fetch().await,
            outcome => outcome,
        }
    }

    fn cell(&self, key: &K) -> Arc<Cell<T>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = flights.get(key).and_then(Weak::upgrade) {
            return cell;
        }
        let cell = Arc::new(Cell::new());
        flights.insert(key.clone(), Arc::downgrade(&cell));
        cell
    }

    fn forget(&self, key: &K, cell: &Arc<Cell<T>>) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.get(key).is_some_and(|found| found.as_ptr() == Arc::as_ptr(cell)) {
            flights.remove(key);
        }
        if flights.len() > 1_000 {
            // What was abandoned half-way leaves an empty place behind.
            flights.retain(|_, cell| cell.strong_count() > 0);
        }
    }
}

fn is_of_one_decision(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::RegistryTimeout | ErrorCode::RegistryLimitExceeded)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell as Count;

    use super::*;
    use crate::registry::RegistryError;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn those_who_ask_for_the_same_at_the_same_time_ask_once() {
        let (flights, fetched) = (Flights::default(), Count::new(0));
        let fetch = || async {
            fetched.set(fetched.get() + 1);
            tokio::task::yield_now().await;
            Ok(fetched.get())
        };
        run(async {
            let (one, two, other) = tokio::join!(
                flights.join(&1, fetch),
                flights.join(&1, fetch),
                flights.join(&2, fetch)
            );
            assert_eq!((one.unwrap(), two.unwrap(), other.unwrap()), (2, 2, 2));
            assert_eq!(fetched.get(), 2);
            flights.join(&1, fetch).await.unwrap();
        });
        assert_eq!(fetched.get(), 3, "nothing is remembered");
    }

    #[test]
    fn anothers_deadline_is_not_ones_own_and_anothers_failure_is() {
        for (code, asked) in [(ErrorCode::RegistryTimeout, 2), (ErrorCode::RegistryUnavailable, 1)]
        {
            let (flights, fetched) = (Flights::<u8, ()>::default(), Count::new(0));
            let fetch = || async {
                fetched.set(fetched.get() + 1);
                tokio::task::yield_now().await;
                Err(RegistryError::new(code, "late"))
            };
            let (one, two) =
                run(async { tokio::join!(flights.join(&1, fetch), flights.join(&1, fetch)) });
            assert_eq!((one.unwrap_err().code, two.unwrap_err().code), (code, code));
            assert_eq!(fetched.get(), asked, "{code}");
        }
    }

    #[test]
    fn whoever_waits_goes_on_where_the_one_who_fetched_was_given_up() {
        let (flights, fetched) = (Flights::default(), Count::new(0));
        let fetch = || async {
            fetched.set(fetched.get() + 1);
            if fetched.get() == 1 {
                std::future::pending::<()>().await;
            }
            Ok(fetched.get())
        };
        run(async {
            let given_up = async {
                tokio::select! {
                    biased;
                    _ = flights.join(&1, fetch) => panic!("it never ends"),
                    () = async { for _ in 0..3 { tokio::task::yield_now().await } } => {}
                }
            };
            let ((), waited) = tokio::join!(given_up, flights.join(&1, fetch));
            assert_eq!(waited.unwrap(), 2);
        });
    }
}
