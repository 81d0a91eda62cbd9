//! The company's members on this device: the chain in a plain file of its own, so that the outbox can be read also when
//! the store is lost, and the keys that it brings this device.

use crate::{DeviceFault, durable};
use mera_schema::DeviceId;
use mera_sync_protocol::ChainPlace;
use mera_trust::{GroupKeys, Membership, Roles, SealingKey, SignedStatement, TrustFault};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the file begins with: its name and the version of its format.
const HEADING: &[u8] = b"MERA members 1\n";
/// The file's name.
const FILE: &str = "members";

/// Who belongs to the company, as far as this device has read.
pub(crate) struct Members {
    path: PathBuf,
    me: DeviceId,
    sealing: SealingKey,
    chain: Vec<SignedStatement>,
    now: Arc<Membership>,
    keys: GroupKeys,
}

impl Members {
    /// Writes a chain into a folder that has none.
    pub fn begin(folder: &Path, chain: &[SignedStatement]) -> Result<(), DeviceFault> {
        Membership::read(chain)?;
        write(&folder.join(FILE), chain)
    }

    /// Reads the chain of a folder.
    pub fn open(folder: &Path, me: DeviceId, sealing: SealingKey) -> Result<Self, DeviceFault> {
        let path = folder.join(FILE);
        let chain = read_from(&path)?;
        let (first, rest) = chain.split_first().ok_or(TrustFault::ChainUnreadable)?;
        let (mut now, mut keys) = (Membership::found(first)?, GroupKeys::default());
        keys.take(first, now.epoch(), me, &sealing)?;
        for signed in rest {
            now.extend(signed)?;
            keys.take(signed, now.epoch(), me, &sealing)?;
        }
        let mut members = Self { path, me, sealing, chain, now: Arc::new(now), keys };
        members.settle_keys()?;
        Ok(members)
    }

    /// The chain as it stands in the file now.
    pub fn read_again(&self) -> Result<Vec<SignedStatement>, DeviceFault> {
        read_from(&self.path)
    }

    /// The members now.
    pub fn now(&self) -> &Membership {
        &self.now
    }

    /// The same, for whoever keeps it while the chain goes on.
    pub fn as_of_now(&self) -> Arc<Membership> {
        self.now.clone()
    }

    /// The keys that this device has.
    pub fn keys(&self) -> &GroupKeys {
        &self.keys
    }

    /// How much of the chain is here.
    pub fn place(&self) -> ChainPlace {
        ChainPlace::from(&*self.now)
    }

    /// Statements after one, about `budget` bytes of them, at least one if there is any.
    pub fn after(&self, after: u32, budget: usize) -> Vec<SignedStatement> {
        let mut bytes = 0;
        let rest = self.chain.iter().skip(after as usize).enumerate();
        let near = rest.take_while(|(index, signed)| {
            bytes += signed.weight();
            *index == 0 || bytes <= budget
        });
        near.map(|(_, signed)| signed.clone()).collect()
    }

    /// Every statement after one.
    pub fn since(&self, number: u32) -> &[SignedStatement] {
        self.chain.get(number as usize..).unwrap_or_default()
    }

    /// What this device's person did once so many statements were read; nothing before it was a member.
    pub fn roles_after(&self, number: u32) -> Result<Roles, DeviceFault> {
        let read = self.chain.get(..number as usize).filter(|read| !read.is_empty());
        let members = read.map(Membership::read).transpose()?;
        Ok(members.and_then(|members| members.roles_on(self.me)).unwrap_or_default())
    }

    /// Reads further statements, durably. What is known already is passed over; another chain is refused. Gives whether
    /// there was anything new.
    pub fn learn(&mut self, statements: &[SignedStatement]) -> Result<bool, DeviceFault> {
        let (mut chain, mut now, mut keys) = (self.chain.clone(), (*self.now).clone(), self.keys.clone());
        for signed in statements {
            let number = signed.statement.number;
            if let Some(known) = (number as usize).checked_sub(1).and_then(|index| chain.get(index)) {
                if known != signed {
                    return Err(TrustFault::ChainForked { number }.into());
                }
                continue;
            }
            now.extend(signed).map_err(|fault| match fault {
                TrustFault::ChainBroken { number } if number == now.length() + 1 => TrustFault::ChainForked { number },
                other => other,
            })?;
            keys.take(signed, now.epoch(), self.me, &self.sealing)?;
            chain.push(signed.clone());
        }
        if chain.len() == self.chain.len() {
            return Ok(false);
        }
        write(&self.path, &chain)?;
        (self.chain, self.now, self.keys) = (chain, Arc::new(now), keys);
        self.settle_keys()?;
        Ok(true)
    }

    /// The keys reach as far back as they can, and not into groups that may no longer be read.
    fn settle_keys(&mut self) -> Result<(), DeviceFault> {
        self.keys.reach_back(self.chain.iter())?;
        let roles = self.now.roles_on(self.me).unwrap_or_default();
        self.keys.forget(|group| roles.may_read(group));
        Ok(())
    }
}

fn read_from(path: &Path) -> Result<Vec<SignedStatement>, DeviceFault> {
    let unreadable = |says: String| DeviceFault::MembersUnreadable { path: path.to_owned(), says };
    let bytes = fs::read(path).map_err(|cause| unreadable(cause.to_string()))?;
    read(&bytes).ok_or_else(|| unreadable("it is damaged, or of a newer program".into()))
}

fn read(bytes: &[u8]) -> Option<Vec<SignedStatement>> {
    let (sum, chain) = bytes.strip_prefix(HEADING)?.split_at_checked(4)?;
    (*sum == crc32fast::hash(chain).to_le_bytes()).then(|| postcard::from_bytes(chain).ok())?
}

fn write(path: &Path, chain: &[SignedStatement]) -> Result<(), DeviceFault> {
    let chain = postcard::to_allocvec(chain).expect("statements are plain data in memory and always serialise");
    let bytes = [HEADING, &crc32fast::hash(&chain).to_le_bytes(), &chain].concat();
    durable::replace(path, &bytes).map_err(|cause| DeviceFault::folder(path, cause))
}
