//! Whether the names of a chain's certificates are ones that those above allow.

use super::certificate::Certificate;
use super::extensions::Constraints;
use crate::engine::builtins::BuiltinError;

/// Whether all names are allowed. Constraints that are not looked at here end the evaluation.
pub(super) fn hold(chain: &[&Certificate]) -> Result<bool, BuiltinError> {
    for (at, above) in chain.iter().enumerate() {
        let (permitted, excluded) = (&above.known.permitted, &above.known.excluded);
        if above.known.explicit_policy.is_some() && chain.len() > 1 {
            return Err(BuiltinError::limit(
                "certificate asks for policies, which is not supported",
            ));
        }
        for below in &chain[..at] {
            let names = &below.known.names;
            let unknown = |set: &Constraints| {
                (!set.mailboxes.is_empty() && !names.mailboxes.is_empty())
                    || (!set.domains.is_empty() && !names.locators.is_empty())
            };
            if unknown(permitted) || unknown(excluded) {
                return Err(BuiltinError::limit(
                    "certificate constrains mailboxes or locators, which is not supported",
                ));
            }
            let host = |name: &String| {
                (permitted.hosts.is_empty()
                    || permitted.hosts.iter().any(|set| is_within(name, set)))
                    && !excluded.hosts.iter().any(|set| is_within(name, set) || covers(name, set))
            };
            let address = |name: &Vec<u8>| {
                (permitted.networks.is_empty()
                    || permitted.networks.iter().any(|set| is_in(name, set)))
                    && !excluded.networks.iter().any(|set| is_in(name, set))
            };
            if !names.hosts.iter().all(host) || !names.addresses.iter().all(address) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether a host's name is a domain or below it; a dot before the domain leaves the latter alone.
fn is_within(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.to_ascii_lowercase(), domain.to_ascii_lowercase());
    if domain.is_empty() {
        return true;
    }
    match domain.strip_prefix('.') {
        Some(_) => name.ends_with(&domain) && name.len() > domain.len(),
        None => name == domain || name.ends_with(&format!(".{domain}")),
    }
}

/// Whether a pattern of names has a domain among them.
fn covers(pattern: &str, domain: &str) -> bool {
    let (pattern, domain) = (pattern.to_ascii_lowercase(), domain.to_ascii_lowercase());
    let parent = domain.split_once('.').map(|(_, parent)| parent);
    pattern.strip_prefix("*.").is_some_and(|base| parent == Some(base))
}

fn is_in(address: &[u8], network: &[u8]) -> bool {
    let (ip, mask) = network.split_at(network.len() / 2);
    address.len() == ip.len()
        && address.iter().zip(ip).zip(mask).all(|((left, right), mask)| left & mask == right & mask)
}
