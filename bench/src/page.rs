//! The page `docs/benchmarks.md`, made from the figures themselves.

use crate::figure::{Figure, written};
use std::fmt::Write;

const HEAD: &str = "# Measured figures

Made by `cargo xtask bench all --write`; do not edit by hand. Run it on a machine that does nothing else.
";

const READING: &str = "
## How to read it

- Every figure is measured through the road a person's work takes: the contract, a real folder on a real disk, real sockets on loopback.
- The made-up company is the same at every run (`bench/src/company`): of a hundred records 20 customers with address, 20 products,
  35 quotes with three to six lines, 20 orders, 4 tasks and one colleague. A quarter of them has been changed again later.
- `p50` is the median and `p99` the sample that 99 of 100 do not exceed. Of a few starts or meetings the median is judged, and the least is told beside it.
- *save* ends when the entry is synced to disk; `save.disk_alone` is what a synced line of 500 bytes costs on the same disk, with no program round it.
- *start* is a process of its own, from its start to the answer with the first 80 quotes. `start.screen` also opens the page in a browser.
  Memory is what the operating system counts as resident.
- *reconnect* is from plugging in both cables until both digests are equal and nothing waits. Bytes are counted on the TCP connections, with
  handshakes and WebSocket frames; messages are those of the protocol.
- *live* is from the moment at which a device is told to save until the change is on the disks of this device, the relay and the other device.
- *relay* is `mera relay` alone, on one processor; its guests are sessions without records on the others. What they push was signed before the clock started. `fan_out` is until the last device
  has the change, `idle.each` the growth of the relay's resident memory for each device that has caught up and says nothing, `storm.messages` what devices hear that did not call again.
- *first* is a device that has nothing: from its start until it shows a screen of quotes (`usable`) and until it holds what the others hold (`complete`). Somebody looks at that
  list 60 times a second meanwhile, and `stall` is the longest that one answer took. `first.checkpoint` is the same in a company whose history was let go of at a checkpoint.
- *storage* is what lies in the folders of a device and of a relay, as `du` would tell it, against `storage.saved`: every record as Automerge saves it, nothing else.
- Figures that begin with another's name (`cargo xtask bench peers`) are of that one's own server and clients, over the same wire, on the same records.
- The aims are the house's own. `save` and `start` depend on the disk and on what else the machine does.
";

const FLOORS: &str = "
## What nothing could do better than

The floor of a figure is measured in the same run, on the same machine and disk: it does what cannot be left out and nothing else. The distance tells how many times that our figure is; 1 is as
good as can be. Where it is a program that does the same (SQLite), a distance below 1 is better than that program ([why these](decisions/0092-what-a-figure-is-measured-against.md)).

";

/// The whole page, with what was measured of growth.
pub fn page(figures: &[Figure], growth: &str) -> String {
    let mut page = HEAD.to_owned();
    if let Some(first) = figures.first() {
        let machine = &first.machine;
        let gib = machine.memory_mib.div_ceil(1024);
        add(
            &mut page,
            &format!(
                "\nMeasured on {} at {}: {} processors ({}), {gib} GiB of memory, load {} when it began.\n",
                first.date, first.commit, machine.cores, machine.processor, machine.load
            ),
        );
    }
    add(
        &mut page,
        "\n| figure | value | aim | floor | distance | records | how |\n|---|---:|---|---:|---:|---:|---|\n",
    );
    figures.iter().for_each(|one| add(&mut page, &row(one)));
    floors(&mut page, figures);
    add(&mut page, READING);
    add(&mut page, "\n## What falls short\n\n");
    let short: Vec<&Figure> = figures.iter().filter(|one| one.met == Some(false)).collect();
    if short.is_empty() {
        add(&mut page, "Nothing: every aim is met.\n");
    }
    for one in short {
        let (aim, sign) = (one.aim.map(written).unwrap_or_default(), sign(one));
        add(
            &mut page,
            &format!("- `{}` is {} {}; the aim is {sign} {aim}.\n", one.figure, written(one.value), one.unit),
        );
    }
    if !growth.is_empty() {
        add(&mut page, &format!("\n{growth}"));
    }
    page
}

fn row(one: &Figure) -> String {
    let aim = match (one.aim, one.met) {
        (Some(aim), Some(true)) => format!("{} {}, met", sign(one), written(aim)),
        (Some(aim), _) => format!("{} {}, **not met**", sign(one), written(aim)),
        _ => String::new(),
    };
    let records = if one.records == 0 { String::new() } else { one.records.to_string() };
    let floor = one.floor.as_ref().map(|floor| written(floor.value)).unwrap_or_default();
    let distance = one.distance().map(|times| format!("{} ×", written(times))).unwrap_or_default();
    let (name, value, unit, how) = (&one.figure, written(one.value), &one.unit, &one.how);
    format!("| `{name}` | {value} {unit} | {aim} | {floor} | {distance} | {records} | {how} |\n")
}

fn sign(one: &Figure) -> &'static str {
    if one.at_least { "≥" } else { "≤" }
}

/// What each floor was measured with.
fn floors(page: &mut String, figures: &[Figure]) {
    let with = |one: &Figure| one.floor.as_ref().map(|floor| format!("- `{}`: {}.\n", one.figure, floor.of));
    let lines: Vec<String> = figures.iter().filter_map(with).collect();
    if !lines.is_empty() {
        add(page, FLOORS);
        lines.iter().for_each(|line| add(page, line));
    }
}

fn add(page: &mut String, text: &str) {
    page.write_str(text).expect("writing in a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Taken;

    #[test]
    fn a_row_tells_value_aim_floor_and_distance_and_what_falls_short_is_told_again() {
        let save = Taken::new("save.p99", 3.0, "ms").records(100).at_most(5.0).floor(1.5, "one fsync").of_nowhere();
        let entries = Taken::new("relay.entries", 10.0, "a second").at_least(20.0).how("pushed").of_nowhere();
        let page = page(&[save, entries], "## How it grows\n");
        assert!(page.contains("| `save.p99` | 3.00 ms | ≤ 5.00, met | 1.50 | 2.00 × | 100 |  |"), "{page}");
        assert!(page.contains("| `relay.entries` | 10.0 a second | ≥ 20.0, **not met** |  |  |  | pushed |"), "{page}");
        assert!(page.contains("- `save.p99`: one fsync.\n"), "{page}");
        assert!(page.contains("- `relay.entries` is 10.0 a second; the aim is ≥ 20.0.\n"), "{page}");
        assert!(page.ends_with("\n\n## How it grows\n"), "{page}");
    }
}
