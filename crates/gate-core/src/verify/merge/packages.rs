//! Which findings are of one package: its package URL without qualifiers says so where a finding has
//! one, its name and version where it has none.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Vulnerability;

/// What makes two findings of one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// Package URL without version and qualifiers, and the version.
    Purl(String, String),
    /// Name and version.
    Name(String, String),
}

/// A name, with a version or whatever the version.
type Named = (String, Option<String>);

/// The packages that findings with a package URL and a version name.
pub(super) struct Packages {
    /// Versions by package URL.
    versions: BTreeMap<String, BTreeSet<String>>,
    /// Packages by name and version, and by name alone.
    names: BTreeMap<Named, BTreeSet<(String, String)>>,
}

impl Packages {
    pub(super) fn of(findings: &[Vulnerability]) -> Self {
        let mut packages = Self { versions: BTreeMap::new(), names: BTreeMap::new() };
        // Only findings without a whole identity ask for what others have.
        if findings.iter().all(|found| whole(found).is_some()) {
            return packages;
        }
        for found in findings {
            let Some((base, version)) = whole(found) else { continue };
            packages.versions.entry(base.clone()).or_default().insert(version.clone());
            let name = found.package.to_lowercase();
            for version_told in [Some(plain(&name, &found.installed)), None] {
                let names = packages.names.entry((name.clone(), version_told)).or_default();
                names.insert((base.clone(), version.clone()));
            }
        }
        packages
    }

    /// The package of a finding. One that lacks a version, or a package URL, is of the package that
    /// fits it where there is exactly one; otherwise it is of its own.
    pub(super) fn key(&self, found: &Vulnerability) -> Key {
        if let Some((base, version)) = whole(found) {
            return Key::Purl(base, version);
        }
        if let Some((base, _)) = parts(found) {
            return match self.versions.get(&base).and_then(only) {
                Some(version) => Key::Purl(base, version.clone()),
                None => Key::Purl(base, String::new()),
            };
        }
        let name = found.package.to_lowercase();
        let version = plain(&name, &found.installed);
        let asked = (name, Some(version).filter(|version| !version.is_empty()));
        match self.names.get(&asked).and_then(only) {
            Some((base, version)) => Key::Purl(base.clone(), version.clone()),
            None => Key::Name(asked.0, asked.1.unwrap_or_default()),
        }
    }
}

fn only<T: Ord>(set: &BTreeSet<T>) -> Option<&T> {
    set.first().filter(|_| set.len() == 1)
}

/// The package URL without version and qualifiers, and the version, where both are known.
fn whole(found: &Vulnerability) -> Option<(String, String)> {
    parts(found).filter(|(_, version)| !version.is_empty())
}

fn parts(found: &Vulnerability) -> Option<(String, String)> {
    let purl = found.purl.as_deref()?;
    let purl = purl.split(['?', '#']).next()?;
    let (base, version) = purl.rsplit_once('@').unwrap_or((purl, ""));
    let version = if version.is_empty() { &found.installed } else { version };
    Some((base.to_owned(), plain(base, version)))
}

/// The version of a Go module without its `v`, which some scanners write and others do not.
fn plain(package: &str, version: &str) -> String {
    let go = package.starts_with("pkg:golang/") || package.contains('/');
    let stripped = version
        .strip_prefix('v')
        .filter(|rest| go && rest.starts_with(|first: char| first.is_ascii_digit()));
    stripped.unwrap_or(version).to_owned()
}
