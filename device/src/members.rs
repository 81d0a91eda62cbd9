//! The company's members on this device: the chain in a plain file of its own, so that the outbox can be read also when
//! the store is lost, and the keys that it brings this device.

use crate::DeviceFault;
use mera_schema::DeviceId;
use mera_sync_protocol::ChainPlace;
use mera_trust::{GroupKeys, Membership, SealingKey, SignedStatement, TrustFault};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
    now: Membership,
    keys: GroupKeys,
}

/// What statements changed for this device.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    /// Whether there was anything new.
    pub anything: bool,
    /// Logs some of whose entries may count no more, from which entry on.
    pub judge_again: Vec<(DeviceId, u64)>,
    /// Whether there are keys that open what was closed before.
    pub more_keys: bool,
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
        let unreadable = |says: String| DeviceFault::MembersUnreadable { path: path.clone(), says };
        let bytes = fs::read(&path).map_err(|cause| unreadable(cause.to_string()))?;
        let chain = read(&bytes).ok_or_else(|| unreadable("it is damaged, or of a newer program".into()))?;
        let now = Membership::read(&chain)?;
        let mut members = Self { path, me, sealing, chain, now, keys: GroupKeys::default() };
        members.keys = members.keys_of(&members.chain)?;
        Ok(members)
    }

    /// The members now.
    pub fn now(&self) -> &Membership {
        &self.now
    }

    /// The keys that this device has.
    pub fn keys(&self) -> &GroupKeys {
        &self.keys
    }

    /// How much of the chain is here.
    pub fn place(&self) -> ChainPlace {
        ChainPlace::from(&self.now)
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

    /// Reads further statements, durably. What is known already is passed over; another chain is refused.
    pub fn learn(&mut self, statements: &[SignedStatement]) -> Result<Learned, DeviceFault> {
        let mut now = self.now.clone();
        let (mut chain, mut learned) = (self.chain.clone(), Learned::default());
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
            learned.judge_again.extend(signed.counts_until().iter().map(|(device, last)| (*device, last + 1)));
            chain.push(signed.clone());
        }
        if chain.len() == self.chain.len() {
            return Ok(learned);
        }
        write(&self.path, &chain)?;
        let keys = self.keys_of(&chain)?;
        learned.anything = true;
        learned.more_keys = keys.opens_more_than(&self.keys);
        (self.now, self.chain, self.keys) = (now, chain, keys);
        Ok(learned)
    }

    /// The keys that a chain brings this device, as far as it may read now.
    fn keys_of(&self, chain: &[SignedStatement]) -> Result<GroupKeys, DeviceFault> {
        let mut keys = GroupKeys::default();
        let mut members: Option<Membership> = None;
        for signed in chain {
            match &mut members {
                None => members = Some(Membership::found(signed)?),
                Some(members) => members.extend(signed)?,
            }
            let epoch = members.as_ref().map_or(0, Membership::epoch);
            keys.take(signed, epoch, self.me, &self.sealing)?;
        }
        keys.reach_back(chain.iter())?;
        let roles = members.and_then(|members| members.roles_on(self.me)).unwrap_or_default();
        keys.forget(|group| roles.may_read(group));
        Ok(keys)
    }
}

fn read(bytes: &[u8]) -> Option<Vec<SignedStatement>> {
    let (sum, chain) = bytes.strip_prefix(HEADING)?.split_at_checked(4)?;
    (*sum == crc32fast::hash(chain).to_le_bytes()).then(|| postcard::from_bytes(chain).ok())?
}

/// Written under another name first, so that a power cut leaves the former chain whole.
fn write(path: &Path, chain: &[SignedStatement]) -> Result<(), DeviceFault> {
    let fault = |cause: io::Error| DeviceFault::Folder { path: path.to_owned(), cause };
    let chain = postcard::to_allocvec(chain).expect("statements are plain data in memory and always serialise");
    let bytes = [HEADING, &crc32fast::hash(&chain).to_le_bytes(), &chain].concat();
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&new).map_err(fault)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(fault)?;
    fs::rename(&new, path).map_err(fault)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault) } else { Ok(()) }
}
