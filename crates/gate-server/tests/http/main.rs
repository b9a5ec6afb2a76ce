//! The server's tests over its real router, with a real store; the clock alone is theirs.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests, their helpers included"
)]

mod admission;
mod api;
mod codes;
mod conformance;
mod hostile;
mod keep;
mod opa;
mod openapi;
mod program;
mod promotions;
mod recent;
mod reload;
mod sockets;
mod testgate;
