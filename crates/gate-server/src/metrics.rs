//! What the server counts, in the Prometheus text form. Labels are codes, environments and routes of
//! the configuration, never words of a caller, so their number is bounded.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use gate_core::decision::Verdict;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The media type of [`Metrics::write`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where a decision was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// `POST /v1/decisions`.
    Decisions,
    /// `POST /v1/promotions`.
    Promotions,
    /// `POST /admission/validate/{environment}`.
    Admission,
}

/// All metrics of a server.
pub struct Metrics {
    registry: Registry,
    decisions: Family<DecisionLabels, Counter>,
    errors: Family<CodeLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    reloads: Family<ResultLabels, Counter>,
    current: Gauge,
    queued: Gauge,
    working: Gauge,
    unkept: Gauge<i64, std::sync::atomic::AtomicI64>,
    keep_failures: Counter<u64, AtomicU64>,
}

/// What is read off when the metrics are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Levels {
    /// Jobs that wait for a processor.
    pub queued: usize,
    /// Requests in work.
    pub working: usize,
    /// Decisions that wait to be written.
    pub unkept: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    environment: String,
    door: &'static str,
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

impl Metrics {
    /// Metrics that stand at nought.
    pub fn new() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("gate"),
            decisions: Family::default(),
            errors: Family::default(),
            seconds: Family::new_with_constructor(latencies),
            reloads: Family::default(),
            current: Gauge::default(),
            queued: Gauge::default(),
            working: Gauge::default(),
            unkept: Gauge::default(),
            keep_failures: Counter::default(),
        };
        metrics.current.set(1);
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register(
            "decisions",
            "Decisions by environment, door and verdict",
            self.decisions.clone(),
        );
        registry.register("errors", "Refusals and failures by code", self.errors.clone());
        registry.register("request_seconds", "Time of requests", self.seconds.clone());
        registry.register("configuration_reloads", "Reloads by result", self.reloads.clone());
        registry.register(
            "configuration_current",
            "1 where the configuration in force is the one on disk",
            self.current.clone(),
        );
        registry.register("queue_jobs", "Jobs waiting for a processor", self.queued.clone());
        registry.register("requests_in_work", "Requests in work", self.working.clone());
        registry.register(
            "decisions_unkept",
            "Decisions waiting to be written to the store",
            self.unkept.clone(),
        );
        registry.register(
            "keep_failures",
            "Attempts to write decisions to the store that failed",
            self.keep_failures.clone(),
        );
        self
    }

    /// Counts a decision.
    pub fn decided(&self, environment: &str, surface: Surface, verdict: Verdict) {
        let labels = DecisionLabels {
            environment: environment.to_owned(),
            door: match surface {
                Surface::Decisions => "decisions",
                Surface::Promotions => "promotions",
                Surface::Admission => "admission",
            },
            verdict: match verdict {
                Verdict::Allow => "allow",
                Verdict::Deny => "deny",
            },
        };
        self.decisions.get_or_create(&labels).inc();
    }

    /// Counts a refusal or failure.
    pub fn erred(&self, code: &'static str) {
        self.errors.get_or_create(&CodeLabels { code }).inc();
    }

    /// Notes how long a request took.
    pub fn took(&self, route: &str, status: u16, time: Duration) {
        let labels = RouteLabels { route: route.to_owned(), status };
        self.seconds.get_or_create(&labels).observe(time.as_secs_f64());
    }

    /// Notes a reload and whether it took effect.
    pub fn reloaded(&self, loaded: bool) {
        let result = if loaded { "loaded" } else { "refused" };
        self.reloads.get_or_create(&ResultLabels { result }).inc();
        self.current.set(i64::from(loaded));
    }

    /// Counts a failed write of kept decisions.
    pub fn keep_failed(&self) {
        self.keep_failures.inc();
    }

    /// The text form.
    pub fn write(&self, levels: Levels) -> Result<String, std::fmt::Error> {
        let level = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.queued.set(level(levels.queued));
        self.working.set(level(levels.working));
        self.unkept.set(level(levels.unkept));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn latencies() -> Histogram {
    Histogram::new([0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 30.0])
}
