//! Tests of product ids and groups: defined once, not in circles, and named where they are used.

use std::collections::{BTreeMap, BTreeSet};

use packageurl::PackageUrl;

use super::Faults;
use crate::verify::readers::vex::csaf::products::Products;
use crate::verify::readers::vex::csaf::wire::{Branch, Csaf, Vulnerability};

pub(super) fn check(csaf: &Csaf, products: &Products<'_>, faults: &mut Faults) {
    let mut defined = BTreeSet::new();
    for it in &products.defined {
        let id = it.product.product_id.as_str();
        if !defined.insert(id) {
            let message = format!("product `{id}` is defined twice");
            faults.add("6.1.2", format!("{}/product_id", it.place), message);
        }
        helper(it.product, &it.place, faults);
    }
    references(csaf, products, &defined, faults);
    circles(products, faults);
    groups(csaf, products, &defined, faults);
    let branches = csaf.product_tree.iter().filter_map(|tree| tree.branches.as_deref());
    branches.for_each(|branches| versions(branches, "/product_tree", faults));
    for (at, vulnerability) in csaf.vulnerabilities().iter().enumerate() {
        let place = format!("/vulnerabilities/{at}");
        contradictions(vulnerability, &place, faults);
        justifications(vulnerability, products, &place, faults);
    }
}

fn helper(
    product: &crate::verify::readers::vex::csaf::wire::FullProduct,
    place: &str,
    faults: &mut Faults,
) {
    let Some(helper) = &product.product_identification_helper else { return };
    let place = format!("{place}/product_identification_helper");
    for purl in helper.purl.iter().chain(helper.purls.iter().flatten()) {
        if purl.parse::<PackageUrl<'_>>().is_err() {
            faults.add("6.1.13", format!("{place}/purl"), format!("`{purl}` is no package URL"));
        }
    }
    for (at, hashes) in helper.hashes.iter().flatten().enumerate() {
        let mut algorithms = BTreeSet::new();
        for hash in &hashes.file_hashes {
            // Two hashes that anybody can collide contradict nobody: the suite's own documents about
            // them are valid.
            let weak = matches!(hash.algorithm.as_str(), "md5" | "sha1");
            if !algorithms.insert(&hash.algorithm) && !weak {
                let message = format!("`{}` is used twice for one file", hash.algorithm);
                faults.add("6.1.25", format!("{place}/hashes/{at}/file_hashes"), message);
            }
        }
    }
}

/// Every use of a product id with its place.
fn used<'a>(csaf: &'a Csaf, products: &'a Products<'_>) -> Vec<(String, &'a str)> {
    let mut used = vec![];
    for (at, it) in products.relationships.iter().enumerate() {
        let place = format!("/product_tree/relationships/{at}");
        used.push((format!("{place}/product_reference"), it.product_reference.as_str()));
        let whole = it.relates_to_product_reference.as_str();
        used.push((format!("{place}/relates_to_product_reference"), whole));
    }
    for (at, vulnerability) in csaf.vulnerabilities().iter().enumerate() {
        let place = format!("/vulnerabilities/{at}");
        let mut list = |place: String, ids: &'a [String]| {
            let each = ids.iter().enumerate();
            used.extend(each.map(|(at, id)| (format!("{place}/{at}"), id.as_str())));
        };
        if let Some(status) = &vulnerability.product_status {
            for (name, _, ids) in status.lists() {
                list(format!("{place}/product_status/{name}"), ids);
            }
            let recommended = status.recommended.as_deref().unwrap_or_default();
            list(format!("{place}/product_status/recommended"), recommended);
        }
        for (name, at, ids, _) in targets(vulnerability) {
            list(format!("{place}/{name}/{at}/product_ids"), ids.map_or(&[], Vec::as_slice));
        }
        for (at, score) in vulnerability.scores.iter().flatten().enumerate() {
            list(format!("{place}/scores/{at}/products"), &score.products);
        }
        for (at, metric) in vulnerability.metrics.iter().flatten().enumerate() {
            list(format!("{place}/metrics/{at}/products"), &metric.products);
        }
    }
    used
}

type Target<'a> = (&'static str, usize, Option<&'a Vec<String>>, Option<&'a Vec<String>>);

/// What flags, threats and remediations are about: products and groups.
fn targets(vulnerability: &Vulnerability) -> Vec<Target<'_>> {
    let flags = vulnerability.flags.iter().flatten().enumerate();
    let threats = vulnerability.threats.iter().flatten().enumerate();
    let remediations = vulnerability.remediations.iter().flatten().enumerate();
    flags
        .map(|(at, it)| ("flags", at, it.product_ids.as_ref(), it.group_ids.as_ref()))
        .chain(
            threats.map(|(at, it)| ("threats", at, it.product_ids.as_ref(), it.group_ids.as_ref())),
        )
        .chain(
            remediations.map(|(at, it)| {
                ("remediations", at, it.product_ids.as_ref(), it.group_ids.as_ref())
            }),
        )
        .collect()
}

fn references(csaf: &Csaf, products: &Products<'_>, defined: &BTreeSet<&str>, faults: &mut Faults) {
    for (place, id) in used(csaf, products) {
        if !defined.contains(id) {
            faults.add("6.1.1", place, format!("product `{id}` is not defined"));
        }
    }
}

/// A relationship must not define a product by itself, through however many others.
fn circles(products: &Products<'_>, faults: &mut Faults) {
    let made_of: BTreeMap<&str, [&str; 2]> = products
        .relationships
        .iter()
        .map(|it| {
            let of = [it.product_reference.as_str(), it.relates_to_product_reference.as_str()];
            (it.full_product_name.product_id.as_str(), of)
        })
        .collect();
    // Products that are known to end somewhere: each is walked once.
    let mut sound = BTreeSet::new();
    for (at, relationship) in products.relationships.iter().enumerate() {
        let start = relationship.full_product_name.product_id.as_str();
        let mut open = vec![start];
        let mut seen = BTreeSet::new();
        let mut circle = false;
        while let Some(id) = open.pop() {
            for next in made_of.get(id).into_iter().flatten().copied() {
                circle |= next == start;
                if !sound.contains(next) && seen.insert(next) {
                    open.push(next);
                }
            }
        }
        if circle {
            let place = format!("/product_tree/relationships/{at}");
            faults.add("6.1.3", place, format!("product `{start}` is defined by itself"));
        } else {
            sound.insert(start);
        }
    }
}

fn groups(csaf: &Csaf, products: &Products<'_>, defined: &BTreeSet<&str>, faults: &mut Faults) {
    let mut ids = BTreeSet::new();
    let tree = csaf.product_tree.iter();
    let listed = tree.flat_map(|tree| tree.product_groups.iter().flatten());
    for (at, group) in listed.enumerate() {
        let place = format!("/product_tree/product_groups/{at}");
        if !ids.insert(&group.group_id) {
            let message = format!("group `{}` is defined twice", group.group_id);
            faults.add("6.1.5", format!("{place}/group_id"), message);
        }
        for id in group.product_ids.iter().filter(|id| !defined.contains(id.as_str())) {
            let message = format!("product `{id}` is not defined");
            faults.add("6.1.1", format!("{place}/product_ids"), message);
        }
    }
    for (at, vulnerability) in csaf.vulnerabilities().iter().enumerate() {
        for (name, index, _, groups) in targets(vulnerability) {
            for group in groups.into_iter().flatten().filter(|group| !products.has_group(group)) {
                let place = format!("/vulnerabilities/{at}/{name}/{index}/group_ids");
                faults.add("6.1.4", place, format!("group `{group}` is not defined"));
            }
        }
    }
}

const RANGE_WORDS: [&str; 7] = ["after", "all", "before", "earlier", "later", "prior", "versions"];

/// A branch that is one version must not be a range.
fn versions(branches: &[Branch], place: &str, faults: &mut Faults) {
    for (at, branch) in branches.iter().enumerate() {
        let place = format!("{place}/branches/{at}");
        let word = |word: &str| RANGE_WORDS.contains(&word.to_lowercase().as_str());
        if branch.category == "product_version"
            && (branch.name.contains(['<', '>']) || branch.name.split_whitespace().any(word))
        {
            let message = format!("`{}` is a range of versions", branch.name);
            faults.add("6.1.31", format!("{place}/name"), message);
        }
        versions(branch.branches.as_deref().unwrap_or_default(), &place, faults);
    }
}

fn contradictions(vulnerability: &Vulnerability, place: &str, faults: &mut Faults) {
    let Some(status) = &vulnerability.product_status else { return };
    let mut known: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (name, _, ids) in status.lists() {
        let group = match name {
            "first_affected" | "known_affected" | "last_affected" => "affected",
            "first_fixed" | "fixed" => "fixed",
            other => other,
        };
        for id in ids {
            let (before, first) = *known.entry(id).or_insert((group, name));
            if before != group {
                let message = format!("product `{id}` is also in `{first}`");
                faults.add("6.1.6", format!("{place}/product_status/{name}"), message);
            }
        }
    }
}

/// One product has at most one justification.
fn justifications(
    vulnerability: &Vulnerability,
    products: &Products<'_>,
    place: &str,
    faults: &mut Faults,
) {
    let mut seen = BTreeSet::new();
    for (at, flag) in vulnerability.flags.iter().flatten().enumerate() {
        let meant: BTreeSet<_> =
            products.meant(flag.product_ids.as_ref(), flag.group_ids.as_ref()).collect();
        for id in meant {
            if !seen.insert(id) {
                let message = format!("product `{id}` has another justification");
                faults.add("6.1.33", format!("{place}/flags/{at}"), message);
            }
        }
    }
}
