//! Gate's own Rego engine: values, syntax, compiler and builtins.

// Until the evaluator replaces regorus, tests alone use parts of this.
#![allow(
    dead_code,
    unused_imports,
    reason = "the engine in use is regorus until this one is complete"
)]

pub(crate) mod ast;
pub(crate) mod builtins;
pub(crate) mod compiler;
pub(crate) mod evaluate;
pub(crate) mod lexer;
pub mod number;
pub(crate) mod parser;
pub(crate) mod program;
pub mod value;

#[cfg(test)]
pub(crate) mod testing;
