//! Tests of what a document's category demands.

use std::collections::BTreeSet;

use super::Faults;
use crate::verify::readers::vex::csaf::products::Products;
use crate::verify::readers::vex::csaf::wire::{Csaf, Vulnerability};

pub(super) fn check(csaf: &Csaf, products: &Products<'_>, faults: &mut Faults) {
    let category = csaf.document.category.as_str();
    let incident = category == "csaf_security_incident_response";
    let information = category == "csaf_informational_advisory";
    let advisory = category == "csaf_security_advisory";
    let vex = category == "csaf_vex";
    if incident || information {
        told(csaf, faults);
    }
    if information && csaf.vulnerabilities.is_some() {
        faults.add("6.1.27.3", "/vulnerabilities", "an informational advisory lists none");
    }
    if !advisory && !vex {
        return;
    }
    if csaf.product_tree.is_none() {
        faults.add("6.1.27.4", "", "`product_tree` is missing");
    }
    if csaf.vulnerabilities.is_none() {
        faults.add("6.1.27.11", "", "`vulnerabilities` is missing");
    }
    for (at, vulnerability) in csaf.vulnerabilities().iter().enumerate() {
        let place = format!("/vulnerabilities/{at}");
        if vulnerability.notes.is_none() {
            faults.add("6.1.27.5", &place, "`notes` is missing");
        }
        if advisory && vulnerability.product_status.is_none() {
            faults.add("6.1.27.6", &place, "`product_status` is missing");
        }
        if vex {
            exploitability(vulnerability, products, &place, faults);
        }
    }
}

/// What incident responses and informational advisories tell.
fn told(csaf: &Csaf, faults: &mut Faults) {
    let notes = csaf.document.notes.iter().flatten();
    let tells =
        |category: &str| matches!(category, "description" | "details" | "general" | "summary");
    if !notes.into_iter().any(|note| tells(&note.category)) {
        faults.add("6.1.27.1", "/document/notes", "no note describes anything");
    }
    let mut references = csaf.document.references.iter().flatten();
    // `external` is what a reference without a category is.
    if !references.any(|it| it.category.as_deref().unwrap_or("external") == "external") {
        faults.add("6.1.27.2", "/document/references", "no reference leads elsewhere");
    }
}

fn exploitability(
    vulnerability: &Vulnerability,
    products: &Products<'_>,
    place: &str,
    faults: &mut Faults,
) {
    let status = vulnerability.product_status.as_ref();
    let said = status.is_some_and(|it| {
        it.fixed.is_some()
            || it.known_affected.is_some()
            || it.known_not_affected.is_some()
            || it.under_investigation.is_some()
    });
    if !said {
        faults.add("6.1.27.7", format!("{place}/product_status"), "says nothing of any product");
    }
    if vulnerability.cve.is_none() && vulnerability.ids.is_none() {
        faults.add("6.1.27.8", place, "the vulnerability has no id");
    }
    let Some(status) = status else { return };
    let flags = vulnerability.flags.iter().flatten();
    let impacts =
        vulnerability.threats.iter().flatten().filter(|threat| threat.category == "impact");
    let reasoned: BTreeSet<_> = flags
        .flat_map(|it| products.meant(it.product_ids.as_ref(), it.group_ids.as_ref()))
        .chain(
            impacts.flat_map(|it| products.meant(it.product_ids.as_ref(), it.group_ids.as_ref())),
        )
        .collect();
    let remedied: BTreeSet<_> = vulnerability
        .remediations
        .iter()
        .flatten()
        .flat_map(|it| products.meant(it.product_ids.as_ref(), it.group_ids.as_ref()))
        .collect();
    for (test, name, ids, covered, message) in [
        (
            "6.1.27.9",
            "known_not_affected",
            &status.known_not_affected,
            &reasoned,
            "has neither a flag nor an impact statement",
        ),
        ("6.1.27.10", "known_affected", &status.known_affected, &remedied, "has no remediation"),
    ] {
        for (at, id) in ids.iter().flatten().enumerate() {
            // Of a product that is not defined no more can be said than that.
            if products.defines(id) && !covered.contains(id.as_str()) {
                let place = format!("{place}/product_status/{name}/{at}");
                faults.add(test, place, format!("product `{id}` {message}"));
            }
        }
    }
}
