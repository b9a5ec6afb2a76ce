//! From an OSV record, as OSV-Scanner and govulncheck embed it, to a finding of a package.

use serde::Deserialize;

use super::purl;
use super::report::{scored, severity};
use crate::facts::{FindingStatus, Severity, Vulnerability};
use crate::verify::readers::wire::{List, Text};

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Record {
    pub(super) id: Text,
    pub(super) aliases: List<String>,
    summary: Text,
    severity: Rating,
    withdrawn: Text,
    pub(super) affected: List<Affected>,
    database_specific: Option<Specific>,
}

/// OSV's list of ratings; govulncheck's copies may have a word instead.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Rating {
    List(Vec<Rated>),
    Word(Text),
}

impl Default for Rating {
    fn default() -> Self {
        Self::List(vec![])
    }
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Rated {
    r#type: Text,
    score: Text,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Affected {
    pub(super) package: Package,
    ranges: List<Range>,
    severity: List<Rated>,
    database_specific: Option<Specific>,
    ecosystem_specific: Option<Specific>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Package {
    pub(super) name: Text,
    pub(super) ecosystem: Text,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Range {
    r#type: Text,
    events: List<Event>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Event {
    fixed: Text,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Specific {
    severity: Text,
}

impl Record {
    /// What the record says of one package.
    pub(super) fn finding(&self, name: &str, version: &str, ecosystem: &str) -> Vulnerability {
        let affected: Vec<_> =
            self.affected.0.iter().filter(|it| it.package.name.as_str() == name).collect();
        let fixed = affected
            .iter()
            .flat_map(|it| &it.ranges.0)
            // The events of repositories are commits.
            .filter(|range| range.r#type.as_str() != "GIT")
            .flat_map(|range| &range.events.0)
            .map(|event| event.fixed.as_str().to_owned())
            .collect();
        let rated = match &self.severity {
            Rating::List(list) => list.as_slice(),
            Rating::Word(_) => &[],
        };
        let rated = rated.iter().chain(affected.iter().flat_map(|it| &it.severity.0));
        let cvss = rated.clone().filter_map(|rated| scored(rated.score.as_str(), None)).collect();
        let (severity, severity_source) = self.severity(&affected, rated);
        Vulnerability {
            id: self.id.clone().or_empty(),
            aliases: self.aliases.0.clone(),
            package: name.to_owned(),
            purl: purl::of(ecosystem, name, version),
            installed: version.to_owned(),
            fixed,
            severity,
            severity_source,
            cvss,
            status: match self.withdrawn.as_str() {
                "" => FindingStatus::Affected,
                _ => FindingStatus::NotAffected,
            },
            status_reason: (!self.withdrawn.as_str().is_empty())
                .then(|| format!("the record was withdrawn at {}", self.withdrawn.as_str())),
            title: self.summary.clone().get(),
            ..Vulnerability::default()
        }
    }

    /// The word of the database, where it has one; vectors are scored otherwise.
    fn severity<'a>(
        &'a self,
        affected: &[&'a Affected],
        rated: impl Iterator<Item = &'a Rated>,
    ) -> (Severity, Option<String>) {
        let specific = affected
            .iter()
            .flat_map(|it| [&it.database_specific, &it.ecosystem_specific])
            .chain([&self.database_specific])
            .flatten()
            .map(|specific| specific.severity.as_str());
        let words = rated.map(|rated| rated.score.as_str());
        let own = match &self.severity {
            Rating::Word(word) => word.as_str(),
            Rating::List(_) => "",
        };
        specific
            .chain(words)
            .chain([own])
            .map(severity)
            .max()
            .filter(|severity| *severity != Severity::Unknown)
            .map_or((Severity::Unknown, None), |severity| (severity, Some("osv".to_owned())))
    }
}
