//! Configuration files in the shapes that Conftest's parsers give them. The name of a file says which
//! parser reads it.

mod dockerfile;
mod dotenv;
mod edn;
mod hcl1;
mod hocon;
mod ignore;
mod ini;
mod jsonc;
mod nginx;
mod properties;
mod yaml;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{value, xml};

/// A parser of Conftest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Parser {
    /// `cyclonedx`.
    CycloneDx,
    /// `dockerfile`.
    Dockerfile,
    /// `dotenv`.
    Dotenv,
    /// `edn`.
    Edn,
    /// `hcl1`.
    Hcl1,
    /// `hcl2`.
    Hcl2,
    /// `hocon`.
    Hocon,
    /// `ignore`.
    Ignore,
    /// `ini`.
    Ini,
    /// `json`.
    Json,
    /// `jsonc`.
    Jsonc,
    /// `nginx`.
    Nginx,
    /// `properties`.
    Properties,
    /// `spdx`.
    Spdx,
    /// `toml`.
    Toml,
    /// `xml`.
    Xml,
    /// `yaml`.
    Yaml,
}

/// Parsers that Conftest has and Gate has not.
const ABSENT: [&str; 5] = ["cue", "groovy", "jsonnet", "textproto", "vcl"];

impl Parser {
    /// Every parser that there is.
    pub const ALL: [Self; 17] = [
        Self::CycloneDx,
        Self::Dockerfile,
        Self::Dotenv,
        Self::Edn,
        Self::Hcl1,
        Self::Hcl2,
        Self::Hocon,
        Self::Ignore,
        Self::Ini,
        Self::Json,
        Self::Jsonc,
        Self::Nginx,
        Self::Properties,
        Self::Spdx,
        Self::Toml,
        Self::Xml,
        Self::Yaml,
    ];

    /// Its name, as `--parser` and `parse_config` write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CycloneDx => "cyclonedx",
            Self::Dockerfile => "dockerfile",
            Self::Dotenv => "dotenv",
            Self::Edn => "edn",
            Self::Hcl1 => "hcl1",
            Self::Hcl2 => "hcl2",
            Self::Hocon => "hocon",
            Self::Ignore => "ignore",
            Self::Ini => "ini",
            Self::Json => "json",
            Self::Jsonc => "jsonc",
            Self::Nginx => "nginx",
            Self::Properties => "properties",
            Self::Spdx => "spdx",
            Self::Toml => "toml",
            Self::Xml => "xml",
            Self::Yaml => "yaml",
        }
    }

    /// The parser of this name.
    pub fn named(name: &str) -> Result<Self, String> {
        if let Some(parser) = Self::ALL.into_iter().find(|parser| parser.name() == name) {
            return Ok(parser);
        }
        let names = Self::ALL.map(Self::name).join(", ");
        if ABSENT.contains(&name) {
            return Err(format!("Conftest's parser `{name}` is not here; there are {names}"));
        }
        Err(format!("there is no parser `{name}`: use one of {names}"))
    }

    /// The parser that the path of a file asks for; an error for what no parser reads.
    pub fn of_path(path: &str) -> Result<Self, String> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is = |stem: &str| name == stem || name.starts_with(&format!("{stem}."));
        match extension {
            _ if is("dockerfile") || extension == "dockerfile" => Ok(Self::Dockerfile),
            "yml" | "yaml" => Ok(Self::Yaml),
            "hcl" | "tf" | "tfvars" => Ok(Self::Hcl2),
            "gitignore" | "dockerignore" => Ok(Self::Ignore),
            _ if is(".env") || extension == "env" => Ok(Self::Dotenv),
            _ if name == "nginx.conf" => Ok(Self::Nginx),
            _ if is("jenkinsfile") => Self::named("groovy"),
            "textproto" | "textpb" => Self::named("textproto"),
            other => Self::named(other).map_err(|why| format!("by its name no parser: {why}")),
        }
    }

    /// Whether Conftest reads files of this path, with a parser that is here or with another.
    pub fn is_known_path(path: &str) -> bool {
        if Self::of_path(path).is_ok() {
            return true;
        }
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_absent = ABSENT.contains(&extension) || extension == "textpb";
        is_absent || name == "jenkinsfile" || name.starts_with("jenkinsfile.")
    }

    /// What a text says.
    pub fn read(self, text: &str) -> Result<Value, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self {
            Self::CycloneDx | Self::Json => value::json(text),
            Self::Jsonc => value::json(&jsonc::plain(text)),
            Self::Yaml => yaml::read(text),
            Self::Spdx => spdx(text),
            Self::Toml => super::toml::read_instants(text),
            Self::Hcl1 => hcl1::read(text),
            Self::Hcl2 => super::hcl::read(text),
            Self::Hocon => hocon::read(text),
            Self::Xml => xml::read(text, xml::Style::Conftest),
            // A list in a list: a file is one document, and not as many as it has commands.
            Self::Dockerfile => dockerfile::read(text).map(|it| Value::Array(vec![it])),
            Self::Ignore => ignore::read(text).map(|it| Value::Array(vec![it])),
            Self::Ini => ini::read(text),
            Self::Properties => properties::read(text),
            Self::Dotenv => dotenv::read(text),
            Self::Edn => edn::read(text),
            Self::Nginx => nginx::read(text),
        }
    }
}

/// SPDX's lines as a document of 2.3, to which the reader behind Conftest brings every version.
fn spdx(text: &str) -> Result<Value, String> {
    let mut document = crate::verify::spdx_tag_value(text)?;
    document["spdxVersion"] = "SPDX-2.3".into();
    Ok(document)
}

impl std::str::FromStr for Parser {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::named(text)
    }
}

#[cfg(test)]
mod tests;
