//! Several relays and one real log: what stands stands once and everywhere, whoever is killed.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::tests::{company, fixture, log, run};
use crate::store::{Row, StoreFault};
use mera_sync_protocol::{DeviceKey, SignedEntry};
use mera_trust::Intent;
use mera_trust::fixture::Fixture;
use nats::Nats;
use std::thread;
use tokio::runtime::Runtime;

mod erasing;
pub(crate) mod nats;
mod restarts;

/// A log, and relays that share it.
struct Town {
    nats: Nats,
    folder: tempfile::TempDir,
    runtime: Runtime,
}

impl Town {
    fn new() -> Option<Self> {
        let (nats, folder) = (Nats::start()?, tempfile::tempdir().unwrap());
        Some(Self { nats, folder, runtime: Runtime::new().unwrap() })
    }

    fn open(&self, name: &str) -> Result<SharedRelay, LogFault> {
        let (place, folder) = (SharedLog::at(self.nats.url()), self.folder.path().join(name));
        self.runtime.block_on(SharedRelay::open(place, Rules::default(), &folder, Box::new(|_| {}), 0))
    }

    /// A relay, and its folder's name.
    fn relay(&self, name: &str) -> SharedRelay {
        self.open(name).unwrap()
    }

    /// A relay that has taught the log a company of five devices.
    fn first(&self, name: &str) -> SharedRelay {
        let relay = self.relay(name);
        relay.learn(company(), fixture().chain.clone()).unwrap();
        relay.go_on(company()).unwrap();
        relay
    }

    fn close(&self, relay: SharedRelay) {
        self.runtime.block_on(relay.close());
    }
}

/// Everything that a relay's own copy has of the company, its newest message of the log aside.
fn copy(relay: &SharedRelay) -> Vec<Row> {
    relay.inner.catch_up().unwrap();
    let mut rows = Vec::new();
    let kept = relay.disk().whole(company(), |row| {
        rows.push(row);
        Ok::<_, StoreFault>(())
    });
    kept.unwrap();
    rows
}

/// The log of a device as a relay delivers it, each run checked.
fn delivered(relay: &SharedRelay, key: &DeviceKey) -> Vec<u64> {
    let delivery = relay.after(company(), 0, &Vector::default(), usize::MAX).unwrap();
    let runs = delivery.runs.into_iter().map(|run| run.verify(company()).unwrap());
    let hers = runs.filter(|run| run.device == key.public().device());
    hers.flat_map(|run| run.first..run.first + run.entries.len() as u64).collect()
}

#[test]
fn three_relays_have_one_copy_whoever_was_told_and_a_fourth_that_comes_later_has_it_too() {
    let Some(town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b"), town.relay("c")];
    let logs: Vec<_> = (1..=3).map(|seed| log(seed, 30, 200)).collect();
    thread::scope(|scope| {
        for (relay, (key, log)) in relays.iter().zip(&logs) {
            scope.spawn(move || {
                for n in 0..log.len() {
                    assert_eq!(relay.accept(company(), run(key, &log[..=n], n)).unwrap(), n as u64 + 1);
                }
            });
        }
    });
    let whole = copy(&relays[0]);
    for relay in [&relays[1], &relays[2], &town.relay("d")] {
        assert!(copy(relay) == whole, "arrivals have the same numbers too");
        assert_eq!(relay.arrivals(company()).unwrap(), 90);
        assert_eq!(relay.epoch(), relays[0].epoch());
        for (key, log) in &logs {
            assert_eq!(delivered(relay, key), (1..=log.len() as u64).collect::<Vec<_>>());
        }
    }
    // A relay that was stopped goes on where it was, and hears what was told meanwhile.
    let [a, b, c] = relays;
    town.close(b);
    let (key, longer) = log(1, 31, 200);
    c.accept(company(), run(&key, &longer, 30)).unwrap();
    assert!(copy(&town.relay("b")) == copy(&a));
}

#[test]
fn of_two_statements_that_are_said_at_two_relays_at_once_exactly_one_stands_everywhere() {
    let Some(town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b")];
    let devices = [4, 5].map(|seed| DeviceKey::from_seed(&[seed; 32]).public().device());
    let said = devices.map(|device| Fixture::of(5).say(&Intent::Revoke { device }));
    let told = thread::scope(|scope| {
        let said = [0, 1].map(|n| {
            let (relay, said) = (&relays[n], &said[n]);
            scope.spawn(move || relay.extend(company(), said))
        });
        said.map(|said| said.join().unwrap())
    });
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1, "{told:?}");
    let refused = told.iter().find_map(|told| told.as_ref().err()).unwrap();
    assert_eq!(refused.code(), "membership.behind");
    assert!(copy(&relays[0]) == copy(&relays[1]));
    assert_eq!(relays[0].members(company()).unwrap().unwrap().length(), fixture().members.length() + 1);
}

#[test]
fn a_run_that_comes_to_two_relays_stands_once_and_a_fork_of_it_is_refused_wherever_it_comes() {
    let Some(town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b")];
    let (key, log) = log(1, 3, 10);
    thread::scope(|scope| {
        for relay in &relays {
            scope.spawn(|| assert_eq!(relay.accept(company(), run(&key, &log, 0)).unwrap(), 3));
        }
    });
    for relay in &relays {
        assert_eq!(relay.inner.catch_up().map_err(|fault| fault.to_string()), Ok(()));
        assert_eq!(delivered(relay, &key), [1, 2, 3]);
        assert_eq!(relay.arrivals(company()).unwrap(), 1);
    }
    let (_, other) = crate::store::tests::log(1, 4, 11);
    for relay in &relays {
        assert_eq!(relay.accept(company(), run(&key, &other, 0)).unwrap_err().code(), "sync.fork");
    }
    // Both continue at once with different entries at one place.
    let next: Vec<Vec<SignedEntry>> = [12, 13].map(|bytes| fork(&log, bytes)).into();
    let told = thread::scope(|scope| {
        let told = [0, 1].map(|n| {
            let (relay, key, next) = (&relays[n], &key, &next[n]);
            scope.spawn(move || relay.accept(company(), run(key, next, 3)))
        });
        told.map(|told| told.join().unwrap())
    });
    assert_eq!(told.iter().filter(|told| **told == Ok(4)).count(), 1, "{told:?}");
    assert!(told.iter().any(|told| told.as_ref().is_err_and(|fault| fault.code() == "sync.fork")), "{told:?}");
    assert!(copy(&relays[0]) == copy(&relays[1]));
}

/// A log that goes on with one entry of so many bytes.
fn fork(log: &[SignedEntry], bytes: usize) -> Vec<SignedEntry> {
    let mut log = log.to_vec();
    let record = crate::store::erasing::record(u128::try_from(bytes).unwrap());
    crate::store::erasing::write(1, &mut log, &[record], Some(9));
    log
}

#[test]
fn the_roll_is_answered_at_any_relay_and_what_devices_told_is_known_at_all() {
    let Some(town) = Town::new() else { return };
    let relays = [town.relay("a"), town.relay("b")];
    relays[0].learn(company(), fixture().chain.clone()).unwrap();
    relays[1].inner.catch_up().unwrap();
    let next = Fixture::of(5).say(&Intent::Rotate);
    let device = |seed: u8| DeviceKey::from_seed(&[seed; 32]).public().device();
    for seed in 1..=5 {
        assert_eq!(relays[0].extend(company(), &next).unwrap_err().code(), "membership.roll");
        relays[usize::from(seed % 2)].is_here(company(), device(seed)).unwrap();
    }
    relays[1].extend(company(), &next).unwrap();
    let vector = Vector::from_iter([(device(1), 7)]);
    let peer = PeerState { device: device(1), vector: vector.clone(), spoke: 1 };
    relays[0].confirm(company(), peer, None).unwrap();
    let heard = || relays[1].peers(company()).unwrap().iter().any(|peer| peer.vector == vector);
    while !heard() {
        thread::yield_now();
    }
}

#[test]
fn a_long_chain_is_taught_in_several_messages() {
    let Some(town) = Town::new() else { return };
    let relay = town.relay("a");
    let mut said = Fixture::of(40);
    (0..400).for_each(|_| drop(said.say(&Intent::Rotate)));
    relay.learn(company_of(&said), said.chain.clone()).unwrap();
    assert!(town.runtime.block_on(relay.inner.line.newest()).unwrap() > 1, "or it was short");
    assert_eq!(relay.members(company_of(&said)).unwrap().unwrap().length(), said.members.length());
}

fn company_of(said: &Fixture) -> WorkspaceId {
    said.workspace()
}

#[test]
fn a_log_that_takes_small_messages_only_or_keeps_nothing_is_told_of_at_the_start() {
    for (words, code) in [("max_payload: 1MB", "relay.log_too_small"), ("max_payload: 8MB", "")] {
        let Some(nats) = Nats::start_with(words) else { return };
        let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
        let place = SharedLog::at(nats.url());
        let opened = SharedRelay::open(place, Rules::default(), folder.path(), Box::new(|_| {}), 0);
        let told = runtime.block_on(opened).err().map_or("", |fault| fault.code());
        assert_eq!(told, code, "{words}");
    }
}

/// What is said when a relay is opened with this, or nothing.
fn opened_at(place: SharedLog) -> Option<LogFault> {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    runtime.block_on(SharedRelay::open(place, Rules::default(), folder.path(), Box::new(|_| {}), 0)).err()
}

#[test]
fn a_user_and_a_password_stand_in_the_address_and_in_no_sentence() {
    let Some(nats) = Nats::start_with("max_payload: 8MB\nauthorization { user: relay, password: geheim }") else {
        return;
    };
    let with = |word: &str| SharedLog::at(nats.url().replace("nats://", &format!("nats://relay:{word}@")));
    assert!(opened_at(with("geheim")).is_none());
    let fault = opened_at(with("geraten")).unwrap();
    assert_eq!(fault.code(), "relay.log_away");
    assert!(!fault.to_string().contains("geraten"), "{fault}");
}

#[test]
fn with_tls_the_servers_certificate_must_be_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(place("chain.pem"), certificate.pem()).unwrap();
    std::fs::write(place("key.pem"), key.serialize_pem()).unwrap();
    let (chain, key) = (place("chain.pem"), place("key.pem"));
    let words =
        format!("max_payload: 8MB\ntls {{ cert_file: \"{}\", key_file: \"{}\" }}", chain.display(), key.display());
    let Some(nats) = Nats::start_with(&words) else { return };
    let log = SharedLog::at(nats.url().replace("nats://", "tls://"));
    let trusting = SharedLog { authority: Some(chain), ..log.clone() };
    assert_eq!(opened_at(trusting).map(|fault| fault.to_string()), None);
    assert_eq!(opened_at(log).map(|fault| fault.code()), Some("relay.log_away"));
}
