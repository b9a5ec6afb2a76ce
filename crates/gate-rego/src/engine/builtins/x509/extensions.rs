//! The extensions of certificates.

use super::alternative::{ADDRESS, Alternative, HOST, LOCATOR, MAILBOX, ascii};
use super::der::{
    BIT_STRING, BOOLEAN, INTEGER, OBJECT_ID, OCTET_STRING, Reader, SEQUENCE, boolean, context,
    integer, object_id,
};
use super::shape::{address, bytes, object, object_id as id_value};
use crate::engine::value::Value;

/// An extension as it stands there.
pub(super) struct Extension<'a> {
    pub(super) id: Vec<u64>,
    pub(super) critical: bool,
    pub(super) content: &'a [u8],
}

impl<'a> Extension<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut fields = reader.sequence()?;
        let id = object_id(fields.take(OBJECT_ID)?)?;
        let critical = match fields.optional(BOOLEAN)? {
            Some(content) => boolean(content)?,
            None => false,
        };
        Some(Self { id, critical, content: fields.take(OCTET_STRING)? })
    }

    pub(super) fn value(&self) -> Value {
        object([
            ("Critical", Value::Bool(self.critical)),
            ("Id", id_value(&self.id)),
            ("Value", bytes(self.content)),
        ])
    }
}

/// Names of a kind that may be used below a certificate, and ones that may not.
#[derive(Default)]
pub(super) struct Constraints {
    pub(super) hosts: Vec<String>,
    pub(super) mailboxes: Vec<String>,
    pub(super) domains: Vec<String>,
    /// Addresses and their masks, one behind the other.
    pub(super) networks: Vec<Vec<u8>>,
}

/// What extensions say.
#[derive(Default)]
pub(super) struct Known<'a> {
    pub(super) key_usage: i64,
    /// Whether it is an authority, and how many may stand between it and the leaf.
    pub(super) basic: Option<(bool, i64)>,
    pub(super) names: Alternative,
    pub(super) constraints_critical: bool,
    pub(super) permitted: Constraints,
    pub(super) excluded: Constraints,
    pub(super) revocation_lists: Vec<String>,
    pub(super) authority_key: Option<&'a [u8]>,
    pub(super) subject_key: Option<&'a [u8]>,
    pub(super) explicit_policy: Option<i64>,
    pub(super) inhibit_mapping: Option<i64>,
    pub(super) inhibit_any: Option<i64>,
    pub(super) usages: Vec<usize>,
    pub(super) unknown_usages: Vec<Vec<u64>>,
    pub(super) policies: Option<Vec<Vec<u64>>>,
    pub(super) mappings: Vec<[Vec<u64>; 2]>,
    pub(super) status_servers: Vec<String>,
    pub(super) issuers: Vec<String>,
    pub(super) unhandled: Vec<Vec<u64>>,
}

/// Extended usages in the order of Go's numbers.
const USAGES: [&[u64]; 14] = [
    &[2, 5, 29, 37, 0],
    &[1, 3, 6, 1, 5, 5, 7, 3, 1],
    &[1, 3, 6, 1, 5, 5, 7, 3, 2],
    &[1, 3, 6, 1, 5, 5, 7, 3, 3],
    &[1, 3, 6, 1, 5, 5, 7, 3, 4],
    &[1, 3, 6, 1, 5, 5, 7, 3, 5],
    &[1, 3, 6, 1, 5, 5, 7, 3, 6],
    &[1, 3, 6, 1, 5, 5, 7, 3, 7],
    &[1, 3, 6, 1, 5, 5, 7, 3, 8],
    &[1, 3, 6, 1, 5, 5, 7, 3, 9],
    &[1, 3, 6, 1, 4, 1, 311, 10, 3, 3],
    &[2, 16, 840, 1, 113_730, 4, 1],
    &[1, 3, 6, 1, 4, 1, 311, 2, 1, 22],
    &[1, 3, 6, 1, 4, 1, 311, 61, 1, 1],
];

fn small(content: &[u8]) -> Option<i64> {
    i64::try_from(integer(content)?).ok()
}

impl<'a> Known<'a> {
    /// Takes in an extension; `None` if it is malformed.
    pub(super) fn add(&mut self, extension: &Extension<'a>) -> Option<()> {
        let mut reader = Reader(extension.content);
        let mut handled = true;
        match extension.id.as_slice() {
            // These must not be critical.
            [2, 5, 29, 14 | 35] | [1, 3, 6, 1, 5, 5, 7, 1, 1] if extension.critical => {
                return None;
            }
            [2, 5, 29, 14] => self.subject_key = Some(reader.take(OCTET_STRING)?),
            [2, 5, 29, 15] => self.key_usage = usage(reader.take(BIT_STRING)?)?,
            [2, 5, 29, 17] => {
                self.names = Alternative::read(extension.content)?;
                handled = !self.names.is_empty();
            }
            [2, 5, 29, 19] => self.basic(reader)?,
            [2, 5, 29, 30] => {
                self.constraints_critical = extension.critical;
                handled = self.constraints(reader)?;
            }
            [2, 5, 29, 31] => self.revocation_lists(reader)?,
            [2, 5, 29, 32] => self.policies(reader)?,
            [2, 5, 29, 33] => self.mappings(reader)?,
            [2, 5, 29, 35] => {
                self.authority_key = reader.sequence()?.optional(context(0, false))?;
            }
            [2, 5, 29, 36] => {
                let mut fields = reader.sequence()?;
                let mut number = |tag| match fields.optional(context(tag, false))? {
                    Some(content) => small(content).map(Some),
                    None => Some(None),
                };
                (self.explicit_policy, self.inhibit_mapping) = (number(0)?, number(1)?);
            }
            [2, 5, 29, 37] => self.usages(reader)?,
            [2, 5, 29, 54] => self.inhibit_any = Some(small(reader.take(INTEGER)?)?),
            [1, 3, 6, 1, 5, 5, 7, 1, 1] => self.access(reader)?,
            _ => handled = false,
        }
        if extension.critical && !handled {
            self.unhandled.push(extension.id.clone());
        }
        Some(())
    }

    fn basic(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let mut fields = reader.sequence()?;
        let authority = match fields.optional(BOOLEAN)? {
            Some(content) => boolean(content)?,
            None => false,
        };
        let length = match fields.optional(INTEGER)? {
            Some(content) => small(content)?,
            None => -1,
        };
        self.basic = Some((authority, length));
        Some(())
    }

    /// Whether all names that are constrained are of kinds that are looked at.
    fn constraints(&mut self, mut reader: Reader<'a>) -> Option<bool> {
        let mut fields = reader.sequence()?;
        let permitted = fields.optional(context(0, true))?;
        let excluded = fields.optional(context(1, true))?;
        if !fields.is_empty() || (permitted.is_none() && excluded.is_none()) {
            return None;
        }
        let permitted = self.permitted.read(permitted.unwrap_or_default())?;
        let excluded = self.excluded.read(excluded.unwrap_or_default())?;
        Some(permitted && excluded)
    }

    fn revocation_lists(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let mut points = reader.sequence()?;
        while !points.is_empty() {
            let mut fields = points.sequence()?;
            let Some(named) = fields.optional(context(0, true))? else { continue };
            let mut full = Reader(Reader(named).take(context(0, true))?);
            while let Some(locator) = full.optional(LOCATOR)? {
                self.revocation_lists.push(ascii(locator)?);
            }
        }
        Some(())
    }

    fn policies(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let mut infos = reader.sequence()?;
        let mut policies: Vec<Vec<u64>> = Vec::new();
        while !infos.is_empty() {
            let policy = object_id(infos.sequence()?.take(OBJECT_ID)?)?;
            if policies.contains(&policy) {
                return None;
            }
            policies.push(policy);
        }
        self.policies = Some(policies);
        Some(())
    }

    fn mappings(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let mut pairs = reader.sequence()?;
        while !pairs.is_empty() {
            let mut pair = pairs.sequence()?;
            let issuer = object_id(pair.take(OBJECT_ID)?)?;
            self.mappings.push([issuer, object_id(pair.take(OBJECT_ID)?)?]);
        }
        Some(())
    }

    fn usages(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let mut ids = reader.sequence()?;
        while !ids.is_empty() {
            let id = object_id(ids.take(OBJECT_ID)?)?;
            match USAGES.iter().position(|known| *known == id) {
                Some(usage) => self.usages.push(usage),
                None => self.unknown_usages.push(id),
            }
        }
        Some(())
    }

    fn access(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let mut descriptions = reader.sequence()?;
        while !descriptions.is_empty() {
            let mut description = descriptions.sequence()?;
            let method = object_id(description.take(OBJECT_ID)?)?;
            let Some(locator) = description.optional(LOCATOR)? else { continue };
            match method.as_slice() {
                [1, 3, 6, 1, 5, 5, 7, 48, 1] => self.status_servers.push(ascii(locator)?),
                [1, 3, 6, 1, 5, 5, 7, 48, 2] => self.issuers.push(ascii(locator)?),
                _ => {}
            }
        }
        Some(())
    }
}

impl Constraints {
    /// Reads subtrees; whether all of them are of known kinds.
    fn read(&mut self, subtrees: &[u8]) -> Option<bool> {
        let mut subtrees = Reader(subtrees);
        let mut handled = true;
        while !subtrees.is_empty() {
            let base = Reader(subtrees.take(SEQUENCE)?).next()?;
            match base.tag {
                HOST => self.hosts.push(ascii(base.content)?),
                MAILBOX => self.mailboxes.push(ascii(base.content)?),
                LOCATOR => self.domains.push(ascii(base.content)?),
                ADDRESS => {
                    let (ip, mask) = base.content.split_at(base.content.len() / 2);
                    address(ip).filter(|_| ip.len() == mask.len() && is_mask(mask))?;
                    self.networks.push(base.content.to_vec());
                }
                _ => handled = false,
            }
        }
        Some(handled)
    }

    pub(super) fn networks_value(&self) -> Value {
        let networks = self.networks.iter().filter_map(|network| {
            let (ip, mask) = network.split_at(network.len() / 2);
            let ip = Value::from(address(ip)?.to_string());
            Some(object([("IP", ip), ("Mask", bytes(mask))]))
        });
        super::shape::list(networks.collect())
    }
}

/// Whether bits are set from the first one on alone.
fn is_mask(mask: &[u8]) -> bool {
    let bits = mask.iter().flat_map(|byte| (0..8).map(move |at| byte >> (7 - at) & 1));
    bits.is_sorted_by(|left, right| left >= right)
}

/// The bits of a key's usage, the first one the lowest.
fn usage(bits: &[u8]) -> Option<i64> {
    let (unused, bytes) = bits.split_first()?;
    if *unused > 7 || (bytes.is_empty() && *unused > 0) {
        return None;
    }
    let set = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    Some((0..9).filter(|at| set(*at)).map(|at| 1 << at).sum())
}
