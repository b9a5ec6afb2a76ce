//! The subcommands, one file each: arguments in, answer out.

pub(crate) mod approve;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config_check;
pub(crate) mod evidence_inspect;
pub(crate) mod explain;
pub(crate) mod keys;
pub(crate) mod ledger_verify;
pub(crate) mod policy;
pub(crate) mod policy_eval;
pub(crate) mod policy_test;
pub(crate) mod promote;
pub(crate) mod replay;
pub(crate) mod verify_bundle;
pub(crate) mod verify_image;
pub(crate) mod verify_receipt;
