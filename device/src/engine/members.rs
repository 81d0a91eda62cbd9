//! The members as a person sees them, and what it means for this device when they change.

use super::Engine;
use crate::DeviceFault;
use crate::store::{Batch, OpenInvitation, SetAside};
use mera_device_api::{InvitationRow, MemberDevice, MemberRow, MembersPage, Notice, Refused, Request, RoleRow};
use mera_schema::{DeviceId, PersonId, RecordKind, RecordRef};
use mera_sync_protocol::{Place, Subject, SyncFault};
use mera_trust::{Collection, Group, Intent, PublicKey, Role, Roles, SignedStatement, TrustFault, Verdict};
use std::collections::{BTreeMap, BTreeSet};

impl Engine {
    /// Reads further statements of the members' chain, durably, with everything that follows from them here.
    pub fn learn(&mut self, statements: &[SignedStatement]) -> Result<(), DeviceFault> {
        if !self.members.learn(statements)? {
            return Ok(());
        }
        self.follow_chain()?;
        self.follow_checkpoint()?;
        self.write_again_what_stood_on_void()?;
        self.chain_went_on(statements);
        self.expire_invitations()?;
        self.notices.push(Notice::Members);
        if let Some(expelled) = self.expelled() {
            self.link.trouble = Some(expelled);
            self.notices.push(Notice::Changed { records: Vec::new() });
        }
        Ok(())
    }

    /// Brings the store to where the chain stands: entries that count no more go, and records that may be read, or may no
    /// longer be, are made anew. The store itself knows how far it has followed, so that neither a power cut between the
    /// two nor a store that was set back leaves anything out.
    pub(super) fn follow_chain(&mut self) -> Result<(), DeviceFault> {
        let (from, to) = (self.store.followed()?, self.members.now().length());
        if from >= to {
            return Ok(());
        }
        let mut batch = Batch::default();
        // What a power cut left waiting waits on.
        let mut again: BTreeSet<RecordRef> = self.store.to_rebuild()?.into_iter().collect();
        if self.vector.entries() > 0 {
            let (then, now) =
                (self.members.roles_after(from)?, self.members.now().roles_on(self.device).unwrap_or_default());
            let changed = |group: Group| then.may_read(group) != now.may_read(group);
            if Group::ALL.into_iter().any(changed) {
                again.extend(self.touched(|_, _, subject| changed(subject.collection.group()))?);
            }
            again.extend(self.records_came_before(from)?);
            let cuts: Vec<_> = self.members.since(from).iter().flat_map(|said| said.counts_until()).collect();
            for (device, last) in cuts {
                let void = self.judge_again(&mut batch, device, last + 1)?;
                self.may_stand_on(&mut batch, void.iter().copied());
                if self.members.now().admits(device).is_err() && self.my_roles().may_judge() {
                    // What it built itself on work that counts no more, it makes no more again.
                    let built = self.touched_by(device)?;
                    self.may_stand_on(&mut batch, built);
                }
                again.extend(void);
            }
        }
        batch.followed(to);
        self.commit_and_rebuild(batch, again)
    }

    /// Why this device shows nothing and takes nothing any more, if an administrator took it out of the company.
    pub(super) fn expelled(&self) -> Option<Refused> {
        let fault = self.members.now().admits(self.device).err()?;
        let mut refused = Refused::from(DeviceFault::from(fault));
        let unsent = self.count_undelivered();
        refused.says += "; to work on, ask for an invitation and join with it in another folder";
        if unsent > 0 {
            refused.says +=
                &format!("; {unsent} changes were not delivered: hand them in, for an administrator to judge");
        }
        refused.args.insert("unsent".into(), unsent.to_string());
        refused.args.insert("folder".into(), self.folder.display().to_string());
        Some(refused)
    }

    /// What this device's person does in the company.
    pub(super) fn my_roles(&self) -> Roles {
        self.members.now().roles(self.identity.person_id)
    }

    /// Entries of a log from one on, which may count no more. Those that do not lose their content here; it is set aside.
    /// The log of a revoked device ends where the chain says, but one's own stays whole for a person to judge.
    pub(super) fn judge_again(
        &mut self,
        batch: &mut Batch,
        device: DeviceId,
        from: u64,
    ) -> Result<BTreeSet<RecordRef>, DeviceFault> {
        let mut touched = BTreeSet::new();
        let held = self.vector.of(device);
        let mut end = held;
        for seq in from..=held {
            let Some(mut signed) = self.store.entry(device, seq)? else { continue };
            let collections = signed.entry.subjects.iter().map(|subject| subject.collection);
            let fault: SyncFault =
                match self.members.now().verdict((device, seq), signed.entry.kind.right(), collections) {
                    Verdict::Counts | Verdict::Stranger => continue,
                    Verdict::NoRight(collection) => SyncFault::NoRight { device, seq, collection },
                    Verdict::Revoked => TrustFault::Revoked.into(),
                };
            if !signed.entry.speaks() {
                continue;
            }
            touched.extend(signed.entry.subjects.iter().filter_map(Subject::record));
            let previous = self.store.hash(device, seq - 1)?.unwrap_or_default();
            let at = Place { workspace: self.identity.workspace, device, seq, previous };
            self.tell_aside(batch, SetAside::entry(&fault, &at, &signed));
            match fault {
                SyncFault::NoRight { .. } => {
                    signed.entry.payload = signed.entry.payload.erased();
                    batch.entry(device, seq, &signed);
                }
                _ if device != self.device => {
                    batch.forget_entry(device, seq);
                    end = end.min(seq - 1);
                }
                _ => {}
            }
        }
        if end < held {
            if let Some(author) = self.store.author(device)? {
                self.sign_end(batch, &author.key, end)?;
                batch.author(&crate::store::Author { last: end, ..author });
            }
            self.vector.forget_beyond(device, end);
            // The cursor stood behind those entries; the vectors are told anew.
            self.books.cursor = None;
            batch.bookkeeping(&self.books);
        }
        Ok(touched)
    }

    /// The last entry that counts of a log takes its signature from the chain, where this device heard it in the midst of a
    /// longer run: without one, nobody would believe it from here.
    fn sign_end(&self, batch: &mut Batch, author: &PublicKey, last: u64) -> Result<(), DeviceFault> {
        let device = author.device();
        let end = self.members.now().device(device).and_then(|standing| standing.revoked.as_ref());
        let (Some(end), Some(signed)) = (end, self.store.entry(device, last)?) else { return Ok(()) };
        let previous = self.store.hash(device, last - 1)?.unwrap_or_default();
        let at = Place { workspace: self.identity.workspace, device, seq: last, previous };
        batch.entry(device, last, &signed.signed_at_end(author, &at, end));
        Ok(())
    }

    /// The members, as their page shows them.
    pub(super) fn members_page(&self) -> MembersPage {
        let now = self.members.now();
        let mut people: BTreeMap<PersonId, MemberRow> = BTreeMap::new();
        for (device, standing) in now.devices() {
            let person = standing.card.person;
            let named = self.person(device);
            let row = people.entry(person).or_insert_with(|| MemberRow {
                person,
                name: String::new(),
                roles: now.roles(person).iter().map(|role| role.as_str().to_owned()).collect(),
                devices: Vec::new(),
            });
            if !named.person.is_empty() && (row.name.is_empty() || standing.revoked.is_none()) {
                row.name.clone_from(&named.person);
            }
            let since = i64::try_from(standing.since).ok().and_then(chrono::DateTime::from_timestamp_millis);
            row.devices.push(MemberDevice {
                device,
                name: named.device,
                since: since.unwrap_or_default(),
                revoked: standing.revoked.is_some(),
                this: device == self.device,
            });
        }
        let joined = |open: &OpenInvitation| open.came.is_some_and(|card| now.admits(card.device.device()).is_ok());
        let invitations = self.wishes.invitations.iter().filter(|open| !joined(open));
        MembersPage {
            administrator: now.administers(self.device),
            me: self.identity.person_id,
            people: people.into_values().collect(),
            invitations: invitations.map(invitation_row).collect(),
            roles: Role::ALL.into_iter().map(role_row).collect(),
            statements: now.length(),
            epoch: now.epoch(),
        }
    }

    /// What a request wants to be said in the chain.
    pub(super) fn intent(request: &Request) -> Result<Intent, Refused> {
        match request {
            Request::SetRoles { person, roles } => Ok(Intent::SetRoles { person: *person, roles: Self::roles(roles)? }),
            Request::Revoke { device } => Ok(Intent::Revoke { device: *device }),
            Request::RotateKeys => Ok(Intent::Rotate),
            _ => Err(DeviceFault::from(TrustFault::Unknown).into()),
        }
    }

    /// Roles by their names.
    pub(super) fn roles(names: &[String]) -> Result<Roles, Refused> {
        let role = |name: &String| {
            Role::named(name).ok_or_else(|| {
                let all: Vec<&str> = Role::ALL.into_iter().map(Role::as_str).collect();
                Refused::new("role.unknown", format!("{name:?} is no role; take {}", all.join(", ")))
            })
        };
        let roles: Roles = names.iter().map(role).collect::<Result<Vec<_>, _>>()?.into_iter().collect();
        if roles.is_empty() {
            return Err(Refused::new("role.none", "a person has at least one role"));
        }
        Ok(roles)
    }
}

/// The kinds of record that roles let a person write. What is kept of erased persons nobody writes by hand.
pub(super) fn written_by(roles: Roles) -> Vec<RecordKind> {
    let by_hand = RecordKind::ALL.iter().copied().filter(|kind| *kind != RecordKind::Addressee);
    by_hand.filter(|kind| roles.may_write(Collection::of(*kind))).collect()
}

/// The kinds of record that roles let a person read.
pub(super) fn read_by(roles: Roles) -> Vec<RecordKind> {
    RecordKind::ALL.iter().copied().filter(|kind| roles.may_read(Collection::of(*kind).group())).collect()
}

/// The kinds of record that roles let a person erase for good.
pub(super) fn erased_by(roles: Roles) -> Vec<RecordKind> {
    RecordKind::ALL.iter().copied().filter(|kind| roles.may_erase(Collection::of(*kind))).collect()
}

fn role_row(role: Role) -> RoleRow {
    let alone: Roles = [role].into_iter().collect();
    RoleRow { role: role.as_str().to_owned(), may_write: written_by(alone), may_read: read_by(alone) }
}

pub(super) fn invitation_row(open: &OpenInvitation) -> InvitationRow {
    let expires = i64::try_from(open.invitation.expires).ok().and_then(|at| chrono::DateTime::from_timestamp(at, 0));
    InvitationRow {
        name: open.name.clone(),
        roles: open.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        code: open.invitation.to_string(),
        expires: expires.unwrap_or_default(),
    }
}
