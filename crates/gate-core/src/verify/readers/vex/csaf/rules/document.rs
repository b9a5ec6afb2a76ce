//! Tests of the document's head and of what stands alone: language, translator, category, CVE, CWE.

use std::collections::{BTreeMap, BTreeSet};

use super::Faults;
use super::words::{cwe_name, is_language};
use crate::verify::readers::vex::csaf::wire::{Csaf, Vulnerability};

pub(super) fn check(csaf: &Csaf, faults: &mut Faults) {
    languages(csaf, faults);
    category(csaf, faults);
    let mut cves = BTreeSet::new();
    for (at, vulnerability) in csaf.vulnerabilities().iter().enumerate() {
        let place = format!("/vulnerabilities/{at}");
        if let Some(cve) = &vulnerability.cve
            && !cves.insert(cve)
        {
            faults.add("6.1.23", format!("{place}/cve"), format!("{cve} is listed twice"));
        }
        weaknesses(vulnerability, &place, faults);
        involvements(vulnerability, &place, faults);
        unbound(vulnerability, &place, faults);
    }
}

fn languages(csaf: &Csaf, faults: &mut Faults) {
    let document = &csaf.document;
    let given = [("lang", &document.lang), ("source_lang", &document.source_lang)];
    for (field, lang) in given {
        if let Some(lang) = lang.as_ref().filter(|lang| !is_language(lang)) {
            faults.add("6.1.12", format!("/document/{field}"), format!("`{lang}` is no language"));
        }
    }
    if document.publisher.category == "translator" && document.source_lang.is_none() {
        faults.add("6.1.15", "/document", "a translation has no `source_lang`");
    }
    if document.lang.is_some() && document.lang == document.source_lang {
        faults.add("6.1.28", "/document/lang", "the language is that of the source");
    }
}

/// The profiles whose names no document of another profile may wear.
const PROFILES: [&str; 4] =
    ["securityincidentresponse", "informationaladvisory", "securityadvisory", "vex"];
const CATEGORIES: [&str; 8] = [
    "csaf_security_incident_response",
    "csaf_informational_advisory",
    "csaf_security_advisory",
    "csaf_vex",
    // 2.1
    "csaf_deprecated_security_advisory",
    "csaf_withdrawn",
    "csaf_superseded",
    "csaf_base",
];

fn category(csaf: &Csaf, faults: &mut Faults) {
    let category = csaf.document.category.as_str();
    if CATEGORIES.contains(&category) {
        return;
    }
    let bare: String = category
        .chars()
        .filter(|it| !it.is_whitespace() && !matches!(it, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect();
    let name = bare.strip_prefix("csaf").unwrap_or(&bare);
    if bare.starts_with("csaf") || PROFILES.contains(&name) {
        let message = format!("`{category}` reads like a profile and is none");
        faults.add("6.1.26", "/document/category", message);
    }
}

fn weaknesses(vulnerability: &Vulnerability, place: &str, faults: &mut Faults) {
    let old = vulnerability.cwe.iter().map(|cwe| (format!("{place}/cwe"), cwe));
    let new = vulnerability.cwes.iter().flatten().enumerate();
    for (place, cwe) in old.chain(new.map(|(at, cwe)| (format!("{place}/cwes/{at}"), cwe))) {
        let number = cwe.id.strip_prefix("CWE-").and_then(|number| number.parse().ok());
        let Some(number) = number else {
            faults.add("6.1.11", format!("{place}/id"), format!("`{}` is no CWE", cwe.id));
            continue;
        };
        if cwe_name(number).is_some_and(|name| name != cwe.name) {
            let message = format!("`{}` is not the name of {}", cwe.name, cwe.id);
            faults.add("6.1.11", format!("{place}/name"), message);
        }
    }
}

fn involvements(vulnerability: &Vulnerability, place: &str, faults: &mut Faults) {
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    for (at, involvement) in vulnerability.involvements.iter().flatten().enumerate() {
        if seen.insert((&involvement.party, &involvement.date), at).is_some() {
            let message = format!("`{}` is involved twice at one time", involvement.party);
            faults.add("6.1.24", format!("{place}/involvements/{at}"), message);
        }
    }
}

/// Remediations and flags that are about no product.
fn unbound(vulnerability: &Vulnerability, place: &str, faults: &mut Faults) {
    for (at, it) in vulnerability.remediations.iter().flatten().enumerate() {
        if it.product_ids.is_none() && it.group_ids.is_none() {
            faults.add("6.1.29", format!("{place}/remediations/{at}"), "is about no product");
        }
    }
    for (at, it) in vulnerability.flags.iter().flatten().enumerate() {
        if it.product_ids.is_none() && it.group_ids.is_none() {
            faults.add("6.1.32", format!("{place}/flags/{at}"), "is about no product");
        }
    }
}
