//! Rego: modules in, answers out; no word about gates, no network, no disk.
//!
//! The engine is Gate's own (`engine`): what it accepts it answers as OPA does, and the rest it
//! refuses at load, with the place. No answer depends on a clock; limits on time are measured with
//! the machine's steady one.

pub mod bounds;
pub mod catalogue;
mod conflict;
pub mod documents;
mod engine;
mod error;
pub mod eval;
pub mod explain;
pub mod lint;
pub mod metadata;
mod module;
pub mod outside;
mod policy;
mod reads;
mod rules;
pub mod testing;
pub mod value;

pub use error::{CompileError, CompileKind, EvaluationError, Place};
pub use metadata::{Annotation, Scope};
pub use module::Module;
pub use policy::{Answer, Dialect, Evaluator, Policy, Question, RulePath, package_name};
pub use reads::{CalledName, InputKey, InputPart, InputRead};
pub use rules::{RuleForm, RuleText};
pub use value::Value;
