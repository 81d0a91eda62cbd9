//! The open folder: what was written since it was last written anew stands in sled, and everything before that in a
//! [`Sorted`] file beneath. sled keeps about as much room again as its values take, so that they can change; what changes
//! seldom does not need it.

use crate::ends::{End, Ends, Source};
use crate::sorted::{Between, Sorted};
use crate::{Bytes, DiskFault, Row, contained, power};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What stands in sled where a value of the sorted file was taken out. No stored value is empty: each has a version.
const TAKEN_OUT: &[u8] = &[];

/// An open folder. Clones are handles to the same one.
#[derive(Clone)]
pub struct Tree {
    above: sled::Db,
    beneath: Option<Arc<Sorted>>,
    /// The keys that were written since a writing anew began, while one is under way.
    noted: Arc<Mutex<Option<BTreeSet<Bytes>>>>,
}

impl Tree {
    pub(crate) fn new(above: sled::Db, beneath: Option<Sorted>) -> Self {
        Self { above, beneath: beneath.map(Arc::new), noted: Arc::default() }
    }

    /// Notes from now on which keys are written.
    pub(crate) fn begin_noting(&self) {
        *self.noted() = Some(BTreeSet::new());
    }

    /// Which keys were written since; nothing is noted any more.
    pub(crate) fn end_noting(&self) -> BTreeSet<Bytes> {
        self.noted().take().unwrap_or_default()
    }

    fn noted(&self) -> MutexGuard<'_, Option<BTreeSet<Bytes>>> {
        // Noting cannot panic half-way.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stored value under a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<Bytes>, DiskFault> {
        let key = key.as_ref();
        let found = contained(|| self.above.get(key).map_err(DiskFault::from))?;
        match (found, &self.beneath) {
            (Some(value), _) => Ok(Some(value).filter(|value| !value.is_empty())),
            (None, Some(sorted)) => sorted.get(key),
            (None, None) => Ok(None),
        }
    }

    /// Everything whose key begins so.
    pub fn beginning(&self, prefix: impl AsRef<[u8]>) -> Rows {
        let prefix = prefix.as_ref();
        // The first key that does not begin so: the last byte that can be one more is.
        let end = prefix.iter().rposition(|byte| *byte < u8::MAX).map(|last| {
            let mut end = prefix[..=last].to_vec();
            end[last] += 1;
            end
        });
        self.rows((
            Bound::Included(Bytes::from(prefix)),
            end.map_or(Bound::Unbounded, |end| Bound::Excluded(Bytes::from(end))),
        ))
    }

    /// Everything between two keys.
    pub fn between<K: AsRef<[u8]>>(&self, range: impl RangeBounds<K>) -> Rows {
        let key = |bound: Bound<&K>| bound.map(|key| Bytes::from(key.as_ref()));
        self.rows((key(range.start_bound()), key(range.end_bound())))
    }

    fn rows(&self, bounds: (Bound<Bytes>, Bound<Bytes>)) -> Rows {
        let above = Side::new(self.above.range::<Bytes, _>(bounds.clone()));
        let beneath = self.beneath.clone().map(|sorted| Side::new(Between::new(sorted, bounds)));
        Rows(Some((above, beneath)))
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> Result<bool, DiskFault> {
        Ok(self.beginning([]).next().transpose()?.is_none())
    }

    /// Writes a batch as a whole. It survives a power cut once [`Tree::flush`] has returned.
    pub fn apply(&self, batch: Batch) -> Result<(), DiskFault> {
        // Whoever writes while noting begins is either done before or noted.
        let mut noted = self.noted();
        if let Some(noted) = noted.as_mut() {
            noted.extend(batch.0.iter().map(|(key, _)| key.clone()));
        }
        contained(|| {
            power::holds()?;
            let mut changes = sled::Batch::default();
            for (key, value) in batch.0 {
                match value {
                    Some(value) => changes.insert(key, value),
                    None if self.stands_beneath(&key)? => changes.insert(key, TAKEN_OUT),
                    None => changes.remove(key),
                }
            }
            Ok(self.above.apply_batch(changes)?)
        })
    }

    /// Writes one value.
    pub fn insert(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<(), DiskFault> {
        let mut one = Batch::default();
        one.insert(key.as_ref(), value.as_ref());
        self.apply(one)
    }

    /// Takes out one value.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Result<(), DiskFault> {
        let mut one = Batch::default();
        one.remove(key.as_ref());
        self.apply(one)
    }

    fn stands_beneath(&self, key: &[u8]) -> Result<bool, DiskFault> {
        Ok(match &self.beneath {
            Some(sorted) => sorted.get(key)?.is_some(),
            None => false,
        })
    }

    /// Waits until everything written is on disk.
    pub fn flush(&self) -> Result<(), DiskFault> {
        contained(|| {
            power::holds()?;
            Ok(self.above.flush().map(drop)?)
        })
    }

    /// Bytes of the files.
    pub fn size_on_disk(&self) -> Result<u64, DiskFault> {
        let (above, beneath) = self.sizes()?;
        Ok(above + beneath)
    }

    /// Bytes of what was written since the folder was last written anew, and of what stands beneath.
    pub fn sizes(&self) -> Result<(u64, u64), DiskFault> {
        Ok((self.above.size_on_disk()?, self.beneath.as_ref().map_or(0, |sorted| sorted.bytes())))
    }
}

/// What is written as a whole. The last word on a key counts.
#[derive(Debug, Default)]
pub struct Batch(Vec<(Bytes, Option<Bytes>)>);

impl Batch {
    /// Writes a value under a key.
    pub fn insert(&mut self, key: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.0.push((key.into(), Some(value.into())));
    }

    /// Takes out what stands under a key.
    pub fn remove(&mut self, key: impl Into<Bytes>) {
        self.0.push((key.into(), None));
    }
}

impl Source for sled::Iter {
    fn row_at(&mut self, end: End) -> Result<Option<Row>, DiskFault> {
        contained(|| Ok(end.take(self).transpose()?))
    }
}

/// A source, and the rows that were looked at and not taken yet.
struct Side<S> {
    source: S,
    seen: Ends<Option<Row>>,
}

impl<S: Source> Side<S> {
    fn new(source: S) -> Self {
        Self { source, seen: Ends::default() }
    }

    /// Looks at the next row at an end; where nothing else is left, that is the one that was looked at from the other.
    fn look(&mut self, end: End) -> Result<Option<&Bytes>, DiskFault> {
        if self.seen.at(end).is_none() {
            let row = self.source.row_at(end)?.or_else(|| self.seen.at(end.other()).take());
            *self.seen.at(end) = row;
        }
        Ok(self.seen.at(end).as_ref().map(|(key, _)| key))
    }

    fn take(&mut self, end: End) -> Option<Row> {
        self.seen.at(end).take()
    }
}

/// Keys and stored values, in order. After a fault there are no more.
pub struct Rows(Option<(Side<sled::Iter>, Option<Side<Between>>)>);

impl Rows {
    /// The next row at an end that was not taken out.
    fn step(&mut self, end: End) -> Option<Result<Row, DiskFault>> {
        let (above, beneath) = self.0.as_mut()?;
        loop {
            let row = match beneath {
                Some(beneath) => merged(above, beneath, end),
                None => above.source.row_at(end),
            };
            match row {
                Ok(Some((_, value))) if value.is_empty() => {}
                Ok(Some(row)) => return Some(Ok(row)),
                ended => {
                    self.0 = None;
                    return ended.transpose();
                }
            }
        }
    }
}

/// What is next at an end of two sources; of two rows under one key the one above.
fn merged(above: &mut Side<sled::Iter>, beneath: &mut Side<Between>, end: End) -> Result<Option<Row>, DiskFault> {
    let order = match (above.look(end)?, beneath.look(end)?) {
        (Some(one), Some(other)) if end == End::First => one.cmp(other),
        (Some(one), Some(other)) => other.cmp(one),
        (Some(_), None) => Ordering::Less,
        (None, _) => Ordering::Greater,
    };
    if order == Ordering::Equal {
        beneath.take(end);
    }
    Ok(if order == Ordering::Greater { beneath.take(end) } else { above.take(end) })
}

impl Iterator for Rows {
    type Item = Result<Row, DiskFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(End::First)
    }
}

impl DoubleEndedIterator for Rows {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(End::Last)
    }
}

#[cfg(test)]
mod tests;
