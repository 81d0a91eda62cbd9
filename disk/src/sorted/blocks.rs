//! The blocks of a sorted file, and those of them that were read lately.

use super::index::Place;
use super::{damaged, short};
use crate::DiskFault;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// Blocks that are kept at the most: a record's row and its entry are often asked for more than once, and so are their neighbours.
const KEPT: usize = 256;
/// Bytes of a block that is kept: one that holds a longer value would stay in memory for nobody.
const LONGEST_KEPT: u32 = 16 << 10;

/// Reads blocks.
pub struct Blocks {
    file: Mutex<File>,
    /// Each block has one place here that it can be kept in. It is read into the memory of the block that stood there, unless
    /// somebody still looks at that: memory that is asked for anew at each look costs as much as reading.
    kept: [Mutex<Kept>; KEPT],
}

#[derive(Default)]
struct Kept {
    /// Which block it is; nothing where its bytes are not known to be those of one.
    number: Option<usize>,
    bytes: Arc<Vec<u8>>,
}

impl Blocks {
    pub fn of(file: File) -> Self {
        Self { file: Mutex::new(file), kept: std::array::from_fn(|_| Mutex::default()) }
    }

    /// The bytes of a block, which are as they were written.
    pub fn block(&self, number: usize, place: Place) -> Result<Arc<Vec<u8>>, DiskFault> {
        if place.length > LONGEST_KEPT {
            let mut bytes = Vec::new();
            self.read(place, &mut bytes)?;
            return Ok(Arc::new(bytes));
        }
        let mut kept = self.kept[number % KEPT].lock().unwrap_or_else(PoisonError::into_inner);
        if kept.number != Some(number) {
            kept.number = None;
            // Where somebody still looks at the block that stood there, this takes other memory.
            self.read(place, Arc::make_mut(&mut kept.bytes))?;
            kept.number = Some(number);
        }
        Ok(kept.bytes.clone())
    }

    fn read(&self, place: Place, into: &mut Vec<u8>) -> Result<(), DiskFault> {
        into.resize(place.length as usize, 0);
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            read_into(&mut file, place.begins, into)?;
        }
        if crc32fast::hash(into) == place.crc { Ok(()) } else { Err(damaged()) }
    }

    /// Bytes of memory that blocks are kept in.
    #[cfg(test)]
    pub fn memory(&self) -> usize {
        self.kept.iter().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner).bytes.capacity()).sum()
    }
}

pub fn read_at(file: &mut File, at: u64, length: usize) -> Result<Vec<u8>, DiskFault> {
    let mut bytes = vec![0; length];
    read_into(file, at, &mut bytes)?;
    Ok(bytes)
}

fn read_into(file: &mut File, at: u64, bytes: &mut [u8]) -> Result<(), DiskFault> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes).map_err(short)
}
