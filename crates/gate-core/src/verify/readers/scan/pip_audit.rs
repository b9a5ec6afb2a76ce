//! From `pip-audit --format json` to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::Report;
use crate::facts::Vulnerability;
use crate::verify::json;
use crate::verify::readers::wire::{List, Text, is_array};

pub(super) const FORMAT: Format = Format {
    name: "pip-audit",
    detect: |marks| {
        let object = marks.object().is_some_and(|fields| {
            fields.is_list("dependencies")
                && fields.keys().all(|key| matches!(key, "dependencies" | "fixes"))
                && (fields.is_bare_list("dependencies")
                    || fields.has_in("dependencies", "vulns")
                    || fields.has_in("dependencies", "skip_reason"))
        });
        let array = marks.first().is_some_and(|first| {
            first.has("name") && (first.is_list("vulns") || first.has("skip_reason"))
        });
        object || array
    },
    read: |bytes| {
        let dependencies: Vec<Dependency> = if is_array(bytes) {
            json::parse(bytes)?
        } else {
            json::parse::<Document>(bytes)?.dependencies
        };
        let mut report = Report::new("pip-audit");
        for dependency in dependencies {
            for found in dependency.vulns {
                let (package, installed) = (dependency.name.as_str(), dependency.version.as_str());
                report.push(Vulnerability {
                    id: found.id.or_empty(),
                    aliases: found.aliases.0,
                    package: package.to_owned(),
                    purl: purl::of("pypi", package, installed),
                    installed: installed.to_owned(),
                    fixed: found.fix_versions.0,
                    ..Vulnerability::default()
                })?;
            }
        }
        Ok(report.finish())
    },
};

#[derive(Deserialize)]
struct Document {
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: Text,
    #[serde(default)]
    version: Text,
    #[serde(default)]
    vulns: List<Found>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    id: Text,
    aliases: List<String>,
    fix_versions: List<String>,
}
