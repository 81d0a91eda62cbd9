//! Meetings of two who are at different relays of one log. Whoever waits is heard of at every relay; whoever comes from elsewhere has a
//! mailbox here that is emptied there.

use super::guest::milliseconds_now;
use super::meetings::{Key, Mailbox, Meetings, WAITING};
use crate::log::Between;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Lets those who are at other relays come to one who waits here, until it goes.
pub async fn open(between: Between, meetings: Arc<Meetings>, at: Key, host: Mailbox) {
    let Some(mut door) = between.hears_at(at.0, at.1).await else { return };
    tokio::spawn(async move {
        let mut visitors = HashMap::<String, (Mailbox, JoinHandle<()>)>::new();
        loop {
            let knock = tokio::select! {
                knock = between.next(&mut door) => knock,
                () = host.closed() => None,
            };
            let Some(knock) = knock else { break };
            let Some(frame) = &knock.frame else {
                if let Some((_, emptied)) = visitors.remove(&knock.answer_to) {
                    emptied.abort();
                }
                continue;
            };
            let visitor = visitors.entry(knock.answer_to.clone()).or_insert_with_key(|place| mailbox(&between, place));
            if meetings.carry(at, &visitor.0, frame.clone(), milliseconds_now() / 1000) {
                between.took(&knock).await;
            }
        }
    });
}

/// A mailbox here of one who is elsewhere.
fn mailbox(between: &Between, place: &str) -> (Mailbox, JoinHandle<()>) {
    let (mailbox, mut letters) = mpsc::channel::<Vec<u8>>(WAITING);
    let (between, place) = (between.clone(), place.to_owned());
    let emptied = tokio::spawn(async move {
        while let Some(letter) = letters.recv().await {
            between.answer_at(place.clone(), letter).await;
        }
    });
    (mailbox, emptied)
}

/// A guest here who speaks to one who waits elsewhere.
pub struct Visit {
    between: Between,
    at: Key,
    answer_to: String,
}

impl Visit {
    /// Answers come to the guest's mailbox from now on.
    pub async fn begin(between: &Between, at: Key, guest: Mailbox) -> Option<Self> {
        let (answer_to, mut answers) = between.answers().await?;
        let line = between.clone();
        tokio::spawn(async move {
            loop {
                let answer = tokio::select! {
                    answer = line.answer(&mut answers) => answer,
                    () = guest.closed() => None,
                };
                match answer {
                    // Whoever does not empty its mailbox misses what is said.
                    Some(answer) => drop(guest.try_send(answer)),
                    None => break,
                }
            }
        });
        Some(Self { between: between.clone(), at, answer_to })
    }

    /// Says something to whoever waits at a place. Whether it was taken.
    pub async fn says(&self, at: Key, frame: Vec<u8>) -> bool {
        self.between.carry(at, &self.answer_to, frame).await
    }

    /// The guest has gone; somebody else may come.
    pub async fn end(self) {
        self.between.leaves(self.at, &self.answer_to).await;
    }
}
