//! A file of keys and values in the order of their keys, which is written once and then only read (a sorted string table,
//! as log-structured merge trees have them: Chang et al., Bigtable, 2006, §4 and §5.3). Each value stands in it once, without
//! the room that a tree keeps for what may change.
//!
//! ```text
//! "MERASRT1"
//! block*      rows, each: shared, own, value as varints; `own` bytes of the key; the value
//! index       for each block: its first key, where it begins, its length, its CRC-32 (postcard)
//! trailer     where the index begins (u64), its CRC-32 (u32), both little endian
//! ```
//!
//! Within a block a key leaves out the bytes that it shares with the key before it.

mod blocks;
mod index;

use crate::ends::{End, Ends, Source};
use crate::{Bytes, DiskFault, Row, power};
use blocks::{Blocks, read_at};
use index::{Index, Place};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::ops::{Bound, ControlFlow};
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"MERASRT1";
/// Bytes of a block after which the next begins. A value is never divided: a block may be as long as the longest one.
const BLOCK: usize = 4 << 10;
/// Bytes that are written before the disk is waited for: all at once at the end would hold up whoever saves meanwhile.
const SYNCED_AT_A_TIME: u64 = 8 << 20;
/// Bytes of the trailer.
const TRAILER: u64 = 12;

/// What stands before a row: bytes of its key that the key before begins with, bytes of the rest, bytes of the value.
type Head = (usize, usize, usize);

/// A sorted file that is read.
pub struct Sorted {
    blocks: Blocks,
    index: Index,
    bytes: u64,
}

impl Sorted {
    /// Opens a file, and reads where its blocks stand.
    pub fn open(path: &Path) -> Result<Self, DiskFault> {
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut magic = [0; MAGIC.len()];
        let index_ends = bytes.checked_sub(TRAILER).ok_or_else(damaged)?;
        file.read_exact(&mut magic).map_err(short)?;
        let trailer = read_at(&mut file, index_ends, usize::try_from(TRAILER).map_err(|_| damaged())?)?;
        let (begins, crc) = trailer.split_at(8);
        let begins = u64::from_le_bytes(begins.try_into().map_err(|_| damaged())?);
        let length =
            index_ends.checked_sub(begins).and_then(|length| usize::try_from(length).ok()).ok_or_else(damaged)?;
        let index = read_at(&mut file, begins, length)?;
        if magic != *MAGIC || *crc != crc32fast::hash(&index).to_le_bytes() {
            return Err(damaged());
        }
        let index = Index::read(&index).map_err(|_| damaged())?;
        Ok(Self { blocks: Blocks::of(file), index, bytes })
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The value under a key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Bytes>, DiskFault> {
        let Some(block) = self.index.up_to(key).checked_sub(1) else {
            return Ok(None);
        };
        let mut found = None;
        let looked = go_through(&self.block(block)?, |stored, value| match stored.cmp(key) {
            Ordering::Less => ControlFlow::Continue(()),
            Ordering::Equal => {
                found = Some(Bytes::from(value));
                ControlFlow::Break(())
            }
            Ordering::Greater => ControlFlow::Break(()),
        });
        looked.ok_or_else(damaged)?;
        Ok(found)
    }

    fn block(&self, number: usize) -> Result<Arc<Vec<u8>>, DiskFault> {
        self.blocks.block(number, self.index.place(number))
    }
}

/// Keys and values between two keys, from both ends.
pub struct Between {
    file: Arc<Sorted>,
    bounds: (Bound<Bytes>, Bound<Bytes>),
    /// Blocks that nobody has read yet.
    blocks: std::ops::Range<usize>,
    /// Rows that were read and not taken, at each end.
    read: Ends<VecDeque<Row>>,
}

impl Between {
    /// What a file holds between two keys.
    pub fn new(file: Arc<Sorted>, bounds: (Bound<Bytes>, Bound<Bytes>)) -> Self {
        let first = match &bounds.0 {
            Bound::Included(key) | Bound::Excluded(key) => file.index.up_to(key).saturating_sub(1),
            Bound::Unbounded => 0,
        };
        let end = match &bounds.1 {
            Bound::Included(key) => file.index.up_to(key),
            Bound::Excluded(key) => file.index.before(key),
            Bound::Unbounded => file.index.len(),
        };
        Self { file, bounds, blocks: first..end.max(first), read: Ends::default() }
    }
}

impl Source for Between {
    fn row_at(&mut self, end: End) -> Result<Option<Row>, DiskFault> {
        while self.read.at(end).is_empty() {
            let Some(block) = end.take(&mut self.blocks) else {
                return Ok(end.pop(self.read.at(end.other())));
            };
            let (bounds, mut read) = (&self.bounds, VecDeque::new());
            let looked = go_through(&self.file.block(block)?, |key, value| {
                let key = Bytes::from(key);
                if is_within(bounds, &key) {
                    read.push_back((key, Bytes::from(value)));
                }
                ControlFlow::Continue(())
            });
            looked.ok_or_else(damaged)?;
            *self.read.at(end) = read;
        }
        Ok(end.pop(self.read.at(end)))
    }
}

fn is_within(bounds: &(Bound<Bytes>, Bound<Bytes>), key: &Bytes) -> bool {
    std::ops::RangeBounds::contains(&(bounds.0.as_ref(), bounds.1.as_ref()), key)
}

/// Writes a file of rows that come in the order of their keys. It is on disk when this returns.
pub fn write(path: &Path, rows: impl Iterator<Item = Result<Row, DiskFault>>) -> Result<(), DiskFault> {
    power::holds()?;
    let mut writing = Writing {
        file: BufWriter::new(File::create(path)?),
        written: MAGIC.len() as u64,
        synced: 0,
        index: Index::default(),
        first: None,
        before: Bytes::default(),
        block: Vec::new(),
    };
    writing.file.write_all(MAGIC)?;
    for row in rows {
        let (key, value) = row?;
        writing.put(key, &value)?;
    }
    Ok(writing.end()?)
}

struct Writing {
    file: BufWriter<File>,
    written: u64,
    /// Up to where it is on disk.
    synced: u64,
    index: Index,
    /// The first key of the block that is being filled.
    first: Option<Bytes>,
    /// The key before the next.
    before: Bytes,
    block: Vec<u8>,
}

impl Writing {
    fn put(&mut self, key: Bytes, value: &[u8]) -> io::Result<()> {
        let shared = match self.first {
            Some(_) => key.iter().zip(self.before.iter()).take_while(|(one, other)| one == other).count(),
            None => 0,
        };
        self.first.get_or_insert_with(|| key.clone());
        let head: Head = (shared, key.len() - shared, value.len());
        self.block = postcard::to_extend(&head, std::mem::take(&mut self.block)).map_err(io::Error::other)?;
        self.block.extend_from_slice(&key[shared..]);
        self.block.extend_from_slice(value);
        self.before = key;
        if self.block.len() >= BLOCK { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(first) = self.first.take() else { return Ok(()) };
        let length = u32::try_from(self.block.len()).map_err(|_| io::Error::other("a value of more than 4 GiB"))?;
        let crc = crc32fast::hash(&self.block);
        self.index.push(&first, Place { begins: self.written, length, crc });
        self.file.write_all(&self.block)?;
        self.written += u64::from(length);
        self.block.clear();
        if self.written - self.synced >= SYNCED_AT_A_TIME {
            self.synced = self.written;
            self.file.flush()?;
            self.file.get_ref().sync_data()?;
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.close()?;
        let index = self.index.written().map_err(io::Error::other)?;
        self.file.write_all(&index)?;
        self.file.write_all(&self.written.to_le_bytes())?;
        self.file.write_all(&crc32fast::hash(&index).to_le_bytes())?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

/// Goes through the rows of a block until `each` has had enough. Nothing where the block is none.
fn go_through(mut bytes: &[u8], mut each: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>) -> Option<()> {
    let mut key = Vec::new();
    while !bytes.is_empty() {
        let ((shared, own, length), rest): (Head, _) = postcard::take_from_bytes(bytes).ok()?;
        let (rest_of_key, rest) = rest.split_at_checked(own)?;
        let (value, rest) = rest.split_at_checked(length)?;
        key.truncate(shared);
        key.extend_from_slice(rest_of_key);
        if each(&key, value).is_break() {
            break;
        }
        bytes = rest;
    }
    Some(())
}

fn damaged() -> DiskFault {
    DiskFault::Damaged("the folder itself (its sorted file is not as it was written)".into())
}

fn short(cause: io::Error) -> DiskFault {
    if cause.kind() == io::ErrorKind::UnexpectedEof { damaged() } else { cause.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn rows(count: u32) -> BTreeMap<Vec<u8>, Vec<u8>> {
        // Some are long, one is longer than a block, and keys share their beginnings.
        let value = |n: u32| vec![n as u8; if n == 40 { 3 * BLOCK } else { (n as usize * 37) % 900 + 1 }];
        (0..count).map(|n| ([b"row".as_slice(), &(n * 2).to_be_bytes()].concat(), value(n))).collect()
    }

    fn written(rows: &BTreeMap<Vec<u8>, Vec<u8>>) -> (tempfile::TempDir, Arc<Sorted>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sorted");
        let all = rows.iter().map(|(key, value)| Ok((key.as_slice().into(), value.as_slice().into())));
        write(&path, all).unwrap();
        let sorted = Arc::new(Sorted::open(&path).unwrap());
        (folder, sorted)
    }

    fn read(between: &mut Between, from_behind: impl Fn(usize) -> bool) -> Vec<Row> {
        let (mut front, mut back) = (Vec::new(), Vec::new());
        for step in 0.. {
            let behind = from_behind(step);
            let row = between.row_at(if behind { End::Last } else { End::First });
            match row.unwrap() {
                Some(row) if behind => back.push(row),
                Some(row) => front.push(row),
                None => break,
            }
        }
        front.into_iter().chain(back.into_iter().rev()).collect()
    }

    #[test]
    fn what_was_written_is_read_under_its_key_and_in_order_from_either_end() {
        for count in [0, 1, 7, 500] {
            let rows = rows(count);
            let (_folder, sorted) = written(&rows);
            for n in 0..count * 2 + 1 {
                let key = [b"row".as_slice(), &n.to_be_bytes()].concat();
                assert_eq!(sorted.get(&key).unwrap().as_deref(), rows.get(&key).map(Vec::as_slice));
            }
            let key = |n: u32| Bytes::from([b"row".as_slice(), &n.to_be_bytes()].concat());
            let ends = [Bound::Unbounded, Bound::Included(key(80)), Bound::Excluded(key(80)), Bound::Included(key(81))];
            let beyond = [Bound::Included(key(0)), Bound::Excluded(key(700)), Bound::Included(key(9_000))];
            for from in ends.iter().chain(&beyond) {
                for to in ends.iter().chain(&beyond) {
                    let bounds = (from.clone(), to.clone());
                    let wanted: Vec<Row> = (rows.iter())
                        .map(|(key, value)| (Bytes::from(key.as_slice()), Bytes::from(value.as_slice())))
                        .filter(|(key, _)| is_within(&bounds, key))
                        .collect();
                    for every in 1..4 {
                        let mut between = Between::new(sorted.clone(), bounds.clone());
                        assert_eq!(read(&mut between, |step| step % every == 1), wanted, "{count} {bounds:?} {every}");
                    }
                }
            }
        }
    }

    #[test]
    fn long_values_are_read_and_not_kept_in_memory() {
        let rows: BTreeMap<Vec<u8>, Vec<u8>> = (0..40_u8).map(|n| (vec![n], vec![n; 256 << 10])).collect();
        let (_folder, sorted) = written(&rows);
        for (key, value) in &rows {
            assert_eq!(sorted.get(key).unwrap().as_deref(), Some(value.as_slice()));
        }
        assert!(sorted.blocks.memory() < 256 << 10, "{} bytes are kept", sorted.blocks.memory());
    }

    #[test]
    fn a_wrong_byte_or_a_cut_anywhere_is_a_fault_with_a_name_or_changes_nothing() {
        let rows = rows(60);
        let (folder, _) = written(&rows);
        let path = folder.path().join("sorted");
        let whole = std::fs::read(&path).unwrap();
        let told = || -> Result<Vec<Row>, DiskFault> {
            let mut between = Between::new(Arc::new(Sorted::open(&path)?), (Bound::Unbounded, Bound::Unbounded));
            let mut told = Vec::new();
            while let Some(row) = between.row_at(End::First)? {
                told.push(row);
            }
            Ok(told)
        };
        assert_eq!(told().unwrap().len(), 60);
        for at in (0..whole.len()).step_by(11).chain(whole.len() - 80..whole.len()) {
            let mut wrong = whole.clone();
            wrong[at] ^= 0x04;
            std::fs::write(&path, &wrong).unwrap();
            assert!(matches!(told(), Err(DiskFault::Damaged(_))), "byte {at}");
        }
        for length in (0..whole.len()).step_by(97) {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(matches!(told(), Err(DiskFault::Damaged(_))), "cut at {length}");
        }
    }
}
