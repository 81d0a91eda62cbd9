//! Texts in which somebody wrote beside words that count no more: what that person wrote and took out, letter by letter, in
//! the text as it stands without those words.

use crate::RecordTree;
use automerge::{AutoCommit, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A letter's name: the operation that wrote it.
type Letter = (u64, Vec<u8>);

/// Every text of a record that a change wrote in: what it becomes when the change is made on `here`. `counts` tells of
/// the changes of `doc` whether they do.
pub(super) fn spliced(
    doc: &mut AutoCommit,
    change: &Change,
    here: &RecordTree,
    counts: &mut dyn FnMut(&ChangeHash) -> bool,
) -> BTreeMap<String, String> {
    let (deps, after) = (change.deps().to_vec(), [change.hash()]);
    let mut wrote = Wrote::of(doc);
    let fields: Vec<String> = doc.keys_at(ROOT, &after).collect();
    let mut texts = BTreeMap::new();
    for field in fields {
        let Ok(Some((Value::Object(ObjType::Text), text))) = doc.get_at(ROOT, field.as_str(), &after) else { continue };
        let (old, new) = (letters(doc, &text, &deps), letters(doc, &text, &after));
        if old == new {
            continue;
        }
        let target: Vec<char> = here.root.texts.get(&field).map_or("", String::as_str).chars().collect();
        let stays: Vec<(char, Letter)> =
            old.iter().filter(|(_, letter)| wrote.by(letter).is_some_and(&mut *counts)).cloned().collect();
        texts.insert(field, splice(&old, &new, &stays, &target));
    }
    texts
}

/// The letters of a text at some heads, each with its name.
fn letters(doc: &AutoCommit, text: &ObjId, at: &[ChangeHash]) -> Vec<(char, Letter)> {
    let said: Vec<char> = doc.text_at(text, at).unwrap_or_default().chars().collect();
    let named = doc.list_range_at(text, .., at).map(|item| match item.id() {
        ObjId::Id(counter, actor, _) => (counter, actor.to_bytes().to_vec()),
        ObjId::Root => (0, Vec::new()),
    });
    said.into_iter().zip(named).collect()
}

/// `stays` are the letters of `old` that count. `target` is what they are without the rest, and holds those that were taken
/// out by what counts no more.
fn splice(old: &[(char, Letter)], new: &[(char, Letter)], stays: &[(char, Letter)], target: &[char]) -> String {
    let place = places(stays, target);
    let (was, is): (HashSet<&Letter>, HashSet<&Letter>) =
        (old.iter().map(|(_, letter)| letter).collect(), new.iter().map(|(_, letter)| letter).collect());
    // What was written, by how many letters of the target stand before it.
    let (mut written, mut before): (BTreeMap<usize, String>, usize) = (BTreeMap::new(), 0);
    for (said, letter) in new {
        if !was.contains(letter) {
            written.entry(before).or_default().push(*said);
        } else if let Some(place) = place.get(letter) {
            before = place + 1;
        }
    }
    let taken_out: HashSet<usize> = old
        .iter()
        .filter(|(_, letter)| !is.contains(letter))
        .filter_map(|(_, letter)| place.get(letter).copied())
        .collect();
    let mut text = written.remove(&0).unwrap_or_default();
    for (index, said) in target.iter().enumerate() {
        if !taken_out.contains(&index) {
            text.push(*said);
        }
        text.push_str(&written.remove(&(index + 1)).unwrap_or_default());
    }
    text
}

/// Where letters stand in the target: from its beginning as far as they are the same, and so from its end.
fn places<'a>(stays: &'a [(char, Letter)], target: &[char]) -> HashMap<&'a Letter, usize> {
    let begins = stays.iter().zip(target).take_while(|((said, _), here)| said == *here).count();
    let rest = stays.len().min(target.len()) - begins;
    let ends =
        stays.iter().rev().zip(target.iter().rev()).take(rest).take_while(|((said, _), here)| said == *here).count();
    let first = stays[..begins].iter().enumerate().map(|(index, (_, letter))| (letter, index));
    let last = stays[stays.len() - ends..].iter().enumerate();
    first.chain(last.map(|(index, (_, letter))| (letter, target.len() - ends + index))).collect()
}

/// Which change wrote what.
struct Wrote(HashMap<Vec<u8>, Vec<(u64, ChangeHash)>>);

impl Wrote {
    fn of(doc: &mut AutoCommit) -> Self {
        let mut by_actor: HashMap<Vec<u8>, Vec<(u64, ChangeHash)>> = HashMap::new();
        for change in doc.get_changes_meta(&[]) {
            by_actor.entry(change.actor.to_bytes().to_vec()).or_default().push((change.max_op, change.hash));
        }
        by_actor.values_mut().for_each(|changes| changes.sort_unstable());
        Self(by_actor)
    }

    fn by(&mut self, (counter, actor): &Letter) -> Option<&ChangeHash> {
        let changes = self.0.get(actor)?;
        changes.get(changes.partition_point(|(max_op, _)| max_op < counter)).map(|(_, hash)| hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, from: u64) -> Vec<(char, Letter)> {
        text.chars().zip(from..).map(|(said, number)| (said, (number, vec![1]))).collect()
    }

    #[test]
    fn what_was_written_stands_where_it_stood_beside_what_counts() {
        // Old, the part of it that counts, what was written behind so many letters, what stands; and what comes of it.
        let table = [
            ("ab", 0..2, 2, "cd", "ab", "abcd"),
            ("ab XX", 0..2, 5, " c", "ab", "ab c"),
            ("XXab", 2..4, 2, "c", "ab", "cab"),
            ("ab", 0..2, 1, "c", "axb", "acxb"),
            ("ab", 0..0, 2, "c", "", "c"),
            ("", 0..0, 0, "c", "zz", "czz"),
        ];
        for (old, stays, behind, said, target, comes) in table {
            let old = named(old, 1);
            let mut new = old.clone();
            new.splice(behind..behind, named(said, 100));
            let target: Vec<char> = target.chars().collect();
            assert_eq!(splice(&old, &new, &old[stays], &target), comes, "{said} in {target:?}");
        }
        let (old, target) = (named("abXXcd", 1), ['a', 'b', 'c', 'd']);
        let stays = [&old[..2], &old[4..]].concat();
        let new = [&old[..1], &old[5..]].concat();
        assert_eq!(splice(&old, &new, &stays, &target), "ad", "taken out across what counts no more");
    }
}
