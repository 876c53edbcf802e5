//! Where anything may be sent: to public addresses, over TLS, unless the operator allows more. Asked when a webhook is
//! saved and again for the very address of each connection, so that a name which points elsewhere by then leads nowhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Where anything may be sent.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// Whether `http://` will do.
    pub allow_http: bool,
    /// Networks that may be reached though they are not public.
    pub networks: Vec<IpNet>,
}

impl Targets {
    /// Whether a webhook may be sent to a URL, whose name is looked up for that; the error completes a sentence about it.
    pub async fn check(&self, text: &str) -> Result<(), String> {
        let url = self.parse(text)?;
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let found = tokio::net::lookup_host((bare.as_str(), port)).await;
        let addresses: Vec<_> = found.map_err(|_| format!("names a host that is not found: {bare}"))?.collect();
        if addresses.is_empty() {
            return Err(format!("names a host that has no address: {bare}"));
        }
        if addresses.iter().all(|address| self.permit(address.ip())) { Ok(()) } else { Err(not_public(&bare)) }
    }

    /// A URL that is in order, without looking up its name.
    pub(super) fn parse(&self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|_| "is not a URL such as https://hooks.example.com/holdline".to_owned())?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            _ => return Err("must begin with https://".into()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a login; what is sent is known by its signature".into());
        }
        if url.fragment().is_some() {
            return Err("has a fragment, which is not sent".into());
        }
        Ok(url)
    }

    /// Whether a URL's host is no address, or one that may be reached: a name is asked about when it is resolved.
    pub(super) fn permit_literal(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().map_or(true, |address| self.permit(address))
    }

    fn permit(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.networks.iter().any(|network| network.contains(&address))
    }
}

/// Resolves names to addresses that may be reached, and to nothing where one of them may not.
impl Resolve for Targets {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|address| targets.permit(address.ip())) {
                let addresses: Addrs = Box::new(found.into_iter());
                return Ok(addresses);
            }
            Err(not_public(name.as_str()).into())
        })
    }
}

fn not_public(host: &str) -> String {
    format!("names a host whose address is not public: {host}; the operator can allow its network")
}

/// Whether an address is one of the internet at large, by IANA's registries of special-purpose addresses.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a, b & 0xc0) == (100, 64)
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a, b & 0xfe) == (198, 18);
    !special
}

/// Only of what is assigned as global unicast (2000::/3), and of that nothing that stands for another address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let special = (a, b) == (0x2001, 0x0db8) // documentation
        || (a == 0x2001 && b < 0x0200) // protocol assignments, Teredo, ORCHID
        || a == 0x2002 // 6to4
        || (0x3fff..=0x3fff).contains(&a); // documentation
    a & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_at_large_are_public() {
        let table = [
            ("8.8.8.8", true),
            ("100.63.255.255", true),
            ("172.15.0.1", true),
            ("198.17.0.1", true),
            ("223.255.255.254", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.168.0.1", false),
            ("198.18.0.1", false),
            ("198.19.255.255", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700::1111", true),
            ("2001:4860:4860::8888", true),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ];
        for (address, public) in table {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(Targets::default().permit(address), public, "{address}");
        }
    }

    #[tokio::test]
    async fn a_url_is_https_to_somewhere_public_unless_more_is_allowed() {
        let strict = Targets::default();
        let open = Targets { allow_http: true, networks: vec!["127.0.0.0/8".parse().unwrap()] };
        let table = [
            ("https://127.0.0.1/hook", false, true),
            ("http://127.0.0.1:9000/hook", false, true),
            ("https://2130706433/hook", false, true),
            ("https://0x7f.1/hook", false, true),
            ("https://[::1]/hook", false, false),
            ("https://[::ffff:7f00:1]/hook", false, true),
            ("https://169.254.169.254/latest/meta-data", false, false),
            ("https://8.8.8.8/hook", true, true),
            ("http://8.8.8.8/hook", false, true),
            ("https://name:word@8.8.8.8/hook", false, false),
            ("https://8.8.8.8/hook#part", false, false),
            ("ftp://8.8.8.8/hook", false, false),
            ("file:///etc/passwd", false, false),
            ("hooks.example.com", false, false),
            ("", false, false),
        ];
        for (url, in_strict, in_open) in table {
            assert_eq!(strict.check(url).await.is_ok(), in_strict, "{url}");
            assert_eq!(open.check(url).await.is_ok(), in_open, "{url} with more allowed");
        }
        assert!(strict.check("https://localhost/hook").await.unwrap_err().contains("not public"));
    }
}
