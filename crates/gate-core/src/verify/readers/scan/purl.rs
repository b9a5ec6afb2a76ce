//! From an ecosystem's name, a package and its version to a package URL, so that scanners that write
//! none speak of the same package as those that do.

use packageurl::PackageUrl;

/// The package URL of a package; none where the ecosystem is none that has a type of its own.
pub(super) fn of(ecosystem: &str, name: &str, version: &str) -> Option<String> {
    // Ecosystems of releases are written `Debian:12`: their packages need more than a name.
    let kind = match ecosystem.to_ascii_lowercase().as_str() {
        "npm" | "yarn" | "pnpm" => "npm",
        "go" | "golang" | "gomodules" | "govendor" | "go-module" => "golang",
        "pypi" | "pip" | "poetry" | "pipenv" => "pypi",
        "maven" | "gradle" | "sbt" => "maven",
        "crates.io" | "cargo" | "rust" => "cargo",
        "rubygems" | "gem" | "bundler" => "gem",
        "nuget" => "nuget",
        "packagist" | "composer" => "composer",
        "hex" => "hex",
        "pub" => "pub",
        _ => return None,
    };
    let (namespace, name) = match kind {
        "maven" => name.split_once(':').map_or((None, name), |(group, name)| (Some(group), name)),
        "npm" | "golang" | "composer" => {
            name.rsplit_once('/').map_or((None, name), |(space, name)| (Some(space), name))
        }
        _ => (None, name),
    };
    let mut purl = PackageUrl::new(kind, name).ok()?;
    if let Some(namespace) = namespace {
        purl.with_namespace(namespace).ok()?;
    }
    if !version.is_empty() {
        purl.with_version(version).ok()?;
    }
    Some(purl.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_as_their_ecosystem_does() {
        for (ecosystem, name, purl) in [
            ("npm", "@scope/name", "pkg:npm/%40scope/name@1"),
            ("npm", "name", "pkg:npm/name@1"),
            ("Go", "golang.org/x/net", "pkg:golang/golang.org/x/net@1"),
            ("Maven", "org.a:b", "pkg:maven/org.a/b@1"),
            ("PyPI", "Some_Name", "pkg:pypi/some-name@1"),
            ("crates.io", "time", "pkg:cargo/time@1"),
        ] {
            assert_eq!(of(ecosystem, name, "1").as_deref(), Some(purl));
        }
        assert_eq!(of("npm", "a", "").as_deref(), Some("pkg:npm/a"));
        for (ecosystem, name) in [("Debian:12", "curl"), ("", "a"), ("npm", "")] {
            assert_eq!(of(ecosystem, name, "1"), None);
        }
    }
}
