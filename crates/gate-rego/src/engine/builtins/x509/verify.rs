//! Whether a chain of certificates leads from a leaf to a root, by the rules of Go's `crypto/x509`.

use super::certificate::Certificate;
use super::constraints;
use crate::engine::builtins::{BuiltinError, Context};

/// How many signatures are looked at for a leaf.
const SIGNATURES: u32 = 100;
/// The usage of servers, which is asked for where none is.
const SERVER: usize = 1;
/// The usage that stands for all.
const ANY: usize = 0;
/// The bit of keys that sign certificates.
const SIGNS_CERTIFICATES: i64 = 1 << 5;

/// What a chain must fit.
pub(super) struct Options {
    pub(super) host: String,
    pub(super) now_ns: i64,
    pub(super) usages: Vec<usize>,
}

type Chain<'a, 'b> = Vec<&'b Certificate<'a>>;

/// The chain from the last certificate to the first one, which is trusted, by way of the others.
pub(super) fn chain<'a, 'b>(
    context: &mut Context,
    certificates: &'b [Certificate<'a>],
    options: &Options,
) -> Result<Option<Chain<'a, 'b>>, BuiltinError> {
    let [root, intermediates @ .., leaf] = certificates else { return Ok(None) };
    let mut search = Search { context, root, intermediates, options, looks: 0, chains: Vec::new() };
    if !search.is_valid(leaf, &[], false)
        || !(options.host.is_empty() || super::host::is_of(&options.host, &leaf.known.names))
    {
        return Ok(None);
    }
    if leaf.whole == root.whole {
        search.chains.push(vec![leaf]);
    } else {
        search.build(&[leaf])?;
    }
    for chain in search.chains {
        if fits(&chain, &options.usages) && constraints::hold(&chain)? {
            return Ok(Some(chain));
        }
    }
    Ok(None)
}

struct Search<'a, 'b, 'c> {
    context: &'c mut Context,
    root: &'b Certificate<'a>,
    intermediates: &'b [Certificate<'a>],
    options: &'c Options,
    looks: u32,
    chains: Vec<Chain<'a, 'b>>,
}

impl<'a, 'b> Search<'a, 'b, '_> {
    fn is_valid(
        &self,
        certificate: &Certificate,
        below: &[&Certificate],
        intermediate: bool,
    ) -> bool {
        let known = &certificate.known;
        let second = 1_000_000_000;
        let now = i128::from(self.options.now_ns);
        let (start, end) = (certificate.not_before.seconds, certificate.not_after.seconds);
        if !known.unhandled.is_empty()
            || now < i128::from(start) * second
            || now > i128::from(end) * second
        {
            return false;
        }
        let between = i64::try_from(below.len()).unwrap_or(i64::MAX) - 1;
        match known.basic {
            Some((authority, length)) => {
                (authority || !intermediate) && (length < 0 || between <= length)
            }
            None => !intermediate,
        }
    }

    /// Finds the chains that go on from one.
    fn build(&mut self, below: &[&'b Certificate<'a>]) -> Result<(), BuiltinError> {
        let Some(child) = below.last().copied() else { return Ok(()) };
        if self.parent(child, self.root, below, false)? {
            let mut chain = below.to_vec();
            chain.push(self.root);
            self.chains.push(chain);
        }
        let mut parents: Vec<_> =
            self.intermediates.iter().filter(|parent| parent.subject == child.issuer).collect();
        parents.sort_by_key(|parent| plausibility(child, parent));
        for parent in parents {
            if self.parent(child, parent, below, true)? {
                let mut chain = below.to_vec();
                chain.push(parent);
                self.build(&chain)?;
            }
        }
        Ok(())
    }

    fn parent(
        &mut self,
        child: &Certificate,
        parent: &Certificate,
        below: &[&Certificate],
        intermediate: bool,
    ) -> Result<bool, BuiltinError> {
        self.looks += 1;
        if parent.subject != child.issuer || self.looks > SIGNATURES {
            return Ok(false);
        }
        // A signature is worth some ten thousand bytes of reading.
        self.context.work(child.signed.len().saturating_add(20_000))?;
        Ok(!below.iter().any(|known| is_again(known, parent))
            && signs(parent)
            && parent.key.signed(child.algorithm, child.signed, child.signature)
            && self.is_valid(parent, below, intermediate))
    }
}

/// Whether a certificate is one that stands in the chain, perhaps in another form.
fn is_again(known: &Certificate, other: &Certificate) -> bool {
    let names = |certificate: &Certificate| {
        let names = &certificate.known.names;
        [names.hosts.clone(), names.mailboxes.clone(), names.locators.clone()]
    };
    known.subject == other.subject
        && known.key_info == other.key_info
        && names(known) == names(other)
        && known.known.names.addresses == other.known.names.addresses
}

/// Whether a certificate may sign others.
fn signs(certificate: &Certificate) -> bool {
    let usage = certificate.known.key_usage;
    let authority = match certificate.known.basic {
        Some((authority, _)) => authority,
        None => certificate.version < 3,
    };
    authority && (usage == 0 || usage & SIGNS_CERTIFICATES != 0)
}

/// 0 for parents whose key is the one that the child names, 2 for those whose key is another one.
fn plausibility(child: &Certificate, parent: &Certificate) -> u8 {
    let named = child.known.authority_key.unwrap_or_default();
    let has = parent.known.subject_key.unwrap_or_default();
    match (named, has) {
        (named, has) if named == has => 0,
        ([], _) | (_, []) => 1,
        _ => 2,
    }
}

/// Whether one of the usages is allowed by each certificate of a chain.
fn fits(chain: &[&Certificate], usages: &[usize]) -> bool {
    if usages.contains(&ANY) {
        return true;
    }
    let wanted = if usages.is_empty() { &[SERVER] } else { usages };
    let mut left = wanted.to_vec();
    for certificate in chain.iter().rev() {
        let known = &certificate.known;
        let unrestricted = known.usages.is_empty() && known.unknown_usages.is_empty();
        if !unrestricted && !known.usages.contains(&ANY) {
            left.retain(|usage| known.usages.contains(usage));
        }
    }
    !left.is_empty()
}
