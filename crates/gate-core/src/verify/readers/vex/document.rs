//! A VEX document in the form that all formats share, before anybody decides what of it counts.

use serde::Serialize;

use super::product::Product;
use crate::Timestamp;
use crate::facts::{Vex, VexStatus};

/// What a VEX document claims.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::verify) struct Claim {
    pub(in crate::verify) document: Vex,
    pub(in crate::verify) statements: Vec<Statement>,
}

/// One statement: a vulnerability's status in products.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::verify) struct Statement {
    /// Where it stands: a JSON pointer.
    pub(in crate::verify) place: String,
    /// The vulnerability's ids, the first one its name.
    pub(in crate::verify) ids: Vec<String>,
    /// What it is about; none: what the statement around the document is about.
    pub(in crate::verify) products: Vec<Product>,
    pub(in crate::verify) status: VexStatus,
    pub(in crate::verify) justification: Option<String>,
    pub(in crate::verify) impact: Option<String>,
    pub(in crate::verify) action: Option<String>,
    pub(in crate::verify) timestamp: Option<Timestamp>,
    /// Why it does not count, whoever says it.
    pub(in crate::verify) flaw: Option<Flaw>,
}

/// Why a statement does not count, whoever says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::verify) enum Flaw {
    /// `not_affected` without a reason.
    Unjustified,
    /// Nothing says when it was made.
    Undated,
}

impl Claim {
    /// The claim as the predicate of a statement: what names no product is about the statement's
    /// subject, which has been compared.
    pub(in crate::verify) fn wrapped(mut self) -> Self {
        for statement in self.statements.iter_mut().filter(|it| it.products.is_empty()) {
            statement.products.push(Product { whole: true, ..Product::default() });
        }
        self
    }
}

impl Statement {
    /// The statement with its flaw, if it has one.
    pub(super) fn checked(mut self) -> Self {
        let said = |text: &Option<String>| text.as_ref().is_some_and(|it| !it.trim().is_empty());
        let justified = said(&self.justification) || said(&self.impact);
        self.flaw = if self.status == VexStatus::NotAffected && !justified {
            Some(Flaw::Unjustified)
        } else if self.timestamp.is_none() {
            Some(Flaw::Undated)
        } else {
            None
        };
        self
    }
}
