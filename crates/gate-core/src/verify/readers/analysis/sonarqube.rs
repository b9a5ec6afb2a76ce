//! From SonarQube's verdict, as its webhook tells it or its interface answers it, to an analysis with a
//! quality gate.

use serde::Deserialize;

use super::Format;
use super::run::{read as reading, run as empty};
use crate::facts::{GateCondition, GateStatus, QualityGate};
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

/// What the webhook tells.
pub(super) const WEBHOOK: Format = Format {
    name: "sonarqube-webhook",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has_in("project", "key")
                && fields.has("status")
                && (fields.has("taskId") || fields.has("analysedAt") || fields.has("qualityGate"))
        })
    },
    read: |bytes| read_webhook(json::parse(bytes)?),
};

/// What `api/qualitygates/project_status` answers.
pub(super) const STATUS: Format = Format {
    name: "sonarqube-status",
    detect: |marks| marks.object().is_some_and(|fields| fields.has_in("projectStatus", "status")),
    read: |bytes| {
        let document: StatusDocument = json::parse(bytes)?;
        let mut analysis = empty("sonarqube-status", "SonarQube");
        analysis.quality_gate = Some(document.project_status.gate()?);
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WebhookDocument {
    status: Text,
    analysed_at: Text,
    revision: Text,
    project: Project,
    quality_gate: Option<WebhookGate>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Project {
    key: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WebhookGate {
    name: Text,
    status: Text,
    conditions: List<WebhookCondition>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WebhookCondition {
    metric: Text,
    operator: Text,
    value: Text,
    status: Text,
    error_threshold: Text,
}

/// A task that did not succeed has no gate, and its verdict is none: never `ok`.
fn read_webhook(document: WebhookDocument) -> Result<Read, Failure> {
    let mut analysis = empty("sonarqube-webhook", "SonarQube");
    analysis.analysed_at = document.analysed_at.instant();
    analysis.revision = document.revision.get();
    analysis.target = document.project.key.or_empty();
    analysis.successful = Some(document.status.as_str() == "SUCCESS");
    analysis.quality_gate = document.quality_gate.map(WebhookGate::gate).transpose()?;
    Ok(reading(vec![analysis], vec![], None))
}

impl WebhookGate {
    fn gate(self) -> Result<QualityGate, Failure> {
        let mut conditions = vec![];
        for condition in self.conditions {
            conditions.push(GateCondition {
                metric: condition.metric.or_empty(),
                status: status(condition.status.as_str())?,
                operator: condition.operator.get(),
                threshold: condition.error_threshold.get(),
                value: condition.value.get(),
            });
        }
        let status = status(self.status.as_str())?;
        Ok(QualityGate { name: self.name.get(), status, conditions })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusDocument {
    pub(super) project_status: ProjectStatus,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ProjectStatus {
    status: Text,
    conditions: List<StatusCondition>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct StatusCondition {
    status: Text,
    metric_key: Text,
    comparator: Text,
    error_threshold: Text,
    actual_value: Text,
}

impl ProjectStatus {
    pub(super) fn gate(self) -> Result<QualityGate, Failure> {
        let mut conditions = vec![];
        for condition in self.conditions {
            conditions.push(GateCondition {
                metric: condition.metric_key.or_empty(),
                status: status(condition.status.as_str())?,
                operator: condition.comparator.get(),
                threshold: condition.error_threshold.get(),
                value: condition.actual_value.get(),
            });
        }
        Ok(QualityGate { name: None, status: status(self.status.as_str())?, conditions })
    }
}

/// A word that nobody knows is no verdict, and none that could pass for one.
fn status(word: &str) -> Result<GateStatus, Failure> {
    match word {
        "OK" => Ok(GateStatus::Ok),
        "WARN" => Ok(GateStatus::Warn),
        "ERROR" => Ok(GateStatus::Error),
        "NONE" | "NO_VALUE" | "" => Ok(GateStatus::None),
        _ => Err(Failure::new(
            Problem::EvidenceMalformed,
            format!("`{word}` is no status of a quality gate"),
        )),
    }
}
