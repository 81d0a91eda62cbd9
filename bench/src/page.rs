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
- *first* is a device that has nothing: from its start until it shows a screen of quotes (`usable`) and until it holds what the others hold (`complete`). Somebody looks at that
  list 60 times a second meanwhile, and `stall` is the longest that one answer took.
- *storage* is what lies in the folders of a device and of a relay, as `du` would tell it, against `storage.saved`: every record as Automerge saves it, nothing else.
- Figures that begin with another's name (`cargo xtask bench peers`) are of that one's own server and clients, over the same wire, on the same records.
- The aims are the house's own. `save` and `start` depend on the disk and on what else the machine does.
";

/// The whole page.
pub fn page(figures: &[Figure]) -> String {
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
    add(&mut page, "\n| figure | value | aim | records | how |\n|---|---:|---|---:|---|\n");
    for one in figures {
        let aim = match (one.aim, one.met) {
            (Some(aim), Some(true)) => format!("≤ {}, met", written(aim)),
            (Some(aim), _) => format!("≤ {}, **not met**", written(aim)),
            _ => String::new(),
        };
        let records = if one.records == 0 { String::new() } else { one.records.to_string() };
        add(
            &mut page,
            &format!("| `{}` | {} {} | {aim} | {records} | {} |\n", one.figure, written(one.value), one.unit, one.how),
        );
    }
    add(&mut page, READING);
    add(&mut page, "\n## What falls short\n\n");
    let short: Vec<&Figure> = figures.iter().filter(|one| one.met == Some(false)).collect();
    if short.is_empty() {
        add(&mut page, "Nothing: every aim is met.\n");
    }
    for one in short {
        let aim = one.aim.map(written).unwrap_or_default();
        add(&mut page, &format!("- `{}` is {} {}; the aim is {aim}.\n", one.figure, written(one.value), one.unit));
    }
    page
}

fn add(page: &mut String, text: &str) {
    page.write_str(text).expect("writing in a string cannot fail");
}
