//! Turns modules and data into a compiled policy, and a compiled policy and an input into answers.

use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use regorus::unstable::{Module as Tree, Ref};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError, Value};

use crate::error::{CompileError, CompileKind, EvaluationError};
use crate::metadata::{self, Annotation};
use crate::module::Module;
use crate::syntax::{self, RuleForm, RuleText};
use crate::{bounds, builtins, conflict, functions, idioms};

/// Answers questions about an input: the seam at which another engine can stand.
pub trait Evaluator: Send + Sync {
    /// The answers to all of a question's rules, in their order.
    ///
    /// A rule that ends in an engine error answers with that error, and the others are still asked.
    /// Out of time is no answer to anything, so it ends the whole question.
    fn answer(&self, question: &Question<'_>) -> Result<Vec<Answer>, EvaluationError>;
}

/// One rule's answer: its value (undefined included), or the engine's error.
pub type Answer = Result<Value, EvaluationError>;

/// What is asked of a policy.
pub struct Question<'a> {
    /// The input document.
    pub input: Value,
    /// What `time.now_ns()` yields: evaluation has no clock.
    pub now_ns: i128,
    /// Full paths of rules, as [`rule_path`] writes them.
    pub rules: &'a [String],
    /// Time for one rule.
    pub rule_limit: Duration,
    /// Time for all rules.
    pub limit: Duration,
    /// Time since a fixed moment, never running backwards. The engine checks its own timer only
    /// now and then and once swallowed its error as undefined, so this is asked after each rule.
    pub steady: &'a dyn Fn() -> Duration,
}

/// A compiled policy: immutable, evaluated once to be warm, cloned for each question.
pub struct Policy {
    engine: Engine,
    rules: Vec<RuleText>,
    annotations: Vec<Annotation>,
}

/// How modules are read and builtins fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dialect {
    /// Rego v0 syntax.
    pub v0: bool,
    /// An error of a builtin ends the evaluation instead of being undefined.
    pub strict_builtin_errors: bool,
}

impl Policy {
    /// Compiles modules and data for decisions: Rego v1, and an error of a builtin is undefined, as
    /// OPA has it.
    pub fn compile(modules: &[Module], data: Value) -> Result<Self, CompileError> {
        Self::compile_as(modules, data, Dialect::default())
    }

    /// Compiles modules and data in a dialect.
    pub fn compile_as(
        modules: &[Module],
        data: Value,
        dialect: Dialect,
    ) -> Result<Self, CompileError> {
        let mut engine = Engine::new();
        engine.set_rego_v0(dialect.v0);
        engine.set_strict_builtin_errors(dialect.strict_builtin_errors);
        engine.set_gather_prints(true);
        for module in modules {
            bounds::check(module)?;
            add(&mut engine, module)?;
        }
        let trees: Vec<Ref<Tree>> = engine.get_modules().clone();
        let rules: Vec<RuleText> = trees
            .iter()
            .flat_map(|tree| syntax::rules(tree).into_iter().map(|(rule, _)| rule))
            .collect();
        if rules.len() > bounds::RULES {
            let message = format!("the policy has more than {} rules", bounds::RULES);
            return Err(CompileError::at("policy", 0, 0, message));
        }
        functions::check(&trees)?;
        idioms::check_heads(&trees)?;
        conflict::check(&rules, &data)?;
        let mut annotations = Vec::new();
        for (module, tree) in modules.iter().zip(&trees) {
            annotations.extend(metadata::read(module, tree)?);
        }
        engine.add_data(data).map_err(|error| CompileError::engine("data", &error.to_string()))?;
        builtins::guard(&mut engine, dialect.strict_builtin_errors)
            .map_err(|error| CompileError::engine("builtins", &error.to_string()))?;
        prepare(&mut engine)?;
        Ok(Self { engine, rules, annotations })
    }

    /// Every rule of the policy, in module order.
    pub fn rules(&self) -> &[RuleText] {
        &self.rules
    }

    /// Every METADATA comment of the policy, in module order.
    pub fn annotations(&self) -> &[Annotation] {
        &self.annotations
    }

    /// The paths of rules of these names that make a value or a set, one for each package that has
    /// one, sorted; packages and files of tests left out.
    pub fn entry_points(&self, names: &[&str]) -> Vec<(Vec<String>, String)> {
        let mut found: Vec<_> = self
            .rules
            .iter()
            .filter(|rule| rule.form != RuleForm::Function)
            .filter(|rule| !is_test(rule))
            .filter_map(|rule| {
                let name = rule.name.first().filter(|name| names.contains(&name.as_str()))?;
                Some((rule.package.clone(), name.clone()))
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine.clone()
    }
}

fn is_test(rule: &RuleText) -> bool {
    rule.file.ends_with("_test.rego")
        || rule.package.last().is_some_and(|part| part.ends_with("_test"))
}

impl Evaluator for Policy {
    fn answer(&self, question: &Question<'_>) -> Result<Vec<Answer>, EvaluationError> {
        let mut engine = self.engine.clone();
        builtins::set_clock(&mut engine, question.now_ns)
            .map_err(|error| EvaluationError::engine(&error.to_string()))?;
        engine.set_input(question.input.clone());
        let begin = (question.steady)();
        let mut answers = Vec::with_capacity(question.rules.len());
        for rule in question.rules {
            let spent = (question.steady)().saturating_sub(begin);
            let left = question.limit.saturating_sub(spent).min(question.rule_limit);
            let timeout = || EvaluationError::Timeout {
                rule: rule.clone(),
                milliseconds: left.max(Duration::from_millis(1)).as_millis(),
            };
            if left.is_zero() {
                return Err(timeout());
            }
            limit(&mut engine, left);
            let answer = guarded(|| engine.eval_rule(rule.clone()));
            let after = (question.steady)().saturating_sub(begin);
            if after.saturating_sub(spent) > left || matches!(answer, Err(Failure::Timeout)) {
                return Err(timeout());
            }
            answers.push(answer.map_err(Failure::into_error));
        }
        Ok(answers)
    }
}

/// Why an evaluation has no value.
pub(crate) enum Failure {
    /// The engine's timer went off.
    Timeout,
    /// The engine's words.
    Engine(String),
    /// A builtin panicked.
    Panic,
}

impl Failure {
    pub(crate) fn into_error(self) -> EvaluationError {
        match self {
            Self::Engine(text) => EvaluationError::engine(&text),
            Self::Panic => EvaluationError::engine("a builtin of the engine panicked"),
            Self::Timeout => EvaluationError::engine("out of time"),
        }
    }
}

/// Runs the engine; a panic inside it is an error of the policy, not the end of the process.
pub(crate) fn guarded<T>(run: impl FnOnce() -> anyhow::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            let timeout =
                matches!(error.downcast_ref(), Some(LimitError::TimeLimitExceeded { .. }));
            let text = format!("{error:#}");
            // Some paths of the engine turn the limit's error into text on its way up.
            if timeout || text.contains("execution exceeded time limit") {
                Err(Failure::Timeout)
            } else {
                Err(Failure::Engine(text))
            }
        }
        Err(_) => Err(Failure::Panic),
    }
}

pub(crate) fn limit(engine: &mut Engine, limit: Duration) {
    const CHECK_INTERVAL: NonZeroU32 = NonZeroU32::new(256).expect("not zero");
    engine
        .set_execution_timer_config(ExecutionTimerConfig { limit, check_interval: CHECK_INTERVAL });
}

fn add(engine: &mut Engine, module: &Module) -> Result<(), CompileError> {
    guarded(|| engine.add_policy(module.path.clone(), module.source.clone())).map_err(
        |failure| match failure {
            Failure::Engine(text) => {
                CompileError::engine(&module.path, &text).of(CompileKind::Parse)
            }
            Failure::Panic | Failure::Timeout => {
                CompileError::at(&module.path, 0, 0, "the engine's parser failed")
            }
        },
    )?;
    Ok(())
}

/// Analyses the modules, so that the first question costs no more than the others.
fn prepare(engine: &mut Engine) -> Result<(), CompileError> {
    engine.set_input(Value::new_object());
    match guarded(|| engine.eval_query("true".to_owned(), false)) {
        Ok(_) => Ok(()),
        Err(Failure::Engine(text)) => Err(CompileError::engine("policy", &text)),
        Err(Failure::Panic | Failure::Timeout) => {
            Err(CompileError::at("policy", 0, 0, "the engine's analysis failed"))
        }
    }
}

/// The full path of a rule, as the engine reads it: `data.a["b-c"].deny`.
pub fn rule_path(package: &[String], name: &str) -> String {
    let mut path = "data".to_owned();
    for part in package.iter().map(String::as_str).chain([name]) {
        push_part(&mut path, part);
    }
    path
}

/// A package's name as people write it: `a["b-c"]`.
pub fn package_name(package: &[String]) -> String {
    let mut name = String::new();
    for part in package {
        if name.is_empty() {
            name.push_str(part);
        } else {
            push_part(&mut name, part);
        }
    }
    name
}

fn push_part(path: &mut String, part: &str) {
    let identifier = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !part.starts_with(|first: char| first.is_ascii_digit())
        && !part.is_empty();
    if identifier {
        path.push('.');
        path.push_str(part);
    } else {
        path.push_str("[\"");
        path.push_str(&part.escape_default().to_string());
        path.push_str("\"]");
    }
}

#[cfg(test)]
mod tests;
