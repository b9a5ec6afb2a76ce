//! Turns modules and data into a compiled policy, and a compiled policy and an input into answers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::ast::Version;
use crate::engine::builtins::{Budget, Context};
use crate::engine::compiler::{self, Code};
use crate::engine::evaluate::{Failure, FailureKind, Options, Session};
use crate::engine::parser;
use crate::engine::program::Program;
use crate::error::{CompileError, CompileKind, EvaluationError, Place};
use crate::explain::Explanation;
use crate::metadata::{self, Annotation};
use crate::module::Module;
use crate::outside::Outside;
use crate::reads::{self, CalledName, InputRead};
use crate::rules::{self, RuleForm, RuleText};
use crate::value::Value;
use crate::{bounds, conflict};

/// Answers questions about an input: the seam at which another engine can stand.
pub trait Evaluator: Send + Sync {
    /// The answers to all of a question's rules, in their order.
    ///
    /// A rule that ends in an engine error answers with that error, and the others are still asked.
    /// Out of time is no answer to anything, so it ends the whole question.
    fn answer(&self, question: &Question<'_>) -> Result<Vec<Answer>, EvaluationError>;
}

/// One rule's answer: its value, `None` where it is undefined, or the engine's error.
pub type Answer = Result<Option<Value>, EvaluationError>;

/// What is asked of a policy.
pub struct Question<'a> {
    /// The input document.
    pub input: Value,
    /// What `time.now_ns()` yields: no answer depends on a clock.
    pub now_ns: i64,
    /// The rules.
    pub rules: &'a [RulePath],
    /// Time for one rule.
    pub rule_limit: Duration,
    /// Time for all rules.
    pub limit: Duration,
    /// Time since a fixed moment, never running backwards, asked after each rule.
    pub steady: &'a dyn Fn() -> Duration,
}

/// A rule's full path; written `data.a["b-c"].deny`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RulePath(Vec<String>);

impl RulePath {
    /// The path of a rule in a package.
    pub fn new(package: &[String], name: &str) -> Self {
        Self(package.iter().map(String::as_str).chain([name]).map(str::to_owned).collect())
    }

    pub(crate) fn parts(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}

impl fmt::Display for RulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = "data".to_owned();
        self.0.iter().for_each(|part| push_part(&mut path, part));
        f.write_str(&path)
    }
}

/// A compiled policy: immutable, shared between questions.
pub struct Policy {
    pub(crate) program: Program,
    pub(crate) data: Value,
    pub(crate) dialect: Dialect,
    rules: Vec<RuleText>,
    annotations: Vec<Annotation>,
    reads: Vec<InputRead>,
    calls: Vec<CalledName>,
}

/// How modules are read and builtins fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dialect {
    /// Rego v0 syntax.
    pub v0: bool,
    /// An error of a builtin ends the evaluation instead of being undefined.
    pub strict_builtin_errors: bool,
}

impl Dialect {
    pub(crate) fn version(self) -> Version {
        if self.v0 { Version::V0 } else { Version::V1 }
    }
}

impl Policy {
    /// Compiles modules and data (an object) for decisions: Rego v1, and an error of a builtin is an
    /// error of the rule. Were it undefined, as OPA has it, a `deny` around it would be silent.
    pub fn compile(modules: &[Module], data: Value) -> Result<Self, CompileError> {
        let dialect = Dialect { strict_builtin_errors: true, ..Dialect::default() };
        Self::compile_as(modules, data, dialect)
    }

    /// Compiles modules and data in a dialect.
    pub fn compile_as(
        modules: &[Module],
        data: Value,
        dialect: Dialect,
    ) -> Result<Self, CompileError> {
        let mut trees = Vec::with_capacity(modules.len());
        let (mut rules, mut annotations) = (Vec::new(), Vec::new());
        let (mut reads, mut calls) = (Vec::new(), Vec::new());
        for (file, module) in (0u32..).zip(modules) {
            bounds::check(module)?;
            let tree = parser::module(file, &module.path, &module.source, dialect.version())
                .map_err(|error| {
                    let place = (error.span.line, error.span.column);
                    CompileError::at(&module.path, place.0, place.1, error.message)
                        .of(CompileKind::Parse)
                })?;
            rules.extend(rules::of(&tree));
            annotations.extend(metadata::read(&tree)?);
            let (read, called) = reads::of(&tree);
            reads.extend(read);
            calls.extend(called);
            trees.push(tree);
        }
        if rules.len() > bounds::RULES {
            let message = format!("the policy has more than {} rules", bounds::RULES);
            return Err(CompileError::at("policy", 0, 0, message));
        }
        conflict::check(&rules, &data)?;
        let program = compiler::compile(trees, compiler::Options::default())
            .map_err(|errors| refusal(&errors, |file| path_of(modules, file)))?;
        Ok(Self { program, data, dialect, rules, annotations, reads, calls })
    }

    /// Every rule of the policy, in module order.
    pub fn rules(&self) -> &[RuleText] {
        &self.rules
    }

    /// Every METADATA comment of the policy, in module order.
    pub fn annotations(&self) -> &[Annotation] {
        &self.annotations
    }

    /// Every reference into the input whose parts the text of the policy says, in module order.
    pub fn input_reads(&self) -> &[InputRead] {
        &self.reads
    }

    /// Every call by name, in module order; operators are none.
    pub fn calls(&self) -> &[CalledName] {
        &self.calls
    }

    /// The packages that have a rule of one of these names that makes a value or a set, with that
    /// name, sorted; packages and files of tests left out.
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

    /// Why each of a question's rules says what it says, in their order.
    pub fn explain(&self, question: &Question<'_>) -> Vec<Explanation> {
        let mut explanations = Vec::with_capacity(question.rules.len());
        for rule in question.rules {
            let (input, limit) = (Some(question.input.clone()), Some(question.rule_limit));
            let watch = Options { watch: true, ..Options::default() };
            let mut session = self.session_with(input, question.now_ns, limit, watch);
            // An error ends the account where it happened, which the account shows.
            let _ = session.document(&rule.parts());
            explanations.push(Explanation::of(self, &mut session, ""));
        }
        explanations
    }

    /// A session over the policy, which tells what the options ask for. Without a limit it takes as
    /// long as it takes.
    pub(crate) fn session_with(
        &self,
        input: Option<Value>,
        now_ns: i64,
        limit: Option<Duration>,
        options: Options,
    ) -> Session<'_> {
        self.session_over(self.data.clone(), input, now_ns, limit, options)
    }

    fn session_over(
        &self,
        data: Value,
        input: Option<Value>,
        now_ns: i64,
        limit: Option<Duration>,
        options: Options,
    ) -> Session<'_> {
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let context = Context::new(now_ns, Budget::new(deadline, bounds::MEMORY));
        let strict = self.dialect.strict_builtin_errors;
        let options = Options { strict, ..options };
        Session::new(&self.program, data, input, context, options)
    }

    /// A failure as its caller is told of it.
    pub(crate) fn failed(&self, failure: &Failure) -> EvaluationError {
        EvaluationError::Engine { place: self.place(failure), message: failure.message.clone() }
    }

    pub(crate) fn place(&self, failure: &Failure) -> Option<Place> {
        let span = failure.span;
        let file = self.program.files.get(span.file as usize)?;
        (span.line > 0).then(|| Place {
            path: file.path.to_string(),
            line: span.line,
            column: span.column,
        })
    }
}

/// The first of a compiler's errors as the refusal of a policy.
pub(crate) fn refusal(errors: &[compiler::Error], path: impl Fn(u32) -> String) -> CompileError {
    let Some(error) = errors.first() else {
        return CompileError::at("policy", 0, 0, "the policy does not compile");
    };
    let kind = match error.code {
        Code::Parse => CompileKind::Parse,
        Code::Type => CompileKind::Type,
        Code::Recursion => CompileKind::Recursion,
        Code::Unsafe => CompileKind::Unsafe,
        Code::Compile => CompileKind::Other,
    };
    let span = error.span;
    CompileError::at(&path(span.file), span.line, span.column, error.message.clone()).of(kind)
}

fn path_of(modules: &[Module], file: u32) -> String {
    modules.get(file as usize).map_or("policy", |module| &module.path).to_owned()
}

fn is_test(rule: &RuleText) -> bool {
    rule.file.ends_with("_test.rego")
        || rule.package.last().is_some_and(|part| part.ends_with("_test"))
}

impl Evaluator for Policy {
    fn answer(&self, question: &Question<'_>) -> Result<Vec<Answer>, EvaluationError> {
        self.answer_over(question, self.data.clone())
    }
}

impl Policy {
    /// The policy's own data.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// Answers over other data than the policy's own.
    pub fn answer_over(
        &self,
        question: &Question<'_>,
        data: Value,
    ) -> Result<Vec<Answer>, EvaluationError> {
        self.answer_knowing(question, data, None)
    }

    /// Answers over other data than the policy's own, and with what is known of outside.
    pub fn answer_knowing(
        &self,
        question: &Question<'_>,
        data: Value,
        outside: Option<Arc<Outside>>,
    ) -> Result<Vec<Answer>, EvaluationError> {
        let begin = (question.steady)();
        let input = Some(question.input.clone());
        let mut session = self.session_over(data, input, question.now_ns, None, Options::default());
        session.know(outside);
        let mut answers = Vec::with_capacity(question.rules.len());
        for rule in question.rules {
            let spent = (question.steady)().saturating_sub(begin);
            let left = question.limit.saturating_sub(spent).min(question.rule_limit);
            let timeout = || EvaluationError::Timeout {
                rule: rule.to_string(),
                milliseconds: left.max(Duration::from_millis(1)).as_millis(),
            };
            if left.is_zero() {
                return Err(timeout());
            }
            session.limit(Instant::now().checked_add(left));
            let answer = session.document(&rule.parts());
            let after = (question.steady)().saturating_sub(begin);
            let late = matches!(&answer, Err(failure) if failure.kind == FailureKind::Time);
            if late || after.saturating_sub(spent) > left {
                return Err(timeout());
            }
            answers.push(answer.map_err(|failure| self.failed(&failure)));
        }
        Ok(answers)
    }
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
