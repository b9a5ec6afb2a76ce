//! A product that a VEX statement speaks of, and whether a subject or a package in it is that product.

use std::str::FromStr;

use packageurl::PackageUrl;
use serde::Serialize;

use crate::Digest;
use crate::vers::{Range, Scheme};

/// A product, or a component of one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(in crate::verify) struct Product {
    /// Package URLs that name it, as they were given.
    pub(in crate::verify) purls: Vec<String>,
    /// SHA-256 digests that name it.
    pub(in crate::verify) digests: Vec<Digest>,
    /// Versions of it that are meant; none: the package URL's, or every one.
    pub(in crate::verify) versions: Vec<Versions>,
    /// The parts of it that are meant; none: all of it.
    pub(in crate::verify) parts: Vec<Product>,
    /// What the statement around the document is about.
    pub(in crate::verify) whole: bool,
    /// An operating system whose packages are the parts: it is told by their package URLs.
    pub(in crate::verify) system: bool,
}

/// Some versions of a product.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::verify) enum Versions {
    Exact(String),
    /// In VERS notation.
    Range(String),
}

/// What products are compared with: the subject, by digest and by the names that evidence gives it.
pub(in crate::verify) struct Subject<'a> {
    /// The subject and its platform manifests.
    pub(in crate::verify) digests: Vec<Digest>,
    /// The package URLs that trusted bills of materials give the subject itself.
    pub(in crate::verify) purls: Vec<&'a str>,
}

impl Product {
    /// A product by an identifier of any sort: a package URL, or something that ends in a digest.
    pub(super) fn named(identifier: &str) -> Self {
        let mut product = Self::default();
        product.name(identifier);
        product
    }

    /// Adds an identifier.
    pub(super) fn name(&mut self, identifier: &str) {
        if identifier.starts_with("pkg:") {
            self.digests.extend(digest_of(identifier));
            self.purls.push(identifier.to_owned());
        } else {
            let digest = identifier.rsplit_once('@').map_or(identifier, |(_, digest)| digest);
            self.digests.extend(digest.parse::<Digest>().ok());
        }
    }

    /// Adds a digest by the name of its algorithm; only SHA-256 names artifacts.
    pub(super) fn hash(&mut self, algorithm: &str, value: &str) {
        let algorithm = algorithm.to_ascii_lowercase().replace(['-', '_'], "");
        if algorithm == "sha256" {
            self.digests.extend(Digest::from_hex(&value.to_ascii_lowercase()).ok());
        }
    }

    /// Whether a statement about this product speaks of the package in the subject.
    pub(in crate::verify) fn covers(&self, subject: &Subject<'_>, package: Package<'_>) -> bool {
        if self.whole {
            return true;
        }
        if self.parts.is_empty() {
            return self.is_subject(subject) || self.is_package(package);
        }
        let part = |part: &Product| part.is_package(package) && (!self.system || part.is_exact());
        (self.system || self.is_subject(subject)) && self.parts.iter().any(part)
    }

    /// Whether the product is the subject itself. Names of artifacts without a digest prove nothing,
    /// unless a trusted bill of materials gives the subject that name.
    fn is_subject(&self, subject: &Subject<'_>) -> bool {
        if !self.digests.is_empty() {
            return self.digests.iter().any(|digest| subject.digests.contains(digest));
        }
        let named = |purl: &str| self.is_package(Package { purl: Some(purl), version: "" });
        subject.purls.iter().any(|purl| named(purl))
    }

    fn is_package(&self, package: Package<'_>) -> bool {
        let Some(purl) = package.purl.and_then(|purl| PackageUrl::from_str(purl).ok()) else {
            return false;
        };
        let version = purl.version().unwrap_or(package.version);
        let named = |wanted: &String| {
            PackageUrl::from_str(wanted).is_ok_and(|wanted| fits(&wanted, &purl, version))
        };
        self.purls.iter().any(named)
            && (self.versions.is_empty()
                || self.versions.iter().any(|it| it.hold(purl.ty(), version)))
    }

    /// Whether the product names its version.
    fn is_exact(&self) -> bool {
        let versioned =
            |purl: &String| PackageUrl::from_str(purl).is_ok_and(|purl| purl.version().is_some());
        self.purls.iter().all(versioned)
    }
}

/// A package in the subject.
#[derive(Debug, Clone, Copy)]
pub(in crate::verify) struct Package<'a> {
    pub(in crate::verify) purl: Option<&'a str>,
    /// Its version, where the package URL has none.
    pub(in crate::verify) version: &'a str,
}

/// Whether a package is the one that a package URL names: type, namespace and name must be the same,
/// version, qualifiers and subpath where they are named.
fn fits(wanted: &PackageUrl<'_>, package: &PackageUrl<'_>, version: &str) -> bool {
    let found = package.qualifiers();
    wanted.ty() == package.ty()
        && wanted.namespace() == package.namespace()
        && wanted.name() == package.name()
        && wanted.version().is_none_or(|it| same_version(wanted.ty(), it, version))
        && wanted.subpath().is_none_or(|it| package.subpath() == Some(it))
        && wanted.qualifiers().iter().all(|(key, value)| found.get(key) == Some(value))
}

fn same_version(ty: &str, wanted: &str, found: &str) -> bool {
    // Scanners write Go's versions with a `v` and without.
    wanted == found
        || (ty == "golang" && wanted.trim_start_matches('v') == found.trim_start_matches('v'))
}

impl Versions {
    fn hold(&self, ty: &str, version: &str) -> bool {
        match self {
            Self::Exact(exact) => same_version(ty, exact, version),
            // What cannot be read or ordered covers nothing.
            Self::Range(range) => Range::parse(range).is_ok_and(|range| {
                (!version.is_empty() && compatible(range.name(), ty))
                    && range.contains(version).unwrap_or(false)
            }),
        }
    }
}

/// Whether versions of a type of packages may be held against a range of another type: the types
/// that name no ecosystem fit every package, the others those that order versions alike.
fn compatible(range: &str, ty: &str) -> bool {
    range == ty
        || matches!(range, "generic" | "all" | "none" | "intdot" | "semver" | "lexicographic")
        || Scheme::named(range).is_some_and(|scheme| Scheme::named(ty) == Some(scheme))
}

fn digest_of(purl: &str) -> Option<Digest> {
    let purl = PackageUrl::from_str(purl).ok()?;
    if !matches!(purl.ty(), "oci" | "docker") {
        return None;
    }
    purl.version()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(product: &Product, purl: &str) -> bool {
        let subject = Subject { digests: vec![Digest::of(b"shop")], purls: vec![] };
        product.covers(&subject, Package { purl: Some(purl), version: "" })
    }

    #[test]
    fn a_product_is_what_its_package_url_names_and_nothing_else() {
        let package = "pkg:deb/debian/openssl@3.0.1-1?arch=amd64&distro=debian-12";
        for (purl, fits) in [
            ("pkg:deb/debian/openssl", true),
            ("pkg:deb/debian/openssl@3.0.1-1", true),
            ("pkg:deb/debian/openssl@3.0.1-1?arch=amd64", true),
            ("pkg:deb/debian/openssl@3.0.1-2", false),
            ("pkg:deb/debian/openssl?arch=arm64", false),
            ("pkg:deb/debian/openssl?epoch=1", false),
            ("pkg:deb/ubuntu/openssl", false),
            ("pkg:deb/openssl", false),
            ("pkg:rpm/debian/openssl", false),
            ("pkg:deb/debian/openssl3", false),
            ("no purl", false),
        ] {
            assert_eq!(covers(&Product::named(purl), package), fits, "{purl}");
        }
        let bare = Product::named("pkg:golang/golang.org/x/crypto@0.43.0");
        assert!(covers(&bare, "pkg:golang/golang.org/x/crypto@v0.43.0"));
    }

    #[test]
    fn versions_are_held_against_ranges_of_their_kind() {
        let ranged = |range: &str| Product {
            versions: vec![Versions::Range(range.to_owned())],
            ..Product::named("pkg:npm/left-pad")
        };
        for (range, fits) in [
            ("vers:npm/<1.3.0", true),
            ("vers:semver/>=1.0.0|<1.3.0", true),
            ("vers:npm/<1.2.0", false),
            ("vers:deb/<1.3.0", false),
            ("vers:example/<1.3.0", false),
            ("<1.3.0", false),
        ] {
            assert_eq!(covers(&ranged(range), "pkg:npm/left-pad@1.2.5"), fits, "{range}");
        }
    }

    #[test]
    fn an_artifact_is_its_digest_and_not_its_name() {
        let package = "pkg:npm/left-pad@1.2.5";
        let digest = Digest::of(b"shop");
        for (name, fits) in [
            (format!("pkg:oci/shop@sha256%3A{}", digest.to_hex()), true),
            (format!("registry.example/shop@{digest}"), true),
            (digest.to_string(), true),
            (format!("pkg:oci/shop@{}", Digest::of(b"other")), false),
            ("pkg:oci/shop".to_owned(), false),
            ("registry.example/shop:1".to_owned(), false),
        ] {
            let whole = Product::named(&name);
            assert_eq!(covers(&whole, package), fits, "{name}");
            let mut part = whole.clone();
            part.parts = vec![Product::named("pkg:npm/left-pad")];
            assert_eq!(covers(&part, package), fits, "{name}");
            assert!(!covers(&part, "pkg:npm/right-pad@1.2.5"));
        }
    }

    #[test]
    fn a_name_that_a_bill_of_materials_gives_the_subject_names_it() {
        let subject = Subject { digests: vec![], purls: vec!["pkg:npm/shop@1.4.2"] };
        let package = Package { purl: Some("pkg:npm/left-pad@1.2.5"), version: "" };
        assert!(Product::named("pkg:npm/shop@1.4.2").covers(&subject, package));
        assert!(!Product::named("pkg:npm/shop@1.5.0").covers(&subject, package));
    }
}
