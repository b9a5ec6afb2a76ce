//! From a security report of GitLab to a scan (of containers and dependencies) or an analysis (of
//! code and secrets).

use serde::Deserialize;

use super::Format;
use super::report::{Report, severity, worded};
use crate::facts::{AnalysisFinding, Category, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text, pinned};

pub(super) const FORMAT: Format = Format {
    name: "gitlab",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_list("vulnerabilities")
                && fields.has("version")
                && (fields.has_in("scan", "type") || fields.is_list("remediations"))
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct Document {
    version: Text,
    #[serde(default)]
    scan: Scan,
    vulnerabilities: List<Wire>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scan {
    scanner: Scanner,
    r#type: Text,
    end_time: Text,
    status: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scanner {
    id: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    id: Text,
    category: Text,
    name: Text,
    message: Text,
    description: Text,
    severity: Text,
    solution: Text,
    location: Location,
    identifiers: List<Identifier>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Location {
    dependency: Dependency,
    image: Text,
    file: Text,
    start_line: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dependency {
    package: Package,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Identifier {
    r#type: Text,
    value: Text,
}

fn read(document: Document) -> Result<Read, Failure> {
    let Scan { scanner, r#type, end_time, status } = document.scan;
    if status.as_str() == "failure" {
        return Err(Failure::malformed("the scan failed: it says so itself"));
    }
    let mut report = Report::new("gitlab");
    report.version = document.version.get();
    report.scanner_version = scanner.version.get();
    report.scanned_at = end_time.instant();
    report.looked = is_scan(r#type.as_str());
    let source = scanner.id.get();
    for wire in document.vulnerabilities {
        report.names.extend(pinned(wire.location.image.as_str()));
        if report.target.is_empty() {
            wire.location.image.as_str().clone_into(&mut report.target);
        }
        let kind = match r#type.as_str() {
            "" => wire.category.as_str(),
            kind => kind,
        };
        if is_scan(kind) {
            report.push(vulnerability(wire, source.as_deref()))?;
        } else {
            let category = match kind {
                "secret_detection" => Category::Secret,
                _ => Category::Code,
            };
            report.push_analysis(finding(wire, category))?;
        }
    }
    Ok(report.finish())
}

fn is_scan(kind: &str) -> bool {
    matches!(kind, "container_scanning" | "dependency_scanning" | "cluster_image_scanning")
}

fn vulnerability(wire: Wire, scanner: Option<&str>) -> Vulnerability {
    let (severity, severity_source) = worded(wire.severity.as_str(), scanner);
    let mut ids: Vec<_> = wire
        .identifiers
        .into_iter()
        .filter(|it| !matches!(it.r#type.as_str().to_ascii_lowercase().as_str(), "cwe" | "owasp"))
        .map(|it| it.value.or_empty())
        .collect();
    let id = if ids.is_empty() { wire.id.or_empty() } else { ids.remove(0) };
    let (path, image) = (wire.location.file.or_empty(), wire.location.image.or_empty());
    Vulnerability {
        id,
        aliases: ids,
        package: wire.location.dependency.package.name.or_empty(),
        installed: wire.location.dependency.version.or_empty(),
        fixed: upgrade(wire.solution.as_str()).into_iter().collect(),
        severity,
        severity_source,
        title: wire.name.or(wire.message).or(wire.description).get(),
        locations: vec![path, image],
        ..Vulnerability::default()
    }
}

/// The version of `Upgrade a from 1 to 2` and `Upgrade to version 2 or above`.
fn upgrade(solution: &str) -> Option<String> {
    let rest = solution.trim().strip_prefix("Upgrade")?;
    let (_, last) = rest.rsplit_once(" to ")?;
    let mut words = last.split([' ', ',']).filter(|word| !word.is_empty());
    let word = words.find(|word| word.contains(|digit: char| digit.is_ascii_digit()))?;
    Some(word.trim_end_matches('.').to_owned())
}

fn finding(wire: Wire, category: Category) -> AnalysisFinding {
    let rule = wire.identifiers.into_iter().find_map(|it| it.value.get());
    AnalysisFinding {
        rule: rule.or(wire.id.get()).unwrap_or_default(),
        severity: severity(wire.severity.as_str()),
        severity_source: Some("severity".to_owned()),
        category,
        message: wire.name.or(wire.message).or(wire.description).or_empty(),
        file: wire.location.file.get(),
        line: wire.location.start_line.whole(),
        ..AnalysisFinding::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_name_the_version() {
        for (solution, version) in [
            ("Upgrade apt from 1.4.8 to 1.4.9", Some("1.4.9")),
            ("Upgrade jquery to 3.4.0", Some("3.4.0")),
            ("Upgrade to versions 2.1, 3.0 or above.", Some("2.1")),
            ("No solution provided", None),
            ("Upgrade to the newest", None),
        ] {
            assert_eq!(upgrade(solution).as_deref(), version, "{solution}");
        }
    }
}
