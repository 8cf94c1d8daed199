//! Which addresses belong to the public internet, and which URLs are worth a thought at all.
//!
//! Source: the IANA special-purpose registries
//! <https://www.iana.org/assignments/iana-ipv4-special-registry> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>, and the clouds' metadata addresses.
//!
//! Deliberately not here: looking names up, and who may be called ([`super::Boundary`]).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::Error;

/// IPv4 blocks that are not the public internet, as (network, prefix length).
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::UNSPECIFIED, 8), // "this network"; 0.0.0.0 reaches loopback on Linux
    (Ipv4Addr::new(10, 0, 0, 0), 8), // private
    (Ipv4Addr::new(100, 64, 0, 0), 10), // carrier-grade NAT; Alibaba's metadata
    (Ipv4Addr::new(127, 0, 0, 0), 8), // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's WireServer: a public number, a private service
    (Ipv4Addr::new(169, 254, 0, 0), 16), // link-local; metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12), // private
    (Ipv4Addr::new(192, 0, 0, 0), 24), // IETF protocol assignments; Oracle's metadata
    (Ipv4Addr::new(192, 0, 2, 0), 24), // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24), // 6to4 relays, withdrawn
    (Ipv4Addr::new(192, 168, 0, 0), 16), // private
    (Ipv4Addr::new(198, 18, 0, 0), 15), // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24), // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4), // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4), // reserved
    (Ipv4Addr::BROADCAST, 32),  // broadcast
];

/// IPv6 blocks inside the global unicast range `2000::/3` that are not the public internet. Outside
/// that range nothing is: loopback, ULA, link-local, site-local and multicast need no line here.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, ORCHID, benchmarking
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112 sink
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16), // 6bone, returned
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether an address is one that anybody on the internet could reach, judged by the IPv4 address
/// inside when it is a wrapping of one.
///
/// Teredo (`2001::/32`), IPv4-compatible (`::/96`), SIIT and local NAT64 (`64:ff9b:1::/48`) are refused
/// whole: no public site needs them.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    NOT_PUBLIC_V4
        .iter()
        .all(|(network, prefix)| (address.to_bits() ^ network.to_bits()).leading_zeros() < *prefix)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xe000 == 0x2000
        && NOT_PUBLIC_V6.iter().all(|(network, prefix)| {
            (address.to_bits() ^ network.to_bits()).leading_zeros() < *prefix
        })
}

/// The IPv4 host that a packet to this IPv6 address ends at.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // Mapped, ::ffff:0:0/96.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        // NAT64, 64:ff9b::/96.
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        // 6to4, 2002::/16.
        | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// What holds at both doors: http or https, a host, and no password in the address (it would reach
/// logs and Referer headers; secrets travel in headers).
pub(super) fn check_url(url: &Url) -> Result<(), Error> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::refused(url, "only http and https are called"));
    }
    if !url.has_host() {
        return Err(Error::InvalidUrl { reason: "it names no host" });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::refused(url, "the address carries a user name or password"));
    }
    Ok(())
}

/// Whether a host name can be told to be local without looking it up.
pub(super) fn is_local_name(name: &str) -> bool {
    const LOCAL_SUFFIXES: [&str; 6] =
        ["localhost", "local", "internal", "home.arpa", "lan", "localdomain"];
    let name = name.strip_suffix('.').unwrap_or(name);
    // One label: answered by /etc/hosts or a search domain, never by the public tree.
    !name.contains('.')
        || name.split('.').any(str::is_empty)
        || LOCAL_SUFFIXES.iter().any(|suffix| {
            name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
}

/// The address a URL spells out, in whatever notation: `url` has read octal, hex and short forms.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
        Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
        Host::Domain(_) => None,
    }
}
