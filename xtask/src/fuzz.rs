//! Looks for bytes that do harm: builds what libFuzzer runs, lets it run for a while, and says how much it tried.
//!
//! Coverage is what LLVM's own pass counts, which the ordinary compiler takes flags for, so no other toolchain is needed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::house::House;
use crate::process;

/// What is tried, and for how long.
#[derive(Args)]
pub struct Options {
    /// Only this target; each in turn when none is named.
    target: Option<String>,
    /// How long each is tried.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Reads this one file, as when a crash is looked into.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
    /// Keeps what was found of each target, without what adds nothing, beside its seeds.
    #[arg(long)]
    keep: bool,
}

/// Instruments for coverage (clang's SanitizerCoverage). Checks of arithmetic stay in, as in every build that is not released.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";
/// The target that needs a whole device, which takes longest to build.
const DEVICE: &str = "backup";
/// The seconds that one input may take, and the MiB of memory: both are far more than any true input takes.
const SLOW: u32 = 30;
const LARGE: u32 = 2048;
/// Bytes of an input at most: a frame or document of that size has every part that a larger one has.
const LONGEST: u32 = 16 * 1024;
/// Bytes of a kept input at most, so that the clone stays small.
const KEPT: u64 = 2 * 1024;

/// Builds and runs; an error when something did harm.
pub fn run(house: &House, options: &Options) -> Result<()> {
    let targets = targets(house)?;
    let wanted: Vec<&String> =
        targets.iter().filter(|name| options.target.as_ref().is_none_or(|one| one == *name)).collect();
    if wanted.is_empty() {
        bail!("there is no such target; there are {}", targets.join(", "));
    }
    let folder = build(house, &wanted)?;
    if let Some(input) = &options.input {
        return process::run(process::command(folder.join(wanted[0])).arg(input));
    }
    let mut harmed = Vec::new();
    for target in wanted {
        let ground = Ground::of(house, target, &folder)?;
        let (well, tried) = ground.try_for(options.seconds)?;
        println!("{target}: {tried} executions in {} s, {}", options.seconds, if well { "no harm" } else { "HARM" });
        if options.keep {
            ground.keep()?;
        }
        if !well {
            harmed.push(target.as_str());
        }
    }
    match harmed[..] {
        [] => Ok(()),
        _ => bail!(
            "{}: the input stands above by its path; `cargo xtask fuzz TARGET --input PATH` reads it again",
            harmed.join(", ")
        ),
    }
}

/// The names of the targets: the folders of seeds.
fn targets(house: &House) -> Result<Vec<String>> {
    let folders = fs::read_dir(house.root.join("fuzz/seeds")).context("the seeds are in fuzz/seeds")?;
    let mut names = Vec::new();
    for folder in folders {
        names.push(folder?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The folder with the built programs, one for each target.
fn build(house: &House, wanted: &[&String]) -> Result<PathBuf> {
    let triple = process::capture(process::command("rustc").args(["--print", "host-tuple"]))?;
    let (triple, target) = (triple.trim(), house.target_for("fuzz"));
    let mut cargo = house.cargo();
    // A target by name keeps the flags away from build scripts and macros, which run without libFuzzer.
    cargo.args(["build", "--manifest-path", "fuzz/Cargo.toml", "--target", triple]);
    cargo.args(wanted.iter().flat_map(|name| ["--bin", name]));
    if wanted.iter().any(|name| *name == DEVICE) {
        cargo.args(["--features", "device"]);
    }
    cargo.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", FLAGS);
    process::run(&mut cargo).context("the fuzz targets do not compile; a C++ compiler is needed for libFuzzer")?;
    Ok(target.join(triple).join("debug"))
}

/// A target with what it begins with and what it has found.
struct Ground<'a> {
    target: &'a str,
    program: PathBuf,
    seeds: PathBuf,
    corpus: PathBuf,
    harm: PathBuf,
}

impl<'a> Ground<'a> {
    fn of(house: &House, target: &'a str, programs: &Path) -> Result<Self> {
        let kept = house.cache.join("fuzz");
        let (corpus, harm) = (kept.join("corpus").join(target), kept.join("harm").join(target));
        for folder in [&corpus, &harm] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let seeds = house.root.join("fuzz/seeds").join(target);
        Ok(Self { target, program: programs.join(target), seeds, corpus, harm })
    }

    /// Whether nothing did harm, and how many inputs were read.
    fn try_for(&self, seconds: u64) -> Result<(bool, u64)> {
        let mut fuzz = process::command(&self.program);
        fuzz.arg(&self.corpus).arg(&self.seeds).arg(format!("-max_total_time={seconds}"));
        fuzz.args([format!("-timeout={SLOW}"), format!("-rss_limit_mb={LARGE}"), format!("-max_len={LONGEST}")]);
        fuzz.arg(format!("-artifact_prefix={}/", self.harm.display())).args(["-print_final_stats=1", "-verbosity=1"]);
        let (well, said) = process::watch(&mut fuzz)?;
        let tried = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        Ok((well, tried.and_then(|count| count.trim().parse().ok()).unwrap_or(0)))
    }

    /// Puts the small ones of what was found beside the seeds, each only if it reaches code that no other does.
    fn keep(&self) -> Result<()> {
        let small = tempfolder(&self.corpus)?;
        for entry in fs::read_dir(&self.corpus)? {
            let entry = entry?;
            if entry.metadata()?.len() <= KEPT {
                fs::copy(entry.path(), small.join(entry.file_name()))?;
            }
        }
        let before = fs::read_dir(&self.seeds)?.count();
        let mut merge = process::command(&self.program);
        let (well, _) = process::watch(merge.arg("-merge=1").arg(&self.seeds).arg(&small))?;
        fs::remove_dir_all(&small)?;
        if !well {
            bail!("what was found of {} could not be sorted; its message is above", self.target);
        }
        println!("{}: {} inputs are kept beside the seeds", self.target, fs::read_dir(&self.seeds)?.count() - before);
        Ok(())
    }
}

/// An empty folder beside another.
fn tempfolder(beside: &Path) -> Result<PathBuf> {
    let folder = beside.with_extension("small");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
