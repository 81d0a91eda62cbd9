//! The open folder: what was written since it was last written anew stands in sled, and everything before that in a
//! [`Sorted`] file beneath. sled keeps about as much room again as its values take, so that they can change; what changes
//! seldom does not need it.

use crate::sorted::{Between, Sorted};
use crate::{Bytes, DiskFault, Row, contained, power};
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

/// What stands in sled where a value of the sorted file was taken out. No stored value is empty: each has a version.
const TAKEN_OUT: &[u8] = &[];

/// An open folder. Clones are handles to the same one.
#[derive(Clone)]
pub struct Tree {
    above: sled::Db,
    beneath: Option<Arc<Sorted>>,
}

impl Tree {
    pub(crate) fn new(above: sled::Db, beneath: Option<Sorted>) -> Self {
        Self { above, beneath: beneath.map(Arc::new) }
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
        let above = Side::new(Above(self.above.range::<Bytes, _>(bounds.clone())));
        let beneath = self.beneath.clone().map(|sorted| Side::new(Beneath(Between::new(sorted, bounds))));
        Rows(Some((above, beneath)))
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> Result<bool, DiskFault> {
        Ok(self.beginning([]).next().transpose()?.is_none())
    }

    /// Writes a batch as a whole. It survives a power cut once [`Tree::flush`] has returned.
    pub fn apply(&self, batch: Batch) -> Result<(), DiskFault> {
        contained(|| {
            power::holds().map_err(sled::Error::Io)?;
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
            power::holds().map_err(sled::Error::Io)?;
            Ok(self.above.flush().map(drop)?)
        })
    }

    /// Bytes of the files.
    pub fn size_on_disk(&self) -> Result<u64, DiskFault> {
        Ok(self.above.size_on_disk()? + self.beneath.as_ref().map_or(0, |sorted| sorted.bytes()))
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

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Rows from both ends.
trait Source {
    fn first(&mut self) -> Result<Option<Row>, DiskFault>;
    fn last(&mut self) -> Result<Option<Row>, DiskFault>;
}

struct Above(sled::Iter);

impl Source for Above {
    fn first(&mut self) -> Result<Option<Row>, DiskFault> {
        contained(|| self.0.next().transpose().map_err(DiskFault::from))
    }

    fn last(&mut self) -> Result<Option<Row>, DiskFault> {
        contained(|| self.0.next_back().transpose().map_err(DiskFault::from))
    }
}

struct Beneath(Between);

impl Source for Beneath {
    fn first(&mut self) -> Result<Option<Row>, DiskFault> {
        self.0.next()
    }

    fn last(&mut self) -> Result<Option<Row>, DiskFault> {
        self.0.next_back()
    }
}

/// A source, and the rows that were looked at and not taken yet.
struct Side<S> {
    source: S,
    first: Option<Row>,
    last: Option<Row>,
}

impl<S: Source> Side<S> {
    fn new(source: S) -> Self {
        Self { source, first: None, last: None }
    }

    /// Looks at the first row; where nothing else is left, that is the one that was looked at from behind.
    fn first(&mut self) -> Result<Option<&Bytes>, DiskFault> {
        if self.first.is_none() {
            self.first = self.source.first()?.or_else(|| self.last.take());
        }
        Ok(self.first.as_ref().map(|(key, _)| key))
    }

    fn last(&mut self) -> Result<Option<&Bytes>, DiskFault> {
        if self.last.is_none() {
            self.last = self.source.last()?.or_else(|| self.first.take());
        }
        Ok(self.last.as_ref().map(|(key, _)| key))
    }
}

/// Keys and stored values, in order. After a fault there are no more.
pub struct Rows(Option<(Side<Above>, Option<Side<Beneath>>)>);

impl Rows {
    /// The next row that was not taken out.
    fn step(
        &mut self,
        next: fn(&mut Side<Above>, &mut Side<Beneath>) -> Step,
        end: End,
    ) -> Option<Result<Row, DiskFault>> {
        let (above, beneath) = self.0.as_mut()?;
        loop {
            let row = match (beneath.as_mut(), end) {
                (Some(beneath), _) => next(above, beneath),
                (None, End::First) => above.source.first(),
                (None, End::Last) => above.source.last(),
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

type Step = Result<Option<Row>, DiskFault>;

#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

/// The smaller one of two first rows; of two under one key the one above.
fn first_of(above: &mut Side<Above>, beneath: &mut Side<Beneath>) -> Step {
    let from_above = match (above.first()?, beneath.first()?) {
        (Some(one), Some(other)) if one == other => {
            beneath.first = None;
            true
        }
        (Some(one), Some(other)) => one < other,
        (one, _) => one.is_some(),
    };
    Ok(if from_above { above.first.take() } else { beneath.first.take() })
}

/// The greater one of two last rows; of two under one key the one above.
fn last_of(above: &mut Side<Above>, beneath: &mut Side<Beneath>) -> Step {
    let from_above = match (above.last()?, beneath.last()?) {
        (Some(one), Some(other)) if one == other => {
            beneath.last = None;
            true
        }
        (Some(one), Some(other)) => one > other,
        (one, _) => one.is_some(),
    };
    Ok(if from_above { above.last.take() } else { beneath.last.take() })
}

impl Iterator for Rows {
    type Item = Result<Row, DiskFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(first_of, End::First)
    }
}

impl DoubleEndedIterator for Rows {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(last_of, End::Last)
    }
}

#[cfg(test)]
mod tests;
