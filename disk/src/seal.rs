//! Sealed values: what stands on disk tells nothing to whoever does not have the key, a value that was changed or put
//! under another key of the tree is a fault with a name, and a key is known again by its mark.

use crate::DiskFault;
use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// The version of the sealed format; plain values begin with another.
const FORMAT: u8 = 2;
/// Bytes before what is sealed: the version and the nonce.
const HEAD: usize = 1 + NONCE;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// Names what a mark is, so that it is of no use for anything else.
const MARK: &str = "MERA mark of a sealing key v1";

/// By what a key is known again. It tells nothing of the key, and may stand in plain.
pub type Mark = [u8; 16];

/// Seals values and opens them again: AES-256-GCM-SIV (RFC 8452), in which a nonce that came twice would show no more
/// than that two values under one key of the tree are equal.
pub struct Seal {
    cipher: Aes256GcmSiv,
    mark: Mark,
    nonces: Mutex<blake3::OutputReader>,
}

impl Seal {
    /// A seal of a key. `start` is fresh randomness for each start of the program; all nonces until the next follow
    /// from it, so that a folder that is set back to an earlier day goes on with other nonces than it did then.
    pub fn new(key: &[u8; 32], start: &[u8; 32]) -> Self {
        let mut mark = [0; 16];
        mark.copy_from_slice(&blake3::derive_key(MARK, key)[..16]);
        let nonces = blake3::Hasher::new_keyed(start).finalize_xof();
        Self { cipher: Aes256GcmSiv::new(key.into()), mark, nonces: Mutex::new(nonces) }
    }

    /// By what the key is known again.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Seals bytes for one place: they can be opened there only.
    pub fn close(&self, place: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        // Drawing a nonce cannot panic half-way.
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut nonce);
        let sealed = self.cipher.encrypt(Nonce::from_slice(&nonce), Payload { msg: bytes, aad: place });
        let sealed = sealed.expect("values in memory are far below the 64 GiB that the cipher takes at once");
        [&[FORMAT], nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for this place; nothing if it is not what was sealed.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (head, bytes) = sealed.split_at_checked(HEAD)?;
        if head[0] != FORMAT {
            return None;
        }
        let payload = Payload { msg: bytes, aad: place };
        self.cipher.decrypt(Nonce::from_slice(&head[1..]), payload).ok().map(Zeroizing::new)
    }

    /// Reads the value that is stored under a key of the tree.
    pub fn unwrap<T: DeserializeOwned>(&self, key: &[u8], stored: &[u8]) -> Result<T, DiskFault> {
        let bytes = self.open(key, stored).ok_or_else(|| DiskFault::damaged(key))?;
        postcard::from_bytes(&bytes).map_err(|_| DiskFault::damaged(key))
    }

    /// Reads the value under a key.
    pub fn get<T: DeserializeOwned>(&self, tree: &crate::Tree, key: &[u8]) -> Result<Option<T>, DiskFault> {
        tree.get(key)?.map(|stored| self.unwrap(key, &stored)).transpose()
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Seal")
    }
}

/// A value as [`Seal::close`] takes it and [`Seal::unwrap`] reads it.
pub fn bytes_of(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("stored values are plain data in memory and always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn seal(key: u8, start: u8) -> Seal {
        Seal::new(&[key; 32], &[start; 32])
    }

    #[test]
    fn a_value_is_read_under_its_key_and_shows_nothing() {
        let seal = seal(1, 1);
        let stored = seal.close(b"k", &bytes_of(&"Aalborg Værft"));
        assert_eq!(seal.unwrap::<String>(b"k", &stored).unwrap(), "Aalborg Værft");
        assert!(!stored.windows(4).any(|part| part == b"Aalb"));
        assert_eq!(stored.len(), bytes_of(&"Aalborg Værft").len() + HEAD + 16);
    }

    #[test]
    fn a_wrong_byte_a_cut_and_a_value_from_another_place_are_errors_with_a_name() {
        let seal = seal(1, 1);
        let stored = seal.close(b"k", &bytes_of(&("line", 7_u32)));
        let read = |key: &[u8], stored: &[u8]| seal.unwrap::<(String, u32)>(key, stored);
        for at in 0..stored.len() {
            for bit in 0..8 {
                let mut wrong = stored.clone();
                wrong[at] ^= 1 << bit;
                assert!(matches!(read(b"k", &wrong), Err(DiskFault::Damaged(key)) if key == "6b"), "byte {at}");
            }
            assert!(matches!(read(b"k", &stored[..at]), Err(DiskFault::Damaged(_))), "cut at {at}");
        }
        assert!(matches!(read(b"l", &stored), Err(DiskFault::Damaged(key)) if key == "6c"));
        assert!(read(b"k", &stored).is_ok());
        assert!(matches!(read(b"k", &crate::wrap(&("line", 7_u32))), Err(DiskFault::Damaged(_))), "nothing in plain");
    }

    #[test]
    fn another_key_has_another_mark_and_opens_nothing() {
        let (mine, theirs) = (seal(1, 1), seal(2, 1));
        assert_ne!(mine.mark(), theirs.mark());
        assert_eq!(mine.mark(), seal(1, 9).mark(), "the mark is of the key alone");
        assert!(theirs.open(b"k", &mine.close(b"k", b"x")).is_none());
        assert_eq!(seal(1, 9).open(b"k", &mine.close(b"k", b"x")).unwrap().as_slice(), b"x");
    }

    #[test]
    fn no_nonce_comes_twice_in_one_start_or_in_two() {
        let (first, second) = (seal(1, 1), seal(1, 2));
        let nonce = |seal: &Seal| seal.close(b"k", b"same")[1..HEAD].to_vec();
        let nonces: BTreeSet<Vec<u8>> = (0..5_000).flat_map(|_| [nonce(&first), nonce(&second)]).collect();
        assert_eq!(nonces.len(), 10_000);
    }
}
