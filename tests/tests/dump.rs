//! What a dump of the relay shows to whoever has broken into it: nothing that was written, and no key.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use mera_device::{Engine, RealWorld};
use mera_device_api::{Answer, Done, NewItem, Reply, Request, SyncStatus};
use mera_schema::RecordKind;
use mera_sync_protocol::Replica;
use mera_tests::memory::{Seen, Sought, look};
use mera_tests::process::{Door, Program, Running, mera};
use mera_tests::staff::{self, PEOPLE, Told, found_company};
use mera_trust::{Act, Group, Invitation, RecoveryCode, SealingKey, SignedStatement};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What people write; none of it stands in the program itself.
const NAME: &str = "Hemmelig Kunde 83-Q";
const TEXT: &str = "Kugleventil DN50 specialudgave 83-Q";
const PRICE: &str = "7391234.56 DKK";
/// How often the relay is looked at while the devices work.
const LOOKS: u32 = 4;
/// How long everything may take to come to rest.
const REST: Duration = Duration::from_secs(120);

/// Three processes and their folder.
struct Stage {
    folder: tempfile::TempDir,
    relay: Running,
    told: Told,
    chain: Vec<SignedStatement>,
}

impl Stage {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("relay").display().to_string();
        let words = ["relay", "--listen", "127.0.0.1:0", "--folder", &place].map(str::to_owned).to_vec();
        let (relay, said) = Program::new(&mera().unwrap(), words, folder.path().join("relay.log")).start().unwrap();
        let told = found_company(&mera().unwrap(), folder.path(), said["relay"]["url"].as_str().unwrap()).unwrap();
        let founder = Engine::open(&folder.path().join(PEOPLE[0]), Arc::new(RealWorld)).unwrap();
        let chain = founder.statements(0, usize::MAX).unwrap();
        Self { folder, relay, told, chain }
    }

    fn device(&self, name: &str) -> (Running, Door) {
        let place = self.folder.path().join(name).display().to_string();
        let words = ["device", "serve", "--alone", "--folder", &place].map(str::to_owned).to_vec();
        let log = self.folder.path().join(format!("{name}.log"));
        let (running, said) = Program::new(&mera().unwrap(), words, log).start().unwrap();
        (running, Door::of(&said).unwrap())
    }

    fn secret(&self, name: &str) -> [u8; 32] {
        unhex(&fs::read_to_string(self.folder.path().join(name).join("device.key-in-plain")).unwrap())
    }

    /// The groups' first keys, as a second implementation opens them (`docs/protocol.md`).
    fn group_keys(&self) -> Vec<[u8; 32]> {
        let founder = self.secret(PEOPLE[0]);
        let Act::Found { card, keys, .. } = &self.chain[0].statement.act else { panic!("it begins with the founding") };
        let (device, sealing) = (card.device.device(), SealingKey::from_seed(&founder));
        let key = |group: Group, wraps: &[(_, mera_trust::Wrapped)]| {
            let (_, wrapped) = wraps.iter().find(|(to, _)| *to == device).unwrap();
            let purpose = [&[group.0], keys.epoch.to_le_bytes().as_slice(), device.uuid().as_bytes()].concat();
            sealing.unwrap(wrapped, &purpose).unwrap()
        };
        keys.groups.iter().map(|one| key(one.group, &one.wraps)).collect()
    }

    /// What no relay may hold.
    fn secrets(&self) -> Vec<Sought> {
        let written = [NAME, TEXT, PRICE.split_once(' ').unwrap().0];
        let mut all: Vec<Sought> = written.iter().map(|text| Sought::text(text)).collect();
        all.extend(written.iter().map(|text| Sought::wide_text(text)));
        let mut key = |name: String, bytes: &[u8]| {
            all.push(Sought::bytes(&name, bytes));
            all.push(Sought::text(&hex(bytes)));
        };
        for name in PEOPLE {
            let secret = self.secret(name);
            key(format!("the secret of {name}"), &secret);
            key(format!("the sealing secret of {name}"), &blake3::derive_key("MERA sealing key v1", &secret));
            key(format!("the store key of {name}"), &blake3::derive_key("MERA store key v1", &secret));
        }
        for (group, bytes) in self.group_keys().iter().enumerate() {
            key(format!("the key of group {}", group + 1), bytes);
        }
        let invitation: Invitation = self.told.invitation.parse().unwrap();
        key("the secret of an invitation".into(), &invitation.secret);
        assert!(self.told.recovery_code.parse::<RecoveryCode>().is_ok());
        all.push(Sought::text(&self.told.recovery_code));
        all
    }

    /// What a relay does hold, by which it is seen that a look sees something.
    fn known(&self) -> Vec<Sought> {
        let founder = &self.chain[0].statement;
        vec![
            Sought::bytes("the company's identity", founder.workspace().uuid().as_bytes()),
            Sought::bytes("the founder's identity", founder.signer.device().uuid().as_bytes()),
        ]
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> [u8; 32] {
    let text = text.trim();
    std::array::from_fn(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16).unwrap())
}

fn done(door: &Door, request: &Request) -> Done {
    match door.ask(request).unwrap() {
        Answer::Ok(Reply::Done(done)) => done,
        other => panic!("{other:?}"),
    }
}

/// Writes a customer, and a quote with a line and a price.
fn write(door: &Door, number: u32) {
    let name = format!("{NAME} nr. {number}");
    done(door, &Request::Create { kind: RecordKind::Customer, values: vec![("name".into(), name)] });
    let made = done(door, &Request::Create { kind: RecordKind::Quote, values: vec![] });
    let values = [("text", TEXT), ("unit_price", PRICE), ("vat_rate", "25")];
    let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let item = NewItem { collection: "lines".into(), values };
    done(door, &Request::AddItem { record: made.record.unwrap(), seen: made.heads, item });
}

/// Waits until both devices hold the same, and nothing waits.
fn settle(doors: &[Door; 2]) {
    let settled = |one: &SyncStatus| {
        let other = staff::status(&doors[1]).unwrap();
        one.digest == other.digest && one.waiting_changes + other.waiting_changes == 0
    };
    staff::until(&doors[0], REST, settled).unwrap();
}

fn must_see(seen: &Seen, sought: &[Sought]) {
    for one in sought {
        assert!(seen.found.contains(one.name()), "{} is there: {:?}", one.name(), seen.found);
    }
}

fn must_not_see(seen: &Seen, sought: &[Sought]) {
    let found: Vec<&str> = sought.iter().map(Sought::name).filter(|name| seen.found.contains(*name)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_relays_memory_shows_nothing_that_was_written_and_no_key_while_a_devices_shows_them() {
    let stage = Stage::set();
    let (secrets, known) = (stage.secrets(), stage.known());
    let all = [secrets.clone(), known.clone()].concat();
    let [(anna, at_anna), (bo, at_bo)] = PEOPLE.map(|name| stage.device(name));
    let doors = [at_anna, at_bo];
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for door in &doors {
            let over = &over;
            scope.spawn(move || (0..).take_while(|_| !over.load(Ordering::Relaxed)).for_each(|n| write(door, n)));
        }
        let looks: Vec<_> = (0..LOOKS).map(|_| look(&stage.relay, &all)).collect();
        over.store(true, Ordering::Relaxed);
        for seen in looks.into_iter().map(Result::unwrap) {
            must_not_see(&seen, &secrets);
            must_see(&seen, &known);
            assert!(seen.bytes > 1 << 20, "a process is larger: {} bytes", seen.bytes);
        }
    });
    settle(&doors);
    let seen = look(&stage.relay, &all).unwrap();
    must_not_see(&seen, &secrets);
    must_see(&seen, &known);

    // The same look sees in a device what it did not see in the relay.
    for (device, name) in [(&anna, PEOPLE[0]), (&bo, PEOPLE[1])] {
        let seen = look(device, &all).unwrap();
        must_see(&seen, &[Sought::text(NAME), Sought::text(TEXT)]);
        let keys = (1..=3).map(|group| format!("the key of group {group}"));
        let keys = keys.chain([format!("the secret of {name}")]);
        must_see(&seen, &keys.map(|name| Sought::bytes(&name, &[])).collect::<Vec<_>>());
    }
    for running in [anna, bo, stage.relay] {
        running.stop().unwrap();
    }
}
