//! What a conversation asked of the device and is not done yet.

use super::intake::Intake;
use mera_schema::DeviceId;
use mera_sync_protocol::{ClientEffect, Cursor, Run};
use std::collections::VecDeque;

/// What a session asks of the device, in its order. Whoever owns the socket keeps it beside the session and lets it go with
/// it: what was not taken in comes again with the next one.
#[derive(Default)]
pub struct Agenda {
    effects: VecDeque<ClientEffect>,
    /// The delivery of which a part is taken in.
    pub(super) coming: Option<Coming>,
}

/// A delivery of the relay that is being taken in.
pub(super) struct Coming {
    pub intake: Intake,
    pub place: Cursor,
    /// How far each log is at the relay, as this delivery shows.
    pub there: Vec<(DeviceId, u64)>,
}

impl Coming {
    pub fn new(runs: Vec<Run>, place: Cursor, keep: bool) -> Self {
        let there = runs.iter().map(|run| (run.author.device(), run.last())).collect();
        Self { intake: Intake::new(runs, keep.then_some(place)), place, there }
    }
}

impl Agenda {
    /// Whether all of it is done.
    pub fn is_done(&self) -> bool {
        self.coming.is_none() && self.effects.is_empty()
    }

    /// This is to be done too, after the rest.
    pub(super) fn add(&mut self, effects: Vec<ClientEffect>) {
        self.effects.extend(effects);
    }

    /// What is to be done next.
    pub(super) fn next(&mut self) -> Option<ClientEffect> {
        self.effects.pop_front()
    }
}
