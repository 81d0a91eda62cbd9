//! Inviting: a code that brings one device in, once, and the conversation with it.

use super::Engine;
use super::members::invitation_row;
use crate::DeviceFault;
use crate::beginning::random;
use crate::store::{Batch, OpenInvitation};
use mera_device_api::{InvitationRow, Notice, Refused};
use mera_schema::PersonId;
use mera_trust::{Admitted, Card, Host, Intent, Invitation, TrustFault};

/// Hours that an invitation may hold at most: a week.
const LONGEST_HOURS: u32 = 7 * 24;

impl Engine {
    /// Invites a person's device: a person who is there already, or a new one. Takes a relay at which both can meet.
    pub(super) fn invite(
        &mut self,
        person: Option<PersonId>,
        name: &str,
        roles: &[String],
        hours: u32,
    ) -> Result<InvitationRow, Refused> {
        let members = self.members.now();
        if !members.administers(self.device) {
            return Err(DeviceFault::from(TrustFault::NotAdministrator).into());
        }
        let relay = self.relay().ok_or_else(|| {
            Refused::new("invitation.no_relay", "a new device is met at a relay; enter its address first")
        })?;
        let (person, name, roles) = match person {
            Some(known) if members.roles(known).is_empty() => return Err(DeviceFault::from(TrustFault::Unknown).into()),
            Some(known) => (known, self.name_of(known), members.roles(known)),
            None => {
                let new = PersonId::new(uuid::Builder::from_random_bytes(random(self.world.as_ref())?).into_uuid());
                (new, name.trim().to_owned(), Self::roles(roles)?)
            }
        };
        crate::founding::person_named(&name).map_err(DeviceFault::from)?;
        let expires = self.world.millis() / 1000 + u64::from(hours.clamp(1, LONGEST_HOURS)) * 3600;
        let (relay, workspace) = (relay.to_owned(), self.workspace());
        let invitation = Invitation { relay, workspace, secret: random(self.world.as_ref())?, expires };
        let open = OpenInvitation { invitation, person, name, roles, came: None };
        let row = invitation_row(&open);
        self.wishes.invitations.push(open);
        self.keep_invitations()?;
        Ok(row)
    }

    /// Takes an invitation back that nobody has come with.
    pub(super) fn withdraw(&mut self, code: &str) -> Result<(), Refused> {
        self.wishes.invitations.retain(|open| open.invitation.to_string() != code);
        self.wishes.await_again();
        Ok(self.keep_invitations()?)
    }

    /// Lets go of invitations whose time is over.
    pub(super) fn expire_invitations(&mut self) -> Result<(), DeviceFault> {
        let now = self.world.millis();
        let before = self.wishes.invitations.len();
        self.wishes.invitations.retain(|open| open.invitation.still_holds(now).is_ok());
        if self.wishes.invitations.len() == before {
            return Ok(());
        }
        self.wishes.await_again();
        self.keep_invitations()
    }

    /// A newcomer said something at a place. Gives the answer, if there is one now.
    pub(super) fn met(&mut self, place: [u8; 16], message: &[u8]) -> Result<Option<Vec<u8>>, DeviceFault> {
        self.expire_invitations()?;
        let Some(index) = self.wishes.invitations.iter().position(|open| open.invitation.meeting_place() == place)
        else {
            return Ok(None);
        };
        let host = self.wishes.hosts.iter_mut().find(|(at, _)| *at == place);
        if let Some(arriving) = host.and_then(|(_, host)| host.meet(message).ok()) {
            let open = &mut self.wishes.invitations[index];
            let card = Card { device: arriving.device, sealing: arriving.sealing, person: open.person };
            // An invitation brings in one device: the one that came with it first, also when its line broke.
            if *open.came.get_or_insert(card) != card {
                return Ok(None);
            }
            let roles = open.roles;
            self.keep_invitations()?;
            if self.members.now().admits(card.device.device()).is_ok() {
                return self.welcome(place);
            }
            if let Err(fault) = self.wish(Intent::Admit { card, roles }) {
                self.link.trouble = Some(fault.into());
            }
            return Ok(None);
        }
        let entropy = self.entropy()?;
        // Noise from who does not know the secret says nothing about who does.
        let Ok((host, answer)) = Host::open(&self.wishes.invitations[index].invitation, entropy, message) else {
            return Ok(None);
        };
        self.wishes.hosts.retain(|(at, _)| *at != place);
        self.wishes.hosts.push((place, host));
        Ok(Some(answer))
    }

    /// What newcomers are told who have come to stand in the chain, each with the place where it waits.
    pub(super) fn welcomes(&mut self) -> Result<Vec<([u8; 16], Vec<u8>)>, DeviceFault> {
        let places: Vec<[u8; 16]> = self.wishes.hosts.iter().map(|(place, _)| *place).collect();
        let mut told = Vec::new();
        for place in places {
            let came = self.wishes.invitations.iter().find(|open| open.invitation.meeting_place() == place);
            let came = came.and_then(|open| open.came);
            if came.is_some_and(|card| self.members.now().admits(card.device.device()).is_ok()) {
                told.extend(self.welcome(place)?.map(|message| (place, message)));
            }
        }
        Ok(told)
    }

    fn welcome(&mut self, place: [u8; 16]) -> Result<Option<Vec<u8>>, DeviceFault> {
        let open = self.wishes.invitations.iter().find(|open| open.invitation.meeting_place() == place);
        let at = self.wishes.hosts.iter().position(|(at, _)| *at == place);
        let (Some(open), Some(at)) = (open, at) else { return Ok(None) };
        let chain = self.members.place();
        let roles = self.members.now().roles(open.person);
        let statement = (chain.length, chain.head);
        let admitted = Admitted { person: open.person, name: open.name.clone(), roles, statement };
        let (_, mut host) = self.wishes.hosts.swap_remove(at);
        self.notices.push(Notice::Members);
        Ok(Some(host.welcome(&admitted)?))
    }

    /// What a person is called, as a device of theirs says.
    fn name_of(&self, person: PersonId) -> String {
        let devices = self.members.now().devices().filter(|(_, standing)| standing.card.person == person);
        let mut names = devices.map(|(device, _)| self.person(device).person);
        names.find(|name| !name.is_empty()).unwrap_or_default()
    }

    fn keep_invitations(&mut self) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        batch.invitations(&self.wishes.invitations);
        self.store.commit(batch)?;
        self.notices.push(Notice::Members);
        Ok(())
    }
}
