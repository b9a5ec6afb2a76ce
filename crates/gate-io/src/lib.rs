//! Every socket, file and table: configuration, policies, sources, keys, store. No judgement.

pub mod bundle;
pub mod client;
pub mod clock;
pub mod config;
pub mod files;
pub mod keys;
pub mod needs;
pub mod policy;
pub mod registry;
pub mod source;
pub mod store;
pub mod user;
