//! Gate's own Rego engine: values, syntax, compiler and builtins.

pub(crate) mod ast;
pub(crate) mod builtins;
pub(crate) mod compiler;
pub(crate) mod evaluate;
pub(crate) mod lexer;
pub(crate) mod number;
pub(crate) mod parser;
pub(crate) mod program;
pub(crate) mod types;
pub(crate) mod value;

#[cfg(test)]
pub(crate) mod testing;
