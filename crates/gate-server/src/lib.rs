//! Gate over HTTP: decisions, promotions, evidence and Kubernetes admission.
//!
//! [`run::run`] is the server's life, [`router::router`] what it answers. Everything that judges is
//! in gate-core, everything that keeps is in gate-io.

pub mod admission;
pub mod api;
pub mod callers;
mod describe;
pub mod envelope;
pub mod force;
pub mod gate;
pub mod json;
pub mod judge;
pub mod keep;
pub mod listen;
pub mod metrics;
pub mod opa;
pub mod pool;
pub mod problem;
pub mod recent;
pub mod reload;
pub mod router;
pub mod run;
pub mod serial;
pub mod subject;
pub mod tls;
pub mod trial;
