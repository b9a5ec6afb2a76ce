//! From a product tree to the products that its ids stand for.

use std::collections::{BTreeMap, BTreeSet};

use super::super::product::{Product, Versions};
use super::wire::{Branch, Csaf, FullProduct, ProductTree, Relationship};

/// The products of a document by their ids.
pub(super) struct Products<'a> {
    /// Every definition, in document order: id and place.
    pub(super) defined: Vec<Defined<'a>>,
    pub(super) relationships: &'a [Relationship],
    groups: BTreeMap<&'a str, &'a [String]>,
    ids: BTreeSet<&'a str>,
}

pub(super) struct Defined<'a> {
    pub(super) product: &'a FullProduct,
    pub(super) place: String,
    /// The range that a branch above it names.
    range: Option<&'a str>,
}

impl<'a> Products<'a> {
    pub(super) fn of(csaf: &'a Csaf) -> Self {
        let mut products = Self {
            defined: vec![],
            relationships: &[],
            groups: BTreeMap::new(),
            ids: BTreeSet::new(),
        };
        let Some(tree) = &csaf.product_tree else { return products };
        products.branches(tree.branches.as_deref().unwrap_or_default(), "/product_tree", None);
        products.listed(tree);
        let ids = products.defined.iter().map(|it| it.product.product_id.as_str());
        products.ids = ids.collect();
        for group in tree.product_groups.iter().flatten() {
            products.groups.insert(&group.group_id, &group.product_ids);
        }
        products
    }

    /// Nesting is bounded by the JSON reader.
    fn branches(&mut self, branches: &'a [Branch], place: &str, range: Option<&'a str>) {
        for (at, branch) in branches.iter().enumerate() {
            let place = format!("{place}/branches/{at}");
            let ranged = branch.category == "product_version_range";
            let range = if ranged { Some(branch.name.as_str()) } else { range };
            if let Some(product) = &branch.product {
                self.defined.push(Defined { product, place: format!("{place}/product"), range });
            }
            self.branches(branch.branches.as_deref().unwrap_or_default(), &place, range);
        }
    }

    fn listed(&mut self, tree: &'a ProductTree) {
        for (at, product) in tree.full_product_names.iter().flatten().enumerate() {
            let place = format!("/product_tree/full_product_names/{at}");
            self.defined.push(Defined { product, place, range: None });
        }
        self.relationships = tree.relationships.as_deref().unwrap_or_default();
        for (at, relationship) in self.relationships.iter().enumerate() {
            let place = format!("/product_tree/relationships/{at}/full_product_name");
            let product = &relationship.full_product_name;
            self.defined.push(Defined { product, place, range: None });
        }
    }

    /// The products that are meant by ids and groups.
    pub(super) fn meant<'s>(
        &'s self,
        ids: Option<&'s Vec<String>>,
        groups: Option<&'s Vec<String>>,
    ) -> impl Iterator<Item = &'s str> {
        let members = groups
            .into_iter()
            .flatten()
            .filter_map(|group| self.groups.get(group.as_str()))
            .flat_map(|members| members.iter());
        ids.into_iter().flatten().chain(members).map(String::as_str)
    }

    pub(super) fn defines(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(super) fn has_group(&self, id: &str) -> bool {
        self.groups.contains_key(id)
    }

    /// What each id stands for. A relationship is its whole with the component as the part meant.
    pub(super) fn catalogue(&self) -> BTreeMap<&'a str, Product> {
        let mut catalogue: BTreeMap<_, _> = self
            .defined
            .iter()
            .map(|defined| (defined.product.product_id.as_str(), product(defined)))
            .collect();
        for relationship in self.relationships {
            let own = &relationship.full_product_name;
            let named = own
                .product_identification_helper
                .as_ref()
                .is_some_and(|it| it.purl.is_some() || it.purls.is_some());
            if named {
                continue;
            }
            let part = catalogue.get(relationship.product_reference.as_str());
            let whole = catalogue.get(relationship.relates_to_product_reference.as_str());
            if let (Some(part), Some(whole)) = (part, whole) {
                // A component of a component: the innermost part is what is meant.
                let parts =
                    if part.parts.is_empty() { vec![part.clone()] } else { part.parts.clone() };
                let product = Product { parts, ..whole.clone() };
                catalogue.insert(own.product_id.as_str(), product);
            }
        }
        catalogue
    }
}

fn product(defined: &Defined<'_>) -> Product {
    let mut product = Product::default();
    let Some(helper) = &defined.product.product_identification_helper else { return product };
    for purl in helper.purl.iter().chain(helper.purls.iter().flatten()) {
        product.name(purl);
    }
    for hash in helper.hashes.iter().flatten().flat_map(|it| &it.file_hashes) {
        product.hash(&hash.algorithm, &hash.value);
    }
    let system = |cpe: &String| cpe.starts_with("cpe:/o:") || cpe.starts_with("cpe:2.3:o:");
    product.system = product.purls.is_empty()
        && product.digests.is_empty()
        && helper.cpe.as_ref().is_some_and(system);
    product.versions.extend(defined.range.map(|range| Versions::Range(range.to_owned())));
    product
}
