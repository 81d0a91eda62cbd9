//! Where what happens at the same time stands beside each other.

use chrono::NaiveDateTime;

/// Which part of a column something takes: the lane, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    pub at: usize,
    pub of: usize,
}

/// A lane for each time, in the order given, which is that in which they begin. Those that touch each other, also through others, share
/// a column; each takes the first lane that is free.
pub fn lanes(times: &[(NaiveDateTime, NaiveDateTime)]) -> Vec<Lane> {
    let mut placed = vec![Lane { at: 0, of: 1 }; times.len()];
    let (mut first, mut until) = (0, None);
    let mut free: Vec<NaiveDateTime> = Vec::new();
    for (place, (from, to)) in times.iter().enumerate() {
        if until.is_some_and(|until| *from >= until) {
            share(&mut placed[first..place], free.len());
            (first, until) = (place, None);
            free.clear();
        }
        let at = free.iter().position(|free| free <= from).unwrap_or(free.len());
        if at == free.len() {
            free.push(*to);
        } else {
            free[at] = *to;
        }
        placed[place].at = at;
        until = until.max(Some(*to));
    }
    share(&mut placed[first..], free.len());
    placed
}

fn share(lanes: &mut [Lane], of: usize) {
    for lane in lanes {
        lane.of = of.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_stands_side_by_side_and_nothing_else_does() {
        let at = |hour: u32| chrono::NaiveDate::default().and_hms_opt(hour, 0, 0).unwrap_or_default();
        type Hours<'a> = &'a [(u32, u32)];
        let table: [(Hours, &[(usize, usize)]); 5] = [
            (&[], &[]),
            (&[(9, 10), (10, 11)], &[(0, 1), (0, 1)]),
            (&[(9, 11), (10, 12), (11, 13), (14, 15)], &[(0, 2), (1, 2), (0, 2), (0, 1)]),
            (&[(9, 12), (9, 10), (9, 10), (10, 11)], &[(0, 3), (1, 3), (2, 3), (1, 3)]),
            (&[(8, 9), (9, 12), (9, 10)], &[(0, 1), (0, 2), (1, 2)]),
        ];
        for (hours, expected) in table {
            let times: Vec<_> = hours.iter().map(|(from, to)| (at(*from), at(*to))).collect();
            let found: Vec<(usize, usize)> = lanes(&times).iter().map(|lane| (lane.at, lane.of)).collect();
            assert_eq!(found, expected, "{hours:?}");
        }
    }
}
