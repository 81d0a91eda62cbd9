//! Which figures stand in which picture.

use crate::figure::Figure;

/// One picture: what is asked, in which unit, and whose lines.
pub struct Chart {
    /// The file's name.
    pub name: &'static str,
    /// Above the picture.
    pub title: &'static str,
    /// Below it: of what there are ten times as many at each step.
    pub across: &'static str,
    pub unit: Unit,
    pub lines: &'static [Line],
}

/// One line of it.
pub struct Line {
    /// The figure's name.
    pub figure: &'static str,
    /// What it is called beside its end.
    pub called: &'static str,
}

/// What stands at the side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// In seconds.
    Time,
    /// In bytes.
    Space,
}

/// All pictures.
pub const CHARTS: [Chart; 3] = [
    Chart {
        name: "time",
        title: "How long it takes",
        across: "records in the company",
        unit: Unit::Time,
        lines: &[
            Line { figure: "first.complete", called: "a new device has everything" },
            Line { figure: "start.engine.p50", called: "start to first list" },
            Line { figure: "reconnect.p50", called: "meeting again, 10 changed on each side" },
            Line { figure: "save.p99", called: "a save, 99 of 100" },
        ],
    },
    Chart {
        name: "space",
        title: "What it takes of wire and memory",
        across: "records in the company",
        unit: Unit::Space,
        lines: &[
            Line { figure: "start.engine.memory", called: "memory when the list is there" },
            Line { figure: "first.bytes", called: "wire: a new device" },
            Line { figure: "reconnect.bytes", called: "wire: meeting again, 10 changed on each side" },
            Line { figure: "reconnect.idle.bytes", called: "wire: meeting again, nothing changed" },
        ],
    },
    Chart {
        name: "devices",
        title: "How long a relay takes",
        across: "devices connected",
        unit: Unit::Time,
        lines: &[
            Line { figure: "relay.catch_up", called: "all were away, each takes 1,000 entries" },
            Line { figure: "relay.fan_out.p50", called: "one change is on all of them" },
        ],
    },
];

impl Line {
    /// Its points in seconds or bytes, from left to right.
    pub fn points(&self, figures: &[Figure]) -> Vec<(f64, f64)> {
        let of = figures.iter().filter(|one| one.figure == self.figure);
        let point = |one: &Figure| {
            let many = if one.devices > 0 { one.devices } else { one.records };
            let value = one.value * scale(&one.unit)?;
            (many > 0 && value > 0.0).then_some((many as f64, value))
        };
        let mut points: Vec<(f64, f64)> = of.filter_map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    }
}

/// How many seconds or bytes one of a unit is.
fn scale(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" | "bytes" => 1.0,
        "ms" => 0.001,
        "MiB" => 1_048_576.0,
        _ => return None,
    })
}

/// How many times as much ten times as many take: the best straight line through the points where both axes are logarithms.
pub fn for_ten_times(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.log10(), y.log10())).collect();
    let count = Some(logs.len() as f64).filter(|count| *count >= 2.0)?;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|log| log.0), mean(|log| log.1));
    let across: f64 = logs.iter().map(|log| (log.0 - x).powi(2)).sum();
    let both: f64 = logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum();
    (across > 0.0).then(|| 10_f64.powf(both / across))
}

/// That in words.
pub fn in_words(times: f64) -> &'static str {
    match times {
        times if times < 0.8 => "falls",
        times if times < 1.3 => "stays as it is",
        times if times < 7.0 => "grows more slowly than they do",
        times if times < 14.0 => "grows in step with them",
        _ => "grows faster than they do",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Taken;

    #[test]
    fn points_come_in_order_in_one_unit_and_what_is_nothing_has_no_place_on_a_logarithm() {
        let save = |records, value, unit| Taken::new("save.p99", value, unit).records(records).of_nowhere();
        let figures = [save(1_000, 2.0, "ms"), save(100, 0.001, "s"), save(10, 0.0, "ms"), save(5, 1.0, "messages")];
        let line = Line { figure: "save.p99", called: "a save" };
        assert_eq!(line.points(&figures), [(100.0, 0.001), (1_000.0, 0.002)]);
    }

    #[test]
    fn a_slope_is_told_as_what_ten_times_as_many_take() {
        let table = [
            (vec![(1.0, 5.0), (10.0, 5.0), (100.0, 5.0)], Some(1.0), "stays as it is"),
            (vec![(1.0, 5.0), (10.0, 50.0), (100.0, 500.0)], Some(10.0), "grows in step with them"),
            (vec![(1.0, 1.0), (100.0, 10.0)], Some(10_f64.sqrt()), "grows more slowly than they do"),
            (vec![(1.0, 1.0), (10.0, 100.0)], Some(100.0), "grows faster than they do"),
            (vec![(10.0, 1.0)], None, ""),
        ];
        for (points, times, words) in table {
            let found = for_ten_times(&points);
            assert!(found.zip(times).map_or(found == times, |(a, b)| (a - b).abs() < 1e-9), "{points:?}: {found:?}");
            assert_eq!(found.map_or("", in_words), words, "{points:?}");
        }
    }
}
