//! What this device wants to stand in the members' chain, and whom it has invited. Statements take the relay's word, so
//! a wish is sent, and written anew when somebody else was quicker.

use super::Engine;
use crate::DeviceFault;
use crate::beginning::random;
use crate::store::OpenInvitation;
use mera_device_api::{Notice, RecoverySheet, Refused};
use mera_sync_protocol::{ClientEffect, ClientSession};
use mera_trust::{Entropy, Host, Intent, RecoveryCode, SignedStatement, StatementHash, TrustFault};

/// How often a wish is written anew before its person is asked again.
const TRIES: u8 = 8;
/// How soon the second identity of a device is wanted again when the relay would not let it stand, in milliseconds: a little
/// less than the minute after which whoever owns the line comes by anyway.
const SECOND_AGAIN: u64 = 50_000;
/// A relay that lost time waits for devices that have not called.
const ROLL: &str = "membership.roll";

/// What this device waits for.
#[derive(Default)]
pub(super) struct Wishes {
    wished: Option<Wish>,
    /// What became of the last wish.
    outcome: Option<Result<(), Refused>>,
    pub invitations: Vec<OpenInvitation>,
    /// Who speaks to a newcomer, by the place where.
    pub hosts: Vec<([u8; 16], Host)>,
    /// When the relay would not let the second identity of this device stand in the chain, in this conversation. Nobody tells
    /// when that changes, unless the chain goes on.
    second_refused: Option<u64>,
    /// The recovery code that is to take the place of the one before. It is told once that stands, and never otherwise.
    new_code: Option<RecoveryCode>,
    /// The relay is not to wait for devices that have not called.
    goes_on: bool,
    /// How many of the invitations the relay knows of in this conversation.
    awaited: usize,
}

struct Wish {
    intent: Intent,
    /// The statement under way.
    sent: Option<StatementHash>,
    tries: u8,
}

impl Wishes {
    /// A new conversation with a relay: it knows of nothing that was asked before.
    pub fn line_is_new(&mut self) {
        self.awaited = 0;
        self.second_refused = None;
        self.goes_on = false;
        self.hosts.clear();
        if let Some(wish) = &mut self.wished {
            wish.sent = None;
        }
    }

    /// Invitations changed, so the relay is told of all of them again.
    pub fn await_again(&mut self) {
        self.awaited = 0;
    }

    /// Whether something is wished for.
    pub fn wants(&self) -> bool {
        self.wished.is_some()
    }

    fn end(&mut self, outcome: Result<(), Refused>) {
        self.wished = None;
        self.outcome = Some(outcome);
    }
}

impl Engine {
    /// Wants something to be said. Where there is no relay it stands at once; otherwise [`Engine::wish_fulfilled`] tells.
    pub(crate) fn wish(&mut self, intent: Intent) -> Result<(), DeviceFault> {
        let drafted = self.draft(&intent)?;
        self.wishes.outcome = None;
        if self.relay().is_none() {
            self.learn(&[drafted])?;
            self.wishes.end(Ok(()));
            return Ok(());
        }
        if !self.link.connected {
            return Err(DeviceFault::MembersOffline);
        }
        if self.wishes.wished.is_some() {
            return Err(TrustFault::Behind.into());
        }
        self.wishes.wished = Some(Wish { intent, sent: None, tries: 0 });
        Ok(())
    }

    /// What is said next to a relay that lost time waits for no other device.
    pub(super) fn go_on_without_others(&mut self) -> Result<(), DeviceFault> {
        if !self.members.now().administers(self.device) {
            return Err(TrustFault::NotAdministrator.into());
        }
        if !self.link.connected {
            return Err(DeviceFault::MembersOffline);
        }
        self.wishes.goes_on = true;
        self.link.trouble.take_if(|told| told.code == ROLL);
        self.notices.push(Notice::Sync);
        Ok(())
    }

    /// What became of the last wish, once that is known.
    pub(crate) fn wish_fulfilled(&mut self) -> Option<Result<(), Refused>> {
        self.wishes.outcome.take()
    }

    /// Nobody waits for the wish any more.
    pub(crate) fn give_up_wish(&mut self) {
        self.wishes.wished = None;
    }

    /// Wants a new recovery code to take the place of the one before.
    pub(super) fn wish_new_code(&mut self) -> Result<(), DeviceFault> {
        let code = RecoveryCode::from_seed(random(self.world.as_ref())?).of(self.workspace());
        self.wish(Intent::NewRecovery { recovery: code.card() })?;
        self.wishes.new_code = Some(code);
        Ok(())
    }

    /// Tells the new recovery code, once, if it is the one that holds now.
    pub(crate) fn tell_new_code(&mut self) -> Option<RecoverySheet> {
        let code = self.wishes.new_code.take()?;
        let holds = self.members.now().recovery() == code.card();
        let (company, relay) = (self.workspace(), self.relay().map(str::to_owned));
        holds.then(|| RecoverySheet { code: code.to_string(), company, relay })
    }

    /// What is wanted, as the next statement of the chain.
    pub fn draft(&self, intent: &Intent) -> Result<SignedStatement, DeviceFault> {
        let held = |device| self.log_end(device);
        let mut entropy = self.entropy()?;
        let (now, keys) = (self.members.now(), self.members.keys());
        now.admits(self.device)?;
        Ok(now.draft(intent, (&self.key, keys), held, self.world.millis(), &mut entropy)?)
    }

    /// Chance for what keys are made of.
    pub(crate) fn entropy(&self) -> Result<Entropy, DeviceFault> {
        Ok(Entropy::from_seed(&random(self.world.as_ref())?))
    }

    /// What is to be said to the relay beside everything else.
    pub(super) fn errands(&mut self, session: &ClientSession) -> Result<Vec<ClientEffect>, DeviceFault> {
        let mut effects = Vec::new();
        if !self.link.connected {
            return Ok(effects);
        }
        if std::mem::take(&mut self.wishes.goes_on) {
            effects.extend(session.go_on());
        }
        for open in self.wishes.invitations.iter().skip(self.wishes.awaited) {
            let (place, until) = (open.invitation.meeting_place(), open.invitation.expires);
            effects.extend(session.await_newcomer(place, until));
        }
        self.wishes.awaited = self.wishes.invitations.len();
        let now = self.world.millis();
        let refused = self.wishes.second_refused.is_some_and(|at| now.abs_diff(at) < SECOND_AGAIN);
        if self.wishes.wished.is_none() && !refused {
            let second = self.second_wanted();
            self.wishes.wished = second.map(|intent| Wish { intent, sent: None, tries: 0 });
        }
        let waiting = self.wishes.wished.as_ref().filter(|wish| wish.sent.is_none());
        let Some(intent) = waiting.map(|wish| wish.intent.clone()) else { return Ok(effects) };
        match self.draft(&intent) {
            Ok(drafted) => {
                if let Some(wish) = &mut self.wishes.wished {
                    wish.sent = Some(drafted.statement.hash());
                }
                effects.extend(session.extend(drafted));
            }
            Err(fault) => self.wish_ends(Err(fault.into())),
        }
        Ok(effects)
    }

    /// The chain went on: by this device's statement, or by another one.
    pub(super) fn chain_went_on(&mut self, statements: &[SignedStatement]) {
        self.wishes.second_refused = None;
        let Some(wish) = &mut self.wishes.wished else { return };
        let Some(sent) = wish.sent else { return };
        if statements.iter().any(|signed| signed.statement.hash() == sent) {
            self.link.trouble.take_if(|told| told.code == ROLL);
            self.wish_ends(Ok(()));
        }
    }

    /// The relay said no. Whoever was only late tries again.
    pub(super) fn not_extended(&mut self, why: Refused) {
        let late = ["membership.behind", "membership.broken", "membership.entries_beyond", "checkpoint.early"]
            .contains(&why.code.as_str());
        match &mut self.wishes.wished {
            Some(wish) if late && wish.tries < TRIES => (wish.sent, wish.tries) = (None, wish.tries + 1),
            _ => self.wish_ends(Err(why)),
        }
    }

    fn wish_ends(&mut self, outcome: Result<(), Refused>) {
        if let Some(Wish { intent: Intent::Branch { .. }, .. }) = &self.wishes.wished {
            // Nobody waits for this one's outcome.
            self.wishes.wished = None;
            if let Err(why) = outcome {
                self.wishes.second_refused = Some(self.world.millis());
                self.link.trouble = Some(why);
                self.notices.push(Notice::Sync);
            }
            return;
        }
        if let (Some(Wish { intent: Intent::Admit { .. }, .. }), Err(why)) = (&self.wishes.wished, &outcome) {
            // Whoever sent the invitation waits elsewhere; the newcomer asks again.
            self.link.trouble = Some(why.clone());
            self.notices.push(Notice::Sync);
        }
        self.wishes.end(outcome);
        self.notices.push(Notice::Members);
    }
}
