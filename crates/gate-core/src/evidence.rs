//! Evidence: bytes about a subject with their origin. Nothing is known of them until `verify` reads them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::facts::ConfigurationFile;
use crate::reason::Problem;

/// What a piece of evidence is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A signature over the subject and nothing more.
    Signature,
    /// How the subject was built.
    Provenance,
    /// What the subject consists of.
    Sbom,
    /// What a scanner found in it.
    Scan,
    /// How its tests went.
    Test,
    /// How much of its code the tests reached.
    Coverage,
    /// What its producer says of vulnerabilities in it.
    Vex,
    /// What analysers of code, configuration and secrets found.
    Analysis,
    /// A person's consent to a promotion.
    Approval,
    /// Who authored the change that it was built from.
    Change,
}

impl Kind {
    /// Every kind, in the order of the input document.
    pub const ALL: [Self; 10] = [
        Self::Signature,
        Self::Provenance,
        Self::Sbom,
        Self::Scan,
        Self::Test,
        Self::Coverage,
        Self::Vex,
        Self::Analysis,
        Self::Approval,
        Self::Change,
    ];

    /// The name used in configuration, flags and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Provenance => "provenance",
            Self::Sbom => "sbom",
            Self::Scan => "scan",
            Self::Test => "test",
            Self::Coverage => "coverage",
            Self::Vex => "vex",
            Self::Analysis => "analysis",
            Self::Approval => "approval",
            Self::Change => "change",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|kind| kind.name()).collect();
            format!("`{text}` is no kind of evidence: use one of {}", names.join(", "))
        })
    }
}

/// Where evidence came from. It decides who answers for it: what the caller names and cannot be read
/// denies, what lies beside the subject and cannot be read counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Origin {
    /// Named by the caller of this request (a file on the command line).
    Named {
        /// How the caller named it.
        name: String,
    },
    /// Uploaded for the subject over HTTP by this token or certificate.
    Uploaded {
        /// Name of the uploader.
        by: String,
    },
    /// Found beside the subject (a referrer in a layout or registry).
    Beside {
        /// Where: a manifest's digest, and the platform's manifest where it is about that one and not
        /// about the index that was asked for.
        name: String,
    },
}

/// Bytes about a subject, unverified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The bytes as they came.
    pub unverified_bytes: Vec<u8>,
    /// Their SHA-256.
    pub digest: Digest,
    /// Where they came from.
    pub origin: Origin,
    /// Why the source could not hand over the bytes that it names (too large, missing, damaged).
    /// Then `unverified_bytes` is empty, and the piece can only become a failed fact.
    pub problem: Option<(Problem, String)>,
}

impl Evidence {
    /// Evidence from its bytes and origin.
    pub fn new(bytes: Vec<u8>, origin: Origin) -> Self {
        let digest = Digest::of(&bytes);
        Self { unverified_bytes: bytes, digest, origin, problem: None }
    }

    /// Evidence that is named and cannot be had.
    pub fn unreadable(digest: Digest, origin: Origin, problem: Problem, detail: String) -> Self {
        Self { unverified_bytes: vec![], digest, origin, problem: Some((problem, detail)) }
    }
}

/// A subject that is a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectFile {
    /// Its name, as the caller gave it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A subject that is a folder or several files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectFiles {
    /// A line `HEX  PATH` for every file, sorted by path: what the subject's digest is of.
    pub listing: String,
    /// Those that may be configuration files.
    pub files: Vec<SubjectFile>,
}

/// What `collect` found about a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collected {
    /// The subject's own bytes where they are at hand: an image manifest or index. Checked against
    /// the subject's digest by `verify`.
    pub unverified_manifest: Option<Vec<u8>>,
    /// The image's configuration, checked against the manifest by `verify`.
    pub unverified_config: Option<Vec<u8>>,
    /// The repository that the source found the subject in, as `registry.example/shop/app`: asked
    /// there for its digest, not told by the caller. Requirements by repository read it.
    pub repository: Option<String>,
    /// The subject itself, where it is a file that may be a configuration file. Checked against the
    /// subject's digest by `verify`.
    pub unverified_file: Option<SubjectFile>,
    /// The files of the subject, where it is a folder or several files.
    pub unverified_files: Option<SubjectFiles>,
    /// What was read of the subject's files when it was first judged: only a replay has them, whose
    /// record vouches for them.
    pub recorded_files: Vec<ConfigurationFile>,
    /// Evidence, in any order; `verify` sorts it by digest and reads each digest once.
    pub evidence: Vec<Evidence>,
}

impl Collected {
    /// Bytes in memory.
    pub fn size(&self) -> usize {
        let parts = [&self.unverified_manifest, &self.unverified_config];
        let parts: usize = parts.into_iter().flatten().map(Vec::len).sum();
        let file = self.unverified_file.as_ref().map_or(0, |file| file.bytes.len());
        let pieces = self.evidence.iter().map(|piece| piece.unverified_bytes.len());
        parts + file + pieces.sum::<usize>()
    }
}
