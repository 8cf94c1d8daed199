//! One address or a CIDR range, for the list of trusted proxies.
//!
//! Deliberately not here: anything about requests or headers; that is `platform::http`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses; a single address is the range of full length. IPv4-mapped IPv6 addresses
/// (`::ffff:10.0.0.1`) count as the IPv4 address they hold, on both sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    network: IpAddr,
    prefix_bits: u8,
}

impl IpRange {
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix_bits);
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix_bits);
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for IpRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let given: IpAddr =
            address.trim().parse().map_err(|_| format!("`{text}` is not an address or range"))?;
        let network = given.to_canonical();
        let width: u8 = if given.is_ipv4() { 32 } else { 128 };
        let Some(prefix) = prefix else {
            return Ok(Self { network, prefix_bits: if network.is_ipv4() { 32 } else { 128 } });
        };
        let bits = prefix
            .trim()
            .parse::<u8>()
            .ok()
            .filter(|bits| *bits <= width)
            .ok_or_else(|| format!("`{text}`: the length after / is 0 to {width}"))?;
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        let unmapped = given.is_ipv6() && network.is_ipv4();
        let prefix_bits = if unmapped {
            bits.checked_sub(96).ok_or_else(|| format!("`{text}`: the length is at least 96"))?
        } else {
            bits
        };
        Ok(Self { network, prefix_bits })
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let full = if self.network.is_ipv4() { 32 } else { 128 };
        if self.prefix_bits == full {
            write!(f, "{}", self.network)
        } else {
            write!(f, "{}/{}", self.network, self.prefix_bits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(range: &str, address: &str) -> bool {
        range.parse::<IpRange>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_others() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("127.0.0.1", "127.0.0.1"));
        assert!(!contains("127.0.0.1", "127.0.0.2"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        assert!(contains("::/0", "2001:db8::1"));
        assert!(contains("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!contains("2001:db8::/32", "2001:db9::1"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
    }

    #[test]
    fn a_mapped_address_counts_as_the_ipv4_address_it_holds() {
        assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
        assert!(contains("::ffff:10.0.0.1", "10.0.0.1"));
        assert!("::ffff:10.0.0.0/8".parse::<IpRange>().is_err());
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for bad in ["", "proxy.example", "10.0.0.0/33", "10.0.0.0/", "::1/129", "10.0.0.0/-1"] {
            assert!(bad.parse::<IpRange>().is_err(), "{bad}");
        }
    }
}
