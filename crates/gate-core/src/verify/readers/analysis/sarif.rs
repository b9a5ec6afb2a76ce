//! From a SARIF log to analyses, one a run: rules found through the driver and its extensions,
//! severities through results, overrides, rules and defaults.

use super::Format;
use super::run::{push, read as reading, run as empty, severity};
use super::sarif_wire::{
    AnyMessage, Component, Document, Message, Place, Rule, RuleReference, Run, WireResult,
};
use crate::cvss::rating;
use crate::facts::{Analysis, AnalysisFinding, AnalysisStatus, Baseline, Category, Severity};
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{Text, pinned};

pub(super) const FORMAT: Format = Format {
    name: "sarif",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_list("runs")
                && (fields.has("version")
                    || fields.text("$schema").is_some_and(|schema| schema.contains("sarif")))
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

fn read(document: Document) -> Result<Read, Failure> {
    let version = document.version.or(document.schema);
    let known = ["1.0", "2.0", "2.1", "2.2"].iter().any(|it| version.as_str().contains(it));
    if !known {
        return Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("SARIF `{}` is not read: use 2.1.0", version.as_str()),
        ));
    }
    let mut names = vec![];
    let mut runs = vec![];
    for run in document.runs {
        let properties = &run.properties;
        names.extend(properties.repo_digests.0.iter().filter_map(|it| pinned(it.as_str())));
        names.extend(pinned(properties.image_name.as_str()));
        runs.push(analysis(&run)?);
    }
    names.sort_unstable();
    names.dedup();
    Ok(reading(runs, names, version.get()))
}

fn analysis(run: &Run) -> Result<Analysis, Failure> {
    let driver = run.tool.driver.as_ref();
    let tool = driver.map_or(&run.tool.name, |driver| &driver.name);
    let version = driver.map_or(&run.tool.version, |driver| match driver.version.as_str() {
        "" => &driver.semantic_version,
        _ => &driver.version,
    });
    let mut analysis = empty("sarif", tool.as_str());
    analysis.tool_version = version.clone().get();
    run.properties.image_name.as_str().clone_into(&mut analysis.target);
    let invocations = &run.invocations.0;
    analysis.analysed_at = invocations
        .iter()
        .filter_map(|it| it.end_time_utc.instant().or(it.start_time_utc.instant()))
        .max();
    let successes = invocations.iter().filter_map(|it| it.execution_successful);
    analysis.successful = successes.reduce(|one, other| one && other);
    let mut revisions = run.version_control_provenance.0.iter();
    analysis.revision = revisions.next().and_then(|it| it.revision_id.clone().get());
    for result in &run.results.0 {
        push(&mut analysis, finding(run, result))?;
    }
    Ok(analysis)
}

fn at<T>(list: &[T], index: Option<i64>) -> Option<&T> {
    list.get(usize::try_from(index?).ok()?)
}

/// The component that a reference means: the driver where it means none.
fn component<'a>(run: &'a Run, reference: Option<&RuleReference>) -> Option<&'a Component> {
    let extensions = &run.tool.extensions.0;
    let Some(of) = reference.and_then(|it| it.tool_component.as_ref()) else {
        return run.tool.driver.as_ref();
    };
    let same = |wanted: &Text, own: &Text| !wanted.as_str().is_empty() && wanted == own;
    at(extensions, of.index)
        .or_else(|| extensions.iter().find(|it| same(&of.guid, &it.guid)))
        .or_else(|| extensions.iter().find(|it| same(&of.name, &it.name)))
        .or(run.tool.driver.as_ref())
}

/// The rule of a result: by its index in its component, by its id there, by its id anywhere. An id
/// may be of a part of a rule: `rule/part`.
fn rule<'a>(run: &'a Run, result: &WireResult) -> Option<&'a Rule> {
    let reference = result.rule.as_ref();
    let id = rule_id(result);
    let index = reference.and_then(|it| it.index).or(result.rule_index);
    let component = component(run, reference);
    let named = |rule: &&Rule| {
        let own = rule.id.as_str();
        !own.is_empty()
            && (own == id || id.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')))
    };
    let guid = reference.map(|it| it.guid.as_str()).filter(|guid| !guid.is_empty());
    let by_index = component
        .and_then(|it| at(&it.rules.0, index))
        // An index that leads to another rule than the id is an error of the tool: the id counts.
        .filter(|rule| id.is_empty() || rule.id.as_str().is_empty() || named(rule));
    let everywhere = || {
        let components = run.tool.driver.iter().chain(&run.tool.extensions.0);
        components.flat_map(|it| &it.rules.0)
    };
    by_index
        .or_else(|| component.and_then(|it| it.rules.0.iter().find(named)))
        .or_else(|| everywhere().find(named))
        .or_else(|| everywhere().find(|rule| guid.is_some_and(|guid| rule.guid.as_str() == guid)))
        .or_else(|| run.rules.0.get(id).or_else(|| run.resources.rules.0.get(id)))
}

fn rule_id(result: &WireResult) -> &str {
    match result.rule_id.as_str() {
        "" => result.rule.as_ref().map(|it| it.id.as_str()).unwrap_or_default(),
        id => id,
    }
}

fn finding(run: &Run, result: &WireResult) -> AnalysisFinding {
    let rule = rule(run, result);
    let (severity, severity_source) = grade(run, result, rule);
    let id = match rule_id(result) {
        "" => rule.map(|rule| rule.id.as_str()).unwrap_or_default(),
        id => id,
    };
    let (file, line) = result.locations.0.first().map(|it| place(run, it)).unwrap_or_default();
    let (status, status_reason) = status(result);
    AnalysisFinding {
        rule: id.to_owned(),
        severity,
        severity_source: Some(severity_source.to_owned()),
        category: category(run, rule),
        message: message(run, result, rule),
        file,
        line,
        status,
        status_reason,
        baseline: match result.baseline_state.as_str() {
            "new" => Some(Baseline::New),
            "unchanged" | "existing" => Some(Baseline::Unchanged),
            "updated" => Some(Baseline::Updated),
            "absent" => Some(Baseline::Absent),
            _ => None,
        },
    }
}

fn category(run: &Run, rule: Option<&Rule>) -> Category {
    let tool = run.tool.driver.as_ref().map(|it| it.name.as_str().to_lowercase());
    let tags = rule.map(|rule| rule.properties.tags.0.as_slice()).unwrap_or_default();
    let tagged = |word: &str| tags.iter().any(|tag| tag.as_str().eq_ignore_ascii_case(word));
    match tool.as_deref() {
        Some("gitleaks" | "trufflehog" | "detect-secrets") => Category::Secret,
        Some("checkov" | "tfsec" | "kics" | "terrascan" | "dockle") => Category::Misconfiguration,
        _ if tagged("secret") => Category::Secret,
        _ if tagged("misconfiguration") => Category::Misconfiguration,
        _ if tagged("license") => Category::Licence,
        _ => Category::Code,
    }
}

/// The severity: the score for security of the result or its rule, else the level (of the result, of
/// the invocation's override, of the rule), else the format's default. What is no failure has none.
fn grade(run: &Run, result: &WireResult, rule: Option<&Rule>) -> (Severity, &'static str) {
    let failing = matches!(result.kind.as_str(), "" | "fail");
    if !failing && result.level.as_str().is_empty() {
        return (Severity::Negligible, "kind");
    }
    let rated = [Some(&result.properties), rule.map(|rule| &rule.properties)];
    let rated = rated.into_iter().flatten().map(|it| &it.security_severity);
    for word in rated.filter(|word| !word.as_str().is_empty()) {
        let graded = match word.number() {
            Some(score) if (0.0..=10.0).contains(&score) => rating("3.1", score),
            _ => severity(word.as_str()),
        };
        if graded != Severity::Unknown {
            return (graded, "security-severity");
        }
    }
    match level(run, result, rule) {
        Some(level) => (severity(&level), "level"),
        None => (Severity::Medium, "default"),
    }
}

fn level(run: &Run, result: &WireResult, rule: Option<&Rule>) -> Option<String> {
    if let Some(level) = result.level.clone().get() {
        return Some(level);
    }
    let id = rule_id(result);
    // A result without an index belongs to the one invocation that there is.
    let invocations = &run.invocations.0;
    let invocation = match result.provenance.invocation_index {
        Some(index) => at(invocations, Some(index)),
        None => invocations.first().filter(|_| invocations.len() == 1),
    };
    let overridden = invocation.and_then(|it| {
        let mut overrides = it.rule_configuration_overrides.0.iter();
        let found = overrides.find(|it| !id.is_empty() && it.descriptor.id.as_str() == id)?;
        found.configuration.level.clone().get()
    });
    overridden.or_else(|| {
        let rule = rule?;
        let configurations = [&rule.default_configuration, &rule.configuration];
        configurations
            .into_iter()
            .flatten()
            .find_map(|it| it.level.clone().or(it.default_level.clone()).get())
            .or_else(|| rule.default_level.clone().get())
    })
}

/// Suppressed where there is a suppression and none that is under review or was refused; resolved
/// where the result is of an earlier run alone; passed where it says so.
fn status(result: &WireResult) -> (AnalysisStatus, Option<String>) {
    let suppressions = &result.suppressions.0;
    let refused = |status: &str| matches!(status, "underReview" | "rejected");
    if !suppressions.is_empty() && !suppressions.iter().any(|it| refused(it.status.as_str())) {
        let reason = suppressions.iter().find_map(|it| it.justification.clone().get());
        return (AnalysisStatus::Suppressed, reason);
    }
    let old = result.suppression_states.0.iter();
    if old.map(Text::as_str).any(|it| matches!(it, "suppressedInSource" | "suppressedExternally")) {
        return (AnalysisStatus::Suppressed, None);
    }
    if result.baseline_state.as_str() == "absent" {
        return (AnalysisStatus::Resolved, None);
    }
    match (result.kind.as_str(), result.level.as_str()) {
        ("pass" | "notApplicable" | "informational", _) | (_, "pass" | "notApplicable") => {
            (AnalysisStatus::Passed, None)
        }
        _ => (AnalysisStatus::Open, None),
    }
}

fn message(run: &Run, result: &WireResult, rule: Option<&Rule>) -> String {
    let message = match &result.message {
        AnyMessage::Text(text) => return text.as_str().to_owned(),
        AnyMessage::Message(message) => message,
    };
    let own = [&message.text, &message.markdown].map(Text::as_str);
    let text = own.into_iter().find(|text| !text.is_empty()).or_else(|| {
        let id = message.id.as_str();
        let strings = rule.and_then(|rule| rule.message_strings.0.get(id));
        let component = component(run, result.rule.as_ref());
        let global = component.and_then(|it| it.global_message_strings.0.get(id));
        strings.or(global).map(|it| it.text.as_str())
    });
    if let Some(text) = text {
        filled(text, message)
    } else {
        let short = rule.and_then(|rule| rule.short_description.as_ref());
        short.map(|it| it.text.as_str().to_owned()).unwrap_or_default()
    }
}

/// The text with its placeholders `{0}` replaced by the arguments.
fn filled(text: &str, message: &Message) -> String {
    let mut filled = text.to_owned();
    for (at, argument) in message.arguments.0.iter().enumerate().take(100) {
        filled = filled.replace(&format!("{{{at}}}"), argument.as_str());
    }
    filled
}

fn place(run: &Run, location: &Place) -> (Option<String>, Option<u64>) {
    if let Some(physical) = &location.physical_location {
        let of = physical.artifact_location.as_ref().or(physical.file_location.as_ref());
        let uri = of.and_then(|of| {
            let indexed = || at(&run.artifacts.0, of.index)?.location.uri.clone().get();
            of.uri.clone().get().or_else(indexed)
        });
        if uri.is_some() {
            return (uri, physical.region.start_line);
        }
    }
    if let Some(file) =
        [&location.result_file, &location.analysis_target].into_iter().flatten().next()
    {
        return (file.uri.clone().get(), file.region.start_line);
    }
    let logical = location.logical_locations.0.iter();
    let name = logical.flat_map(|it| [&it.fully_qualified_name, &it.name]).map(Text::as_str);
    let name = name.chain([location.fully_qualified_logical_name.as_str()]);
    (name.into_iter().find(|name| !name.is_empty()).map(str::to_owned), None)
}
