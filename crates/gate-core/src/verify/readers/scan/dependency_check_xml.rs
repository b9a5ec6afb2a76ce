//! From a Dependency-Check report in XML to the types that its JSON is read into.

use super::Format;
use super::dependency_check::{
    CvssV2, CvssV3, CvssV4, Dependency, Document, Exploited, Identifier, ProjectInfo, ScanInfo,
    Software, SoftwareRange, Wire, read,
};
use crate::verify::marks::Marks;
use crate::verify::readers::tree::Element;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "dependency-check-xml",
    detect: |marks| {
        matches!(marks, Marks::Xml(root)
            if root.name == "analysis" && root.namespace.to_lowercase().contains("dependency"))
    },
    read: |bytes| read(document(&Element::of(bytes, &SKIPPED)?)),
};

/// Elements that are large and tell nothing of vulnerabilities.
const SKIPPED: [&str; 3] = ["evidenceCollected", "relatedDependencies", "references"];

fn text(element: &Element, name: &str) -> Text {
    element.child(name).map(|child| Text::from(child.text.trim())).unwrap_or_default()
}

fn list<T>(element: &Element, outer: &str, inner: &str, read: impl Fn(&Element) -> T) -> List<T> {
    let outer = element.children(outer);
    List(outer.flat_map(|outer| outer.children(inner)).map(read).collect())
}

fn document(root: &Element) -> Document {
    let scan = root.child("scanInfo");
    let project = root.child("projectInfo");
    Document {
        report_schema: Text::from(root.namespace_version().unwrap_or_default()),
        scan_info: ScanInfo {
            engine_version: scan.map(|it| text(it, "engineVersion")).unwrap_or_default(),
        },
        project_info: ProjectInfo {
            name: project.map(|it| text(it, "name")).unwrap_or_default(),
            report_date: project.map(|it| text(it, "reportDate")).unwrap_or_default(),
        },
        dependencies: list(root, "dependencies", "dependency", dependency),
    }
}

fn dependency(element: &Element) -> Dependency {
    let mut packages =
        list(element, "identifiers", "package", |package| Identifier { id: text(package, "id") });
    // Older versions write `<identifier type="maven"><name>(group:artifact:version)</name>`.
    packages.0.extend(list(element, "identifiers", "identifier", legacy).0);
    Dependency {
        file_name: text(element, "fileName"),
        file_path: text(element, "filePath"),
        packages,
        vulnerabilities: list(element, "vulnerabilities", "vulnerability", vulnerability),
        suppressed_vulnerabilities: list(
            element,
            "vulnerabilities",
            "suppressedVulnerability",
            vulnerability,
        ),
    }
}

fn legacy(identifier: &Element) -> Identifier {
    let name = text(identifier, "name");
    let coordinates = name.as_str().trim_matches(['(', ')']);
    let mut parts = coordinates.split(':');
    let id = match (identifier.attribute("type"), parts.next(), parts.next(), parts.next()) {
        (Some("maven"), Some(group), Some(artifact), Some(version)) => {
            format!("pkg:maven/{group}/{artifact}@{version}")
        }
        _ => String::new(),
    };
    Identifier { id: Text::from(id.as_str()) }
}

fn vulnerability(element: &Element) -> Wire {
    let flat = !text(element, "cvssScore").as_str().is_empty();
    let source = match element.attribute("source") {
        Some(source) => Text::from(source),
        None => text(element, "source"),
    };
    Wire {
        source,
        name: text(element, "name"),
        severity: text(element, "severity"),
        cvssv2: match element.child("cvssV2") {
            Some(cvss) => Some(cvss_v2(cvss)),
            // Older versions write the metrics beside the name.
            None if flat => Some(cvss_v2_flat(element)),
            None => None,
        },
        cvssv3: element.child("cvssV3").map(cvss_v3),
        cvssv4: element.child("cvssV4").map(|cvss| CvssV4 {
            base_score: text(cvss, "baseScore"),
            vector_string: text(cvss, "vectorString"),
        }),
        software: list(element, "vulnerableSoftware", "software", software),
        exploited: element
            .child("knownExploitedVulnerability")
            .map(|it| Exploited { due_date: text(it, "dueDate") }),
        notes: text(element, "notes"),
        description: text(element, "description"),
    }
}

fn software(element: &Element) -> Software {
    let attribute = |name| Text::from(element.attribute(name).unwrap_or_default());
    Software {
        software: SoftwareRange {
            vulnerability_id_matched: attribute("vulnerabilityIdMatched"),
            version_end_excluding: attribute("versionEndExcluding"),
        },
    }
}

fn cvss_v2(cvss: &Element) -> CvssV2 {
    CvssV2 {
        score: text(cvss, "score"),
        access_vector: text(cvss, "accessVector"),
        access_complexity: text(cvss, "accessComplexity"),
        authenticationr: text(cvss, "authenticationr").or(text(cvss, "authentication")),
        confidentiality_impact: text(cvss, "confidentialImpact")
            .or(text(cvss, "confidentialityImpact")),
        integrity_impact: text(cvss, "integrityImpact"),
        availability_impact: text(cvss, "availabilityImpact"),
    }
}

fn cvss_v2_flat(element: &Element) -> CvssV2 {
    CvssV2 {
        score: text(element, "cvssScore"),
        access_vector: text(element, "cvssAccessVector"),
        access_complexity: text(element, "cvssAccessComplexity"),
        authenticationr: text(element, "cvssAuthenticationr"),
        confidentiality_impact: text(element, "cvssConfidentialImpact"),
        integrity_impact: text(element, "cvssIntegrityImpact"),
        availability_impact: text(element, "cvssAvailabilityImpact"),
    }
}

fn cvss_v3(cvss: &Element) -> CvssV3 {
    CvssV3 {
        base_score: text(cvss, "baseScore"),
        attack_vector: text(cvss, "attackVector"),
        attack_complexity: text(cvss, "attackComplexity"),
        privileges_required: text(cvss, "privilegesRequired"),
        user_interaction: text(cvss, "userInteraction"),
        scope: text(cvss, "scope"),
        confidentiality_impact: text(cvss, "confidentialityImpact"),
        integrity_impact: text(cvss, "integrityImpact"),
        availability_impact: text(cvss, "availabilityImpact"),
        version: text(cvss, "version"),
    }
}
