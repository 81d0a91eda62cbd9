//! Where a new device meets the one that invites it: places in memory, each with one who waits and one who came.

use mera_schema::WorkspaceId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc;

/// Frames that may wait for one guest at a meeting: a meeting takes two in each direction.
pub const WAITING: usize = 8;
/// Places of all companies together; a place takes some 200 bytes.
const PLACES: usize = 10_000;

/// Where frames for one guest go.
pub type Mailbox = mpsc::Sender<Vec<u8>>;
/// A company, and a place of its.
pub type Key = (WorkspaceId, [u8; 16]);

struct Meeting {
    host: Mailbox,
    newcomer: Option<Mailbox>,
    until: u64,
}

/// Every place where somebody waits.
#[derive(Default)]
pub struct Meetings(Mutex<HashMap<Key, Meeting>>);

impl Meetings {
    /// Somebody waits at a place until a moment, in seconds since 1970. Places whose time is over go.
    pub fn wait(&self, at: Key, host: Mailbox, until: u64, now: u64) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|_, meeting| meeting.until >= now && !meeting.host.is_closed());
        if places.len() < PLACES {
            places.insert(at, Meeting { host, newcomer: None, until });
        }
    }

    /// Whether somebody waits at a place here.
    pub fn has(&self, at: Key, now: u64) -> bool {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.get(&at).is_some_and(|meeting| meeting.until >= now && !meeting.host.is_closed())
    }

    /// Carries a frame to the other at a place. Whether there was one.
    pub fn carry(&self, at: Key, from: &Mailbox, frame: Vec<u8>, now: u64) -> bool {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(meeting) = places.get_mut(&at).filter(|meeting| meeting.until >= now) else { return false };
        if meeting.host.same_channel(from) {
            return meeting.newcomer.as_ref().is_some_and(|newcomer| newcomer.try_send(frame).is_ok());
        }
        // Who came first stays until it goes; another would have to know the secret to be of any use.
        match &meeting.newcomer {
            Some(there) if !there.is_closed() && !there.same_channel(from) => return false,
            _ => meeting.newcomer = Some(from.clone()),
        }
        meeting.host.try_send(frame).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_carries_between_the_two_who_are_there_and_nobody_else() {
        let (meetings, at) = (Meetings::default(), (WorkspaceId::new(uuid::Uuid::nil()), [1; 16]));
        let boxes: Vec<_> = (0..3).map(|_| mpsc::channel(WAITING)).collect();
        let [(host, mut hosts), (newcomer, mut newcomers), (other, _others)] =
            <[_; 3]>::try_from(boxes).unwrap_or_else(|_| panic!("three"));
        assert!(!meetings.carry(at, &newcomer, vec![1], 5), "nobody waits there");
        meetings.wait(at, host.clone(), 10, 5);
        assert!(!meetings.carry((at.0, [2; 16]), &newcomer, vec![1], 5), "another place");
        assert!(meetings.carry(at, &newcomer, vec![1], 5));
        assert_eq!(hosts.try_recv().ok(), Some(vec![1]));
        assert!(!meetings.carry(at, &other, vec![9], 5), "the place is taken");
        assert!(meetings.carry(at, &host, vec![2], 5));
        assert_eq!(newcomers.try_recv().ok(), Some(vec![2]));
        assert!(!meetings.carry(at, &newcomer, vec![3], 11), "its time is over");
    }
}
