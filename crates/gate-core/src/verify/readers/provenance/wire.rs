//! What the versions of SLSA provenance have in common, as it stands in documents. Absent, `null` and
//! empty are alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Timestamp;
use crate::facts::Located;

/// Something that a build consumed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: Option<String>,
    pub(super) uri: Option<String>,
    #[serde(default)]
    pub(super) digest: Option<BTreeMap<String, String>>,
}

/// The builder. BuildKit leaves its id empty where nobody sets one.
#[derive(Debug, Deserialize)]
pub(super) struct Builder {
    pub(super) id: String,
}

/// A text or a number: invocation ids are both.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Number(serde_json::Number),
}

/// Reads an id that may be a number; empty is none.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<TextOrNumber>::deserialize(deserializer)?
        .map(|it| match it {
            TextOrNumber::Text(text) => text,
            TextOrNumber::Number(number) => number.to_string(),
        })
        .filter(|text| !text.is_empty()))
}

/// A text that is there and not empty.
pub(super) fn text(value: Option<&str>) -> Option<String> {
    value.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The text at this place of a value.
pub(super) fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// An instant, or the place where something else stands.
pub(super) fn instant(
    value: Option<&str>,
    place: &str,
    problems: &mut Vec<Located>,
) -> Option<Timestamp> {
    let text = value.filter(|text| !text.is_empty())?;
    match text.parse() {
        Ok(instant) => Some(instant),
        Err(error) => {
            let place = place.to_owned();
            problems.push(Located { place, message: format!("{error}") });
            None
        }
    }
}
