//! The script of one story: what happens next is chosen by the seed.

use crate::appointments::calendar;
use crate::company::{Company, Loss};
use crate::model::{self, Model};
use crate::people::People;
use mera_device::Making;
use mera_device_api::{Answer, Reply, Request};
use mera_disk::power;
use mera_schema::WorkspaceId;
use mera_sync_protocol::{Hlc, Replica, STANDS_ON_VOID};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const HOUR: i64 = 60 * 60 * 1_000;
const YEAR: i64 = 365 * 24 * HOUR;

/// What happened in stories, so that it can be seen that they are about something.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub promises: usize,
    /// Clashes that were open at the end.
    pub clashes: usize,
    pub stores_lost: usize,
    pub stores_set_back: usize,
    /// Devices that lost all but their identity.
    pub stripped: usize,
    pub relay_disks_lost: usize,
    /// Times that the relay let go of what a checkpoint covers.
    pub let_go: usize,
    /// Between two effects on a device's disk.
    pub power_cuts: usize,
    /// Between two effects on the relay's disk.
    pub relay_power_cuts: usize,
    /// Devices that came in the midst of a story.
    pub came: usize,
    /// Devices that an administrator's device took out.
    pub went: usize,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.promises += other.promises;
        self.clashes += other.clashes;
        self.stores_lost += other.stores_lost;
        self.stores_set_back += other.stores_set_back;
        self.stripped += other.stripped;
        self.relay_disks_lost += other.relay_disks_lost;
        self.let_go += other.let_go;
        self.power_cuts += other.power_cuts;
        self.relay_power_cuts += other.relay_power_cuts;
        self.came += other.came;
        self.went += other.went;
    }

    /// Whether everything that can happen did.
    pub fn is_full(&self) -> bool {
        let Self { promises, clashes, stores_lost, stores_set_back, stripped, relay_disks_lost, let_go, .. } = *self;
        let lost = [stores_lost, stores_set_back, stripped, relay_disks_lost, self.power_cuts, self.relay_power_cuts];
        [promises, clashes, let_go, self.came, self.went].iter().chain(&lost).all(|count| *count > 0)
    }
}

/// Plays a story to its end and looks whether everything is well.
pub fn play(seed: u64) -> Tally {
    let root = tempfile::tempdir().unwrap();
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let people = chance.random_range(3..=6);
    let company = Company::new(root.path(), people, chance.random());
    let mut story =
        Story { chance, company, people: People::default(), model: Model::default(), tally: Tally::default() };
    story.people.meet_customer(story.company.devices[0].engine());
    for _ in 0..story.chance.random_range(150..400) {
        story.step();
    }
    story.tally.went += story.company.heal();
    story.check();
    story.tally
}

struct Story {
    chance: ChaCha8Rng,
    company: Company,
    people: People,
    model: Model,
    tally: Tally,
}

impl Story {
    fn step(&mut self) {
        self.company.time.pass(self.chance.random_range(0..90_000));
        self.tally.went += self.company.note_who_is_out();
        let who = self.somebody();
        match self.chance.random_range(0..100) {
            0..41 => self.act(who),
            41..44 => self.members(who),
            44..68 => self.carry(),
            68..78 => drop(self.company.connect(who)),
            78..84 => {
                let received = self.chance.random_range(0..=self.company.network.under_way(who));
                self.company.break_line(who, received);
            }
            84..87 => self.part(who),
            87..90 => self.overhear(who),
            90..93 => self.set_clock(who),
            93..96 => self.restart(who),
            96..97 => {
                let without_disk = self.chance.random_bool(0.25);
                self.tally.relay_disks_lost += usize::from(self.company.restart_relay(without_disk));
            }
            97..98 => {
                // Mostly the founder's, so that one is ever finished.
                let maker = if self.chance.random_bool(0.8) { 0 } else { who };
                self.checkpoint(maker);
            }
            98..99 => self.let_go(who),
            _ => self.company.network.ask(who, self.company.devices[who].engine()),
        }
    }

    /// A device begins a checkpoint.
    fn checkpoint(&mut self, who: usize) {
        // What stands in its way, as a log that is being fetched, does so for people as well.
        self.company.devices[who].engine().begin_checkpoint().ok();
        self.go_on_with_checkpoints();
    }

    /// Devices that make a checkpoint do some steps; the relay has to have all of it before it stands.
    fn go_on_with_checkpoints(&mut self) {
        let steps = self.chance.random_range(1..20);
        for (device, cable) in self.company.devices.iter_mut().zip(&mut self.company.network.cables) {
            let engine = device.engine();
            let before = engine.written();
            (0..steps).take_while(|_| matches!(engine.make_some(), Ok(Making::Goes { .. }))).count();
            if let Some(cable) = cable.as_mut() {
                cable.wrote |= engine.written() != before;
            }
        }
    }

    /// Anybody who belongs to the company.
    fn somebody(&mut self) -> usize {
        let here: Vec<usize> = (0..self.company.devices.len()).filter(|who| !self.company.devices[*who].out).collect();
        here[self.chance.random_range(0..here.len())]
    }

    fn act(&mut self, who: usize) {
        let cut = self.chance.random_bool(0.06).then(|| self.chance.random_range(0..8));
        cut.into_iter().for_each(power::fails_after);
        let engine = self.company.devices[who].engine();
        let before = engine.written();
        self.people.act(&mut self.chance, who, engine, &mut self.model);
        let wrote = engine.written() != before;
        if let Some(cable) = self.company.network.cables[who].as_mut() {
            cable.wrote |= wrote;
        }
        self.if_the_power_failed(Some(who));
    }

    /// An administrator has somebody come, or takes somebody out.
    fn members(&mut self, by: usize) {
        // Whoever is not connected can change nothing.
        let connected: Vec<usize> =
            (0..self.company.devices.len()).filter(|who| self.company.network.is_connected(*who)).collect();
        let by = connected.get(by % connected.len().max(1)).copied().unwrap_or(by);
        if self.chance.random_bool(0.5) {
            self.company.go_on(by);
        }
        if self.chance.random_bool(0.6) {
            self.company.invite(by);
        } else {
            let whom = self.somebody();
            self.company.revoke(by, whom);
        }
    }

    /// Whatever was being written when the power failed is begun again: a device's, or the relay's.
    fn if_the_power_failed(&mut self, device: Option<usize>) {
        if !power::returns() {
            return;
        }
        let chance = &mut self.chance;
        match device {
            Some(who) => {
                self.tally.power_cuts += 1;
                self.company.crash(who, || chance.random_bool(0.3).then(|| chance.random_range(0..12)));
            }
            None => {
                self.tally.relay_power_cuts += 1;
                self.company.restart_relay(false);
            }
        }
    }

    /// The relay lets go of what a checkpoint covers, now or when a long time has passed, and a device does some of it.
    fn let_go(&mut self, who: usize) {
        let now = self.company.time.now() + if self.chance.random_bool(0.5) { 0 } else { YEAR.unsigned_abs() };
        self.tally.let_go += usize::from(self.company.network.disk().let_go(now).unwrap());
        for _ in 0..self.chance.random_range(1..4) {
            self.company.devices[who].engine().let_go_some().unwrap();
        }
    }

    /// The network carries some frames, here and there.
    fn carry(&mut self) {
        for _ in 0..self.chance.random_range(1..80) {
            let who = self.chance.random_range(0..self.company.devices.len());
            let which = self.chance.random_range(0..4);
            let cut = self.chance.random_bool(0.004).then(|| self.chance.random_range(0..10));
            cut.into_iter().for_each(power::fails_after);
            self.company.work(who, which);
            self.if_the_power_failed((which % 2 == 1).then_some(who));
        }
        self.go_on_with_checkpoints();
        self.tally.came += usize::from(self.company.welcome());
        if self.chance.random_bool(0.2) {
            let which = self.chance.random_range(0..100);
            self.company.network.late(which, self.company.time.now());
        }
    }

    /// A part of the company is cut off, or comes back.
    fn part(&mut self, who: usize) {
        let plugged = !self.company.devices[who].plugged;
        self.company.devices[who].plugged = plugged;
        if !plugged {
            self.company.break_line(who, 0);
        }
    }

    fn overhear(&mut self, who: usize) {
        let mut runs = Vec::new();
        for _ in 0..self.chance.random_range(1..4) {
            let of = self.chance.random_range(0..self.company.devices.len());
            let log = self.chance.random_range(0..self.company.devices.len());
            // One's own log comes from one's own relay.
            if log != who {
                let after = self.chance.random_range(0..12);
                runs.extend(self.company.runs(of, log, after));
            }
        }
        runs.extend(runs.clone());
        runs.shuffle(&mut self.chance);
        self.company.overhear(who, runs);
    }

    fn set_clock(&mut self, who: usize) {
        let wrong = [0, 3 * HOUR, -5 * HOUR, YEAR, -YEAR][self.chance.random_range(0..5)];
        self.company.devices[who].desk.set_wrong_by(wrong);
    }

    fn restart(&mut self, who: usize) {
        let losses = [Loss::Nothing, Loss::Nothing, Loss::Nothing, Loss::Store, Loss::Time, Loss::Everything];
        let loss = losses[self.chance.random_range(0..losses.len())];
        let tidied = self.chance.random_bool(0.5);
        match self.company.restart(who, loss, tidied) {
            Loss::Nothing => {}
            Loss::Store => self.tally.stores_lost += 1,
            Loss::Time => self.tally.stores_set_back += 1,
            Loss::Everything => self.tally.stripped += 1,
        }
    }

    fn check(&mut self) {
        let mut same = None;
        for who in 0..self.company.devices.len() {
            if self.company.devices[who].out {
                continue;
            }
            let status = self.company.status(who);
            // What somebody wrote after he was taken out is played to others now and then, and what he had built on work that
            // counts no more waits to be judged.
            let usual = |code: &str| ["membership.revoked", STANDS_ON_VOID].contains(&code);
            let trouble = status.trouble.as_ref().filter(|told| !usual(&told.code));
            assert_eq!((status.waiting_changes, trouble), (0, None), "device {who} has nothing to complain of");
            let engine = self.company.devices[who].engine();
            let Answer::Ok(Reply::Doctor { views_equal, complaints, digest, .. }) = engine.answer(Request::Doctor)
            else {
                panic!("the doctor")
            };
            assert!(views_equal && complaints.is_empty(), "device {who}: {complaints:?}");
            let aside = engine.set_aside().unwrap();
            assert!(aside.iter().all(|(code, _)| usual(code)), "device {who}: {aside:?}");
            assert!(engine.cursor().is_some(), "device {who} knows its place at the relay");
            let now = (
                digest,
                model::clashes(engine),
                model::board(engine),
                model::calls(engine),
                model::customers(engine),
                calendar(engine),
            );
            assert_eq!(*same.get_or_insert(now.clone()), now, "device {who} holds and shows what the others do");
            time_never_goes_back(engine, engine.workspace());
        }
        // The digests are equal and the doctor has compared them with the documents, so one device stands for all.
        let who = self.somebody();
        // The relay lost its disk, and an administrator who went on without whoever had not called took out the one who could have
        // filled it again: that one has it still (decision 72).
        let (theirs, ours) = self.company.held_by_who_is_out_and_who_is_not();
        let relay_forgot = self.tally.relay_disks_lost > 0;
        let engine = self.company.devices[who].engine();
        self.model.check(engine, |by, seq| relay_forgot && ours.of(by) < seq && seq <= theirs.of(by));
        (self.tally.promises, self.tally.clashes) = (self.model.promises.len(), model::clashes(engine).len());
    }
}

/// In every log each entry is later than the one before, whatever the clocks did.
fn time_never_goes_back(replica: &impl Replica, workspace: WorkspaceId) {
    for (log, last) in replica.vector().unwrap().iter() {
        // A log of which everything was let go of has nothing to tell.
        let (mut after, mut time) = (replica.base(log).unwrap(), Hlc::default());
        while after < last {
            let runs = replica.runs_after(log, after, 0).unwrap();
            assert!(!runs.is_empty(), "nobody can be given the log of {log} after {after} of {last}");
            for run in runs {
                after = run.last();
                for signed in run.verify(workspace).unwrap().entries {
                    assert!(signed.entry.time > time, "the log of {log} goes back in time");
                    time = signed.entry.time;
                }
            }
        }
    }
}
