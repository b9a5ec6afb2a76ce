//! Files and suites of Conftest and Gatekeeper that others wrote.
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::time::Duration;

use gate_core::policy::suite::{self, Clockwork, Ending};
use gate_core::structured;
use gate_core::structured::conftest::Parser;

use crate::data::{data, files, within};

/// Files of Conftest's examples that no parser here reads, and why.
const UNREAD: [(&str, &str); 4] = [
    ("cue/deployment.cue", "CUE has no kept reader"),
    ("jsonnet/arith.jsonnet", "Jsonnet has no kept reader"),
    ("textproto/fail.textproto", "its messages are described elsewhere"),
    ("textproto/pass.textproto", "its messages are described elsewhere"),
];

#[test]
fn conftests_files_are_read_by_their_names() {
    let Some(folder) = data("rego/conftest") else { return };
    let (mut read, mut wrong) = (0, vec![]);
    for path in files(&folder) {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let value = Parser::of_path(&name).and_then(|parser| parser.read(&text));
        let is_unread = UNREAD.iter().any(|(end, _)| path.ends_with(end));
        match value {
            Ok(value) if !value.is_null() && !is_unread => read += 1,
            Err(_) if is_unread => {}
            other => wrong.push(format!("{name}: {other:?}")),
        }
    }
    println!("{read} read, {} not", UNREAD.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(read > 20, "{read}");
}

#[test]
fn gatekeepers_suites_end_as_they_assert() {
    let Some(suites) = data("k8s/gatekeeper-library") else { return };
    // The data has no templates: those stand in a checkout of the library.
    let Some(library) = within("GATE_GATEKEEPER_LIBRARY", "") else { return };
    let run = move || {
        let (mut passed, mut wrong) = (0, vec![]);
        for path in files(&suites) {
            if !path.ends_with("suite.yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let document = structured::documents(&text).unwrap().remove(0);
            assert!(suite::is_suite(&document), "{}", path.display());
            let below = path.strip_prefix(&suites).unwrap().parent().unwrap().to_owned();
            let read = |name: &str| {
                let own = path.parent().unwrap().join(name);
                let other = library.join(&below).join(name);
                std::fs::read_to_string(if own.exists() { own } else { other })
                    .map_err(|error| format!("{name}: {error}"))
            };
            let clockwork = Clockwork {
                now_ns: 0,
                limit: Duration::from_mins(1),
                steady: &|| Duration::ZERO,
                only: None,
            };
            let report = suite::run(&document, &read, clockwork).unwrap();
            for test in report.tests {
                let cases = test.cases.iter().map(|case| (&case.name, &case.ending));
                for (name, ending) in cases.chain([(&test.name, &test.ending)]) {
                    match ending {
                        Ending::Pass => passed += 1,
                        other => wrong.push(format!("{} {name}: {other:?}", path.display())),
                    }
                }
            }
        }
        println!("{passed} tests and cases passed");
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(passed > 100, "{passed}");
    };
    let thread = std::thread::Builder::new().stack_size(gate_rego::bounds::STACK_BYTES);
    thread.spawn(run).unwrap().join().unwrap();
}
