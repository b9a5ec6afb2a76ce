//! Takes a locator apart: scheme, host, path, query and fragment, by the rules of Go's `net/url`.

use crate::engine::value::quote;

/// The parts of a locator.
#[derive(Debug, Default)]
pub(in crate::engine::builtins) struct Uri {
    pub(in crate::engine::builtins) scheme: String,
    pub(in crate::engine::builtins) host: String,
    pub(in crate::engine::builtins) path: String,
    /// The path as it was written.
    pub(in crate::engine::builtins) raw_path: String,
    pub(in crate::engine::builtins) query: String,
    pub(in crate::engine::builtins) fragment: String,
}

/// Where a text stands: what may be escaped there, and what must not stand there as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Host,
    Zone,
    User,
    Path,
    Fragment,
}

impl Uri {
    pub(in crate::engine::builtins) fn parse(text: &str) -> Result<Self, String> {
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut uri = Self::without_fragment(text)?;
        uri.fragment = unescape(fragment, Place::Fragment)?;
        Ok(uri)
    }

    fn without_fragment(text: &str) -> Result<Self, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut uri = Self::default();
        if text == "*" {
            (uri.path, uri.raw_path) = ("*".to_owned(), "*".to_owned());
            return Ok(uri);
        }
        let (scheme, rest) = scheme(text)?;
        uri.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        query.clone_into(&mut uri.query);
        if !rest.starts_with('/') {
            if !uri.scheme.is_empty() {
                // An opaque locator, of which nothing more is told.
                return Ok(uri);
            }
            let segment = rest.split('/').next().unwrap_or_default();
            if segment.contains(':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let mut path = rest;
        let has_host = !uri.scheme.is_empty() || !rest.starts_with("///");
        if let Some(behind) = rest.strip_prefix("//").filter(|_| has_host) {
            let (authority, rest) = behind.split_at(behind.find('/').unwrap_or(behind.len()));
            uri.host = authority_host(authority)?;
            path = rest;
        }
        uri.path = unescape(path, Place::Path)?;
        path.clone_into(&mut uri.raw_path);
        Ok(uri)
    }

    /// The path as it stands in a request: as it was written, where that is well formed.
    pub(in crate::engine::builtins) fn escaped_path(&self) -> String {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:@/[]%".contains(c);
        if self.raw_path.chars().all(fits) {
            return self.raw_path.clone();
        }
        let mut escaped = String::new();
        for byte in self.path.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
                escaped.push(char::from(byte));
            } else {
                let digits = format!("%{byte:02X}");
                escaped.push_str(&digits);
            }
        }
        escaped
    }

    /// The host without its port and without brackets.
    pub(super) fn hostname(&self) -> &str {
        if let Some(inside) = self.host.strip_prefix('[') {
            return inside.split(']').next().unwrap_or_default();
        }
        match self.host.rfind(':') {
            Some(at) if digits(&self.host[at + 1..]) => &self.host[..at],
            _ => &self.host,
        }
    }

    pub(super) fn port(&self) -> &str {
        let after = self.host.rfind(']').map_or(0, |at| at + 1);
        match self.host[after..].rfind(':') {
            Some(at) if digits(&self.host[after + at + 1..]) => &self.host[after + at + 1..],
            _ => "",
        }
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn authority_host(authority: &str) -> Result<String, String> {
    let (user, host) = match authority.rfind('@') {
        Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
        None => (None, authority),
    };
    let host = host_text(host)?;
    if let Some(user) = user {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(fits) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        unescape(user, Place::User)?;
    }
    Ok(host)
}

fn host_text(host: &str) -> Result<String, String> {
    if host.starts_with('[') {
        let Some(end) = host.rfind(']') else { return Err("missing ']' in host".to_owned()) };
        port(&host[end + 1..])?;
        if let Some(zone) = host[..end].find("%25") {
            let address = unescape(&host[..zone], Place::Host)?;
            let name = unescape(&host[zone..end], Place::Zone)?;
            let rest = unescape(&host[end..], Place::Host)?;
            return Ok(format!("{address}{name}{rest}"));
        }
    } else if let Some(at) = host.rfind(':') {
        port(&host[at..])?;
    }
    unescape(host, Place::Host)
}

fn port(text: &str) -> Result<(), String> {
    let fits = text.is_empty() || text.strip_prefix(':').is_some_and(digits);
    if fits { Ok(()) } else { Err(format!("invalid port {} after host", quote(text))) }
}

/// The text that an escaped one says.
fn unescape(text: &str, place: Place) -> Result<String, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let part = &text.as_bytes()[at..bytes.len().min(at + 3)];
            let shown = || {
                let part = String::from_utf8_lossy(part);
                Err(format!("invalid URL escape {}", quote(&part)))
            };
            let digit = |at: usize| part.get(at).and_then(|b| char::from(*b).to_digit(16));
            let Some((high, low)) = digit(1).zip(digit(2)) else { return shown() };
            let value = u8::try_from(high << 4 | low).unwrap_or_default();
            // In a host only what is beyond ASCII is escaped, and a percent sign before a zone.
            if place == Place::Host && high < 8 && part != b"%25" {
                return shown();
            }
            if place == Place::Zone && part != b"%25" && value != b' ' && forbidden(value) {
                return shown();
            }
            out.push(value);
            at += 3;
            continue;
        }
        if matches!(place, Place::Host | Place::Zone) && byte < 0x80 && forbidden(byte) {
            let shown = quote(&char::from(byte).to_string());
            return Err(format!("invalid character {shown} in host name"));
        }
        out.push(byte);
        at += 1;
    }
    String::from_utf8(out).map_err(|_| "result is no UTF-8 text".to_owned())
}

/// What must not stand in a host as it is.
fn forbidden(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte))
}
