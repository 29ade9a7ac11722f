//! Ranges of addresses, and from where an organisation may be used.

use std::{fmt, net::IpAddr, sync::Arc};

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// An address, or a range as in `10.0.0.0/8`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let most = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            let shift = width - u32::from(self.bits);
            shift >= width || a >> shift == b >> shift
        };
        match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                if self.bits == 0 {
                    true
                } else {
                    same(a.to_bits(), b.to_bits(), 128)
                }
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// Where an organisation may be used from: everywhere, or from these networks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed(Arc<[Network]>);

impl Allowed {
    /// Of what was stored. What cannot be read lets nobody in, where it is all that there is.
    pub(crate) fn of(stored: &[String]) -> Self {
        let nowhere = Network { address: IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED), bits: 128 };
        Self(stored.iter().map(|text| Network::parse(text).unwrap_or(nowhere)).collect())
    }

    /// Whether somebody at this address may use it. Who comes from nowhere that we know may not, where there is a list.
    pub fn holds(&self, address: Option<IpAddr>) -> bool {
        self.0.is_empty()
            || address
                .is_some_and(|address| self.0.iter().any(|network| network.contains(address.to_canonical())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_its_addresses() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "::1", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "fe80::1", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", false),
        ] {
            assert_eq!(
                Network::parse(network).unwrap().contains(address.parse().unwrap()),
                inside,
                "{network} {address}"
            );
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "x", "::/129"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_keeps_out_whom_it_does_not_name() {
        let list =
            |texts: &[&str]| Allowed::of(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        for (texts, address, holds) in [
            (&[][..], None, true),
            (&[], Some("1.2.3.4"), true),
            (&["10.0.0.0/8"], Some("10.1.2.3"), true),
            (&["10.0.0.0/8"], Some("::ffff:10.1.2.3"), true),
            (&["10.0.0.0/8", "fd00::/8"], Some("fd00::1"), true),
            (&["10.0.0.0/8"], Some("11.1.2.3"), false),
            (&["10.0.0.0/8"], None, false),
            (&["garbage"], Some("11.1.2.3"), false),
        ] {
            assert_eq!(
                list(texts).holds(address.map(|text| text.parse().unwrap())),
                holds,
                "{texts:?} {address:?}"
            );
        }
    }
}
