//! What stands in the memory of a process: every mapping that can be read, as a dump would show it.

use crate::process::Running;
use anyhow::{Context, Result, bail};
use memchr::memmem::Finder;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::Duration;

/// Bytes that are looked through at one time.
const PART: usize = 16 << 20;
/// How often it is looked whether a process has stopped, and how long between: it takes one slice of the processor.
const LOOKS: (u32, Duration) = (2_000, Duration::from_millis(1));

/// Something that is looked for, under a name that a complaint can tell.
#[derive(Debug, Clone)]
pub struct Sought {
    name: String,
    bytes: Vec<u8>,
}

impl Sought {
    /// These bytes.
    pub fn bytes(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), bytes: bytes.to_owned() }
    }

    /// A text, as UTF-8.
    pub fn text(text: &str) -> Self {
        Self::bytes(&format!("\"{text}\""), text.as_bytes())
    }

    /// A text, as UTF-16 with the least byte first.
    pub fn wide_text(text: &str) -> Self {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Self::bytes(&format!("\"{text}\" in UTF-16"), &bytes)
    }

    /// By what it is called in complaints.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What came of a look.
#[derive(Debug, Default)]
pub struct Seen {
    /// The names of what was found.
    pub found: BTreeSet<String>,
    /// How many bytes were looked through.
    pub bytes: usize,
}

/// Looks through the whole memory of a process, which stands still meanwhile, so that nothing moves from where it has not
/// been looked yet to where it has.
pub fn look(process: &Running, sought: &[Sought]) -> Result<Seen> {
    process.signal("STOP")?;
    let seen = stands_still(process.id()).and_then(|()| look_through(process.id(), sought));
    process.signal("CONT")?;
    seen
}

fn stands_still(id: u32) -> Result<()> {
    for _ in 0..LOOKS.0 {
        let mut all = true;
        for task in fs::read_dir(format!("/proc/{id}/task"))? {
            let stat = fs::read_to_string(task?.path().join("stat"))?;
            // The state stands behind the name, which is in brackets.
            all &= stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'));
        }
        if all {
            return Ok(());
        }
        thread::sleep(LOOKS.1);
    }
    bail!("process {id} does not stand still")
}

fn look_through(id: u32, sought: &[Sought]) -> Result<Seen> {
    let memory = File::open(format!("/proc/{id}/mem")).context("the memory of one's own child can be read")?;
    let finders: Vec<(&Sought, Finder<'_>)> = sought.iter().map(|one| (one, Finder::new(&one.bytes))).collect();
    let overlap = sought.iter().map(|one| one.bytes.len()).max().unwrap_or(1) - 1;
    let mut seen = Seen::default();
    let mut part = vec![0; PART];
    for line in fs::read_to_string(format!("/proc/{id}/maps"))?.lines() {
        let Some((from, until)) = readable(line) else { continue };
        let mut at = from;
        while at < until {
            let length = PART.min(usize::try_from(until - at)?);
            memory.read_exact_at(&mut part[..length], at).with_context(|| format!("{line} cannot be read"))?;
            let found = finders.iter().filter(|(_, finder)| finder.find(&part[..length]).is_some());
            seen.found.extend(found.map(|(one, _)| one.name.clone()));
            seen.bytes += length;
            // What stands across two parts is seen in the second one.
            let end = at + length as u64;
            at = if end < until { end - overlap as u64 } else { end };
        }
    }
    Ok(seen)
}

/// The ends of a mapping that can be read. The kernel's own pages, such as its clock, are no memory of the process.
fn readable(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_whitespace();
    let (range, rights) = (words.next()?, words.next()?);
    if !rights.starts_with('r') || words.nth(3).is_some_and(|name| name.starts_with("[v")) {
        return None;
    }
    let (from, until) = range.split_once('-')?;
    Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(until, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read_as_the_kernel_writes_them() {
        let heap = "55d0a000-55d0b000 rw-p 00000000 00:00 0      [heap]";
        assert_eq!(readable(heap), Some((0x55d0_a000, 0x55d0_b000)));
        assert_eq!(readable("7f00-7f10 r--p 00001000 08:01 1234   /usr/lib/libc.so.6"), Some((0x7f00, 0x7f10)));
        assert_eq!(readable("7f10-7f20 rw-p 00000000 00:00 0"), Some((0x7f10, 0x7f20)));
        for other in ["7f20-7f30 ---p 00000000 00:00 0", "7f30-7f40 r--p 00000000 00:00 0  [vvar]", ""] {
            assert_eq!(readable(other), None, "{other}");
        }
    }
}
