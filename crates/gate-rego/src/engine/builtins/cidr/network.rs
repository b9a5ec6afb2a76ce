//! Addresses and networks. An address of IPv4 written as one of IPv6 (`::ffff:1.2.3.4`) is both.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where the addresses of IPv4 stand among those of IPv6.
const MAPPED: u128 = 0xffff << 32;

/// An address as 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address(pub(super) u128);

impl Address {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.parse().ok()? {
            IpAddr::V4(address) => Some(Self::v4(u32::from(address))),
            IpAddr::V6(address) => Some(Self(u128::from(address))),
        }
    }

    fn v4(bits: u32) -> Self {
        Self(MAPPED | u128::from(bits))
    }

    pub(super) fn is_v4(self) -> bool {
        self.0 >> 32 == MAPPED >> 32
    }

    /// The address before, within its family; the first one is before itself.
    pub(super) fn previous(self) -> Self {
        if self.0 == 0 || self.0 == MAPPED { self } else { Self(self.0 - 1) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u32::try_from(self.0 & u128::from(u32::MAX)) {
            Ok(bits) if self.is_v4() => write!(f, "{}", Ipv4Addr::from(bits)),
            _ => write!(f, "{}", Ipv6Addr::from(self.0)),
        }
    }
}

/// A network: an address and how many of its leading bits are those of the network, of 128.
#[derive(Debug, Clone)]
pub(super) struct Network {
    /// As it was written: bits behind the prefix may be set.
    address: Address,
    prefix: u32,
    /// Whether it was written as one of IPv6.
    v6: bool,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u32 = if digits { prefix.parse().ok()? } else { return None };
        match address.parse().ok()? {
            IpAddr::V4(address) if prefix <= 32 => {
                let address = Address::v4(u32::from(address));
                Some(Self { address, prefix: prefix + 96, v6: false }.masked())
            }
            IpAddr::V6(address) if prefix <= 128 => {
                let address = Address(u128::from(address));
                Some(Self { address, prefix, v6: true }.masked())
            }
            _ => None,
        }
    }

    /// The network of an address of IPv4 alone, by its class, with the address as it is.
    pub(super) fn by_class(address: Address) -> Option<Self> {
        if !address.is_v4() {
            return None;
        }
        let prefix = match address.0 >> 24 & 0xff {
            0..=127 => 8,
            128..=191 => 16,
            _ => 24,
        };
        Some(Self { address, prefix: prefix + 96, v6: false })
    }

    pub(super) fn new(first: Address, prefix: u32) -> Self {
        Self { address: first, prefix, v6: !first.is_v4() }
    }

    fn mask(&self) -> u128 {
        if self.prefix == 0 { 0 } else { u128::MAX << (128 - self.prefix) }
    }

    fn masked(mut self) -> Self {
        self.address = self.first();
        self
    }

    pub(super) fn first(&self) -> Address {
        Address(self.address.0 & self.mask())
    }

    pub(super) fn last(&self) -> Address {
        Address(self.address.0 | !self.mask())
    }

    /// Whether an address of the same family is within.
    pub(super) fn contains(&self, address: Address) -> bool {
        self.first().is_v4() == address.is_v4() && address.0 & self.mask() == self.first().0
    }

    pub(super) fn contains_network(&self, other: &Self) -> bool {
        let plain = |network: &Self| network.v6 && !network.first().is_v4();
        if plain(self) && plain(other) {
            // By prefixes: an address within may be one of IPv4, which no such network contains.
            return self.prefix <= other.prefix && other.first().0 & self.mask() == self.first().0;
        }
        self.contains(other.first()) && self.contains(other.last())
    }

    /// How many addresses there are.
    pub(super) fn size(&self) -> u128 {
        1u128.checked_shl(128 - self.prefix).unwrap_or(u128::MAX)
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = Address> + use<> {
        (self.first().0..=self.last().0).map(Address)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.address.is_v4() { self.prefix - 96 } else { self.prefix };
        write!(f, "{}/{prefix}", self.address)
    }
}
