//! A company whose lines fail as only TCP shows it: cut without a word, in one direction or in both, lossy, overtaking,
//! too narrow for what is to be said. Real devices and a real relay, each on a machine of its own (see [`crate::wire`]).

mod stage;

use crate::wire::Road;
use anyhow::{Context, Result, bail};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stage::Stage;
use std::time::{Duration, Instant};

/// Changes that a device makes at once, so that a line is cut in the midst of a push.
const BURST: u32 = 25;
/// Changes that each device makes while the line is bad.
const MEANWHILE: u32 = 3;
/// How long a bad line is bad, beside what is waited for.
const BAD_FOR: Duration = Duration::from_millis(1_500);
/// What a device waits that hears nothing from its relay, and a little: see `device/src/line`.
const DEVICE_WAITS: Duration = Duration::from_secs(100);

/// What befalls a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misfortune {
    /// Nothing arrives in either direction: each side takes the other for a silent one.
    HalfOpen,
    /// What the device says does not arrive.
    Unheard,
    /// What the relay says does not arrive.
    Deaf,
    /// Some is lost, and the rest overtakes itself.
    Poor,
    /// Only small packets arrive, and nobody is told (a black hole in the path's MTU).
    Narrow,
    /// The relay's own line is cut, in the midst of pushes from everybody.
    RelayAlone,
}

impl Misfortune {
    const ALL: [Self; 6] = [Self::HalfOpen, Self::Unheard, Self::Deaf, Self::Poor, Self::Narrow, Self::RelayAlone];
}

/// What is played.
pub struct Options {
    /// What all chance follows from, as far as real machines allow.
    pub seed: u64,
    /// Whether it is also waited until a device takes a silent relay for gone: a minute and a half.
    pub silence: bool,
}

/// What came of a story.
#[derive(Debug)]
pub struct Report {
    seed: u64,
    /// Changes that were answered with `done`, all of which are there once on every device.
    pub acknowledged: usize,
    /// Packets that set out.
    pub packets: u64,
    /// Those that never arrived.
    pub vanished: u64,
    /// How long it took the relay at most to let go of a device that was cut off.
    pub let_go: Duration,
    /// How long it took a device to take the silent relay for gone, if that was waited for.
    pub gone: Option<Duration>,
}

impl Report {
    /// One line for a person.
    pub fn sentence(&self) -> String {
        let Self { seed, acknowledged, packets, vanished, let_go, gone } = self;
        let gone = gone.map_or(String::new(), |gone| format!("; a device let go of a silent relay after {gone:.1?}"));
        format!(
            "seed {seed}: {acknowledged} changes acknowledged and there once everywhere; {vanished} of {packets} packets \
             vanished; the relay let go of a half-open device after {let_go:.1?} at most{gone}"
        )
    }
}

/// Plays a story: every misfortune once, in an order and to whom chance says.
pub async fn play(options: &Options) -> Result<Report> {
    let mut chance = ChaCha8Rng::seed_from_u64(options.seed);
    let mut stage = Stage::set(options.seed).await?;
    let mut misfortunes = Misfortune::ALL;
    misfortunes.shuffle(&mut chance);
    let mut let_go = Duration::ZERO;
    for misfortune in misfortunes {
        let victim = chance.random_range(0..2);
        let befell = befall(&mut stage, misfortune, victim).await.with_context(|| format!("{misfortune:?}"))?;
        let_go = let_go.max(befell);
        stage.wire.mend();
        stage.settle().await.with_context(|| format!("after {misfortune:?} of device {victim}"))?;
    }
    let gone = if options.silence { Some(silence(&mut stage).await?) } else { None };
    let acknowledged = stage.check().await?;
    let (packets, vanished) = stage.wire.packets();
    Ok(Report { seed: options.seed, acknowledged, packets, vanished, let_go, gone })
}

/// Makes a line bad in the midst of work, and works on. Gives how long the relay took to let go of who was cut off.
async fn befall(stage: &mut Stage, misfortune: Misfortune, victim: usize) -> Result<Duration> {
    stage.write(victim, BURST).await?;
    let (device, relay, wire) = (&stage.people[victim].machine, &stage.relay, &stage.wire);
    let cut_off = match misfortune {
        Misfortune::HalfOpen => {
            wire.set_both(device, relay, Road::CUT);
            1
        }
        Misfortune::Unheard => {
            wire.set(device, relay, Road::CUT);
            1
        }
        Misfortune::Deaf => {
            wire.set(relay, device, Road::CUT);
            1
        }
        Misfortune::Poor => {
            wire.set_both(device, relay, Road::POOR);
            0
        }
        Misfortune::Narrow => {
            wire.set(device, relay, Road::NARROW);
            0
        }
        Misfortune::RelayAlone => {
            stage.people.iter().for_each(|person| wire.set_both(&person.machine, relay, Road::CUT));
            2
        }
    };
    let begun = Instant::now();
    for who in 0..2 {
        stage.write(who, MEANWHILE).await?;
    }
    if cut_off == 0 {
        stage.work_for(BAD_FOR, victim).await?;
        if misfortune == Misfortune::Narrow && stage.waiting(victim).await? == 0 {
            bail!("something arrived through a line that is too narrow for it");
        }
        return Ok(Duration::ZERO);
    }
    stage.until_guests(2 - cut_off).await?;
    let let_go = begun.elapsed();
    if let_go > Stage::LETS_GO {
        bail!("the relay let go of a half-open device after {let_go:?}, and says it does within {:?}", Stage::LETS_GO);
    }
    if stage.waiting(victim).await? == 0 {
        bail!("something arrived over a line that is cut");
    }
    Ok(let_go)
}

/// A relay that says nothing any more is taken for gone by a device that has nothing to say either.
async fn silence(stage: &mut Stage) -> Result<Duration> {
    let (device, relay) = (&stage.people[0].machine, &stage.relay);
    stage.wire.set_both(device, relay, Road::CUT);
    let gone = stage.until_gone(0, DEVICE_WAITS).await?;
    stage.wire.mend();
    stage.settle().await?;
    Ok(gone)
}
