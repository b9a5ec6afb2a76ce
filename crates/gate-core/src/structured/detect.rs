//! Which syntax a configuration file has: by its name where that says so, else by its content.

use std::fmt;

use serde_json::Value;

use super::{dockerfile, hcl, ini, toml, value, xml, yaml};

/// The syntaxes that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON: Terraform plans, CloudFormation.
    Json,
    /// YAML: Kubernetes, Helm, Kustomize, Ansible, CloudFormation.
    Yaml,
    /// TOML.
    Toml,
    /// HCL: Terraform, Packer, Nomad.
    Hcl,
    /// INI.
    Ini,
    /// XML.
    Xml,
    /// A Dockerfile or Containerfile.
    Dockerfile,
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Hcl => "HCL",
            Self::Ini => "INI",
            Self::Xml => "XML",
            Self::Dockerfile => "Dockerfile",
        })
    }
}

impl Syntax {
    /// The syntax that the name of a file says.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let is_dockerfile = ["dockerfile", "containerfile"].into_iter().any(|stem| {
            name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if is_dockerfile {
            return Some(Self::Dockerfile);
        }
        match name.rsplit_once('.')?.1 {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "tf" | "hcl" | "tfvars" => Some(Self::Hcl),
            "ini" => Some(Self::Ini),
            "xml" => Some(Self::Xml),
            "dockerfile" | "containerfile" => Some(Self::Dockerfile),
            _ => None,
        }
    }

    /// Reads text of this syntax, or says what is wrong with it.
    pub(super) fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Json => value::json(text),
            Self::Yaml => yaml::read(text),
            Self::Toml => toml::read(text),
            Self::Hcl => hcl::read(text),
            Self::Ini => ini::read(text),
            Self::Xml => xml::read(text, xml::Style::Whole),
            Self::Dockerfile => dockerfile::read(text),
        }
    }
}

/// The syntaxes that this text may have, the strictest first: what reads as TOML would often read as
/// INI too.
pub(super) fn candidates(text: &str) -> impl Iterator<Item = Syntax> {
    use Syntax::{Dockerfile, Hcl, Ini, Json, Toml, Xml, Yaml};
    let syntaxes: &[Syntax] = match text.trim_start().chars().next() {
        None => &[],
        Some('{') => &[Json],
        Some('<') => &[Xml],
        Some('[') => &[Json, Toml, Ini],
        // A script; a comment at the top is `# ` or a directive.
        Some('#') if text.trim_start().starts_with("#!") => &[],
        Some(_) => &[Dockerfile, Toml, Hcl, Yaml, Ini],
    };
    // Without a section, `word: word` and `word = word` are too little to be sure of.
    let has_section = text.lines().any(|line| line.trim_start().starts_with('['));
    syntaxes.iter().copied().filter(move |syntax| *syntax != Ini || has_section)
}
