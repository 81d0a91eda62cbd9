//! The members' chains on the relay's disk.

use super::{ARRIVAL, AUTHOR, Arrival, Author, By, RelayDisk, STATEMENT, StoreFault, Usage, key, ledger, log_key};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{Place, RelayStore, SyncFault};
use mera_trust::{LogEnd, Membership, PublicKey, SignedStatement, TrustFault};
use std::sync::{Arc, MutexGuard, PoisonError};

/// How statements come to the relay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// An administrator says this next, here.
    Here,
    /// It was said before, where this relay did not hear it.
    Before,
}

/// Companies whose members are kept in memory; beyond that they are read from the disk again.
const KEPT: usize = 4096;

impl RelayDisk {
    /// The members of a company, if it is known here.
    pub(super) fn members_of(&self, ws: WorkspaceId) -> Result<Option<Arc<Membership>>, SyncFault> {
        let known = self.members.lock().unwrap_or_else(PoisonError::into_inner).get(&ws).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let chain = self.statements_after(ws, 0, usize::MAX)?;
        if chain.is_empty() {
            return Ok(None);
        }
        let members = Arc::new(Membership::read(&chain)?);
        self.keep(ws, members.clone());
        Ok(Some(members))
    }

    /// Statements after one, about `budget` bytes of them, at least one if there is any.
    pub(super) fn statements_after(
        &self,
        ws: WorkspaceId,
        after: u32,
        budget: usize,
    ) -> Result<Vec<SignedStatement>, StoreFault> {
        let (mut statements, mut bytes) = (Vec::new(), 0);
        let from = statement_key(ws, after.saturating_add(1));
        for row in self.tree().between(from..=statement_key(ws, u32::MAX)) {
            let (key, stored) = row?;
            bytes += stored.len();
            if bytes > budget && !statements.is_empty() {
                break;
            }
            statements.push(disk::unwrap(&key, &stored)?);
        }
        Ok(statements)
    }

    /// Takes in statements that stand already, and what follows from them.
    pub(super) fn take_learned(
        &self,
        alone: &MutexGuard<'_, ()>,
        (ws, by): (WorkspaceId, By),
        statements: &[SignedStatement],
    ) -> Result<(), SyncFault> {
        self.take_statements((ws, by), statements, Said::Before)?;
        let members = self.members_of(ws)?.ok_or(TrustFault::Stranger)?;
        self.follow_checkpoint(alone, ws, &members)
    }

    /// Whether a statement may stand next here.
    pub(super) fn may_stand(&self, ws: WorkspaceId, statement: &SignedStatement) -> Result<(), SyncFault> {
        let members = self.members_of(ws)?.ok_or(TrustFault::Stranger)?;
        if statement.statement.number <= members.length() {
            return Err(TrustFault::Behind.into());
        }
        self.is_all_there(ws, &members, statement)?;
        self.holds_checkpoint(ws, statement)?;
        for (device, last) in statement.counts_until() {
            let held = self.author(ws, device)?.map_or(0, |author| author.last);
            if held > last {
                return Err(TrustFault::EntriesBeyond { device, held }.into());
            }
        }
        Ok(())
    }

    /// What of these statements is new here, and the members with them; nothing where nothing is new.
    pub(super) fn grown<'a>(
        &self,
        ws: WorkspaceId,
        statements: &'a [SignedStatement],
    ) -> Result<Option<(Membership, &'a [SignedStatement])>, SyncFault> {
        let known = self.members_of(ws)?;
        // Two devices may tell a new relay the same at one time.
        let statements = self.beyond(ws, known.as_deref(), statements)?;
        let (mut members, new) = match (known, statements.split_first()) {
            (Some(members), _) => ((*members).clone(), statements),
            (None, Some((first, rest))) => (Membership::found(first)?, rest),
            (None, None) => return Ok(None),
        };
        if members.workspace() != ws {
            return Err(TrustFault::OtherCompany.into());
        }
        new.iter().try_for_each(|signed| members.extend(signed))?;
        Ok((!statements.is_empty()).then_some((members, statements)))
    }

    /// Lets statements stand; the caller writes alone. Entries that they call void go.
    pub(super) fn take_statements(
        &self,
        (ws, by): (WorkspaceId, By),
        statements: &[SignedStatement],
        said: Said,
    ) -> Result<(), SyncFault> {
        let Some((members, statements)) = self.grown(ws, statements)? else { return Ok(()) };
        let mut batch = by.batch(ws);
        if !self.ledger.knows(ws) {
            if by == By::Guest {
                // Whoever was admitted at the same moment may have taken the last place.
                self.admits(ws)?;
            }
            batch.insert(ledger::key(ws), disk::wrap(&Usage::default()));
        }
        for signed in statements {
            batch.insert(statement_key(ws, signed.statement.number), disk::wrap(signed));
        }
        // Whoever answers a roll does so before or after.
        let nobody_calls = self.nobody_calls();
        match said {
            Said::Before => self.call_roll(ws, statements, &mut batch)?,
            Said::Here => self.close_roll(ws, statements, &mut batch)?,
        }
        Self::note_checkpoint(ws, statements, &mut batch);
        let dropped = self.drop_void(ws, &members, &mut batch)?;
        self.commit(by, batch)?;
        self.roll_changed(&nobody_calls, ws)?;
        if dropped {
            self.logs_changed(ws)?;
            self.ledger.count(&self.tree(), ws)?;
        } else {
            self.ledger.note(ws, self.ledger.of(ws));
        }
        self.keep(ws, Arc::new(members));
        Ok(())
    }

    /// What of these statements is new here. Another statement in a place that is taken is a fork.
    fn beyond<'a>(
        &self,
        ws: WorkspaceId,
        known: Option<&Membership>,
        statements: &'a [SignedStatement],
    ) -> Result<&'a [SignedStatement], SyncFault> {
        let length = known.map_or(0, Membership::length);
        let old = statements.iter().take_while(|signed| signed.statement.number <= length).count();
        for signed in &statements[..old] {
            let number = signed.statement.number;
            let held: Option<SignedStatement> =
                disk::get(&self.tree(), &statement_key(ws, number)).map_err(StoreFault::from)?;
            if held.as_ref() != Some(signed) {
                return Err(TrustFault::ChainForked { number }.into());
            }
        }
        Ok(&statements[old..])
    }

    /// A relay that was restored from a backup may have taken in entries that were void already. Whether there were any.
    fn drop_void(&self, ws: WorkspaceId, members: &Membership, batch: &mut disk::Batch) -> Result<bool, StoreFault> {
        let mut dropped = false;
        for (device, standing) in members.devices() {
            let (Some(end), Some(author)) = (&standing.revoked, self.author(ws, device)?) else { continue };
            if author.last > end.last {
                let last = self.sign_end(ws, &author.key, end, batch)?;
                (last + 1..=author.last).for_each(|seq| batch.remove(log_key(ws, device, seq)));
                self.drop_arrivals(ws, device, last, batch)?;
                let author = Author { last, ..author };
                batch.insert(key(AUTHOR, ws, device.uuid().as_bytes()), disk::wrap(&author));
                dropped = true;
            }
        }
        Ok(dropped)
    }

    /// Arrivals of a log go on to its new end. Those beyond it stay, with nothing in them: their numbers are not given again.
    fn drop_arrivals(
        &self,
        ws: WorkspaceId,
        device: DeviceId,
        end: u64,
        batch: &mut disk::Batch,
    ) -> Result<(), StoreFault> {
        for row in self.rows::<Arrival>(key(ARRIVAL, ws, &[])) {
            let (place, one) = row?;
            if one.device == device && one.last > end {
                let kept = Arrival { first: one.first.min(end + 1), last: end, ..one };
                batch.insert(place, disk::wrap(&kept));
            }
        }
        Ok(())
    }

    /// The last entry that counts and whose signature is known, from the chain if from nowhere else: without one nobody would
    /// believe what stands before it. What is cut off with the void entries, a device that has it signed brings again.
    fn sign_end(
        &self,
        ws: WorkspaceId,
        author: &PublicKey,
        end: &LogEnd,
        batch: &mut disk::Batch,
    ) -> Result<u64, StoreFault> {
        let (device, seq) = (author.device(), end.last);
        if let Some(signed) = self.entry(ws, device, seq)? {
            let previous = self.hash(ws, device, seq - 1)?.unwrap_or_default();
            let signed = signed.signed_at_end(author, &Place { workspace: ws, device, seq, previous }, end);
            if signed.signature.is_some() {
                batch.insert(log_key(ws, device, seq), disk::wrap(&signed));
                return Ok(seq);
            }
        }
        self.last_signed(ws, device, seq)
    }

    fn last_signed(&self, ws: WorkspaceId, device: DeviceId, last: u64) -> Result<u64, StoreFault> {
        // The chain itself vouches for where a log begins.
        let base = self.base(ws, device)?.seq;
        for seq in (base + 1..=last).rev() {
            if self.entry(ws, device, seq)?.is_some_and(|stored| stored.signature.is_some()) {
                return Ok(seq);
            }
        }
        Ok(base)
    }

    /// What is known of a company's members is read from the disk again.
    pub(super) fn forget_members(&self, ws: WorkspaceId) {
        self.members.lock().unwrap_or_else(PoisonError::into_inner).remove(&ws);
    }

    fn keep(&self, ws: WorkspaceId, members: Arc<Membership>) {
        let mut kept = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(ws, members);
    }
}

fn statement_key(ws: WorkspaceId, number: u32) -> Vec<u8> {
    key(STATEMENT, ws, &number.to_be_bytes())
}
