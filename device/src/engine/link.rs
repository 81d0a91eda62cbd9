//! What the engine knows of its line; told by whoever owns the socket.

use super::Engine;
use mera_device_api::{Notice, Refused};
use mera_sync_protocol::{ClientSession, PeerState};

/// What a device knows about its connection.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Whether the cable is plugged in.
    pub online: bool,
    /// Whether the relay answers right now.
    pub connected: bool,
    /// When the relay last answered, in milliseconds since 1970.
    pub last_spoke: Option<u64>,
    /// Why the line is down.
    pub line: Option<Refused>,
    /// What else went wrong last.
    pub trouble: Option<Refused>,
}

impl Default for Link {
    fn default() -> Self {
        Self { online: true, connected: false, last_spoke: None, line: None, trouble: None }
    }
}

impl Engine {
    /// A session for a new connection.
    pub(crate) fn session(&self) -> ClientSession {
        ClientSession::new(self.key.clone(), self.identity.workspace, self.books.cursor)
    }

    /// The cable was pulled or plugged in.
    pub(crate) fn plug(&mut self, online: bool) {
        self.link.online = online;
        self.notices.push(Notice::Sync);
    }

    /// The relay let us in.
    pub(crate) fn line_is_up(&mut self) {
        (self.link.connected, self.link.line) = (true, None);
        self.notices.push(Notice::Sync);
    }

    /// The relay said something.
    pub(crate) fn line_spoke(&mut self) {
        self.link.last_spoke = Some(self.world.millis());
    }

    /// The conversation ended. A pulled cable is no trouble.
    pub(crate) fn line_is_down(&mut self, why: Option<Refused>) {
        (self.link.connected, self.link.line) = (false, why);
        self.notices.push(Notice::Sync);
    }

    /// Something else that a person should know.
    pub(crate) fn tell(&mut self, trouble: Refused) {
        self.link.trouble = Some(trouble);
        self.notices.push(Notice::Sync);
    }

    /// How far the others are, as the relay told.
    pub fn learn_peers(&mut self, peers: Vec<PeerState>) {
        self.peers = peers.into_iter().filter(|peer| peer.device != self.device).collect();
        self.notices.push(Notice::Sync);
    }

    /// Whether some colleague's device does not have everything that was written here.
    pub(crate) fn someone_lacks(&self) -> bool {
        let own = self.written();
        self.peers.iter().any(|peer| peer.vector.of(self.device) < own)
    }

    /// The last entry of one's own log.
    pub(crate) fn written(&self) -> u64 {
        self.vector.of(self.device)
    }

    /// A number by chance; the same each time where there is none, which only makes devices call at one moment.
    pub(crate) fn chance(&self) -> u16 {
        let mut bytes = [0; 2];
        self.world.random(&mut bytes).ok();
        u16::from_le_bytes(bytes)
    }
}
