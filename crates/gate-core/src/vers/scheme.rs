//! The types of ranges whose versions have an order here.

use std::cmp::Ordering;

use super::order::{calendar, gentoo, maven, numbers, pypi, segments, semver};

/// An ecosystem's way to order versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Arch Linux.
    Alpm,
    /// Alpine.
    Apk,
    /// Conan.
    Conan,
    /// RFC 3339 instants.
    Datetime,
    /// Debian.
    Deb,
    /// RubyGems.
    Gem,
    /// Where no ecosystem is named: runs of digits and letters, as RPM orders them.
    Generic,
    /// Gentoo.
    Gentoo,
    /// Numbers between dots; what follows them is ignored.
    Intdot,
    /// By bytes.
    Lexicographic,
    /// Maven.
    Maven,
    /// NuGet.
    Nuget,
    /// OpenSSL.
    Openssl,
    /// Python.
    Pypi,
    /// RPM.
    Rpm,
    /// Semantic versions, and the ecosystems that use them.
    Semver,
}

impl Scheme {
    /// The scheme of a type of ranges or of package URLs.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "alpm" | "arch" | "archlinux" => Self::Alpm,
            "apk" | "alpine" => Self::Apk,
            "conan" => Self::Conan,
            "datetime" => Self::Datetime,
            "deb" | "debian" => Self::Deb,
            "gem" | "rubygems" => Self::Gem,
            "generic" => Self::Generic,
            "gentoo" | "ebuild" => Self::Gentoo,
            "intdot" | "nginx" => Self::Intdot,
            "lexicographic" => Self::Lexicographic,
            "maven" => Self::Maven,
            "nuget" => Self::Nuget,
            "openssl" => Self::Openssl,
            "pypi" => Self::Pypi,
            "rpm" => Self::Rpm,
            "semver" | "npm" | "cargo" | "golang" | "go" | "github" | "bitbucket" | "hex"
            | "pub" | "swift" | "composer" | "mattermost" => Self::Semver,
            _ => return None,
        })
    }

    /// How two versions stand to each other; `None` where one of them is no version of this scheme.
    pub fn compare(self, left: &str, right: &str) -> Option<Ordering> {
        Some(match self {
            Self::Alpm => segments::alpm(left, right),
            Self::Apk | Self::Gentoo => gentoo::compare(left, right),
            Self::Conan => semver::conan(left, right),
            Self::Datetime => return calendar::compare(left, right),
            Self::Deb => segments::deb(left, right),
            Self::Gem => numbers::gem(left, right),
            Self::Generic | Self::Rpm => segments::rpm(left, right),
            Self::Intdot => numbers::intdot(left, right),
            Self::Lexicographic => left.as_bytes().cmp(right.as_bytes()),
            Self::Maven => maven::compare(left, right),
            Self::Nuget => semver::nuget(left, right),
            Self::Openssl => numbers::openssl(left, right),
            Self::Pypi => pypi::compare(left, right),
            Self::Semver => semver::semver(left, right),
        })
    }
}
