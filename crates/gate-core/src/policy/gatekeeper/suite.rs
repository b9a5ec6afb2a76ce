//! Suites of tests as `gator verify` runs them: objects that are asked about, and what must be found.

mod assertion;
mod wire;

use std::time::Duration;

use serde_json::Value;

use super::constraint::Constraint;
use super::documents::{group, text_at};
use super::inventory::Inventory;
use super::judge::Desk;
use super::matching::Source;
use super::review::Review;
use super::template::Template;
use super::{Constraints, expansion};
use crate::structured;
use assertion::Found;
use wire::{Case, Suite, Test};

/// What reads a file beside the suite by the path that the suite gives it.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// A suite, run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteReport {
    /// Its tests; none where it is skipped.
    pub tests: Vec<TestReport>,
}

/// A test: one template and constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// Its name.
    pub name: String,
    /// How it ended by itself; a test passes where this and all its cases do.
    pub ending: Ending,
    /// Its cases.
    pub cases: Vec<CaseReport>,
}

/// A case: one object and what is asserted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub ending: Ending,
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// As asserted.
    Pass,
    /// Otherwise, and how.
    Fail(String),
    /// It was not run, as it asks itself.
    Skipped,
}

/// Whether a document is a suite.
pub fn is_suite(document: &Value) -> bool {
    group(document) == "test.gatekeeper.sh" && text_at(document, "/kind") == "Suite"
}

/// What suites are run with.
#[derive(Clone, Copy)]
pub struct Clockwork<'a> {
    /// What `time.now_ns()` yields.
    pub now_ns: i64,
    /// Time for one case.
    pub limit: Duration,
    /// Time since a fixed moment.
    pub steady: &'a dyn Fn() -> Duration,
    /// Runs only cases in whose name (`test.case`) this expression matches somewhere.
    pub only: Option<&'a str>,
}

/// Runs a suite. Call it on a thread with a deep stack.
pub fn run(
    document: &Value,
    read: ReadFile<'_>,
    clockwork: Clockwork<'_>,
) -> Result<SuiteReport, String> {
    let suite: Suite =
        serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
    if suite.skip {
        return Ok(SuiteReport { tests: vec![] });
    }
    let only = clockwork.only.map(regex::Regex::new).transpose();
    let only = only.map_err(|error| error.to_string())?;
    let runner = Runner { read, clockwork, only };
    Ok(SuiteReport { tests: suite.tests.iter().map(|test| runner.test(test)).collect() })
}

struct Runner<'a> {
    read: ReadFile<'a>,
    clockwork: Clockwork<'a>,
    only: Option<regex::Regex>,
}

impl Runner<'_> {
    fn test(&self, test: &Test) -> TestReport {
        let report = |ending, cases| TestReport { name: test.name.clone(), ending, cases };
        if test.skip {
            return report(Ending::Skipped, vec![]);
        }
        let loaded = self.load(test);
        if test.invalid {
            return match loaded {
                Err(Refusal::Parameters(_)) => report(Ending::Pass, vec![]),
                Err(Refusal::Other(why)) => report(Ending::Fail(why), vec![]),
                Ok(_) => report(
                    Ending::Fail("the constraint is valid, and should not be".into()),
                    vec![],
                ),
            };
        }
        let loaded = loaded.and_then(|constraints| {
            let expansion = self.expansion(test).map_err(Refusal::Other)?;
            Ok((constraints, expansion))
        });
        match loaded {
            Err(Refusal::Parameters(why) | Refusal::Other(why)) => {
                report(Ending::Fail(why), vec![])
            }
            Ok((constraints, expansion)) => {
                let cases = test.cases.iter().filter(|case| self.is_wanted(test, case));
                let run = |case: &Case| CaseReport {
                    name: case.name.clone(),
                    ending: self.case(case, &constraints, &expansion),
                };
                report(Ending::Pass, cases.map(run).collect())
            }
        }
    }

    fn is_wanted(&self, test: &Test, case: &Case) -> bool {
        let name = format!("{}.{}", test.name, case.name);
        self.only.as_ref().is_none_or(|only| only.is_match(&name))
    }

    fn load(&self, test: &Test) -> Result<Constraints, Refusal> {
        let template = self.single(&test.template, "template").map_err(Refusal::Other)?;
        let template = Template::compile(&test.template, &template)
            .map_err(|error| Refusal::Other(error.to_string()))?;
        let constraint = self.single(&test.constraint, "constraint").map_err(Refusal::Other)?;
        let constraint = Constraint::read(&constraint).map_err(Refusal::Other)?;
        if constraint.kind != template.kind {
            let message = format!(
                "the constraint is of kind `{}`, the template of `{}`",
                constraint.kind, template.kind
            );
            return Err(Refusal::Other(message));
        }
        template.check(&constraint).map_err(Refusal::Parameters)?;
        let templates = [(template.kind.clone(), template)].into();
        Ok(Constraints { templates, constraints: vec![constraint] })
    }

    fn expansion(&self, test: &Test) -> Result<Vec<Value>, String> {
        if test.expansion.is_empty() { Ok(vec![]) } else { self.documents(&test.expansion) }
    }

    fn documents(&self, path: &str) -> Result<Vec<Value>, String> {
        let text = (self.read)(path)?;
        structured::documents(&text).map_err(|why| format!("{path}: {why}"))
    }

    fn single(&self, path: &str, what: &str) -> Result<Value, String> {
        if path.is_empty() {
            return Err(format!("the test names no {what}"));
        }
        let mut documents = self.documents(path)?;
        match documents.len() {
            1 => Ok(documents.remove(0)),
            count => Err(format!("{path} holds {count} objects, not one")),
        }
    }

    fn case(&self, case: &Case, constraints: &Constraints, expansion: &[Value]) -> Ending {
        if case.skip {
            return Ending::Skipped;
        }
        match self.judged(case, constraints, expansion) {
            Err(why) => Ending::Fail(why),
            Ok(found) => {
                let failed = case.assertions.iter().find_map(|it| it.failure(&found));
                failed.map_or(Ending::Pass, Ending::Fail)
            }
        }
    }

    /// What is found of a case's object.
    fn judged(
        &self,
        case: &Case,
        constraints: &Constraints,
        expansion: &[Value],
    ) -> Result<Vec<Found>, String> {
        if case.object.is_empty() || case.assertions.is_empty() {
            return Err("a case has an object and assertions".to_owned());
        }
        let object = self.single(&case.object, "object")?;
        let mut objects = vec![];
        for path in &case.inventory {
            objects.extend(self.documents(path)?);
        }
        let inventory = Inventory::of(&objects)?;
        let data = gate_rego::value::from(&inventory.data()).map_err(|error| error.to_string())?;
        let desk = Desk {
            constraints,
            inventory: &inventory,
            data: &data,
            point: "gator.gatekeeper.sh",
            now_ns: self.clockwork.now_ns,
            rule_limit: self.clockwork.limit,
            limit: self.clockwork.limit,
            steady: self.clockwork.steady,
        };
        let mut found = asked(&desk, &object, Source::Original, "")?;
        for generated in expansion::expand(expansion, &object)? {
            let prefix = format!("[Implied by {}] ", generated.template);
            found.extend(asked(&desk, &generated.object, Source::Generated, &prefix)?);
        }
        Ok(found)
    }
}

fn asked(
    desk: &Desk<'_>,
    object: &Value,
    source: Source,
    prefix: &str,
) -> Result<Vec<Found>, String> {
    let review = Review::of(object)?;
    let violations = desk.judge(&review, source).map_err(|error| error.to_string())?;
    let found = |message: &str| Found { message: format!("{prefix}{message}") };
    Ok(violations.iter().map(|violation| found(&violation.message)).collect())
}

/// Why a template and its constraint do not load.
enum Refusal {
    /// The parameters are not of the template's schema, which a test may ask for.
    Parameters(String),
    Other(String),
}
