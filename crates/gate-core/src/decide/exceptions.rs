//! Which exception excuses which finding, and what became of each.

use serde_json::json;

use super::detail;
use crate::Timestamp;
use crate::decision::{Exception, ExceptionUse, Finding};
use crate::policy::{GateFinding, RuleFinding};
use crate::reason::GateCode;
use crate::request::{Request, Subject, SubjectKind};

/// The first exception in force that excuses this finding, by its index.
pub(super) fn excusing(
    exceptions: &[Exception],
    subject: &Subject,
    now: Timestamp,
    found: &RuleFinding,
) -> Option<u32> {
    let at = exceptions.iter().position(|exception| {
        is_for(exception, subject) && now < exception.until && matches(exception, found)
    })?;
    u32::try_from(at).ok()
}

/// The exceptions that excused something, and a warning for each that ended or excused nothing.
pub(super) fn account(
    exceptions: &[Exception],
    request: &Request,
    findings: &[Finding],
) -> (Vec<ExceptionUse>, Vec<GateFinding>) {
    let mut used = vec![];
    let mut reports = vec![];
    for (index, exception) in (0..).zip(exceptions) {
        let excused = findings.iter().filter(|found| found.exception == Some(index)).count();
        let excused = u32::try_from(excused).unwrap_or(u32::MAX);
        if excused > 0 {
            used.push(ExceptionUse { index, exception: exception.clone(), excused });
        } else if concerns(exception, request) {
            reports.push(report(index, exception, request.now));
        }
    }
    (used, reports)
}

fn report(index: u32, exception: &Exception, now: Timestamp) -> GateFinding {
    let ended = exception.until <= now;
    let parts = [&exception.cve, &exception.rule, &exception.package];
    let what = parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let (code, words) = if ended {
        (GateCode::ExceptionEnded, format!("ended at {}", exception.until))
    } else {
        (GateCode::ExceptionUnused, "matches no finding".to_owned())
    };
    GateFinding {
        code,
        message: format!("The exception for {what} by {} {words}", exception.author),
        detail: json!({"index": index, "until": exception.until, "author": exception.author}),
    }
}

fn is_for(exception: &Exception, subject: &Subject) -> bool {
    exception.subject == "any" || exception.subject == subject.digest.to_string()
}

/// Whether it is worth a word that this exception excused nothing: it is for this subject, and about
/// something that a subject of this kind can have. No Kubernetes object has vulnerabilities.
fn concerns(exception: &Exception, request: &Request) -> bool {
    let about_artifacts = exception.cve.is_some() || exception.package.is_some();
    is_for(exception, &request.subject)
        && !(about_artifacts && request.subject.kind == SubjectKind::Object)
}

/// Every part that the exception gives must match.
fn matches(exception: &Exception, found: &RuleFinding) -> bool {
    let part =
        |part: &Option<String>, test: &dyn Fn(&str) -> bool| part.as_deref().is_none_or(test);
    part(&exception.rule, &|rule| found.code == rule)
        && part(&exception.cve, &|cve| detail(&found.detail, "vulnerability") == Some(cve))
        && part(&exception.package, &|package| {
            let purl = detail(&found.detail, "purl");
            detail(&found.detail, "package") == Some(package)
                || purl == Some(package)
                || purl.map(without_version) == Some(package)
        })
}

/// `pkg:npm/%40scope/name@1.0?arch=x` without version, qualifiers and subpath. A package URL writes
/// every other `@` as `%40`, so the first one starts the version.
fn without_version(purl: &str) -> &str {
    purl.split(['@', '?', '#']).next().unwrap_or(purl)
}
