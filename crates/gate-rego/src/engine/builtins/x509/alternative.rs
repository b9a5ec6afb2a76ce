//! Alternative names: hosts, mailboxes, addresses and locators.

use std::fmt::Write as _;

use super::der::{Reader, context};
use super::shape::{address, object};
use crate::engine::builtins::uri::Uri;
use crate::engine::value::Value;

pub(super) const MAILBOX: u8 = context(1, false);
pub(super) const HOST: u8 = context(2, false);
pub(super) const LOCATOR: u8 = context(6, false);
pub(super) const ADDRESS: u8 = context(7, false);

#[derive(Default)]
pub(super) struct Alternative {
    pub(super) hosts: Vec<String>,
    pub(super) mailboxes: Vec<String>,
    pub(super) addresses: Vec<Vec<u8>>,
    pub(super) locators: Vec<String>,
}

/// A text of ASCII.
pub(super) fn ascii(content: &[u8]) -> Option<String> {
    content.is_ascii().then(|| content.iter().map(|byte| *byte as char).collect())
}

impl Alternative {
    pub(super) fn read(extension: &[u8]) -> Option<Self> {
        let mut names = Self::default();
        let mut reader = Reader(extension).sequence()?;
        while !reader.is_empty() {
            let name = reader.next()?;
            match name.tag {
                MAILBOX => names.mailboxes.push(ascii(name.content)?),
                HOST => names.hosts.push(ascii(name.content)?),
                LOCATOR => {
                    let locator = ascii(name.content)?;
                    Uri::parse(&locator).ok()?;
                    names.locators.push(locator);
                }
                ADDRESS => {
                    address(name.content)?;
                    names.addresses.push(name.content.to_vec());
                }
                _ => {}
            }
        }
        Some(names)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.hosts.is_empty()
            && self.mailboxes.is_empty()
            && self.addresses.is_empty()
            && self.locators.is_empty()
    }

    pub(super) fn addresses_value(&self) -> Value {
        let addresses = self.addresses.iter().filter_map(|bytes| address(bytes));
        super::shape::list(addresses.map(|address| Value::from(address.to_string())).collect())
    }

    pub(super) fn locators_value(&self) -> Value {
        super::shape::list(self.locators.iter().map(|locator| taken_apart(locator)).collect())
    }
}

/// A locator as Go's `url.URL`.
fn taken_apart(locator: &str) -> Value {
    let uri = Uri::parse(locator).unwrap_or_default();
    let before = locator.split('#').next().unwrap_or_default();
    let (body, query) = before.split_once('?').unwrap_or((before, ""));
    let behind = match uri.scheme.len() {
        0 => body,
        length => body.get(length + 1..).unwrap_or_default(),
    };
    let opaque = if !uri.scheme.is_empty() && !behind.starts_with('/') { behind } else { "" };
    let authority = behind.strip_prefix("//").map(|rest| rest.split('/').next().unwrap_or(rest));
    let user = authority.is_some_and(|authority| authority.contains('@'));
    let raw_path = if escaped(&uri.path) == uri.raw_path { "" } else { uri.raw_path.as_str() };
    object([
        ("ForceQuery", Value::Bool(before.ends_with('?') && query.is_empty())),
        ("Fragment", Value::from(uri.fragment.as_str())),
        ("Host", Value::from(uri.host.as_str())),
        ("OmitHost", Value::Bool(false)),
        ("Opaque", Value::from(opaque)),
        ("Path", Value::from(uri.path.as_str())),
        ("RawFragment", Value::from("")),
        ("RawPath", Value::from(raw_path)),
        ("RawQuery", Value::from(uri.query.as_str())),
        ("Scheme", Value::from(uri.scheme.as_str())),
        ("User", if user { Value::object(Vec::new()) } else { Value::Null }),
    ])
}

/// A path as Go escapes it when it is free to choose.
fn escaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            text.push(byte as char);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
