//! How a backup is written: a heading with the version of the format, then parts, each behind its length.

use super::BackupFault;
use crate::store::SetAside;
use mera_sync_protocol::{Digests, ENTRY_LIMIT, Run, Vector};
use mera_trust::SignedStatement;
use serde::{Deserialize, Serialize};
use std::io::{self, ErrorKind, Read, Write};
use zeroize::Zeroizing;

/// What a backup begins with once it is opened.
pub const HEADING: &[u8] = b"MERA backup 1\n";
/// More than the largest part: a wrong length costs no more memory than this.
const LIMIT: usize = 2 * ENTRY_LIMIT;

/// A part of a backup.
#[derive(Serialize, Deserialize)]
pub enum Part {
    /// Who the device is, with its secret; the first part.
    Identity(Zeroizing<Vec<u8>>),
    /// The next statement of the members' chain; all of them follow on the first part.
    Member(Box<SignedStatement>),
    /// Entries of a log, in order, with their author's signature.
    Run(Run),
    /// Something that could not be taken in.
    SetAside(SetAside),
    /// The last part: what a device that has taken in the runs holds.
    End { vector: Vector, digests: Digests },
}

/// Writes a part.
pub fn write(out: &mut impl Write, part: &Part) -> io::Result<()> {
    let bytes = postcard::to_allocvec(part).expect("parts are plain data in memory and always serialise");
    let bytes = Zeroizing::new(bytes);
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&bytes)
}

/// Reads the heading. A newer program's is told apart from something that is no backup.
pub fn read_heading(from: &mut impl Read) -> Result<(), BackupFault> {
    let mut found = [0; HEADING.len()];
    from.read_exact(&mut found).map_err(unread)?;
    let name = HEADING.len() - 2;
    match &found[..] {
        HEADING => Ok(()),
        other if other[..name] == HEADING[..name] => Err(BackupFault::Newer),
        _ => Err(BackupFault::NotABackup),
    }
}

/// Reads the next part.
pub fn read(from: &mut impl Read) -> Result<Part, BackupFault> {
    let mut length = [0; 4];
    from.read_exact(&mut length).map_err(unread)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LIMIT {
        return Err(BackupFault::Damaged("a part is larger than any part".into()));
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes).map_err(unread)?;
    postcard::from_bytes(&bytes).map_err(|_| BackupFault::Damaged("a part cannot be read".into()))
}

/// What age says of a file that was cut or changed comes as an error of reading.
fn unread(cause: io::Error) -> BackupFault {
    match cause.kind() {
        ErrorKind::UnexpectedEof => BackupFault::Damaged("it ends too early".into()),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => BackupFault::Damaged(cause.to_string()),
        _ => BackupFault::CannotRead(cause),
    }
}
