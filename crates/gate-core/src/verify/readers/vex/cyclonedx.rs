//! From the `vulnerabilities` of a CycloneDX document, as far as they carry an analysis, to
//! statements. Of the rest of the document only what the statements refer to is read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::document::{Claim, Statement};
use super::product::{Product, Versions};
use crate::Timestamp;
use crate::facts::{Located, Vex, VexStatus};
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// The versions of the format that have vulnerabilities.
const VERSIONS: [&str; 4] = ["1.4", "1.5", "1.6", "1.7"];

/// The reasons for `not_affected` that the format knows.
const JUSTIFICATIONS: [&str; 9] = [
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];

/// A document as far as it is read; the rest is skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    bom_format: String,
    spec_version: String,
    serial_number: Option<String>,
    metadata: Option<Metadata>,
    components: Option<Vec<Component>>,
    vulnerabilities: Option<Vec<Vulnerability>>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    component: Option<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    version: Option<String>,
    purl: Option<String>,
    hashes: Option<Vec<Hash>>,
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
struct Hash {
    alg: String,
    content: String,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    references: Option<Vec<Reference>>,
    analysis: Option<Analysis>,
    affects: Option<Vec<Affected>>,
    updated: Option<String>,
    recommendation: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Analysis {
    state: Option<String>,
    justification: Option<String>,
    detail: Option<String>,
    first_issued: Option<String>,
    last_updated: Option<String>,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(rename = "ref")]
    reference: String,
    versions: Option<Vec<AffectedVersion>>,
}

#[derive(Deserialize)]
struct AffectedVersion {
    version: Option<String>,
    range: Option<String>,
    status: Option<String>,
}

/// Normalises a document; `None` where no vulnerability has an analysis.
pub(super) fn read(document: Document) -> Result<Option<Claim>, Failure> {
    if document.bom_format != "CycloneDX" {
        return Err(Failure::malformed("`bomFormat` is not `CycloneDX`"));
    }
    let vulnerabilities = document.vulnerabilities.unwrap_or_default();
    if vulnerabilities.iter().all(|it| it.analysis.is_none()) {
        return Ok(None);
    }
    if !VERSIONS.contains(&document.spec_version.as_str()) {
        return Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("VEX of CycloneDX `{}` is not read: use 1.4 to 1.7", document.spec_version),
        ));
    }
    if vulnerabilities.len() > limits::VEX_STATEMENTS {
        return Err(Failure::new(
            Problem::EvidenceTooLarge,
            format!("the document has more than {} vulnerabilities", limits::VEX_STATEMENTS),
        ));
    }
    let mut wrong = vec![];
    let metadata = document.metadata;
    let issued = metadata.as_ref().and_then(|it| it.timestamp.as_deref());
    // A time without a zone (some tools) is no instant.
    let issued: Option<Timestamp> = issued.and_then(|text| text.parse().ok());
    let mut known = BTreeMap::new();
    let main = metadata.and_then(|it| it.component).into_iter();
    index(main.chain(document.components.unwrap_or_default()), &mut known);
    let mut statements = vec![];
    for (at, wire) in vulnerabilities.into_iter().enumerate() {
        let place = format!("/vulnerabilities/{at}");
        statements.extend(statement(wire, place, issued, &known, &mut wrong));
    }
    if !wrong.is_empty() {
        return Err(Failure::invalid(wrong));
    }
    let vex = Vex {
        format: "cyclonedx-vex".to_owned(),
        version: Some(document.spec_version),
        id: document.serial_number,
        author: None,
        issued_at: issued,
        statements: statements.len() as u64,
        decides: 0,
        faults: vec![],
    };
    Ok(Some(Claim { document: vex, statements }))
}

/// The document's components by their references. Nesting is bounded by the JSON reader.
fn index(components: impl IntoIterator<Item = Component>, known: &mut BTreeMap<String, Product>) {
    for component in components {
        let mut product = Product::default();
        if let Some(purl) = &component.purl {
            product.name(purl);
        }
        for hash in component.hashes.iter().flatten() {
            product.hash(&hash.alg, &hash.content);
        }
        // Syft and Trivy write an image's digest as its version.
        product
            .digests
            .extend(component.version.iter().filter_map(|it| it.parse::<crate::Digest>().ok()));
        if let Some(reference) = component.reference {
            known.insert(reference, product);
        }
        index(component.components.unwrap_or_default(), known);
    }
}

fn statement(
    wire: Vulnerability,
    place: String,
    issued: Option<Timestamp>,
    known: &BTreeMap<String, Product>,
    wrong: &mut Vec<Located>,
) -> Option<Statement> {
    let analysis = wire.analysis?;
    let before = wrong.len();
    let mut fault = |field: &str, message: String| {
        wrong.push(Located { place: format!("{place}{field}"), message });
    };
    let status = match analysis.state.as_deref()? {
        "not_affected" | "false_positive" => Some(VexStatus::NotAffected),
        "exploitable" => Some(VexStatus::Affected),
        "in_triage" => Some(VexStatus::UnderInvestigation),
        "resolved" | "resolved_with_pedigree" => Some(VexStatus::Fixed),
        other => {
            fault("/analysis/state", format!("`{other}` is no state"));
            None
        }
    };
    if let Some(word) =
        analysis.justification.as_deref().filter(|word| !JUSTIFICATIONS.contains(word))
    {
        fault("/analysis/justification", format!("`{word}` is no justification"));
    }
    let references = wire.references.unwrap_or_default().into_iter().filter_map(|it| it.id);
    let ids: Vec<_> =
        wire.id.into_iter().chain(references).filter(|id| !id.trim().is_empty()).collect();
    if ids.is_empty() {
        fault("/id", "the vulnerability has no id".to_owned());
    }
    let times = [analysis.last_updated, analysis.first_issued, wire.updated];
    let said = times.iter().flatten().find_map(|text| text.parse().ok());
    if wrong.len() > before {
        return None;
    }
    let status = status?;
    let affects = wire.affects.unwrap_or_default();
    let products: Vec<_> = affects.iter().filter_map(|it| product(it, status, known)).collect();
    // It speaks of versions, and of none with this status: not of everything.
    if products.is_empty() && !affects.is_empty() {
        return None;
    }
    let statement = Statement {
        place,
        ids,
        products,
        status,
        justification: analysis.justification,
        impact: analysis.detail.filter(|_| status == VexStatus::NotAffected),
        action: wire.recommendation,
        timestamp: said.or(issued),
        flaw: None,
    };
    Some(statement.checked())
}

/// The product of a reference: a component of this document, one of another document by its link
/// (`urn:cdx:serial/version#reference`), or a package URL. With versions, those of them whose status
/// is the statement's.
fn product(
    wire: &Affected,
    status: VexStatus,
    known: &BTreeMap<String, Product>,
) -> Option<Product> {
    let link = wire.reference.starts_with("urn:cdx:");
    let name = match wire.reference.split_once('#') {
        Some((_, name)) if link => name,
        _ => &wire.reference,
    };
    let mut product = match known.get(name) {
        Some(product) if !link => product.clone(),
        _ => Product::named(name),
    };
    if let Some(versions) = wire.versions.as_ref().filter(|versions| !versions.is_empty()) {
        product.versions = versions.iter().filter_map(|it| version(it, status)).collect();
        // Versions of which none has the statement's status leave nothing to speak of.
        if product.versions.is_empty() {
            return None;
        }
    }
    Some(product)
}

fn version(wire: &AffectedVersion, status: VexStatus) -> Option<Versions> {
    let excuses = matches!(status, VexStatus::NotAffected | VexStatus::Fixed);
    // A version without a status of its own has the statement's.
    let said = wire.status.as_deref().is_none_or(|status| excuses == (status == "unaffected"));
    let version =
        wire.version.clone().map(Versions::Exact).or(wire.range.clone().map(Versions::Range));
    version.filter(|_| said)
}
