//! The page `docs/beside-others.md`: the same work in one run, one column for each program.

use crate::figure::{Figure, written};

const HEAD: &str = "# Beside others

Made by `cargo xtask bench peers --write`; do not edit by hand. Run it on a machine that does nothing else. How it is measured, and how each of the others holds the records, stands in
[decision 90](decisions/0090-measured-beside-others.md).
";

/// What is compared: for people, how the others' figures end, and the house's own.
const ROWS: [(&str, &str, &str); 8] = [
    ("a new device has everything", "first", "first.complete"),
    ("… on the wire", "first.bytes", "first.bytes"),
    ("meeting again, changed on both sides", "reconnect.p50", "reconnect.p50"),
    ("… on the wire", "reconnect.bytes", "reconnect.bytes"),
    ("meeting again, nothing changed", "reconnect.idle.p50", "reconnect.idle.p50"),
    ("… on the wire", "reconnect.idle.bytes", "reconnect.idle.bytes"),
    ("one change until it is on the other device", "live.p50", "live.p50"),
    ("… on the wire", "live.bytes", "wire.live"),
];

/// The whole page.
pub fn page(figures: &[Figure], peers: &[&str]) -> String {
    let mut page = HEAD.to_owned();
    if let Some(Figure { date, commit, machine, .. }) = figures.first() {
        page += &format!(
            "\nMeasured on {date} at {commit}: {} processors ({}), load {} when it began.\n",
            machine.cores, machine.processor, machine.load
        );
    }
    let mut sizes: Vec<usize> = figures.iter().map(|one| one.records).collect();
    sizes.sort_unstable();
    sizes.dedup();
    for size in sizes {
        page += &format!(
            "\n## {size} records\n\n| | MERA | {} |\n|---|---:|{}\n",
            peers.join(" | "),
            "---:|".repeat(peers.len())
        );
        for (what, theirs, ours) in ROWS {
            let others = peers.iter().map(|name| cell(figures, &format!("{name}.{theirs}"), size));
            let cells: Vec<String> = std::iter::once(cell(figures, ours, size)).chain(others).collect();
            page += &format!("| {what} | {} |\n", cells.join(" | "));
        }
    }
    let stopped: Vec<&Figure> = figures.iter().filter(|one| one.figure.ends_with(".stopped")).collect();
    if !stopped.is_empty() {
        page += "\n## Who stopped where\n\n";
    }
    for one in stopped {
        let name = one.figure.trim_end_matches(".stopped");
        page += &format!("- {name} at {} records: {}\n", one.records, one.how);
    }
    page
}

fn cell(figures: &[Figure], name: &str, size: usize) -> String {
    let found = figures.iter().find(|one| one.figure == name && one.records == size);
    found.map_or_else(|| "–".to_owned(), |one| format!("{} {}", written(one.value), one.unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Taken;

    fn figure(name: &str, value: f64, records: usize) -> Figure {
        Taken::new(name, value, "s").records(records).how("it took too long").of_nowhere()
    }

    #[test]
    fn each_size_has_a_table_and_who_stopped_is_told() {
        let figures = [
            figure("first.complete", 1.0, 100),
            figure("yjs.first", 2.0, 100),
            figure("pouchdb.stopped", 100.0, 100),
            figure("first.complete", 3.0, 1000),
        ];
        let page = page(&figures, &["pouchdb", "yjs"]);
        assert!(page.contains("| a new device has everything | 1.00 s | – | 2.00 s |"), "{page}");
        assert!(page.contains("## 1000 records"), "{page}");
        assert!(page.contains("- pouchdb at 100 records: it took too long"), "{page}");
    }
}
