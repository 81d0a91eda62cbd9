//! Packing with a dictionary: a change is short, and most of it stands in every other one, too.

use crate::ENTRY_LIMIT;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;

/// What changes look like: the first change of every kind of record, and for every field the change that gives it a value. It never
/// changes, or what was packed with it could be read no more; another one would need another sign before what is packed.
const DICTIONARY: &[u8] = include_bytes!("../dictionary.bin");
/// The window, as a power of two: the dictionary fits in, and nobody holds more memory than that to read a change.
const WINDOW: u8 = 14;

thread_local! {
    /// To begin with a new one for each change took longer than the packing: it holds its tables in memory. One that unpacks is made
    /// anew by the library when it is reset, where its window is not the largest.
    static PACKER: RefCell<Compress> =
        RefCell::new(Compress::new_with_window_bits(Compression::default(), false, WINDOW));
}

/// Packed; nothing for what is larger than an entry may be.
pub fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > ENTRY_LIMIT {
        return None;
    }
    PACKER.with_borrow_mut(|packer| pack_with(packer, bytes))
}

fn pack_with(packer: &mut Compress, bytes: &[u8]) -> Option<Vec<u8>> {
    packer.reset();
    packer.set_dictionary(DICTIONARY).ok()?;
    // What cannot be packed grows by a few bytes in each 16 KiB.
    let mut packed = Vec::with_capacity(bytes.len() + bytes.len() / 64 + 64);
    let status = packer.compress_vec(bytes, &mut packed, FlushCompress::Finish).ok()?;
    (status == Status::StreamEnd).then_some(packed)
}

/// What was packed; nothing where it was not, or is larger than an entry may be.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut unpacker = Decompress::new_with_window_bits(false, WINDOW);
    unpacker.set_dictionary(DICTIONARY).ok()?;
    let mut bytes = Vec::with_capacity((packed.len() * 4 + 64).min(ENTRY_LIMIT));
    loop {
        let read = usize::try_from(unpacker.total_in()).ok()?;
        match unpacker.decompress_vec(&packed[read..], &mut bytes, FlushDecompress::Finish).ok()? {
            Status::StreamEnd => return (unpacker.total_in() == packed.len() as u64).then_some(bytes),
            _ if bytes.len() == bytes.capacity() && bytes.len() < ENTRY_LIMIT => {
                bytes.reserve_exact(bytes.len().clamp(64, ENTRY_LIMIT - bytes.len()));
            }
            _ => return None,
        }
    }
}
