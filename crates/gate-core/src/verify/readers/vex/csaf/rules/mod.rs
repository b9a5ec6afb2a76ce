//! The mandatory tests of CSAF 2.0 (section 6.1), of which those apply to 2.1 whose fields are the
//! same there. Each fault names its test.

mod document;
mod products;
mod profiles;
mod scores;
mod tracking;
mod words;

use super::products::Products;
use super::wire::Csaf;
use crate::facts::Located;

/// The faults of one document.
#[derive(Default)]
pub(super) struct Faults {
    /// Faults that make the document invalid.
    pub(super) grave: Vec<Located>,
    /// Faults that no statement depends on: a product that cannot be told is covered by none, and
    /// scores, weaknesses, languages and notes say nothing of a product.
    pub(super) light: Vec<Located>,
}

/// The tests of light faults.
const LIGHT: [&str; 11] = [
    "6.1.1", "6.1.7", "6.1.8", "6.1.9", "6.1.10", "6.1.11", "6.1.12", "6.1.13", "6.1.27.1",
    "6.1.27.2", "6.1.27.5",
];

impl Faults {
    fn add(&mut self, test: &str, place: impl Into<String>, message: impl AsRef<str>) {
        let message = format!("{} (CSAF test {test})", message.as_ref());
        let list = if LIGHT.contains(&test) { &mut self.light } else { &mut self.grave };
        list.push(Located { place: place.into(), message });
    }
}

/// Runs every test.
pub(super) fn check(csaf: &Csaf, products: &Products<'_>) -> Faults {
    let mut faults = Faults::default();
    document::check(csaf, &mut faults);
    tracking::check(csaf, &mut faults);
    products::check(csaf, products, &mut faults);
    scores::check(csaf, &mut faults);
    profiles::check(csaf, products, &mut faults);
    faults
}
