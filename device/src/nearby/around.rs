//! Who is around: devices of one company find each other on a network by multicast DNS (RFC 6762, RFC 6763). What they tell
//! everybody there is a port and a word that follows from the company, by which its devices know each other and nobody
//! else learns anything.

use mdns_sd::{Receiver, ServiceDaemon, ServiceEvent, ServiceInfo};
use mera_schema::WorkspaceId;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

/// What the service is called (RFC 6763, section 7).
const SERVICE: &str = "_mera-sync._tcp.local.";
/// The name of the word.
const COMPANY: &str = "c";

/// Where devices of the company answer on this network.
pub(super) struct Around {
    daemon: ServiceDaemon,
    events: Receiver<ServiceEvent>,
    own: String,
    word: String,
    found: BTreeMap<String, Vec<SocketAddr>>,
}

impl Around {
    /// Tells everybody on the network where this device answers, and looks for others. `name` is by chance, and new at each
    /// start.
    pub fn look(company: WorkspaceId, name: &str, port: u16) -> io::Result<Self> {
        let daemon = ServiceDaemon::new().map_err(io::Error::other)?;
        let word = word(company);
        let host = format!("mera-{name}.local.");
        let service = ServiceInfo::new(SERVICE, name, &host, (), port, &[(COMPANY, word.as_str())][..]);
        let service = service.map_err(io::Error::other)?.enable_addr_auto();
        let own = service.get_fullname().to_owned();
        daemon.register(service).map_err(io::Error::other)?;
        let events = daemon.browse(SERVICE).map_err(io::Error::other)?;
        Ok(Self { daemon, events, own, word, found: BTreeMap::new() })
    }

    /// Waits until somebody comes or goes.
    pub async fn changed(&mut self) -> io::Result<()> {
        loop {
            match self.events.recv_async().await.map_err(io::Error::other)? {
                ServiceEvent::ServiceResolved(service) if service.fullname != self.own => {
                    let ours = service.txt_properties.get_property_val_str(COMPANY) == Some(self.word.as_str());
                    if !ours {
                        continue;
                    }
                    let address = |ip: &mdns_sd::ScopedIp| SocketAddr::new(ip.to_ip_addr(), service.port);
                    let mut addresses: Vec<SocketAddr> = service.addresses.iter().map(address).collect();
                    // Addresses of version 6 on one link need to know which link; the others come first.
                    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
                    self.found.insert(service.fullname.clone(), addresses);
                    return Ok(());
                }
                ServiceEvent::ServiceRemoved(_, name) if self.found.remove(&name).is_some() => return Ok(()),
                _ => {}
            }
        }
    }

    /// Where each of them answers.
    pub fn found(&self) -> Vec<Vec<SocketAddr>> {
        self.found.values().cloned().collect()
    }
}

impl Drop for Around {
    fn drop(&mut self) {
        // It says farewell to the others, who would otherwise call in vain for a while.
        self.daemon.shutdown().ok();
    }
}

fn word(company: WorkspaceId) -> String {
    let hash = blake3::derive_key("MERA nearby word v1", company.uuid().as_bytes());
    data_encoding::HEXLOWER.encode(&hash[..8])
}
