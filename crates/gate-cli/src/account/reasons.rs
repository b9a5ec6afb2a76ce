//! Findings as reasons: code, what was found, where, how to mend it, and what excuses it.

use gate_core::decision::{Author, Decision, Effect, ExceptionUse, Finding};
use serde_json::Value;

use super::{count, deeper, field, line};
use crate::terminal::{Paint, plain};

/// The findings in order of their effect, then the exceptions that were used.
pub(super) fn write(out: &mut String, decision: &Decision, paint: Paint) {
    let groups: [(Effect, &str, &str); 4] = [
        (Effect::Denies, "reason to stop it", "reasons to stop it"),
        (Effect::Warns, "warning", "warnings"),
        (Effect::NotYetEffective, "rule that will stop it later", "rules that will stop it later"),
        (Effect::Excused, "finding that is excused", "findings that are excused"),
    ];
    for (effect, one, many) in groups {
        let found: Vec<_> =
            decision.findings.iter().filter(|finding| finding.effect == effect).collect();
        if found.is_empty() {
            continue;
        }
        line(out, &format!("\n{}", paint.strong(count(found.len(), one, many))));
        for finding in found {
            write_finding(out, finding, &decision.exceptions, paint);
        }
    }
    write_exceptions(out, &decision.exceptions, paint);
}

fn write_finding(out: &mut String, finding: &Finding, used: &[ExceptionUse], paint: Paint) {
    let code = plain(&finding.code);
    let code = match finding.effect {
        Effect::Denies => paint.bad(code),
        Effect::Warns | Effect::NotYetEffective => paint.attention(code),
        Effect::Excused => paint.faint(code),
    };
    let from = match (&finding.package, finding.author) {
        (Some(package), _) => plain(package),
        (None, Author::Gate) => "Gate".to_owned(),
        (None, Author::Rule) => "a rule".to_owned(),
    };
    line(out, &format!("  {code}  {}", paint.faint(format!("[{from}]"))));
    let title = plain(&finding.title);
    if !title.is_empty() && finding.title != finding.message {
        deeper(out, "rule", &title);
    }
    deeper(out, "found", &plain(&finding.message));
    let place = place(&finding.detail, &finding.message);
    if !place.is_empty() {
        deeper(out, "where", &place);
    }
    if let Some(from) = finding.effective_on.filter(|_| finding.effect == Effect::NotYetEffective) {
        deeper(out, "from", &format!("{from} on it denies"));
    }
    if let Some(index) = finding.exception {
        deeper(out, "excuse", &excuse(index, used));
    } else if let Some(solution) = &finding.solution {
        deeper(out, "fix", &plain(solution));
    }
}

fn excuse(index: u32, used: &[ExceptionUse]) -> String {
    used.iter().find(|used| used.index == index).map_or_else(
        || format!("exception {index}"),
        |used| {
            let exception = &used.exception;
            let [author, reason] = [&exception.author, &exception.reason].map(|text| plain(text));
            format!("exception {index} by {author} until {}: {reason}", exception.until)
        },
    )
}

fn write_exceptions(out: &mut String, used: &[ExceptionUse], paint: Paint) {
    if used.is_empty() {
        return;
    }
    let title = count(used.len(), "exception used", "exceptions used");
    line(out, &format!("\n{}", paint.strong(title)));
    for used in used {
        let exception = &used.exception;
        let parts =
            [("cve", &exception.cve), ("rule", &exception.rule), ("package", &exception.package)];
        let what: Vec<_> = parts
            .into_iter()
            .filter_map(|(name, part)| part.as_ref().map(|part| format!("{name} {}", plain(part))))
            .collect();
        let excused = format!(
            "{} for subject {}, excused {}",
            what.join(", "),
            plain(&exception.subject),
            count(used.excused as usize, "finding", "findings")
        );
        field(out, &format!("exception {}", used.index), &excused);
        let [author, reason] = [&exception.author, &exception.reason].map(|text| plain(text));
        field(out, "", &format!("by {author} until {}: {reason}", exception.until));
    }
}

/// The detail of a finding as `name value` pairs, as far as the message has not told it. Long and
/// nested values are shortened; the whole stands in the JSON form.
fn place(detail: &Value, message: &str) -> String {
    let Value::Object(detail) = detail else {
        return if detail.is_null() { String::new() } else { short(detail) };
    };
    let parts: Vec<_> = detail
        .iter()
        .filter(|(_, value)| !value.is_null() && !is_told(value, message))
        .map(|(name, value)| format!("{} {}", plain(name), short(value)))
        .collect();
    parts.join(", ")
}

/// Whether the message holds a whole sentence of the detail, as messages made from details do.
fn is_told(value: &Value, message: &str) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.is_empty() || text.contains(' ') && message.contains(text))
}

fn short(value: &Value) -> String {
    const LONGEST: usize = 160;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        Value::Array(items) => return count(items.len(), "entry", "entries"),
        other => other.to_string(),
    };
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    plain(&shown)
}
