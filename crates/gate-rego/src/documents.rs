//! Policies and data as OPA's REST API holds them: documents are looked up, queries answered, and a
//! change makes another whole state, so that nobody reads half of one.

mod edit;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use edit::{Change, EditError, PathPart};
pub use report::{Location, Report};

use crate::bounds;
use crate::engine::builtins::{Budget, Context};
use crate::engine::compiler;
use crate::engine::evaluate::{Failure, FailureKind, Options, Session};
use crate::engine::parser;
use crate::error::CompileError;
use crate::module::Module;
use crate::policy::{Dialect, Policy};
use crate::rules::{RuleForm, RuleText};
use crate::value::Value;

/// The most results that a query may have.
const RESULTS: usize = 100_000;
/// The greatest size of a query.
const QUERY_BYTES: usize = 64 << 10;

/// Modules and data, compiled: immutable, shared by questions.
#[derive(Clone)]
pub struct Documents {
    modules: BTreeMap<String, String>,
    policy: Arc<Policy>,
    dialect: Dialect,
    data: Value,
}

/// What surrounds a question.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The document `input`; `None` leaves it undefined.
    pub input: Option<Value>,
    /// What `time.now_ns()` yields.
    pub now_ns: i64,
    /// Time for the answer.
    pub limit: Duration,
    /// Whether an error of a builtin is an error of the question; else the call is undefined.
    pub strict: bool,
}

/// A question without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// The path names a function, which has no value.
    Function,
    /// The query is no Rego.
    Parse(Vec<Report>),
    /// The query does not compile.
    Compile(Vec<Report>),
    /// There is no query in the text.
    Empty,
    /// Evaluation stopped.
    Evaluation(Report),
    /// Time ran out.
    Timeout,
}

/// A change of modules that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModuleError {
    /// There is no module of this name.
    Unknown,
    /// The modules would not compile.
    Compile(Box<Report>),
    /// Rules would stand where data does: OPA's words.
    Conflict(String),
}

impl Documents {
    /// Compiles modules (by name) over data.
    pub fn new(
        modules: BTreeMap<String, String>,
        data: Value,
        dialect: Dialect,
    ) -> Result<Self, ModuleError> {
        let sources: Vec<_> =
            modules.iter().map(|(name, source)| Module::new(name, source)).collect();
        let policy = Policy::compile_as(&sources, Value::object(Vec::new()), dialect)
            .map_err(|error| ModuleError::Compile(Box::new(refused(&error, &modules))))?;
        let documents = Self { modules, policy: Arc::new(policy), dialect, data };
        documents.check_places(&documents.data).map_err(ModuleError::Conflict)?;
        Ok(documents)
    }

    /// The modules by name.
    pub fn modules(&self) -> &BTreeMap<String, String> {
        &self.modules
    }

    /// The base data.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// The document at a path below `data`; `None` where it is undefined.
    ///
    /// Call it on a thread with a stack of [`crate::bounds::STACK_BYTES`].
    pub fn document(&self, path: &[PathPart], asked: &Asked) -> Result<Option<Value>, Unanswered> {
        let path: Vec<_> = path.iter().map(PathPart::value).collect();
        let answer = self.session(asked).document_at(&path);
        match answer.map_err(|failure| self.unanswered(&failure))? {
            None if self.names_function(&path) => Err(Unanswered::Function),
            // What OPA keeps for itself is no part of the whole.
            Some(Value::Object(whole)) if path.is_empty() => {
                let rest = whole.iter().filter(|(key, _)| key.as_str() != Some("system"));
                Ok(Some(Value::object(rest.cloned().collect())))
            }
            answer => Ok(answer),
        }
    }

    /// Whether rules make the document at a path, defined or not.
    pub fn is_made(&self, path: &[PathPart]) -> bool {
        let path: Vec<_> = path.iter().map(PathPart::value).collect();
        self.policy.rules().iter().any(|rule| begins(rule, &path))
    }

    /// The solutions of a query: each an object of its variables.
    ///
    /// Call it on a thread with a stack of [`crate::bounds::STACK_BYTES`].
    pub fn query(&self, text: &str, asked: &Asked) -> Result<Vec<Value>, Unanswered> {
        if text.len() > QUERY_BYTES {
            let message = format!("the query has more than {QUERY_BYTES} bytes");
            return Err(Unanswered::Parse(vec![Report::parse("", text, (1, 1), message)]));
        }
        if text.trim().is_empty() {
            return Err(Unanswered::Empty);
        }
        let file = u32::try_from(self.modules.len()).unwrap_or(u32::MAX);
        let body = parser::query(file, text, self.dialect.version()).map_err(|error| {
            let place = (error.span.line, error.span.column);
            Unanswered::Parse(vec![Report::parse("", text, place, error.message)])
        })?;
        let options = compiler::Options::default();
        let query =
            compiler::compile_query(&self.policy.program, &body, options).map_err(|all| {
                Unanswered::Compile(all.iter().map(|error| Report::compile(error, "")).collect())
            })?;
        let mut session = self.session(asked);
        let solutions =
            session.query(&query, RESULTS).map_err(|failure| self.unanswered(&failure))?;
        let object = |bindings: Vec<(Arc<str>, Value)>| {
            Value::object(bindings.into_iter().map(|(name, value)| (name.into(), value)).collect())
        };
        Ok(solutions.into_iter().map(|solution| object(solution.bindings)).collect())
    }

    /// The state with data changed at places, one change after the other, all or none.
    pub fn with_changes(&self, changes: &[Change]) -> Result<Self, EditError> {
        let mut data = self.data.clone();
        for change in changes {
            data = change.apply(&data)?;
        }
        self.check_places(&data).map_err(EditError::Conflict)?;
        Ok(Self { data, ..self.clone() })
    }

    /// The state with a module put in or replaced.
    pub fn with_module(&self, name: &str, source: &str) -> Result<Self, ModuleError> {
        let mut modules = self.modules.clone();
        modules.insert(name.to_owned(), source.to_owned());
        Self::new(modules, self.data.clone(), self.dialect)
    }

    /// The state without a module.
    pub fn without_module(&self, name: &str) -> Result<Self, ModuleError> {
        let mut modules = self.modules.clone();
        if modules.remove(name).is_none() {
            return Err(ModuleError::Unknown);
        }
        Self::new(modules, self.data.clone(), self.dialect)
    }

    fn session(&self, asked: &Asked) -> Session<'_> {
        let deadline = Instant::now().checked_add(asked.limit);
        let context = Context::new(asked.now_ns, Budget::new(deadline, bounds::MEMORY));
        let options = Options { strict: asked.strict, ..Options::default() };
        let program = &self.policy.program;
        Session::new(program, self.data.clone(), asked.input.clone(), context, options)
    }

    fn unanswered(&self, failure: &Failure) -> Unanswered {
        if failure.kind == FailureKind::Time {
            return Unanswered::Timeout;
        }
        let place = self.policy.place(failure);
        let place = place.map_or((String::new(), failure.span.line, failure.span.column), |it| {
            (it.path, it.line, it.column)
        });
        Unanswered::Evaluation(Report::failure(failure, place))
    }

    fn names_function(&self, path: &[Value]) -> bool {
        self.policy.rules().iter().any(|rule| {
            rule.form == RuleForm::Function
                && parts(rule).count() == path.len()
                && begins(rule, path)
        })
    }

    /// Refuses data where rules stand, in OPA's words.
    fn check_places(&self, data: &Value) -> Result<(), String> {
        let taken: Vec<_> = self
            .policy
            .rules()
            .iter()
            .filter(|rule| parts(rule).try_fold(data, |at, part| at.field(part)).is_some())
            .map(|rule| {
                let path: Vec<_> = parts(rule).collect();
                let path = path.join("/");
                let (file, line) = (&rule.file, rule.line);
                format!(
                    "{file}:{line}: rego_compile_error: conflicting rule for data path {path} found"
                )
            })
            .collect();
        match taken.as_slice() {
            [] => Ok(()),
            [one] => Err(format!("1 error occurred: {one}")),
            many => Err(format!("{} errors occurred:\n{}", many.len(), many.join("\n"))),
        }
    }
}

fn parts(rule: &RuleText) -> impl Iterator<Item = &str> {
    rule.package.iter().chain(&rule.name).map(String::as_str)
}

/// Whether a rule's path is the beginning of a path.
fn begins(rule: &RuleText, path: &[Value]) -> bool {
    let mut rest = path.iter();
    parts(rule).all(|part| rest.next().and_then(Value::as_str) == Some(part))
}

fn refused(error: &CompileError, modules: &BTreeMap<String, String>) -> Report {
    let source = modules.get(&error.place.path).map_or("", String::as_str);
    Report::refusal(error, source)
}

#[cfg(test)]
mod tests;
