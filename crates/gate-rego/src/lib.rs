//! Rego behind a trait: modules in, answers out; no word about gates, no network, disk or clock.
//!
//! The engine is `regorus`. What it does silently otherwise than OPA, or what would end the process,
//! is refused at load or replaced: see [`bounds`], `functions`, `idioms`, `builtins`, `sprintf`
//! and `conflict`.

pub mod bounds;
mod builtins;
mod conflict;
pub mod engine;
mod error;
pub mod eval;
mod functions;
mod idioms;
pub mod metadata;
mod module;
mod policy;
mod sprintf;
mod syntax;
pub mod testing;
pub mod value;

pub use error::{CompileError, CompileKind, EvaluationError, Place};
pub use metadata::{Annotation, Scope};
pub use module::Module;
pub use policy::{Answer, Dialect, Evaluator, Policy, Question, package_name, rule_path};
pub use regorus::Value;
pub use syntax::{RuleForm, RuleText};
