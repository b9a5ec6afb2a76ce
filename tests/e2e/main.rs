//! End-to-end tests: the programs as they are shipped, and the rules of the house.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod architecture;
mod cases;
mod client;
mod cosign;
mod doors;
mod kill;
mod opa;
mod reasons;
mod tidy;
