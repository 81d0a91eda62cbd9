//! Where the blocks of a sorted file stand, by their first keys.

use serde::{Deserialize, Serialize};

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub begins: u64,
    pub length: u32,
    pub crc: u32,
}

/// The blocks in their order. Their keys lie beside each other: whoever looks for one among many comes to few places in memory.
#[derive(Debug, Default)]
pub struct Index {
    /// All first keys, one after the other.
    keys: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    places: Vec<Place>,
}

impl Index {
    /// One more block behind the others.
    pub fn push(&mut self, first: &[u8], place: Place) {
        self.keys.extend_from_slice(first);
        self.ends.push(self.keys.len());
        self.places.push(place);
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Where a block stands.
    pub fn place(&self, block: usize) -> Place {
        self.places[block]
    }

    /// How many blocks begin before a key, or with it.
    pub fn up_to(&self, key: &[u8]) -> usize {
        self.count(|first| first <= key)
    }

    /// How many blocks begin before a key.
    pub fn before(&self, key: &[u8]) -> usize {
        self.count(|first| first < key)
    }

    fn count(&self, is_before: impl Fn(&[u8]) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            if is_before(self.first(middle)) { from = middle + 1 } else { to = middle }
        }
        from
    }

    fn first(&self, block: usize) -> &[u8] {
        let begins = block.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.keys[begins..self.ends[block]]
    }

    /// As it stands in the file.
    pub fn written(&self) -> Result<Vec<u8>, postcard::Error> {
        let rows: Vec<(&[u8], Place)> = (0..self.len()).map(|block| (self.first(block), self.place(block))).collect();
        postcard::to_allocvec(&rows)
    }

    /// Reads what [`Self::written`] tells.
    pub fn read(bytes: &[u8]) -> Result<Self, postcard::Error> {
        let rows: Vec<(&[u8], Place)> = postcard::from_bytes(bytes)?;
        let mut index = Self::default();
        rows.into_iter().for_each(|(first, place)| index.push(first, place));
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written_and_finds_the_block_of_each_key() {
        let mut index = Index::default();
        let place = |block: u32| Place { begins: u64::from(block) * 300, length: 300, crc: block };
        [b"b".as_slice(), b"bb", b"d"].into_iter().zip(0..).for_each(|(first, block)| index.push(first, place(block)));
        let written = index.written().unwrap();
        // The layout that files on people's disks have: for each block the length of its key, the key, and three varints.
        assert_eq!(written[..7], [3, 1, b'b', 0, 0xac, 0x02, 0]);
        let read = Index::read(&written).unwrap();
        assert_eq!((read.len(), read.place(2)), (3, place(2)));
        for (key, up_to, before) in
            [("a", 0, 0), ("b", 1, 0), ("ba", 1, 1), ("bb", 2, 1), ("c", 2, 2), ("d", 3, 2), ("e", 3, 3)]
        {
            assert_eq!((read.up_to(key.as_bytes()), read.before(key.as_bytes())), (up_to, before), "{key}");
        }
        assert_eq!(Index::read(&[0]).unwrap().up_to(b"a"), 0);
    }
}
