//! Registries, honest and lying: what is collected from them, and what never becomes a verdict.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "what did not run is said")]

mod auth;
mod desk;
mod honest;
mod lies;
mod needs;
mod push;
mod real;
mod server;
mod sharing;
