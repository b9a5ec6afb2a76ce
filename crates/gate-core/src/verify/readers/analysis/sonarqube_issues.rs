//! From SonarQube's issues and hotspots, as its interface answers them, to an analysis.

use serde::Deserialize;

use super::Format;
use super::run::{graded, push, read as reading, run as empty};
use super::sonarqube::StatusDocument;
use crate::facts::{Analysis, AnalysisFinding, AnalysisStatus, Severity};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};

/// What `api/issues/search` answers.
pub(super) const ISSUES: Format = Format {
    name: "sonarqube-issues",
    detect: |marks| {
        marks.object().is_some_and(|fields| fields.is_list("issues") && fields.has("paging"))
    },
    read: |bytes| {
        let document: IssuesDocument = json::parse(bytes)?;
        let analysis = found("sonarqube-issues", document.issues)?;
        Ok(reading(vec![analysis], vec![], None))
    },
};

/// What `api/hotspots/search` answers.
pub(super) const HOTSPOTS: Format = Format {
    name: "sonarqube-hotspots",
    detect: |marks| {
        marks.object().is_some_and(|fields| fields.is_list("hotspots") && fields.has("paging"))
    },
    read: |bytes| {
        let document: HotspotsDocument = json::parse(bytes)?;
        let analysis = found("sonarqube-hotspots", document.hotspots)?;
        Ok(reading(vec![analysis], vec![], None))
    },
};

/// What sonar-report writes: issues with the verdict.
pub(super) const REPORT: Format = Format {
    name: "sonarqube-report",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_list("issues") && fields.has("qualityGateStatus") && fields.has("rules")
        })
    },
    read: |bytes| {
        let document: ReportDocument = json::parse(bytes)?;
        let mut analysis = found("sonarqube-report", document.issues)?;
        analysis.target = document.project_name.or_empty();
        if let Some(status) = document.quality_gate_status {
            analysis.quality_gate = Some(status.project_status.gate()?);
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

/// Issues alone.
pub(super) const LIST: Format = Format {
    name: "sonarqube-issue-list",
    detect: |marks| {
        marks.first().is_some_and(|first| {
            first.has("component")
                && (first.has("rule") || first.has("ruleKey"))
                && first.has("project")
        })
    },
    read: |bytes| {
        let analysis = found("sonarqube-issue-list", json::parse(bytes)?)?;
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize)]
struct IssuesDocument {
    issues: List<Issue>,
}

#[derive(Deserialize)]
struct HotspotsDocument {
    hotspots: List<Issue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportDocument {
    #[serde(default)]
    project_name: Text,
    issues: List<Issue>,
    quality_gate_status: Option<StatusDocument>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Issue {
    rule: Text,
    rule_key: Text,
    severity: Text,
    vulnerability_probability: Text,
    impacts: List<Impact>,
    component: Text,
    project: Text,
    line: Text,
    message: Text,
    description: Text,
    status: Text,
    resolution: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Impact {
    severity: Text,
}

fn found(format: &str, issues: List<Issue>) -> Result<Analysis, Failure> {
    let mut analysis = empty(format, "SonarQube");
    for issue in issues {
        if analysis.target.is_empty() {
            issue.project.as_str().clone_into(&mut analysis.target);
        }
        push(&mut analysis, issue.finding())?;
    }
    Ok(analysis)
}

impl Issue {
    fn finding(self) -> AnalysisFinding {
        let impact = self.impacts.into_iter().find_map(|it| it.severity.get());
        let word = self.severity.or(self.vulnerability_probability).get().or(impact);
        let (severity, severity_source) =
            graded(word.as_deref().unwrap_or_default(), Severity::Unknown);
        // `project:path/of/the/file`
        let component = self.component.or_empty();
        let file = component.split_once(':').map_or(component.as_str(), |(_, file)| file);
        AnalysisFinding {
            rule: self.rule.or(self.rule_key).or_empty(),
            severity,
            severity_source,
            message: self.message.or(self.description).or_empty(),
            file: Some(file.to_owned()).filter(|file| !file.is_empty()),
            line: self.line.whole(),
            status: match (self.resolution.as_str(), self.status.as_str()) {
                ("FALSE-POSITIVE" | "WONTFIX" | "SAFE" | "ACKNOWLEDGED", _)
                | (_, "ACCEPTED" | "FALSE_POSITIVE") => AnalysisStatus::Suppressed,
                ("FIXED" | "REMOVED", _) | (_, "FIXED" | "CLOSED" | "RESOLVED" | "REVIEWED") => {
                    AnalysisStatus::Resolved
                }
                _ => AnalysisStatus::Open,
            },
            status_reason: self.resolution.get(),
            ..AnalysisFinding::default()
        }
    }
}
