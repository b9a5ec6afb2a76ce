//! Gate's judgement: from a request and its evidence to a decision, an attestation and a ledger entry.
//!
//! The spine is [`spine::promote`]. Nothing here opens a socket or a file, reads a clock or draws a
//! random number: the evidence source, the signer, the recorder and the clock are passed in
//! ([`effects`]), so that a decision can be repeated byte for byte years later.

pub mod attest;
pub mod canonical;
pub mod cosign;
pub mod cvss;
pub mod decide;
pub mod decision;
pub mod digest;
pub mod effects;
pub mod environment;
pub mod evidence;
pub mod facts;
pub mod feeds;
pub mod ledger;
pub mod limits;
mod markup;
pub mod object;
pub mod policy;
pub mod predicates;
pub mod reason;
pub mod record;
pub mod request;
pub mod spine;
pub mod structured;
pub mod timestamp;
pub mod verify;
pub mod vers;

pub use digest::Digest;
pub use timestamp::Timestamp;
