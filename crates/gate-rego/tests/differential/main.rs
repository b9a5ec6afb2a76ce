//! Programs made at random, answered by Gate's engine and by OPA: the answers must be the same, or
//! the program refused at load.
//!
//! `GATE_PROGRAMS` and `GATE_SEED` choose how many and which. OPA is the program `rego-oracle` that
//! `scripts/peers.sh` builds.

#![expect(clippy::unwrap_used, reason = "a test: what is not as expected ends it")]
#![expect(clippy::panic, reason = "a test: what is not as expected ends it")]

mod body;
mod collection;
mod oracle;
mod program;
mod random;
mod term;

use std::collections::BTreeMap;
use std::time::Duration;

use gate_rego::eval::{Evaluation, Output, eval};
use gate_rego::value::Value;
use gate_rego::{Dialect, Module, bounds};
use oracle::{Answer, Oracle};
use program::Program;

/// Programs of one run where nothing else is said.
const PROGRAMS: u64 = 3_000;
/// Of the programs that OPA accepts, so many of a hundred must be accepted here.
const ACCEPTED: f64 = 95.0;

/// Of the programs that OPA refuses, so many of a hundred must be refused here.
const REFUSED: f64 = 90.0;

#[test]
fn programs_made_at_random_are_answered_as_opa_answers_them() {
    if Oracle::start().is_none() {
        println!("not run: no `rego-oracle` on PATH or in GATE_PEERS");
        return;
    }
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let (count, seed) =
        (number("GATE_PROGRAMS").unwrap_or(PROGRAMS), number("GATE_SEED").unwrap_or(1));
    let tally = compare(seed, count);
    println!("{}", tally.words(seed, count));
    if let Some(file) = std::env::var_os("GATE_REPORT") {
        std::fs::write(file, tally.report()).unwrap();
    }
    assert!(tally.different.is_empty(), "{}", tally.first_differences());
    assert!(tally.share() >= ACCEPTED, "{:.1} % accepted\n{}", tally.share(), tally.refusals());
    let refused = tally.refused_share();
    assert!(refused >= REFUSED, "{refused:.1} % of what OPA refuses is refused");
}

#[derive(Default)]
struct Tally {
    /// OPA loads the program.
    loaded: u64,
    /// Gate loads it as well.
    accepted: u64,
    /// OPA's own process ended.
    died: u64,
    errors: u64,
    undefined: u64,
    /// OPA and Gate refuse the program.
    unloaded: u64,
    /// OPA's reasons, by their first words.
    reasons: BTreeMap<String, u64>,
    /// Both refuse it, for another reason.
    otherwise: Vec<String>,
    /// OPA refuses the program, and Gate answers.
    looser: Vec<String>,
    different: Vec<String>,
    refused: BTreeMap<String, (u64, String)>,
}

/// Every core takes each so-manieth program, beside an OPA of its own.
fn compare(seed: u64, count: u64) -> Tally {
    let workers = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let start = |worker: u64| {
        let run = move || {
            let mut oracle = Oracle::start().unwrap();
            let mut tally = Tally::default();
            for at in (seed + worker..seed + count).step_by(usize::try_from(workers).unwrap()) {
                let program = Program::from_seed(at);
                let theirs = oracle.ask(&program);
                let ours = ours(&program);
                tally.add(at, &program, &theirs, &ours);
            }
            tally
        };
        std::thread::Builder::new().stack_size(bounds::STACK_BYTES).spawn(run).unwrap()
    };
    let all: Vec<_> = (0..workers).map(start).collect();
    all.into_iter().map(|one| one.join().unwrap()).fold(Tally::default(), Tally::joined)
}

fn ours(program: &Program) -> Output {
    eval(Evaluation {
        modules: vec![Module::new("p.rego", program.source.clone())],
        data: gate_rego::value::from(&program.data).unwrap(),
        input: program.input.as_ref().map(|input| gate_rego::value::from(input).unwrap()),
        dialect: Dialect { v0: false, strict_builtin_errors: program.strict },
        query: program.query.clone(),
        now_ns: 1_700_000_000_000_000_000,
        limit: Some(Duration::from_secs(5)),
    })
}

impl Tally {
    fn add(&mut self, seed: u64, program: &Program, theirs: &Answer, ours: &Output) {
        let code = said(ours, "code");
        // A result that the engine does not support, text that is no UTF-8 for one, ends with its own
        // code, which OPA never gives.
        let refused = code.starts_with("rego_") || code == "eval_internal_error";
        if let Answer::Refused(code, message) = theirs {
            let words = message.split("rego_").last().unwrap_or_default();
            let words: String = words.chars().filter(|c| !c.is_ascii_digit()).take(48).collect();
            *self.reasons.entry(format!("{code}: {words:?}")).or_default() += 1;
        }
        match theirs {
            Answer::Refused(their_code, message) if refused => {
                self.unloaded += 1;
                if their_code != code {
                    self.otherwise.push(told(seed, program, &format!("refused: {message}"), ours));
                }
            }
            Answer::Died => self.died += 1,
            Answer::Refused(_, message) => {
                self.unloaded += 1;
                self.looser.push(told(seed, program, &format!("refused: {message}"), ours));
            }
            _ if refused => {
                self.loaded += 1;
                let message = said(ours, "message");
                let kind: String =
                    message.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
                let example = format!("seed {seed}: {message}\n{}", program.source);
                self.refused.entry(kind).or_insert((0, example)).0 += 1;
            }
            Answer::Failed(code) => {
                self.loaded += 1;
                self.accepted += 1;
                self.errors += 1;
                if !ours.failed || said(ours, "code") != code {
                    self.different.push(told(seed, program, &format!("fails: {code}"), ours));
                }
            }
            Answer::Results(results) => {
                self.loaded += 1;
                self.accepted += 1;
                self.undefined += u64::from(results.is_empty());
                if ours.failed || results_of(&ours.document) != *results {
                    self.different.push(told(seed, program, &format!("{results:?}"), ours));
                }
            }
        }
    }

    fn joined(mut self, other: Self) -> Self {
        self.loaded += other.loaded;
        self.accepted += other.accepted;
        self.died += other.died;
        self.errors += other.errors;
        self.undefined += other.undefined;
        self.unloaded += other.unloaded;
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self.otherwise.extend(other.otherwise);
        self.looser.extend(other.looser);
        self.different.extend(other.different);
        for (kind, (count, example)) in other.refused {
            self.refused.entry(kind).or_insert((0, example)).0 += count;
        }
        self
    }

    /// Of a hundred programs that OPA refuses, how many are refused here.
    fn refused_share(&self) -> f64 {
        percent(self.unloaded - self.looser.len() as u64, self.unloaded)
    }

    /// Everything that is not as it is with OPA.
    fn report(&self) -> String {
        let part = |name: &str, all: &[String]| {
            format!("===== {name}: {}\n{}\n", all.len(), all.join("\n"))
        };
        [
            part("different", &self.different),
            format!("===== refused\n{}", self.refusals()),
            part("looser", &self.looser),
            part("otherwise", &self.otherwise),
            format!("===== reasons\n{:#?}", self.reasons),
        ]
        .join("\n")
    }

    fn share(&self) -> f64 {
        percent(self.accepted, self.loaded)
    }

    fn words(&self, seed: u64, count: u64) -> String {
        format!(
            "{count} programs from seed {seed}: OPA loads {}, Gate {} of them ({:.1} %); {} errors, {} undefined; {} differences; OPA refuses {}, Gate {} of them not and {} for another reason; {} ended OPA",
            self.loaded,
            self.accepted,
            self.share(),
            self.errors,
            self.undefined,
            self.different.len(),
            self.unloaded,
            self.looser.len(),
            self.otherwise.len(),
            self.died
        )
    }

    fn first_differences(&self) -> String {
        let first: Vec<_> = self.different.iter().take(5).cloned().collect();
        format!("{} differences, the first:\n{}", self.different.len(), first.join("\n"))
    }

    fn refusals(&self) -> String {
        let mut list: Vec<_> = self.refused.values().collect();
        list.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let first = list.iter().take(50);
        first
            .map(|(count, example)| format!("{count} times: {example}"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    share
}

/// What the first error says.
fn said<'a>(output: &'a Output, name: &str) -> &'a str {
    let first = items(&output.document, "errors").first();
    first.and_then(|error| error.field(name)).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(document: &'a Value, name: &str) -> &'a [Value] {
    document.field(name).and_then(Value::as_array).map_or(&[], |array| array.as_slice())
}

/// Each result's bindings, or its expressions' values where it has none; in any order.
fn results_of(document: &Value) -> Vec<String> {
    let one = |result: &Value| {
        let values =
            items(result, "expressions").iter().filter_map(|it| it.field("value").cloned());
        oracle::one(&Value::array(values.collect()), result.field("bindings"))
    };
    let mut results: Vec<_> = items(document, "result").iter().map(one).collect();
    results.sort();
    results
}

fn told(seed: u64, program: &Program, theirs: &str, ours: &Output) -> String {
    format!(
        "--- seed {seed}, query {}{}\n{}\ninput {}\ndata {}\nOPA  {theirs}\nGate {}\n",
        program.query,
        if program.strict { ", strict" } else { "" },
        program.source,
        program.input.as_ref().map_or("undefined".to_owned(), serde_json::Value::to_string),
        program.data,
        ours.document.to_json()
    )
}
