//! The wire: what happens to a packet on its way from one machine to another.

use super::Machine;
use anyhow::Result;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tun_rs::SyncDevice;

/// Bytes of a packet at most.
const PACKET: usize = 2048;

/// What one direction between two machines is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Road {
    /// How many of a thousand packets are lost.
    pub lost: u32,
    /// How long each is under way at least.
    pub delay: Duration,
    /// And at most so much longer, each by chance: later ones overtake.
    pub spread: Duration,
    /// Bytes of the largest that gets through. A larger one is gone without a word.
    pub largest: usize,
}

impl Road {
    /// A wire in a house.
    pub const GOOD: Self = Self { lost: 0, delay: Duration::ZERO, spread: Duration::ZERO, largest: PACKET };
    /// Everything is gone without a word: nobody resets a connection.
    pub const CUT: Self = Self { lost: 1_000, ..Self::GOOD };
    /// A bad mobile line: some are lost, and they overtake each other.
    pub const POOR: Self =
        Self { lost: 100, delay: Duration::from_millis(20), spread: Duration::from_millis(80), largest: PACKET };
    /// Greetings get through, and whoever has something to say does not.
    pub const NARROW: Self = Self { largest: 400, ..Self::GOOD };
}

/// The wire between machines.
pub struct Wire(Arc<Shared>);

/// Packets and where they go, by when they arrive and in which order they set out.
type UnderWay = BTreeMap<(Instant, u64), (u8, Vec<u8>)>;

struct Shared {
    plugs: BTreeMap<u8, Arc<SyncDevice>>,
    roads: Mutex<BTreeMap<(u8, u8), Road>>,
    under_way: Mutex<UnderWay>,
    set_out: Condvar,
    count: AtomicU64,
    vanished: AtomicU64,
}

impl Wire {
    /// Connects machines; chance follows from the seed. Its threads end with the program.
    pub fn between(machines: &[&Machine], seed: u64) -> Result<Self> {
        let shared = Arc::new(Shared {
            plugs: machines.iter().map(|machine| (machine.number(), machine.plug())).collect(),
            roads: Mutex::default(),
            under_way: Mutex::default(),
            set_out: Condvar::new(),
            count: AtomicU64::new(0),
            vanished: AtomicU64::new(0),
        });
        for (number, plug) in &shared.plugs {
            let (shared, plug, from) = (shared.clone(), plug.clone(), *number);
            let chance = ChaCha8Rng::seed_from_u64(seed ^ (u64::from(from) << 32));
            thread::Builder::new().name(format!("from {from}")).spawn(move || shared.take_from(from, &plug, chance))?;
        }
        let carrier = shared.clone();
        thread::Builder::new().name("wire".into()).spawn(move || carrier.carry())?;
        Ok(Self(shared))
    }

    /// What the road from one machine to another is like from now on.
    pub fn set(&self, from: &Machine, to: &Machine, road: Road) {
        lock(&self.0.roads).insert((from.number(), to.number()), road);
    }

    /// The same in both directions.
    pub fn set_both(&self, one: &Machine, other: &Machine, road: Road) {
        self.set(one, other, road);
        self.set(other, one, road);
    }

    /// All roads are good again.
    pub fn mend(&self) {
        lock(&self.0.roads).clear();
    }

    /// Packets that set out, and those of them that never arrived.
    pub fn packets(&self) -> (u64, u64) {
        (self.0.count.load(Ordering::Relaxed), self.0.vanished.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn take_from(&self, from: u8, plug: &SyncDevice, mut chance: ChaCha8Rng) {
        let mut packet = [0; PACKET];
        while let Ok(length) = plug.recv(&mut packet) {
            let packet = &packet[..length];
            // Only version 4 is spoken here; the kernel greets neighbours in version 6, whom there are none of.
            let Some(to) = packet.get(19).filter(|_| packet[0] >> 4 == 4) else { continue };
            let road = lock(&self.roads).get(&(from, *to)).copied().unwrap_or(Road::GOOD);
            let number = self.count.fetch_add(1, Ordering::Relaxed);
            let spread = u64::try_from(road.spread.as_micros()).unwrap_or(u64::MAX);
            let late = road.delay + Duration::from_micros(chance.random_range(0..=spread));
            if chance.random_range(0..1_000) < road.lost || length > road.largest || !self.plugs.contains_key(to) {
                self.vanished.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            lock(&self.under_way).insert((Instant::now() + late, number), (*to, packet.to_vec()));
            self.set_out.notify_one();
        }
    }

    fn carry(&self) {
        let mut under_way = lock(&self.under_way);
        loop {
            let now = Instant::now();
            let next = under_way.first_key_value().map(|((at, _), _)| *at);
            under_way = match next {
                Some(at) if at <= now => {
                    let arrived = under_way.pop_first();
                    drop(under_way);
                    if let Some((_, (to, packet))) = arrived
                        && let Some(plug) = self.plugs.get(&to)
                    {
                        // A machine that is too busy loses packets, as everywhere.
                        plug.send(&packet).ok();
                    }
                    lock(&self.under_way)
                }
                Some(at) => {
                    let woken = self.set_out.wait_timeout(under_way, at - now);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.set_out.wait(under_way).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
