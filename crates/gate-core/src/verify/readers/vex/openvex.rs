//! From OpenVEX 0.0.1 and 0.2, in JSON or YAML, to statements.
//!
//! 0.0.1 writes vulnerabilities and products as texts, 0.2 as objects; both are read wherever they
//! stand, since tools mix them under one context.

use serde::Deserialize;

use super::document::{Claim, Statement};
use super::product::Product;
use crate::Timestamp;
use crate::facts::{Located, Vex, VexStatus};
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

const CONTEXT: &str = "https://openvex.dev/ns";

/// The reasons for `not_affected` that the specification knows.
const JUSTIFICATIONS: [&str; 5] = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// Whether a JSON-LD context is OpenVEX's, of any version.
pub(super) fn is_context(context: &str) -> bool {
    context.strip_prefix(CONTEXT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a text is OpenVEX in YAML: it has statements, and says what it is.
pub(super) fn is_yaml(text: &str) -> bool {
    let key = |wanted: &str| {
        text.lines().any(|line| line.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(':')))
    };
    let marked = text.lines().any(|line| {
        let (name, value) = line.split_once(':').unwrap_or_default();
        let value = value.trim().trim_matches(['"', '\'']);
        match name.trim_matches(['"', '\'']) {
            "@context" => is_context(value),
            "format" => matches!(value, "vex_attestation" | "text/vex" | "text/vex+json"),
            _ => false,
        }
    });
    marked && key("statements") && key("author")
}

/// A document as far as it is read; the rest is skipped.
#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(rename = "@context", default)]
    context: Option<String>,
    #[serde(rename = "@id", alias = "id", default)]
    id: Option<String>,
    author: String,
    timestamp: Option<String>,
    last_updated: Option<String>,
    statements: Vec<WireStatement>,
}

#[derive(Deserialize)]
struct WireStatement {
    vulnerability: Vulnerability,
    #[serde(default)]
    products: Option<Vec<WireProduct>>,
    /// 0.0.1 names components beside the products.
    #[serde(default)]
    subcomponents: Option<Vec<WireProduct>>,
    status: String,
    justification: Option<String>,
    impact_statement: Option<String>,
    action_statement: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vulnerability {
    Name(String),
    Object {
        #[serde(rename = "@id", default)]
        id: Option<String>,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        aliases: Option<Vec<String>>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WireProduct {
    Name(String),
    Object {
        #[serde(rename = "@id", default)]
        id: Option<String>,
        #[serde(default)]
        identifiers: Option<Identifiers>,
        #[serde(default)]
        hashes: Option<std::collections::BTreeMap<String, String>>,
        #[serde(default)]
        subcomponents: Option<Vec<WireProduct>>,
    },
}

#[derive(Deserialize)]
struct Identifiers {
    purl: Option<String>,
    cpe22: Option<String>,
    cpe23: Option<String>,
}

/// Reads the YAML form.
pub(super) fn parse_yaml(bytes: &[u8]) -> Result<Document, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|error| Failure::malformed(error.to_string()))?;
    serde_saphyr::from_str(text).map_err(|error| Failure::malformed(error.to_string()))
}

/// Normalises a document.
pub(super) fn read(document: Document) -> Result<Claim, Failure> {
    if document.statements.len() > limits::VEX_STATEMENTS {
        return Err(Failure::new(
            Problem::EvidenceTooLarge,
            format!("the document has more than {} statements", limits::VEX_STATEMENTS),
        ));
    }
    let mut wrong = vec![];
    let issued = instant(document.timestamp.as_deref(), "/timestamp", &mut wrong);
    let updated = instant(document.last_updated.as_deref(), "/last_updated", &mut wrong);
    let version = document.context.as_deref().and_then(|context| {
        let version = context.strip_prefix(CONTEXT)?.trim_matches('/').trim_start_matches('v');
        Some(version.to_owned()).filter(|version| !version.is_empty())
    });
    let mut statements = vec![];
    for (at, wire) in document.statements.into_iter().enumerate() {
        let place = format!("/statements/{at}");
        statements.extend(statement(wire, place, issued.or(updated), &mut wrong));
    }
    if !wrong.is_empty() {
        return Err(Failure::invalid(wrong));
    }
    let vex = Vex {
        format: "openvex".to_owned(),
        version,
        id: document.id.filter(|id| !id.is_empty()),
        author: Some(document.author),
        issued_at: updated.max(issued),
        statements: statements.len() as u64,
        decides: 0,
        faults: vec![],
    };
    Ok(Claim { document: vex, statements })
}

fn statement(
    wire: WireStatement,
    place: String,
    cascaded: Option<Timestamp>,
    wrong: &mut Vec<Located>,
) -> Option<Statement> {
    let before = wrong.len();
    let status = match wire.status.as_str() {
        "not_affected" => Some(VexStatus::NotAffected),
        "affected" => Some(VexStatus::Affected),
        "fixed" => Some(VexStatus::Fixed),
        "under_investigation" => Some(VexStatus::UnderInvestigation),
        other => {
            fault(wrong, &place, "/status", format!("`{other}` is no status"));
            None
        }
    };
    let justification = wire.justification.filter(|it| !it.is_empty());
    if let Some(word) = justification.as_deref().filter(|it| !JUSTIFICATIONS.contains(it)) {
        fault(wrong, &place, "/justification", format!("`{word}` is no justification"));
    }
    let ids = ids(wire.vulnerability);
    if ids.is_empty() {
        fault(wrong, &place, "/vulnerability", "has no name".to_owned());
    }
    let products = wire.products.unwrap_or_default();
    let mut products = list(products, &format!("{place}/products"), wrong);
    let shared =
        list(wire.subcomponents.unwrap_or_default(), &format!("{place}/subcomponents"), wrong);
    for product in &mut products {
        product.parts.extend(shared.iter().cloned());
    }
    if products.is_empty() && !shared.is_empty() {
        // Components of whatever the statement around the document is about.
        products = shared;
    }
    let timestamp = instant(wire.timestamp.as_deref(), &format!("{place}/timestamp"), wrong);
    let updated = instant(wire.last_updated.as_deref(), &format!("{place}/last_updated"), wrong);
    if wrong.len() > before {
        return None;
    }
    let statement = Statement {
        place,
        ids,
        products,
        status: status?,
        justification,
        impact: wire.impact_statement.filter(|it| !it.is_empty()),
        action: wire.action_statement.filter(|it| !it.is_empty()),
        timestamp: updated.max(timestamp).or(cascaded),
        flaw: None,
    };
    Some(statement.checked())
}

fn ids(vulnerability: Vulnerability) -> Vec<String> {
    let ids = match vulnerability {
        Vulnerability::Name(name) => vec![name],
        Vulnerability::Object { id, name, aliases } => {
            name.or(id).into_iter().chain(aliases.unwrap_or_default()).collect()
        }
    };
    ids.into_iter().filter(|id| !id.trim().is_empty()).collect()
}

fn list(wire: Vec<WireProduct>, place: &str, wrong: &mut Vec<Located>) -> Vec<Product> {
    let mut products = vec![];
    for (at, wire) in wire.into_iter().enumerate() {
        let place = format!("{place}/{at}");
        let (id, identifiers, hashes, parts) = match wire {
            WireProduct::Name(name) => (Some(name), None, None, None),
            WireProduct::Object { id, identifiers, hashes, subcomponents } => {
                (id, identifiers, hashes, subcomponents)
            }
        };
        let named = identifiers
            .as_ref()
            .is_some_and(|it| it.purl.is_some() || it.cpe22.is_some() || it.cpe23.is_some());
        if id.as_ref().is_none_or(String::is_empty) && !named {
            let message = "has neither an `@id` nor an identifier".to_owned();
            wrong.push(Located { place: place.clone(), message });
        }
        let mut product = Product::default();
        for name in id.iter().chain(identifiers.iter().filter_map(|it| it.purl.as_ref())) {
            product.name(name);
        }
        for (algorithm, value) in hashes.iter().flatten() {
            product.hash(algorithm, value);
        }
        let parts = parts.unwrap_or_default();
        product.parts = list(parts, &format!("{place}/subcomponents"), wrong);
        products.push(product);
    }
    products
}

fn instant(text: Option<&str>, place: &str, wrong: &mut Vec<Located>) -> Option<Timestamp> {
    let parsed = text?.parse::<Timestamp>();
    if let Err(error) = &parsed {
        wrong.push(Located { place: place.to_owned(), message: error.to_string() });
    }
    parsed.ok()
}

fn fault(wrong: &mut Vec<Located>, place: &str, field: &str, message: String) {
    wrong.push(Located { place: format!("{place}{field}"), message });
}
