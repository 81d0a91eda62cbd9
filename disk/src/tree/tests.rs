//! A folder tells what was written to it, wherever that stands.

use crate::{Anew, Batch, Tree, Written, anew, forget_former, open};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Bound;

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Debug, Clone)]
enum Step {
    Write(Vec<(u8, Option<u16>)>),
    Anew,
    Again,
    /// A writing anew begins, goes through everything, ends: whichever of these is next.
    Meanwhile,
}

/// A writing anew while others are written.
enum Going {
    Begun(Anew),
    Written(Written),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = (0_u8..40, proptest::option::weighted(0.7, 1_u16..3_000));
    let step = prop_oneof![
        6 => proptest::collection::vec(change, 1..12).prop_map(Step::Write),
        2 => Just(Step::Anew),
        1 => Just(Step::Again),
        4 => Just(Step::Meanwhile),
    ];
    proptest::collection::vec(step, 1..10)
}

/// Keys with beginnings in common, one of which ends in the highest byte.
fn key(n: u8) -> Vec<u8> {
    vec![[b'a', b'b', u8::MAX][usize::from(n % 3)], u8::MAX, n]
}

fn compare(tree: &Tree, model: &Model) {
    for n in 0..40 {
        assert_eq!(tree.get(key(n)).unwrap().as_deref(), model.get(&key(n)).map(Vec::as_slice), "{n}");
    }
    let row = |(key, value): (&Vec<u8>, &Vec<u8>)| (key.clone(), value.clone());
    for prefix in [&[][..], b"a", &[b'b', u8::MAX], &[u8::MAX], &[u8::MAX, u8::MAX], b"c"] {
        let wanted: Vec<_> = model.iter().filter(|(key, _)| key.starts_with(prefix)).map(row).collect();
        for every in 1..4 {
            let (mut rows, mut front, mut back) = (tree.beginning(prefix), Vec::new(), Vec::new());
            for step in 0.. {
                let behind = step % every == 1;
                let Some(row) = (if behind { rows.next_back() } else { rows.next() }) else { break };
                let (key, value) = row.unwrap();
                if behind { &mut back } else { &mut front }.push((key.to_vec(), value.to_vec()));
            }
            front.extend(back.into_iter().rev());
            assert_eq!(front, wanted, "{prefix:?}, every {every} from behind");
        }
    }
    let bounds = (Bound::Excluded(key(3)), Bound::Included(key(31)));
    let told: Vec<_> = tree.between(bounds.clone()).rev().map(|row| row.unwrap().0.to_vec()).collect();
    let wanted: Vec<_> = model.range(bounds).rev().map(|(key, _)| key.clone()).collect();
    assert_eq!(told, wanted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_folder_tells_what_was_written_to_it_before_and_after_it_is_written_anew(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = open(folder.path(), 1 << 20).unwrap();
        let (mut model, mut going) = (Model::new(), None);
        for step in steps {
            match step {
                Step::Meanwhile => {
                    going = match going.take() {
                        None => Some(Going::Begun(Anew::begin(&tree, folder.path()).unwrap())),
                        Some(Going::Begun(anew)) => Some(Going::Written(anew.write(1 << 20).unwrap())),
                        Some(Going::Written(written)) => {
                            tree = written.finish().unwrap();
                            forget_former(folder.path()).unwrap();
                            None
                        }
                    };
                }
                Step::Write(changes) => {
                    let mut batch = Batch::default();
                    for (n, value) in changes {
                        match value {
                            Some(length) => {
                                let value = vec![n; usize::from(length)];
                                model.insert(key(n), value.clone());
                                batch.insert(key(n), value);
                            }
                            None => {
                                model.remove(&key(n));
                                batch.remove(key(n));
                            }
                        }
                    }
                    tree.apply(batch).unwrap();
                }
                Step::Anew => {
                    drop(going.take());
                    tree = anew(&tree, folder.path(), 1 << 20).unwrap();
                    forget_former(folder.path()).unwrap();
                }
                Step::Again => {
                    drop(going.take());
                    tree.flush().unwrap();
                    drop(tree);
                    tree = open(folder.path(), 1 << 20).unwrap();
                }
            }
            compare(&tree, &model);
        }
    }
}

#[test]
fn what_was_written_anew_takes_little_more_than_its_values() {
    let folder = tempfile::tempdir().unwrap();
    let tree = open(folder.path(), 1 << 20).unwrap();
    let mut bytes = 0;
    for n in 0_u32..3_000 {
        let value = vec![7; 100 + (n as usize * 13) % 700];
        bytes += value.len() as u64;
        tree.insert(n.to_be_bytes(), value).unwrap();
    }
    tree.flush().unwrap();
    let tree = anew(&tree, folder.path(), 1 << 20).unwrap();
    forget_former(folder.path()).unwrap();
    let size = tree.size_on_disk().unwrap();
    assert!(size < bytes + bytes / 20 + 20_000, "{size} bytes for {bytes}");
}

#[test]
fn whoever_writes_while_a_folder_is_written_anew_waits_for_nothing_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tree = open(folder.path(), 1 << 20).unwrap();
    let all = 20_000_u32;
    let mut batch = Batch::default();
    (0..all).for_each(|n| batch.insert(n.to_be_bytes().as_slice(), vec![1; 60]));
    tree.apply(batch).unwrap();
    let anew = Anew::begin(&tree, folder.path()).unwrap();
    let writer = {
        let tree = tree.clone();
        // Every seventh is changed, every eleventh taken out, others come.
        std::thread::spawn(move || {
            for n in (0..all).rev() {
                let key = n.to_be_bytes();
                match (n % 7, n % 11) {
                    (_, 0) => tree.remove(key).unwrap(),
                    (0, _) => tree.insert(key, [2; 60]).unwrap(),
                    (1, _) => tree.insert((n + all).to_be_bytes(), [3; 60]).unwrap(),
                    _ => {}
                }
            }
        })
    };
    let written = anew.write(1 << 20).unwrap();
    writer.join().unwrap();
    let rows = |tree: &Tree| tree.beginning([]).collect::<Result<Vec<_>, _>>().unwrap();
    let wanted = rows(&tree);
    let new = written.finish().unwrap();
    assert_eq!(rows(&new), wanted);
    drop((tree, new));
    assert_eq!(rows(&open(folder.path(), 1 << 20).unwrap()), wanted);
}
