//! A device that comes back.

use super::guest::Guest;
use super::{Parted, RelayEffect, RelayStore};
use crate::session::Common;
use crate::session::back::WITHIN;
use crate::{ChainPlace, Signature, SyncFault};

/// What it says.
pub(super) struct Back {
    pub company: [u8; 6],
    pub member: u32,
    pub arrival: u64,
    pub time: u64,
    pub mark: [u8; 4],
    pub proof: Signature,
}

impl Back {
    /// Lets it in, where everything is as it was when it left. Otherwise nothing is told, not even what differs: it has not
    /// proven who it is.
    pub fn welcome(self, now: u64, store: &dyn RelayStore) -> Result<Option<(Guest, Vec<RelayEffect>)>, SyncFault> {
        let Some(workspace) = store.company(self.company) else { return Ok(None) };
        let Some(members) = store.members(workspace)? else { return Ok(None) };
        let member = usize::try_from(self.member).ok().and_then(|member| members.devices().nth(member));
        let Some((device, standing)) = member.filter(|(device, _)| members.admits(*device).is_ok()) else {
            return Ok(None);
        };
        let Some(Parted { own, marks }) = store.parted(workspace, device)? else { return Ok(None) };
        let (floor, arrivals) = (store.floor(workspace)?, store.arrivals(workspace)?);
        if !(floor..=arrivals).contains(&self.arrival) || self.time.abs_diff(now) > WITHIN {
            return Ok(None);
        }
        let (epoch, chain) = (store.epoch(), ChainPlace::from(&*members));
        let Self { arrival, time, mark, .. } = self;
        let common = Common { epoch, workspace, device, chain, own, arrival, time, mark };
        if standing.card.device.verify(&common.message(), &self.proof).is_err()
            || !store.is_later(workspace, device, time)
        {
            return Ok(None);
        }
        store.admits(workspace)?;
        // Whose records are others than it told, or who never told, is asked in the usual way, with an empty delivery.
        let complete = arrival == arrivals && marks.is_some_and(|marks| marks.brief() == mark);
        Guest::welcome_back(&common, complete, now, store).map(Some)
    }
}
