//! Whether a certificate is one of a host.

use std::net::IpAddr;

use super::alternative::Alternative;
use super::shape::address;

/// Whether a host's name or address is among the alternative names.
pub(super) fn is_of(host: &str, names: &Alternative) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(wanted) = bare.parse::<IpAddr>() {
        let wanted = wanted.to_canonical();
        return names.addresses.iter().any(|bytes| address(bytes) == Some(wanted));
    }
    let host = host.to_ascii_lowercase();
    let valid = is_valid(host.strip_suffix('.').unwrap_or(&host), false);
    names.hosts.iter().any(|pattern| {
        if valid && is_valid(pattern, true) {
            matches(pattern, &host)
        } else {
            is_exactly(pattern, &host)
        }
    })
}

fn is_exactly(pattern: &str, host: &str) -> bool {
    let odd = |name: &str| name.is_empty() || name == ".";
    !odd(pattern) && !odd(host) && pattern.eq_ignore_ascii_case(host)
}

fn matches(pattern: &str, host: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let trimmed = |name: &str| name.strip_suffix('.').unwrap_or(name).to_owned();
    let (pattern, host) = (trimmed(&pattern), trimmed(host));
    let (pattern, host): (Vec<_>, Vec<_>) =
        (pattern.split('.').collect(), host.split('.').collect());
    pattern.len() == host.len()
        && pattern
            .iter()
            .zip(&host)
            .enumerate()
            .all(|(at, (wanted, part))| (at == 0 && *wanted == "*") || wanted == part)
}

fn is_valid(name: &str, pattern: bool) -> bool {
    if name == "*" {
        return false;
    }
    name.split('.').enumerate().all(|(at, part)| {
        let letter = |(at, byte): (usize, u8)| {
            byte.is_ascii_alphanumeric() || byte == b'_' || (byte == b'-' && at != 0)
        };
        (pattern && at == 0 && part == "*")
            || (!part.is_empty() && part.bytes().enumerate().all(letter))
    })
}
