//! Tests of CVSS objects: complete, computed rightly, and of one mind with their vectors.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde_json::Value;

use super::Faults;
use crate::verify::readers::vex::csaf::wire::{Csaf, Cvss, Vulnerability};

pub(super) fn check(csaf: &Csaf, faults: &mut Faults) {
    for (at, vulnerability) in csaf.vulnerabilities().iter().enumerate() {
        let place = format!("/vulnerabilities/{at}");
        let mut seen = BTreeSet::new();
        for (place, cvss, products, source) in objects(vulnerability, &place) {
            object(cvss, &place, faults);
            let version = text(cvss, "version").unwrap_or_default();
            for product in products {
                if !seen.insert((product, version, source)) {
                    let message = format!("product `{product}` has another CVSS {version} score");
                    faults.add("6.1.7", &place, message);
                }
            }
        }
    }
}

type Object<'a> = (String, &'a Cvss, &'a [String], Option<&'a str>);

/// Every CVSS object with the products that it is about; in 2.1 also with who gave it.
fn objects<'a>(vulnerability: &'a Vulnerability, place: &str) -> Vec<Object<'a>> {
    let mut objects = vec![];
    for (at, score) in vulnerability.scores.iter().flatten().enumerate() {
        for (name, cvss) in [("cvss_v2", &score.cvss_v2), ("cvss_v3", &score.cvss_v3)] {
            let place = format!("{place}/scores/{at}/{name}");
            objects.extend(cvss.iter().map(|it| (place.clone(), it, &score.products[..], None)));
        }
    }
    for (at, metric) in vulnerability.metrics.iter().flatten().enumerate() {
        let content = &metric.content;
        for (name, cvss) in
            [("cvss_v2", &content.v2), ("cvss_v3", &content.v3), ("cvss_v4", &content.v4)]
        {
            let place = format!("{place}/metrics/{at}/content/{name}");
            let source = metric.source.as_deref();
            objects.extend(cvss.iter().map(|it| (place.clone(), it, &metric.products[..], source)));
        }
    }
    objects
}

fn text<'a>(cvss: &'a Cvss, field: &str) -> Option<&'a str> {
    cvss.get(field).and_then(Value::as_str)
}

fn object(cvss: &Cvss, place: &str, faults: &mut Faults) {
    let version = text(cvss, "version");
    let required: &[&str] = match version {
        Some("2.0") => &["vectorString", "baseScore"],
        Some("3.0" | "3.1" | "4.0") => &["vectorString", "baseScore", "baseSeverity"],
        _ => {
            faults.add("6.1.8", place, "has no `version` that there is");
            return;
        }
    };
    for field in required.iter().filter(|field| !cvss.contains_key(**field)) {
        faults.add("6.1.8", place, format!("has no `{field}`"));
    }
    let Some(vector) = text(cvss, "vectorString") else { return };
    let parsed = cvss::Cvss::from_str(vector);
    let (Ok(parsed), Some(version)) = (parsed, version) else {
        faults.add("6.1.8", format!("{place}/vectorString"), format!("`{vector}` is no vector"));
        return;
    };
    let scores = match &parsed {
        cvss::Cvss::CvssV20(it) if version == "2.0" => {
            [it.score().value(), it.temporal_score().value(), it.environmental_score().value()]
        }
        cvss::Cvss::CvssV30(it) if version == "3.0" => v3(it),
        cvss::Cvss::CvssV31(it) if version == "3.1" => v3(it),
        cvss::Cvss::CvssV40(_) if version == "4.0" => [parsed.score(); 3],
        _ => {
            let message = format!("`{vector}` is no vector of CVSS {version}");
            faults.add("6.1.8", format!("{place}/vectorString"), message);
            return;
        }
    };
    computed(cvss, version, scores, place, faults);
    consistent(cvss, version, vector, place, faults);
}

fn v3(vector: &cvss::v3::Vector) -> [f64; 3] {
    [
        vector.base_score().value(),
        vector.temporal_score().value(),
        vector.environmental_score().value(),
    ]
}

fn computed(cvss: &Cvss, version: &str, scores: [f64; 3], place: &str, faults: &mut Faults) {
    let kinds = ["base", "temporal", "environmental"];
    for (kind, score) in kinds.into_iter().zip(scores) {
        let said = cvss.get(&format!("{kind}Score")).and_then(Value::as_f64);
        if said.is_some_and(|said| (said - score).abs() > 0.04) {
            let message = format!("the vector scores {score}");
            faults.add("6.1.9", format!("{place}/{kind}Score"), message);
        }
        let severity = text(cvss, &format!("{kind}Severity")).filter(|_| version != "2.0");
        if severity.is_some_and(|said| !said.eq_ignore_ascii_case(rating(score))) {
            let message = format!("a score of {score} is {}", rating(score));
            faults.add("6.1.9", format!("{place}/{kind}Severity"), message);
        }
    }
}

fn rating(score: f64) -> &'static str {
    match score {
        score if score >= 9.0 => "CRITICAL",
        score if score >= 7.0 => "HIGH",
        score if score >= 4.0 => "MEDIUM",
        score if score > 0.0 => "LOW",
        _ => "NONE",
    }
}

/// The names that the JSON forms of CVSS give the metrics that base vectors have.
const METRICS: [(&str, &str); 17] = [
    ("AV", "attackVector"),
    ("AC", "attackComplexity"),
    ("PR", "privilegesRequired"),
    ("UI", "userInteraction"),
    ("S", "scope"),
    ("C", "confidentialityImpact"),
    ("I", "integrityImpact"),
    ("A", "availabilityImpact"),
    ("Au", "authentication"),
    ("AT", "attackRequirements"),
    ("VC", "vulnConfidentialityImpact"),
    ("VI", "vulnIntegrityImpact"),
    ("VA", "vulnAvailabilityImpact"),
    ("SC", "subConfidentialityImpact"),
    ("SI", "subIntegrityImpact"),
    ("SA", "subAvailabilityImpact"),
    ("RL", "remediationLevel"),
];

/// A metric that is written out says what the vector says.
fn consistent(cvss: &Cvss, version: &str, vector: &str, place: &str, faults: &mut Faults) {
    for (short, name) in METRICS {
        // Version 2 calls the vector of attack otherwise.
        let name = if (version, short) == ("2.0", "AV") { "accessVector" } else { name };
        let name = if (version, short) == ("2.0", "AC") { "accessComplexity" } else { name };
        let Some(said) = text(cvss, name) else { continue };
        let Some(value) = vector.split('/').find_map(|part| {
            part.split_once(':').filter(|(key, _)| *key == short).map(|(_, value)| value)
        }) else {
            continue;
        };
        if !means(said, value) {
            let message = format!("the vector says `{short}:{value}`");
            faults.add("6.1.10", format!("{place}/{name}"), message);
        }
    }
}

/// Whether a word is what a letter of a vector stands for: its first letter, but for these.
fn means(word: &str, value: &str) -> bool {
    match word {
        "ADJACENT_NETWORK" | "ADJACENT" => value == "A",
        "OFFICIAL_FIX" => matches!(value, "O" | "OF"),
        "TEMPORARY_FIX" => matches!(value, "T" | "TF"),
        "NOT_DEFINED" => matches!(value, "X" | "ND"),
        word => value.len() == 1 && word.starts_with(value),
    }
}
