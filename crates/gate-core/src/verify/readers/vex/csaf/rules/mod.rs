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
struct Faults(Vec<Located>);

impl Faults {
    fn add(&mut self, test: &str, place: impl Into<String>, message: impl AsRef<str>) {
        let message = format!("{} (CSAF test {test})", message.as_ref());
        self.0.push(Located { place: place.into(), message });
    }
}

/// Runs every test.
pub(super) fn check(csaf: &Csaf, products: &Products<'_>) -> Vec<Located> {
    let mut faults = Faults::default();
    document::check(csaf, &mut faults);
    tracking::check(csaf, &mut faults);
    products::check(csaf, products, &mut faults);
    scores::check(csaf, &mut faults);
    profiles::check(csaf, products, &mut faults);
    faults.0
}
