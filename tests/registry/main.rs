//! Registries, honest and lying: what is collected from them, and what never becomes a verdict.

mod auth;
mod desk;
mod honest;
mod lies;
mod push;
mod real;
mod server;
mod sharing;
