//! Requests over kept connections, as fast as they are answered: from a maker of bodies to rate and
//! latencies.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use gate_tests::http::{Answer, Connection};

/// Latencies of one or more rounds of requests, and how long the rounds took.
#[derive(Debug, Default, Clone)]
pub(crate) struct Load {
    latencies: Vec<Duration>,
    rates: Vec<f64>,
}

/// What every client does: requests, one after the other.
pub(crate) struct Client<'a> {
    /// Path that is posted to.
    pub(crate) path: &'a str,
    /// Makes the body of a request from its number, which no other request of the run has.
    pub(crate) body: &'a (dyn Fn(u64) -> Vec<u8> + Sync),
    /// Refuses an answer that is not the one expected: an error answered fast is no speed.
    pub(crate) check: &'a (dyn Fn(&Answer) -> Result<()> + Sync),
}

impl Client<'_> {
    /// Sends `each` requests on each connection at once, numbered from `first`.
    pub(crate) fn run(
        &self,
        connections: &mut [Connection],
        first: u64,
        each: u64,
    ) -> Result<Load> {
        let begin = Instant::now();
        let runs: Vec<Result<Vec<Duration>>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0u64..)
                .zip(connections.iter_mut())
                .map(|(at, connection)| {
                    scope.spawn(move || self.requests(connection, first + at * each, each))
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("a client panicked")))
                .collect()
        });
        let took = begin.elapsed();
        let mut latencies = vec![];
        for run in runs {
            latencies.extend(run?);
        }
        ensure!(!latencies.is_empty(), "a load without requests");
        let rates = vec![count(latencies.len()) / took.as_secs_f64()];
        Ok(Load { latencies, rates })
    }

    fn requests(
        &self,
        connection: &mut Connection,
        first: u64,
        each: u64,
    ) -> Result<Vec<Duration>> {
        let mut latencies = vec![];
        for number in first..first + each {
            let body = (self.body)(number);
            let begin = Instant::now();
            let answer = connection.post(self.path, "", &body)?;
            latencies.push(begin.elapsed());
            (self.check)(&answer)?;
        }
        Ok(latencies)
    }
}

impl Load {
    /// Adds another round.
    pub(crate) fn add(&mut self, other: Load) {
        self.latencies.extend(other.latencies);
        self.rates.extend(other.rates);
    }

    /// Requests a second: the median of the rounds.
    pub(crate) fn rate(&self) -> f64 {
        let mut rates = self.rates.clone();
        rates.sort_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or_default()
    }

    /// The latency, in milliseconds, that this share of the requests stays within.
    pub(crate) fn latency(&self, share: f64) -> f64 {
        quantile(&self.latencies, share).as_secs_f64() * 1e3
    }
}

/// The value that this share of the values stays within; nought where there are none.
pub(crate) fn quantile(values: &[Duration], share: f64) -> Duration {
    let mut values = values.to_vec();
    values.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position in a list, from a share between 0 and 1"
    )]
    let at = (count(values.len()) * share) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
fn count(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let values: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(quantile(&values, 0.5), Duration::from_millis(51));
        assert_eq!(quantile(&values, 0.99), Duration::from_millis(100));
        assert_eq!(quantile(&values, 1.0), Duration::from_millis(100));
        assert_eq!(quantile(&values[..1], 0.5), Duration::from_millis(100));
        assert_eq!(quantile(&[], 0.5), Duration::ZERO);
    }
}
