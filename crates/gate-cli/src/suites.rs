//! Suites of Gatekeeper's tests beside those of Rego: `gate policy test` runs both as one report.

use std::path::PathBuf;
use std::time::Duration;

use gate_core::effects::Clock;
use gate_core::policy::suite::{self, Clockwork, Ending as Ended};
use gate_io::policy::{PolicyFiles, PolicyFilesError, SuiteFile, read_suites};
use gate_rego::explain::Explanation;
use gate_rego::testing::{Case, Ending};

/// The suites of files and folders.
pub(crate) struct Suites {
    found: Vec<SuiteFile>,
    /// The paths that hold some.
    within: Vec<PathBuf>,
}

impl Suites {
    /// Finds the suites.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, PolicyFilesError> {
        let (mut found, mut within) = (vec![], vec![]);
        for path in paths {
            let suites = read_suites(path)?;
            if !suites.is_empty() {
                within.push(path.clone());
                found.extend(suites);
            }
        }
        Ok(Self { found, within })
    }

    /// The Rego and data of the same paths. Where suites are, YAML is their objects, and no data.
    pub(crate) fn policies(&self, paths: &[PathBuf]) -> Result<PolicyFiles, PolicyFilesError> {
        let others: Vec<_> =
            paths.iter().filter(|path| !self.within.contains(path)).cloned().collect();
        let mut files = PolicyFiles::read_all(&others)?;
        let more = PolicyFiles::read_modules(&self.within)?;
        files.modules.extend(more.modules);
        files.modules.sort();
        files.modules.dedup();
        Ok(files)
    }

    /// Runs every case of every suite.
    pub(crate) fn run(&self, limit: Duration, only: Option<&str>, clock: &dyn Clock) -> Vec<Case> {
        let clockwork = Clockwork {
            now_ns: i64::try_from(clock.now().as_nanosecond()).unwrap_or(i64::MAX),
            limit,
            steady: &|| clock.steady(),
            only,
        };
        self.found.iter().flat_map(|file| cases(file, clockwork)).collect()
    }
}

fn cases(file: &SuiteFile, clockwork: Clockwork<'_>) -> Vec<Case> {
    let begin = (clockwork.steady)();
    let case = |package: &str, name: &str, ended: Ended| {
        let (ending, prints) = match ended {
            Ended::Pass => (Ending::Pass, vec![]),
            Ended::Fail(why) => (Ending::Fail, vec![why]),
            Ended::Skipped => (Ending::Skipped, vec![]),
        };
        Case {
            package: package.to_owned(),
            name: name.to_owned(),
            file: file.path.display().to_string(),
            line: 1,
            column: 1,
            ending,
            time: Duration::ZERO,
            prints,
            cases: vec![],
            explanation: Explanation::default(),
        }
    };
    let report = match suite::run(&file.document, &|path| file.read(path), clockwork) {
        Ok(report) => report,
        Err(why) => return vec![case("suite", "loads", Ended::Fail(why))],
    };
    let mut found = vec![];
    for test in report.tests {
        // A test that did not load, was skipped, or has no cases of its own counts as one.
        if test.ending != Ended::Pass || (test.cases.is_empty() && clockwork.only.is_none()) {
            found.push(case(&test.name, "loads", test.ending));
        }
        for inner in test.cases {
            found.push(case(&test.name, &inner.name, inner.ending));
        }
    }
    // Cases share their template: what a suite takes is shared among them.
    let spent = (clockwork.steady)().saturating_sub(begin);
    let each = spent / u32::try_from(found.len().max(1)).unwrap_or(u32::MAX);
    for case in &mut found {
        case.time = each;
    }
    found
}
