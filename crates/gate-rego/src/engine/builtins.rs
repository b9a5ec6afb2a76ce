//! Rego's builtin functions: what each takes and gives, and the pure function behind it.
//!
//! A family of builtins is one file with one `TABLE`; `registry.rs` joins the tables by name.

mod binary;
mod budget;
mod context;
mod error;
mod operands;
mod printf;
mod registry;
mod types;

mod aggregates;
mod arithmetic;
mod arrays;
mod bits;
mod casts;
mod cidr;
mod comparison;
mod conforma;
mod conftest;
mod conversions;
mod crypto;
mod encoding;
mod glob;
mod graph;
mod graphql;
mod json;
mod jwt;
mod language;
mod numbers;
mod objects;
mod providers;
mod random;
mod regular;
mod semantic_version;
mod sets;
mod strings;
mod time;
mod type_tests;
mod units;
mod uri;
mod uuid;
mod x509;
mod yaml;

pub(crate) use budget::Budget;
pub(crate) use conforma::asking;
pub(crate) use context::Context;
pub(crate) use error::{BuiltinError, ErrorKind};
pub(crate) use registry::{Declaration, Declared, Implementation, all, find};
pub(crate) use types::Type;

use super::value::Value;

/// What a builtin does: `None` is undefined.
pub(crate) type Outcome = Result<Option<Value>, BuiltinError>;

/// A builtin's function. The evaluator has checked the number of arguments.
pub(crate) type Builtin = fn(&mut Context, &[Value]) -> Outcome;

#[cfg(test)]
mod testing;
