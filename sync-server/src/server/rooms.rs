//! Who is here: for each company a room, for each of its devices at most one seat.

use super::pace::{self, Pace};
use super::refusal::Refusal;
use crate::Limits;
use mera_schema::{DeviceId, WorkspaceId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// Rooms are looked through for empty ones when there are twice as many as after the last look, and not below this.
const LOOK_THROUGH: usize = 1_024;

/// All companies with a guest, and those whose pace is remembered. Times count from the start of the relay.
pub struct Rooms {
    limits: Limits,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    rooms: HashMap<WorkspaceId, Room>,
    /// Numbers the seats, so that whoever leaves does not take away the seat of the one who replaced it.
    seats: u64,
    look_at: usize,
}

struct Room {
    /// Tells that something arrived. Many arrivals between two looks are one.
    news: watch::Sender<()>,
    places: HashMap<DeviceId, Place>,
    pace: Pace,
}

struct Place {
    /// Who sits there; nobody while only the pace is remembered, so that hanging up does not pay debts.
    guest: Option<(u64, oneshot::Sender<Refusal>)>,
    pace: Pace,
}

/// A device's seat in its company's room. Dropped, it is free again.
pub struct Seat {
    rooms: Arc<Rooms>,
    company: WorkspaceId,
    device: DeviceId,
    number: u64,
    news: watch::Receiver<()>,
    asked: oneshot::Receiver<Refusal>,
}

impl Rooms {
    /// Nobody is here yet.
    pub fn new(limits: Limits) -> Self {
        let open = Mutex::new(Open { look_at: LOOK_THROUGH, ..Open::default() });
        Self { limits, open }
    }

    /// Seats a device whose key is proven. Whoever sat there before is asked to leave.
    pub fn seat(self: &Arc<Self>, company: WorkspaceId, device: DeviceId, now: Duration) -> Result<Seat, Refusal> {
        let mut open = self.open();
        open.look_through(now);
        open.seats += 1;
        let number = open.seats;
        let room = open.rooms.entry(company).or_insert_with(Room::empty);
        let (ask, asked) = oneshot::channel();
        let others = room.places.iter().filter(|(other, place)| **other != device && place.guest.is_some()).count();
        if others >= self.limits.company_connections {
            return Err(Refusal::CompanyCrowded);
        }
        let place = room.places.entry(device).or_insert_with(|| Place { guest: None, pace: Pace::default() });
        if let Some((_, before)) = place.guest.replace((number, ask)) {
            // It may have gone by itself.
            before.send(Refusal::Replaced).ok();
        }
        Ok(Seat { rooms: self.clone(), company, device, number, news: room.news.subscribe(), asked })
    }

    /// Tells a company's devices that something arrived.
    pub fn announce(&self, company: WorkspaceId) {
        if let Some(room) = self.open().rooms.get(&company) {
            room.news.send_replace(());
        }
    }

    /// A device has taken a seat at another relay: whoever sits in its place here is asked to leave.
    pub fn replaced(&self, company: WorkspaceId, device: DeviceId) {
        let mut open = self.open();
        let place = open.rooms.get_mut(&company).and_then(|room| room.places.get_mut(&device));
        if let Some((_, ask)) = place.and_then(|place| place.guest.take()) {
            ask.send(Refusal::Replaced).ok();
        }
    }

    /// How many companies have a guest.
    pub fn companies(&self) -> usize {
        self.open().rooms.values().filter(|room| room.places.values().any(|place| place.guest.is_some())).count()
    }

    /// Asks everybody to leave whose company is no longer served.
    pub fn dismiss(&self, served: impl Fn(WorkspaceId) -> bool) {
        for (company, room) in &mut self.open().rooms {
            if !served(*company) {
                for (_, ask) in room.places.values_mut().filter_map(|place| place.guest.take()) {
                    ask.send(Refusal::Dismissed).ok();
                }
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn look_through(&mut self, now: Duration) {
        if self.rooms.len() >= self.look_at {
            self.rooms.retain(|_, room| room.is_needed(now));
            self.look_at = LOOK_THROUGH.max(self.rooms.len() * 2);
        }
    }
}

impl Room {
    fn empty() -> Self {
        Self { news: watch::channel(()).0, places: HashMap::new(), pace: Pace::default() }
    }

    fn is_needed(&mut self, now: Duration) -> bool {
        self.places.retain(|_, place| place.guest.is_some() || !place.pace.rested(now));
        !self.places.is_empty() || !self.pace.rested(now)
    }
}

impl Seat {
    /// How long a frame of so many bytes is held back.
    pub fn hold_back(&self, bytes: usize, now: Duration) -> Result<Duration, Refusal> {
        let limits = &self.rooms.limits;
        let mut open = self.rooms.open();
        let Some(room) = open.rooms.get_mut(&self.company) else { return Ok(Duration::ZERO) };
        let Some(place) = room.places.get_mut(&self.device) else { return Ok(Duration::ZERO) };
        let senders = [(&mut place.pace, limits.device), (&mut room.pace, limits.company)];
        pace::hold_back(senders, now, bytes, limits.patience)
    }

    /// Waits until something arrived for the company, or until the guest is asked to leave and why.
    pub async fn word(&mut self) -> Result<(), Refusal> {
        tokio::select! {
            biased;
            asked = &mut self.asked => Err(asked.unwrap_or(Refusal::Dismissed)),
            _ = self.news.changed() => Ok(()),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.rooms.open();
        let Some(room) = open.rooms.get_mut(&self.company) else { return };
        if let Some(place) = room.places.get_mut(&self.device)
            && place.guest.as_ref().is_some_and(|(number, _)| *number == self.number)
        {
            place.guest = None;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use uuid::Uuid;

    const COMPANY: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));
    const OTHER: WorkspaceId = WorkspaceId::new(Uuid::from_u128(2));

    fn device(n: u128) -> DeviceId {
        DeviceId::new(Uuid::from_u128(n))
    }

    const SOON: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn one_seat_for_each_device_and_so_many_for_each_company() {
        let rooms = Arc::new(Rooms::new(Limits { company_connections: 2, ..Limits::default() }));
        let seat = |n| rooms.seat(COMPANY, device(n), SOON);
        let mut first = seat(1).unwrap();
        let _second = seat(2).unwrap();
        assert_eq!(seat(3).err(), Some(Refusal::CompanyCrowded));
        let again = seat(1).expect("a device takes its own place again in a full room");
        assert_eq!(first.word().await, Err(Refusal::Replaced));
        drop(first);
        assert_eq!(seat(3).err(), Some(Refusal::CompanyCrowded), "the newer one still sits");
        drop(again);
        let _third = seat(3).unwrap();
        rooms.seat(OTHER, device(1), SOON).unwrap();
    }

    #[test]
    fn hanging_up_pays_no_debts_and_who_owes_nothing_is_forgotten() {
        let rooms = Arc::new(Rooms::new(Limits::default()));
        let much = usize::try_from(Limits::default().device.bytes.0.get() * 4).unwrap();
        let seat = rooms.seat(COMPANY, device(1), SOON).unwrap();
        assert_eq!(seat.hold_back(much, SOON), Ok(Duration::ZERO));
        drop(seat);
        assert_eq!(rooms.companies(), 0);
        let seat = rooms.seat(COMPANY, device(1), SOON).unwrap();
        assert_eq!(seat.hold_back(much / 4, SOON), Ok(Duration::from_secs(1)), "what it owes was remembered");
        drop(seat);
        let others = u128::try_from(LOOK_THROUGH).unwrap() * 10;
        for n in 0..others {
            drop(rooms.seat(WorkspaceId::new(Uuid::from_u128(100 + n)), device(2), SOON * 60).unwrap());
        }
        assert!(rooms.open().rooms.len() <= LOOK_THROUGH);
    }

    #[tokio::test]
    async fn a_company_that_is_no_longer_served_is_asked_to_leave() {
        let rooms = Arc::new(Rooms::new(Limits::default()));
        let mut here = rooms.seat(COMPANY, device(1), SOON).unwrap();
        let mut there = rooms.seat(OTHER, device(2), SOON).unwrap();
        rooms.dismiss(|company| company == OTHER);
        assert_eq!(here.word().await, Err(Refusal::Dismissed));
        rooms.announce(OTHER);
        assert_eq!(there.word().await, Ok(()));
    }
}
