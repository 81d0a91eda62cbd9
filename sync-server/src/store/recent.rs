//! The newest arrivals of a company, in memory: what is brought to five hundred devices that are here is read from the disk by none.

use mera_schema::DeviceId;
use mera_sync_protocol::{Delivery, Run, Vector};
use std::collections::VecDeque;

/// Bytes that are kept of a company: some hundred changes as a person makes them.
const KEPT: usize = 64 * 1024;

/// The newest arrivals, one run each, without a gap up to the last.
#[derive(Default)]
pub(super) struct Recent {
    runs: VecDeque<Arrived>,
    bytes: usize,
    /// The newest arrival, where it is known.
    last: Option<u64>,
}

struct Arrived {
    number: u64,
    device: DeviceId,
    run: Run,
}

impl Recent {
    /// The newest arrival, where it is known.
    pub fn last(&self) -> Option<u64> {
        self.last
    }

    /// A run arrived and is on the disk. One that is too long to be kept, or is several, leaves a gap, before which nothing is of use.
    pub fn arrived(&mut self, number: u64, device: DeviceId, run: Option<Run>) {
        if self.last.is_some_and(|last| last + 1 != number) {
            self.forget();
        }
        self.last = Some(number);
        let Some(run) = run.filter(|run| run.weight() <= KEPT) else { return self.drop_runs() };
        self.bytes += run.weight();
        self.runs.push_back(Arrived { number, device, run });
        while self.bytes > KEPT
            && let Some(oldest) = self.runs.pop_front()
        {
            self.bytes -= oldest.run.weight();
        }
    }

    /// Nothing is known any more.
    pub fn forget(&mut self) {
        self.last = None;
        self.drop_runs();
    }

    /// Whether what arrived after a place is here.
    pub fn has(&self, arrival: u64) -> bool {
        let begins = || self.runs.front().is_some_and(|oldest| oldest.number <= arrival.saturating_add(1));
        self.last.is_some_and(|last| arrival >= last || begins())
    }

    /// What arrived after a place, without what `skip` covers; about `budget` bytes. Nothing where it is not here, and where a run would
    /// have to be cut.
    pub fn after(&self, arrival: u64, skip: &Vector, budget: usize) -> Option<Delivery> {
        let mut delivery = Delivery { runs: Vec::new(), arrival, complete: true };
        let mut bytes = 0;
        if !self.has(arrival) {
            return None;
        }
        for Arrived { number, device, run } in self.runs.iter().filter(|arrived| arrived.number > arrival) {
            if bytes >= budget {
                delivery.complete = false;
                break;
            }
            let held = skip.of(*device);
            if held < run.first {
                bytes += run.weight();
                delivery.runs.push(run.clone());
            } else if held < run.last() {
                return None;
            }
            delivery.arrival = *number;
        }
        Some(delivery)
    }

    fn drop_runs(&mut self) {
        self.runs.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::RelayDisk;
    use crate::store::tests::{company, log, opened, run};
    use mera_sync_protocol::RelayStore;

    fn given(disk: &RelayDisk, from: u64, skip: &Vector, budget: usize) -> (Vec<Run>, u64, bool) {
        let delivery = disk.after(company(), from, skip, budget).unwrap();
        (delivery.runs, delivery.arrival, delivery.complete)
    }

    #[test]
    fn from_memory_the_same_is_delivered_as_from_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let disk = opened(&folder);
        let ((anna, annas), (bo, bos)) = (log(1, 9, 10), log(2, 6, 30_000));
        for end in [1, 2, 5, 9] {
            let begin = [0, 1, 2, 5, 9].into_iter().rev().find(|begin| *begin < end).unwrap();
            disk.accept(company(), run(&anna, &annas[..end], begin)).unwrap();
        }
        for end in 1..=6 {
            disk.accept(company(), run(&bo, &bos[..end], end - 1)).unwrap();
        }
        let here = |from| disk.at_hand(company(), from).unwrap();
        assert!(here(10) && here(9) && !here(1), "the newest are at hand, and not more than fit");
        let mut asked = Vec::new();
        for (from, annas, bos) in (0..=10).flat_map(|from| [(from, 0, 0), (from, 4, 0), (from, 9, 3), (from, 0, 6)]) {
            let skip = Vector::from_iter([(anna.public().device(), annas), (bo.public().device(), bos)]);
            for budget in [1, 40_000, usize::MAX] {
                asked.push((from, skip.clone(), budget, given(&disk, from, &skip, budget)));
            }
        }
        drop(disk);
        let disk = RelayDisk::open(folder.path()).unwrap();
        for (from, skip, budget, expected) in asked {
            assert_eq!(given(&disk, from, &skip, budget), expected, "from {from}, without {skip:?}, {budget} bytes");
        }
    }

    #[test]
    fn a_run_that_is_too_long_to_be_kept_leaves_nothing_before_it() {
        let mut recent = Recent::default();
        let (key, entries) = log(1, 3, KEPT);
        let device = key.public().device();
        let cut = |from: usize| Run::cut(key.public(), from as u64 + 1, [0; 32], &entries[from..=from]);
        let small = log(2, 1, 10);
        recent.arrived(1, device, Run::cut(small.0.public(), 1, [0; 32], &small.1));
        assert!(recent.has(0) && recent.has(1));
        recent.arrived(2, device, cut(0));
        assert!(!recent.has(0) && !recent.has(1) && recent.has(2));
        recent.arrived(4, device, Run::cut(small.0.public(), 1, [0; 32], &small.1));
        assert!(!recent.has(2) && recent.has(3), "an arrival that was not told of is a gap");
    }
}
