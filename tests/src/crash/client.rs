//! Somebody who works on a device while it is killed again and again: makes customers, changes fields of those and of a
//! colleague's, and notes each answer. Each field has one writer, so that nothing may ever be disputed.

use super::ledger::{Answered, Ledger, Written};
use crate::process::Door;
use mera_device_api::{Answer, Refused, Reply, Request};
use mera_schema::{AnyRecord, Edit, Field, RecordKind, RecordRef};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Milliseconds that a client thinks at most between two changes: a load that leaves the machine room for the processes.
const THINKS: u64 = 20;
/// How many of the newest customers are worked on, so that no history grows without end.
const IN_HAND: usize = 20;
/// How long a client waits before it looks again whether a device answers again.
const LOOK: Duration = Duration::from_millis(50);

/// What clients of one device share.
#[derive(Default)]
pub struct Desk {
    door: Mutex<Option<Door>>,
    opened: Condvar,
}

impl Desk {
    /// The device answers here, or not at all.
    pub fn hang(&self, door: Option<Door>) {
        *lock(&self.door) = door;
        self.opened.notify_all();
    }

    /// Where the device answers now.
    pub fn door(&self) -> Option<Door> {
        let (door, _) = self.opened.wait_timeout_while(lock(&self.door), LOOK, |door| door.is_none()).ok()?;
        door.clone()
    }
}

/// What all clients share.
#[derive(Default)]
pub struct Board {
    /// What was written and how it was answered.
    pub ledger: Mutex<Ledger>,
    /// The customers that each client has made.
    pub made: Mutex<Vec<Vec<RecordRef>>>,
    /// What a client saw that cannot be right.
    pub seen_wrong: Mutex<Vec<String>>,
    /// Refusals by code.
    pub refusals: Mutex<BTreeMap<String, usize>>,
    /// Work is over.
    pub closing: AtomicBool,
}

/// Takes a lock; a client that panicked has failed the story anyhow.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One client.
pub struct Client<'a> {
    pub me: usize,
    /// Whose customers it also works on.
    pub colleague: usize,
    pub desk: &'a Desk,
    pub board: &'a Board,
    chance: ChaCha8Rng,
    written: u64,
}

impl<'a> Client<'a> {
    pub fn new(seed: u64, me: usize, colleague: usize, desk: &'a Desk, board: &'a Board) -> Self {
        let chance = ChaCha8Rng::seed_from_u64(seed ^ (me as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { me, colleague, desk, board, chance, written: 0 }
    }

    /// Works until the board is closed.
    pub fn work(mut self) {
        while !self.board.closing.load(Ordering::Relaxed) {
            let Some(door) = self.desk.door() else { continue };
            self.written += 1;
            let value = format!("{:02}-{:06}", self.me, self.written);
            match self.chance.random_range(0..10) {
                0..3 => self.create(&door, value),
                3..8 => self.change(&door, self.me, "vat_number", value),
                _ => self.change(&door, self.colleague, "number", value),
            }
            thread::sleep(Duration::from_millis(self.chance.random_range(0..THINKS)));
        }
    }

    fn create(&self, door: &Door, value: String) {
        let values = vec![("name".to_owned(), value.clone())];
        let (answered, record) = self.ask(door, &Request::Create { kind: RecordKind::Customer, values });
        if let Some(record) = record {
            lock(&self.board.made)[self.me].push(record);
        }
        self.note(Written { place: record.map(|record| (record, "name")), value, answered });
    }

    fn change(&mut self, door: &Door, whose: usize, field: &'static str, value: String) {
        let Some(record) = self.choose(whose) else { return };
        // A colleague's customer may not have arrived yet, and a device may be killed while it is asked.
        let Ok(Answer::Ok(Reply::Record(page))) = door.ask(&Request::Open { record, at: None }) else { return };
        self.look(door, record, field, &page.record);
        let edits = vec![Edit::set(field, &value)];
        let (answered, _) = self.ask(door, &Request::Change { record, seen: page.heads, edits });
        self.note(Written { place: Some((record, field)), value, answered });
    }

    fn choose(&mut self, whose: usize) -> Option<RecordRef> {
        let made = lock(&self.board.made);
        let newest = &made[whose][made[whose].len().saturating_sub(IN_HAND)..];
        (!newest.is_empty()).then(|| newest[self.chance.random_range(0..newest.len())])
    }

    /// What this device was told it has saved it must show, from its first answer after each start on.
    fn look(&self, door: &Door, record: RecordRef, field: &'static str, shown: &AnyRecord) {
        let values = standing(shown, field);
        let right = {
            let ledger = lock(&self.board.ledger);
            let allowed = ledger.permitted((record, field));
            allowed.is_empty() || matches!(&values[..], [one] if allowed.contains(&one.as_str()))
        };
        if right || recovers(door) {
            return;
        }
        let wrong =
            format!("client {} was shown {values:?} in {field} of {record}, older than what was saved", self.me);
        lock(&self.board.seen_wrong).push(wrong);
    }

    fn ask(&self, door: &Door, request: &Request) -> (Answered, Option<RecordRef>) {
        match door.ask(request) {
            Ok(Answer::Ok(Reply::Done(done))) => (Answered::Done, done.record),
            Ok(Answer::Refused(Refused { code, .. })) => {
                let answered = if code == "device.saved_not_shown" { Answered::InDoubt } else { Answered::Refused };
                *lock(&self.board.refusals).entry(code).or_default() += 1;
                (answered, None)
            }
            Ok(_) | Err(_) => (Answered::InDoubt, None),
        }
    }

    fn note(&self, written: Written) {
        lock(&self.board.ledger).note(written);
    }
}

/// A device that says that it fetches lost records again is not held to what it shows meanwhile.
fn recovers(door: &Door) -> bool {
    match door.ask(&Request::SyncStatus) {
        Ok(Answer::Ok(Reply::SyncStatus(status))) => {
            status.trouble.is_some_and(|trouble| trouble.code == "device.recovering")
        }
        _ => true,
    }
}

/// What stands in a field of a customer that clients write.
pub fn standing(record: &AnyRecord, field: &str) -> Vec<String> {
    let AnyRecord::Customer(customer) = record else { return Vec::new() };
    let field = match field {
        "name" => &customer.name,
        "number" => &customer.number,
        _ => &customer.vat_number,
    };
    match field {
        Field::Empty => Vec::new(),
        Field::One(value) => vec![value.clone()],
        Field::Clash { clash } => clash.iter().map(|one| one.value.clone()).collect(),
    }
}
