//! What `docs/benchmarks.md` says of growth: the pictures, and each slope in words.

use super::series::{CHARTS, Chart, for_ten_times, in_words};
use crate::figure::{Figure, written};

const BEGINS: &str = "<!-- growth -->\n";
const ENDS: &str = "<!-- growth ends -->\n";

/// The section: a picture for each question, a line for each of its lines.
pub fn section(figures: &[Figure]) -> String {
    let mut text = "## How it grows\n\nMade by `cargo xtask bench growth --write` from [what it measured](benchmarks/growth.json). Both sides of each picture are logarithms: a line that is \
                    level does not grow, one as steep as the dashed one grows in step.\n"
        .to_owned();
    if let Some(Figure { date, commit, machine, .. }) = figures.first() {
        let (cores, processor, load) = (machine.cores, &machine.processor, machine.load);
        text += &format!(
            "\nMeasured on {date} at {commit}: {cores} processors ({processor}), load {load} when it began.\n"
        );
    }
    for chart in &CHARTS {
        text += &format!("\n![{}, by {}](benchmarks/{}.svg)\n\n", chart.title, chart.across, chart.name);
        text += &lines(chart, figures);
    }
    text
}

fn lines(chart: &Chart, figures: &[Figure]) -> String {
    let of = chart.across.split_whitespace().next().unwrap_or_default();
    let line = |line: &super::series::Line| {
        let points = line.points(figures);
        let times = for_ten_times(&points)?;
        let ((least, _), (most, _)) = (points.first()?, points.last()?);
        Some(format!(
            "- *{}* {}: ten times the {of} take {} times as much ({least:.0} to {most:.0}).\n",
            line.called,
            in_words(times),
            written(times)
        ))
    };
    chart.lines.iter().filter_map(line).collect()
}

/// A page with the section in the place of the one that stood there, or at its end.
pub fn put_in(page: &str, section: &str) -> String {
    let whole = format!("{BEGINS}{section}{ENDS}");
    match page.split_once(BEGINS).and_then(|(before, rest)| Some((before, rest.split_once(ENDS)?.1))) {
        Some((before, after)) => format!("{before}{whole}{after}"),
        None if page.is_empty() => whole,
        None => format!("{}\n\n{whole}", page.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Taken;

    #[test]
    fn the_section_takes_its_own_place_again_and_touches_nothing_else() {
        let once = put_in("# Figures\n\nOne.\n", "old\n");
        assert_eq!(once, "# Figures\n\nOne.\n\n<!-- growth -->\nold\n<!-- growth ends -->\n");
        let twice = put_in(&format!("{once}\nTwo.\n"), "new\n");
        assert_eq!(twice, "# Figures\n\nOne.\n\n<!-- growth -->\nnew\n<!-- growth ends -->\n\nTwo.\n");
    }

    #[test]
    fn each_line_is_told_in_words() {
        let at = |records, value| Taken::new("first.complete", value, "s").records(records).of_nowhere();
        let text = section(&[at(100, 0.1), at(1_000, 1.0)]);
        let told = "- *a new device has everything* grows in step with them: ten times the records take 10.0 times as much (100 to 1000).";
        assert!(text.contains(told), "{text}");
        assert!(text.contains("![How long a relay takes, by devices connected](benchmarks/devices.svg)"), "{text}");
    }
}
