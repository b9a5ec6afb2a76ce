//! What the end-to-end tests and the benchmarks share: the programs as processes, a plain HTTP client.

pub mod http;
pub mod peers;
pub mod process;
pub mod registry;
pub mod shop;
pub mod tls;
