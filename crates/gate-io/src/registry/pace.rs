//! How long to wait before a request is sent again: longer each time, spread, or as the registry says.

use std::pin::Pin;
use std::time::Duration;

/// The pause before the second try; each later one is twice as long.
const FIRST: Duration = Duration::from_millis(200);
/// The longest pause that is not asked for by the registry.
const LONGEST: Duration = Duration::from_secs(5);

/// Waiting and chance, so that tests have neither.
pub trait Pace: Send + Sync {
    /// Waits.
    fn wait(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    /// A number from 0 to 1.
    fn chance(&self) -> f64;
}

/// The machine's timer and random numbers.
#[derive(Debug, Default)]
pub struct Patience;

impl Pace for Patience {
    fn wait(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(pause))
    }

    fn chance(&self) -> f64 {
        let mut byte = [0];
        // Without random numbers everybody waits equally long, which is no reason to fail.
        let _ = aws_lc_rs::rand::fill(&mut byte);
        f64::from(byte[0]) / 255.0
    }
}

/// The pause after the try number `tried` (from 0): what the registry asks for and no less, or twice
/// the last one, less up to a half by chance so that not all come back at once.
pub(super) fn pause(tried: u32, asked: Option<Duration>, chance: f64) -> Duration {
    let pause = FIRST.saturating_mul(2_u32.saturating_pow(tried)).min(LONGEST);
    let pause = pause.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0);
    asked.map_or(pause, |asked| asked.max(pause))
}

/// `Retry-After` as seconds. Its other form, a date, needs the other's clock; the own pause serves.
pub(super) fn asked(value: Option<&str>) -> Option<Duration> {
    value.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_spread_and_heed_the_registry() {
        let ms = |tried, chance| pause(tried, None, chance).as_millis();
        assert_eq!([ms(0, 0.0), ms(1, 0.0), ms(2, 0.0), ms(30, 0.0)], [200, 400, 800, 5_000]);
        assert_eq!([ms(0, 1.0), ms(1, 0.5)], [100, 300]);
        assert_eq!(pause(0, asked(Some("7")), 0.0), Duration::from_secs(7));
        assert_eq!(pause(0, asked(Some("0")), 0.0), Duration::from_millis(200));
        assert_eq!(asked(Some("Wed, 21 Oct 2026 07:28:00 GMT")), None);
    }
}
