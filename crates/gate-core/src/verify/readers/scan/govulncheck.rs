//! From `govulncheck -json` (the object of its first versions; the messages of later ones, as an
//! array) to a scan and its findings.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Format;
use super::osv_record::Record;
use super::report::Report;
use crate::facts::{FindingStatus, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text, is_array};

pub(super) const FORMAT: Format = Format {
    name: "govulncheck",
    detect: |marks| {
        let object = marks.object().is_some_and(|fields| {
            fields.has("Calls") && fields.has("Requires") && fields.has("Vulns")
        });
        object
            || marks.first().is_some_and(|first| {
                first.has_in("config", "protocol_version") || first.has_in("finding", "osv")
            })
    },
    read: |bytes| {
        if is_array(bytes) {
            read_messages(json::parse(bytes)?)
        } else {
            read_graph(json::parse(bytes)?)
        }
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Graph {
    vulns: List<Vuln>,
    #[serde(default)]
    modules: List<Module>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vuln {
    #[serde(rename = "OSV")]
    osv: Record,
    mod_path: Text,
    #[serde(default)]
    call_sink: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Module {
    path: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    config: Option<Config>,
    osv: Option<Record>,
    finding: Option<Found>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Config {
    scanner_version: Text,
    scan_level: Text,
}

#[derive(Deserialize)]
struct Found {
    osv: String,
    #[serde(default)]
    fixed_version: Text,
    #[serde(default)]
    trace: List<Frame>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Frame {
    module: Text,
    version: Text,
    function: Text,
}

/// What is not called counts as the tool counts it: the package is there, and not affected.
fn judged(found: Vulnerability, called: bool) -> Vulnerability {
    if called {
        return found;
    }
    let reason = "the scanner found that the vulnerable code is not called".to_owned();
    Vulnerability { status: FindingStatus::NotAffected, status_reason: Some(reason), ..found }
}

/// One finding a vulnerability and module: the tool lists one for each symbol.
fn read_graph(graph: Graph) -> Result<Read, Failure> {
    let mut report = Report::new("govulncheck");
    let versions: BTreeMap<_, _> =
        graph.modules.0.iter().map(|it| (it.path.as_str(), it.version.as_str())).collect();
    let mut found: BTreeMap<(String, String), (Vulnerability, bool)> = BTreeMap::new();
    for vuln in graph.vulns {
        let module = vuln.mod_path.as_str();
        let version = versions.get(module).copied().unwrap_or_default();
        let key = (vuln.osv.id.as_str().to_owned(), module.to_owned());
        let entry =
            found.entry(key).or_insert_with(|| (vuln.osv.finding(module, version, "Go"), false));
        entry.1 |= vuln.call_sink > 0;
    }
    for (found, called) in found.into_values() {
        report.push(judged(found, called))?;
    }
    Ok(report.finish())
}

fn read_messages(messages: Vec<Message>) -> Result<Read, Failure> {
    let mut report = Report::new("govulncheck");
    let mut records = BTreeMap::new();
    let mut symbols = true;
    let mut found: BTreeMap<(String, String), (Found, bool)> = BTreeMap::new();
    for message in messages {
        if let Some(config) = message.config {
            report.scanner_version = config.scanner_version.get();
            symbols = matches!(config.scan_level.as_str(), "" | "symbol");
        }
        if let Some(record) = message.osv {
            records.insert(record.id.as_str().to_owned(), record);
        }
        if let Some(finding) = message.finding {
            let first = finding.trace.0.first();
            let called = first.is_some_and(|frame| !frame.function.as_str().is_empty());
            let module = first.map(|frame| frame.module.as_str().to_owned()).unwrap_or_default();
            let key = (finding.osv.clone(), module);
            found.entry(key).or_insert((finding, false)).1 |= called;
        }
    }
    for ((id, module), (finding, called)) in found {
        let version =
            finding.trace.0.first().map(|frame| frame.version.as_str()).unwrap_or_default();
        let mut of = if let Some(record) = records.get(&id) {
            record.finding(&module, version, "Go")
        } else {
            let (installed, package) = (version.to_owned(), module.clone());
            Vulnerability { id, package, installed, ..Vulnerability::default() }
        };
        if let Some(version) = finding.fixed_version.get() {
            of.fixed = vec![version];
        }
        report.push(judged(of, called || !symbols))?;
    }
    Ok(report.finish())
}
