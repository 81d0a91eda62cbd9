//! From where guests call, so that one network cannot take all places. Addresses are kept only while somebody is here.

use axum::http::HeaderMap;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// What proxies tell of those they speak for; the last value is the one that the nearest proxy added.
const FORWARDED: &str = "x-forwarded-for";

/// The network somebody calls from: an address, or for the longer kind the 64 bits that one subscriber is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Of whoever is at the other end of the socket, or of whom the proxy at its other end speaks for.
    pub fn of(peer: IpAddr, headers: &HeaderMap, behind_proxy: bool) -> Self {
        let told = || {
            let last = headers.get_all(FORWARDED).iter().next_back()?.to_str().ok()?;
            last.rsplit(',').next()?.trim().parse().ok()
        };
        let address: IpAddr = if behind_proxy { told().unwrap_or(peer) } else { peer };
        Self(match address.to_canonical() {
            IpAddr::V6(long) => {
                let [a, b, c, d, ..] = long.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            short => short,
        })
    }
}

/// How many call from each network.
#[derive(Default)]
pub struct Callers(Mutex<HashMap<Network, usize>>);

/// One who calls; dropped, it has gone.
pub struct Caller {
    callers: Arc<Callers>,
    network: Network,
}

impl Callers {
    /// One more from a network, unless so many are here already.
    pub fn one_more(self: &Arc<Self>, network: Network, most: usize) -> Option<Caller> {
        let mut here = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = here.entry(network).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Caller { callers: self.clone(), network })
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let mut here = self.callers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = here.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                here.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_header_counts_only_behind_a_proxy_and_only_its_last_value() {
        let table = [
            ("192.0.2.1", vec![], false, "192.0.2.1"),
            ("192.0.2.1", vec!["198.51.100.7"], false, "192.0.2.1"),
            ("192.0.2.1", vec!["198.51.100.7"], true, "198.51.100.7"),
            ("192.0.2.1", vec!["10.0.0.1, 198.51.100.7"], true, "198.51.100.7"),
            ("192.0.2.1", vec!["10.0.0.1", "198.51.100.7"], true, "198.51.100.7"),
            ("192.0.2.1", vec!["unknown"], true, "192.0.2.1"),
            ("192.0.2.1", vec![], true, "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", vec![], false, "2001:db8:1:2::"),
            ("::ffff:192.0.2.1", vec![], false, "192.0.2.1"),
        ];
        for (peer, forwarded, behind_proxy, network) in table {
            let mut headers = HeaderMap::new();
            for value in &forwarded {
                headers.append(FORWARDED, value.parse().unwrap());
            }
            let found = Network::of(peer.parse().unwrap(), &headers, behind_proxy);
            assert_eq!(found, Network(network.parse().unwrap()), "{peer} {forwarded:?} {behind_proxy}");
        }
    }

    #[test]
    fn so_many_from_each_network_and_nothing_is_kept_of_who_has_gone() {
        let callers = Arc::new(Callers::default());
        let network = |n: u8| Network([192, 0, 2, n].into());
        let first = callers.one_more(network(1), 1).unwrap();
        assert!(callers.one_more(network(1), 1).is_none());
        assert!(callers.one_more(network(2), 1).is_some());
        drop(first);
        assert!(callers.0.lock().unwrap().is_empty());
        assert!(callers.one_more(network(1), 1).is_some());
    }
}
