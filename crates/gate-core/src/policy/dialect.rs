//! Whose rules a bundle's are: it fixes the shape of the input, which rules are asked, and what an
//! error of a builtin does.

use std::fmt;
use std::str::FromStr;

use gate_rego::RuleText;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::structured::conftest::Parser;

/// A dialect of policies.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Gate's own: `deny` and `warn` of every package over the input document; a builtin that fails
    /// is an error of its rule.
    #[default]
    Gate,
    /// Conftest's: `deny`, `warn` and `violation` of a namespace over each configuration file.
    Conftest,
    /// Conforma's: `deny` and `warn` of every package over an image with its attestations.
    Conforma,
    /// Gatekeeper's: constraints and their templates over Kubernetes objects.
    Gatekeeper,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 4] = [Self::Gate, Self::Conftest, Self::Conforma, Self::Gatekeeper];

    /// The name, as flags and configurations write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Conftest => "conftest",
            Self::Conforma => "conforma",
            Self::Gatekeeper => "gatekeeper",
        }
    }

    /// Whether it is the one that nothing needs to say.
    pub fn is_gate(&self) -> bool {
        *self == Self::Gate
    }

    /// Whether its rules judge facts about an artifact, and not the files that it consists of.
    pub const fn judges_facts(self) -> bool {
        matches!(self, Self::Gate | Self::Conforma)
    }

    /// Whether an error of a builtin is an error of its rule. Elsewhere it is undefined, as the
    /// rules' authors know it.
    pub(super) const fn strict(self) -> bool {
        matches!(self, Self::Gate)
    }

    /// The dialect that rules show where nobody names one.
    pub fn shown(templates: bool, rules: &[RuleText]) -> Self {
        let in_main = |rule: &RuleText| rule.package == ["main"];
        if templates {
            Self::Gatekeeper
        } else if rules.iter().any(in_main) {
            Self::Conftest
        } else {
            Self::Gate
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is no dialect of policies: use one of {names}")
        })
    }
}

/// How the files of a bundle are read and asked, beyond what they say themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// The dialect; what the files show where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// Whether modules are written in Rego v0.
    #[serde(skip_serializing_if = "is_false")]
    pub v0: bool,
    /// Conftest's namespaces; `main` where none is given. `*`, `?` and `[...]` match many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Whether Conftest's rules of every namespace are asked.
    #[serde(skip_serializing_if = "is_false")]
    pub all_namespaces: bool,
    /// Whether Conftest's rules are asked once, about all files together.
    #[serde(skip_serializing_if = "is_false")]
    pub combine: bool,
    /// Conftest's parser that reads every file, whatever its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parser: Option<Parser>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
