//! From CSAF 2.0 and 2.1 to statements. A document that fails one of the mandatory tests of the
//! specification (section 6.1) is invalid, with the test's number and the place.

mod products;
mod rules;
mod wire;

use std::collections::BTreeMap;

use super::document::{Claim, Statement};
use super::product::Product;
use crate::Timestamp;
use crate::facts::{Vex, VexStatus};
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Marks;
use products::Products;
use wire::{Csaf, Vulnerability};

/// Faults of a readable document that are told.
const FAULTS: usize = 50;

/// Whether these are the marks of CSAF: `document`, and nothing that CSAF does not have.
pub(super) fn is_csaf(marks: &Marks<'_>) -> bool {
    const KEYS: [&str; 5] =
        ["$schema", "document", "product_tree", "vulnerabilities", "x_extensions"];
    marks.has("document") && marks.only(&KEYS)
}

/// Reads and normalises a document.
pub(super) fn read(bytes: &[u8]) -> Result<Claim, Failure> {
    let csaf: Csaf = json::parse(bytes)?;
    let version = csaf.document.csaf_version.as_str();
    if !matches!(version, "2.0" | "2.1") {
        return Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("CSAF `{version}` is not read: use 2.0 or 2.1"),
        ));
    }
    let products = Products::of(&csaf);
    if products.defined.len() > limits::VEX_PRODUCTS
        || csaf.vulnerabilities().len() > limits::VEX_STATEMENTS
    {
        return Err(Failure::new(
            Problem::EvidenceTooLarge,
            "the document has more products or vulnerabilities than are read",
        ));
    }
    let faults = rules::check(&csaf, &products);
    if !faults.grave.is_empty() {
        return Err(Failure::invalid(faults.grave.into_iter().chain(faults.light).collect()));
    }
    let tracking = &csaf.document.tracking;
    let issued: Option<Timestamp> = tracking.current_release_date.parse().ok();
    let catalogue = products.catalogue();
    let mut statements = vec![];
    for (at, vulnerability) in csaf.vulnerabilities().iter().enumerate() {
        let place = format!("/vulnerabilities/{at}");
        statements.extend(spoken(vulnerability, &place, issued, &products, &catalogue));
        if statements.len() > limits::VEX_STATEMENTS {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("the document has more than {} statements", limits::VEX_STATEMENTS),
            ));
        }
    }
    // A document that states something is not thrown away for what its statements do not need.
    if statements.is_empty() && !faults.light.is_empty() {
        return Err(Failure::invalid(faults.light));
    }
    let document = Vex {
        format: "csaf".to_owned(),
        version: Some(version.to_owned()),
        id: Some(tracking.id.clone()),
        author: Some(csaf.document.publisher.name.clone()),
        issued_at: issued,
        statements: statements.len() as u64,
        decides: 0,
        faults: faults.light.into_iter().take(FAULTS).collect(),
    };
    Ok(Claim { document, statements })
}

/// The statements of one vulnerability: one a status, and of products that are not affected one a
/// reason.
fn spoken(
    vulnerability: &Vulnerability,
    place: &str,
    issued: Option<Timestamp>,
    products: &Products<'_>,
    catalogue: &BTreeMap<&str, Product>,
) -> Vec<Statement> {
    let other = vulnerability.ids.iter().flatten().map(|id| id.text.clone());
    let ids: Vec<_> = vulnerability.cve.clone().into_iter().chain(other).collect();
    let Some(status) = vulnerability.product_status.as_ref().filter(|_| !ids.is_empty()) else {
        return vec![];
    };
    let mut grouped: BTreeMap<(&str, VexStatus, Reason), Vec<Product>> = BTreeMap::new();
    for (name, said, listed) in status.lists() {
        for id in listed {
            let reason = match said {
                VexStatus::NotAffected => reason(vulnerability, id, products),
                _ => Reason::default(),
            };
            let product = catalogue.get(id.as_str()).cloned().unwrap_or_default();
            grouped.entry((name, said, reason)).or_default().push(product);
        }
    }
    let statement = |((name, status, reason), products): ((&str, _, Reason), _)| {
        Statement {
            place: format!("{place}/product_status/{name}"),
            ids: ids.clone(),
            products,
            status,
            justification: reason.justification,
            impact: reason.impact,
            action: action(vulnerability).filter(|_| status == VexStatus::Affected),
            timestamp: issued,
            flaw: None,
        }
        .checked()
    };
    grouped.into_iter().map(statement).collect()
}

/// Why a product is not affected.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Reason {
    justification: Option<String>,
    impact: Option<String>,
}

fn reason(vulnerability: &Vulnerability, id: &str, products: &Products<'_>) -> Reason {
    let mut flags = vulnerability.flags.iter().flatten();
    let mut threats = vulnerability.threats.iter().flatten();
    Reason {
        justification: flags
            .find(|flag| {
                products
                    .meant(flag.product_ids.as_ref(), flag.group_ids.as_ref())
                    .any(|it| it == id)
            })
            .map(|flag| flag.label.clone()),
        impact: threats
            .find(|threat| {
                threat.category == "impact"
                    && products
                        .meant(threat.product_ids.as_ref(), threat.group_ids.as_ref())
                        .any(|it| it == id)
            })
            .map(|threat| threat.details.clone()),
    }
}

fn action(vulnerability: &Vulnerability) -> Option<String> {
    vulnerability.remediations.iter().flatten().next().map(|it| it.details.clone())
}
