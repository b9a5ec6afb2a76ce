//! Finds the tests of a policy and runs them, several at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Case, Coverage, Ending, Report, SubCase, Tests, TestsError};
use crate::bounds;
use crate::engine::evaluate::{Failure, Options, Session};
use crate::engine::program::GroupId;
use crate::explain::Explanation;
use crate::outside::Outside;
use crate::policy::{Policy, package_name};
use crate::rules::{RuleForm, RuleText};
use crate::value::Value;

/// The greatest size of a compiled filter.
const FILTER_BYTES: usize = 1 << 20;

/// A rule that is a test.
struct Test {
    package: String,
    name: String,
    rule: RuleText,
    /// Where the program has it; functions are tests that cannot be run.
    at: Option<(GroupId, usize)>,
}

/// What all threads share.
struct Run<'a> {
    policy: &'a Policy,
    tests: &'a [Test],
    now_ns: i64,
    limit: Duration,
    next: AtomicUsize,
    done: Mutex<Vec<(usize, Case)>>,
    reached: Mutex<HashSet<(u32, u32)>>,
    outside: Option<Arc<Outside>>,
}

/// Runs every test, each on a thread with a stack of [`bounds::STACK_BYTES`].
pub fn run(tests: Tests) -> Result<Report, TestsError> {
    let Tests { modules, data, dialect, now_ns, limit, only, parallel, outside } = tests;
    let only = only.map(filter).transpose()?;
    let policy = Policy::compile_as(&modules, data, dialect)?;
    let mut found = named(&policy);
    if let Some(only) = &only {
        found.retain(|test| only.is_match(&format!("{}.{}", test.package, test.name)));
    }
    let run = Run {
        policy: &policy,
        tests: &found,
        now_ns,
        limit,
        next: AtomicUsize::new(0),
        done: Mutex::default(),
        reached: Mutex::default(),
        outside,
    };
    let threads = parallel.clamp(1, found.len().max(1));
    std::thread::scope(|scope| {
        for number in 0..threads {
            std::thread::Builder::new()
                .name(format!("test-{number}"))
                .stack_size(bounds::STACK_BYTES)
                .spawn_scoped(scope, || run.work())
                .map_err(|error| TestsError::Thread(error.to_string()))?;
        }
        Ok::<_, TestsError>(())
    })?;
    let lost = |_| TestsError::Thread("a test ended its thread".to_owned());
    let reached = run.reached.into_inner().map_err(lost)?;
    let lost = |_| TestsError::Thread("a test ended its thread".to_owned());
    let mut done = run.done.into_inner().map_err(lost)?;
    done.sort_by_key(|(at, _)| *at);
    let mut coverage = Coverage::of(&policy);
    coverage.add(&policy, &reached);
    coverage.files.retain(|file| !file.path.ends_with("_test.rego"));
    Ok(Report { cases: done.into_iter().map(|(_, case)| case).collect(), coverage })
}

fn filter(text: String) -> Result<regex::Regex, TestsError> {
    let built = regex::RegexBuilder::new(&text).size_limit(FILTER_BYTES).build();
    built.map_err(|_| TestsError::Filter(text))
}

/// Rules whose name begins with `test_` or `todo_test_`, in the order of their modules. What a
/// package has twice under one name is two tests.
fn named(policy: &Policy) -> Vec<Test> {
    let mut places = HashMap::new();
    for (group, id) in policy.program.groups.iter().zip(0u32..) {
        for (at, rule) in group.rules.iter().enumerate() {
            places.insert((rule.span.file, rule.span.start), (GroupId(id), at));
        }
    }
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut found = Vec::new();
    for rule in policy.rules().iter().filter(|rule| rule.form != RuleForm::Default) {
        let Some(name) = rule.name.first() else { continue };
        if !name.starts_with("test_") && !name.starts_with("todo_test_") {
            continue;
        }
        let package = format!("data.{}", package_name(&rule.package));
        let count = seen.entry((package.clone(), name.clone())).or_default();
        let name = if *count == 0 { name.clone() } else { format!("{name}#{count:02}") };
        *count += 1;
        let at = match rule.form {
            RuleForm::Function => None,
            _ => places.get(&(rule.span.file, rule.span.start)).copied(),
        };
        found.push(Test { package, name, rule: rule.clone(), at });
    }
    found
}

impl Run<'_> {
    fn work(&self) {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(test) = self.tests.get(at) else { return };
            let (case, reached) = self.one(test);
            if let Ok(mut done) = self.done.lock() {
                done.push((at, case));
            }
            if let Ok(mut all) = self.reached.lock() {
                all.extend(reached);
            }
        }
    }

    fn session(&self, options: Options) -> Session<'_> {
        let mut session = self.policy.session_with(None, self.now_ns, Some(self.limit), options);
        session.know(self.outside.clone());
        session
    }

    fn one(&self, test: &Test) -> (Case, HashSet<(u32, u32)>) {
        let rule = &test.rule;
        let mut case = Case {
            package: test.package.clone(),
            name: test.name.clone(),
            file: rule.file.clone(),
            line: rule.line,
            column: rule.span.column,
            ending: Ending::Skipped,
            time: Duration::ZERO,
            prints: vec![],
            cases: vec![],
            explanation: Explanation::default(),
        };
        if test.name.starts_with("todo_") {
            return (case, HashSet::new());
        }
        let mut session = self.session(Options { coverage: true, ..Options::default() });
        let begin = Instant::now();
        case.ending = self.ending(test, &mut session, &mut case.cases);
        case.time = begin.elapsed();
        let prints = session.take_prints().into_iter();
        case.prints = prints.map(|(_, text)| text).collect();
        let reached = session.covered().clone();
        if case.ending == Ending::Fail {
            // Once more, and told: tests that pass need not pay for it.
            let mut session = self.session(Options { watch: true, ..Options::default() });
            if self.ending(test, &mut session, &mut vec![]) == case.ending {
                case.explanation = Explanation::of(self.policy, &mut session, "");
            }
        }
        (case, reached)
    }

    fn ending(&self, test: &Test, session: &mut Session<'_>, below: &mut Vec<SubCase>) -> Ending {
        let Some((group, at)) = test.at else {
            let name = format!("{}.{}", test.package, test.name);
            let message = format!("function {name} used as reference, not called");
            return Ending::Error { code: "rego_type_error".to_owned(), place: None, message };
        };
        if test.rule.open {
            match session.cases(group, at) {
                Ok(cases) => {
                    *below = tree(cases);
                    passed(below.iter().all(|case| case.passed))
                }
                Err(failure) => self.stopped(&failure),
            }
        } else {
            // A head of several constant parts makes an object, which is not `true`; as in OPA.
            match session.alone(group, at) {
                Ok(value) => passed(value == Some(Value::Bool(true)) && test.rule.name.len() == 1),
                Err(failure) => self.stopped(&failure),
            }
        }
    }

    fn stopped(&self, failure: &Failure) -> Ending {
        Ending::Error {
            code: failure.kind.code().to_owned(),
            place: self.policy.place(failure),
            message: failure.message.clone(),
        }
    }
}

const fn passed(passed: bool) -> Ending {
    if passed { Ending::Pass } else { Ending::Fail }
}

/// Cases by the first variable of the head, those of the next below.
fn tree(cases: BTreeMap<Vec<Value>, bool>) -> Vec<SubCase> {
    let mut groups: Vec<(Value, bool, BTreeMap<Vec<Value>, bool>)> = Vec::new();
    for (mut keys, held) in cases {
        if keys.is_empty() {
            continue;
        }
        let first = keys.remove(0);
        if groups.last().is_none_or(|(known, _, _)| *known != first) {
            groups.push((first, true, BTreeMap::new()));
        }
        if let Some((_, all, below)) = groups.last_mut() {
            *all &= held;
            if !keys.is_empty() {
                below.insert(keys, held);
            }
        }
    }
    groups
        .into_iter()
        .map(|(key, passed, below)| SubCase { name: written(&key), passed, below: tree(below) })
        .collect()
}

/// Text as it is, everything else as Rego writes it without blanks.
fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| crate::value::to_json(value).to_string(), str::to_owned)
}
