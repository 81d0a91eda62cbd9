//! A company with as many devices as are asked for, each of them a key and nothing else: the relay is what is measured.

use crate::company::Chance;
use anyhow::{Context, Result};
use mera_schema::{PersonId, RecordRef, WorkspaceId};
use mera_sync_protocol::{
    ChainPlace, Content, DeviceKey, Entry, EntryKind, Hlc, Payload, Place, Run, SignedEntry, Subject,
};
use mera_trust::{
    Card, Entropy, GroupKeys, Intent, LogEnd, Membership, RecoveryCode, Roles, SealingKey, SignedStatement,
};
use std::sync::Arc;

/// When the company was founded: 1 September 2026.
const FOUNDED: u64 = 1_788_220_800_000;

/// The company.
pub struct Crew {
    pub workspace: WorkspaceId,
    /// The keys of its devices; the first founded it.
    pub members: Vec<Arc<DeviceKey>>,
    /// All that was said of the members.
    pub chain: Vec<SignedStatement>,
    pub place: ChainPlace,
    keys: GroupKeys,
}

impl Crew {
    /// The company of this number with so many devices; the same at every run.
    pub fn of(number: u64, devices: usize) -> Result<Self> {
        let mut chance = Chance::of(number);
        let (key, card, sealing) = device(&mut chance);
        let recovery = RecoveryCode::from_seed([9; 32]).card();
        let mut entropy = Entropy::from_seed(&seed(&mut chance));
        let first = Membership::begin(card, recovery, &key, FOUNDED, &mut entropy)?;
        let (mut members, mut keys) = (Membership::found(&first)?, GroupKeys::default());
        keys.take(&first, 1, key.public().device(), &sealing)?;
        let (mut chain, mut all) = (vec![first], vec![Arc::new(key)]);
        for _ in 1..devices {
            let (key, card, _) = device(&mut chance);
            let admit = Intent::Admit { card, roles: Roles::all() };
            let said = members.draft(&admit, (&all[0], &keys), |_| LogEnd::default(), FOUNDED, &mut entropy)?;
            members.extend(&said)?;
            chain.push(said);
            all.push(Arc::new(key));
        }
        Ok(Self { workspace: members.workspace(), members: all, chain, place: ChainPlace::from(&members), keys })
    }

    /// The log of a member: so many entries, so many under each signature, whose contents are these changes in turn.
    pub fn log(
        &self,
        member: usize,
        changes: &[(RecordRef, Vec<u8>)],
        entries: usize,
        each: usize,
    ) -> Result<Vec<Run>> {
        let key = &*self.members[member];
        let mut at = Place { workspace: self.workspace, device: key.public().device(), seq: 1, previous: [0; 32] };
        let (mut runs, mut changes, mut left) = (Vec::new(), changes.iter().cycle(), entries);
        while left > 0 {
            let (first, previous, count) = (at.seq, at.previous, each.min(left));
            let mut written = Vec::with_capacity(count);
            for number in 1..=count {
                let (record, chunk) = changes.next().context("there are no changes to write")?;
                let time = Hlc { millis: FOUNDED + at.seq, counter: 0 };
                let (subjects, payload) = (vec![Subject::from(*record)], Payload::default());
                let mut entry = Entry { time, kind: EntryKind::CHANGES, epoch: 1, subjects, payload };
                Content::seal(&mut entry, &at, vec![chunk.clone()], &self.keys)?;
                // Only the last one's signature goes with the run; the others would cost the preparation its time.
                let signed = if number == count {
                    SignedEntry::write(key, &at, entry)
                } else {
                    SignedEntry { hash: entry.hash(&at), entry, signature: None }
                };
                at = at.next(signed.hash);
                written.push(signed);
            }
            let run = Run::cut(key.public(), first, previous, &written).filter(|run| run.last() + 1 == at.seq);
            runs.push(run.context("so many entries do not go into one run")?);
            left -= count;
        }
        Ok(runs)
    }
}

fn device(chance: &mut Chance) -> (DeviceKey, Card, SealingKey) {
    let (key, sealing) = (DeviceKey::from_seed(&seed(chance)), SealingKey::from_seed(&seed(chance)));
    let person = PersonId::new(chance.identity(FOUNDED));
    let card = Card { device: key.public(), sealing: sealing.public(), person };
    (key, card, sealing)
}

fn seed(chance: &mut Chance) -> [u8; 32] {
    let mut seed = [0; 32];
    chance.fill(&mut seed);
    seed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::company::amended;

    #[test]
    fn every_member_is_one_by_the_chain_and_what_each_writes_stands() {
        let (crew, changes) = (Crew::of(1, 3).unwrap(), amended(400).unwrap());
        let members = Membership::read(&crew.chain).unwrap();
        assert_eq!((members.workspace(), members.length()), (crew.workspace, 3));
        let runs = crew.log(2, &changes, 250, 100).unwrap();
        assert_eq!(runs.iter().map(|run| run.entries.len()).collect::<Vec<_>>(), [100, 100, 50]);
        for run in runs {
            let verified = run.verify(crew.workspace).unwrap();
            assert!(mera_sync_protocol::judge(&members, &verified).is_ok());
        }
        // What is measured is of the size of what a day at the office brings.
        let bytes = changes.iter().map(|(_, chunk)| chunk.len()).sum::<usize>() / changes.len();
        assert!((80..300).contains(&bytes), "{bytes} bytes a change");
    }
}
