use super::*;
use crate::Part;
use crate::tests::company::Device;
use automerge::{ActorId, AutoCommit, ROOT, transaction::CommitOptions, transaction::Transactable};
use proptest::prelude::*;
use uuid::Uuid;

const NOW: i64 = 1_790_000_000_000;

fn written() -> Written {
    Written { by: DeviceId::new(Uuid::from_u128(7)), at: NOW.cast_unsigned() }
}

/// The change of one field of a record that an actor has begun, at a moment.
fn change_by(actor: &[u8], words: &str, moment: i64) -> Vec<u8> {
    let mut doc = AutoCommit::new().with_actor(ActorId::from(actor));
    doc.put(ROOT, "phone", "+45 98 12 00 00").unwrap();
    doc.commit();
    let before = doc.get_heads();
    doc.put(ROOT, "phone", words).unwrap();
    doc.commit_with(CommitOptions::default().with_time(moment));
    doc.save_after(&before)
}

fn own(words: &str) -> Vec<u8> {
    change_by(written().by.uuid().as_bytes(), words, NOW)
}

#[test]
fn a_change_by_the_entrys_author_takes_two_thirds_and_comes_back_as_it_was() {
    let whole = own("+45 98 13 00 01");
    let spared = spare(whole.clone(), written());
    assert!(spared.len() < 80 && whole.len() > 120, "{} of {}", spared.len(), whole.len());
    assert_eq!(restore(spared, written()), whole);
}

#[test]
fn the_author_is_also_known_behind_the_bytes_that_automerge_puts_before_an_actor() {
    let named = [[9, 1].as_slice(), written().by.uuid().as_bytes()].concat();
    let whole = change_by(&named, "sent", NOW - 3);
    let spared = spare(whole.clone(), written());
    assert_eq!(spared[0], CHANGE_PACKED);
    assert_eq!(restore(spared, written()), whole);
}

#[test]
fn whatever_moment_a_change_tells_comes_back() {
    for moment in [0, 1, -1, NOW, NOW + 64, NOW - 65, i64::MAX, i64::MIN] {
        let whole = change_by(written().by.uuid().as_bytes(), "sent", moment);
        assert_eq!(restore(spare(whole.clone(), written()), written()), whole, "{moment}");
    }
}

#[test]
fn what_another_wrote_and_several_changes_are_packed_as_they_are() {
    let other = change_by(Uuid::from_u128(8).as_bytes(), "sent", NOW);
    let mut by_automerge = own("sent");
    by_automerge[MAGIC.len() + SUM] = 2;
    let several = [own("sent"), own("won")].concat();
    for content in [other, by_automerge, several] {
        let spared = spare(content.clone(), written());
        assert_eq!(spared[0], PACKED);
        assert!(spared.len() < content.len());
        assert_eq!(restore(spared, written()), content);
    }
}

#[test]
fn what_would_grow_stays_as_it_is_and_behind_a_sign_where_it_might_be_taken_for_something_else() {
    for content in [Vec::new(), b"w".to_vec(), vec![0x85, 1, 2]] {
        assert_eq!(spare(content.clone(), written()), content);
        assert_eq!(restore(content.clone(), written()), content);
    }
    for content in [vec![AS_IT_IS], vec![CHANGE_PACKED, 0, 0], vec![PACKED]] {
        let spared = spare(content.clone(), written());
        assert_eq!(spared, [&[AS_IT_IS], &content[..]].concat());
        assert_eq!(restore(spared, written()), content);
    }
}

#[test]
fn what_nobody_could_have_spared_stays_as_it_is() {
    let cut = |mut content: Vec<u8>| {
        content.pop();
        content
    };
    let longer = |content: Vec<u8>| [&content[..], &[0]].concat();
    let good = spare(own("+45 98 13 00 01"), written());
    let large = spare([7; 40_000].to_vec(), written());
    for content in [vec![CHANGE_PACKED], vec![PACKED, 3, 1, 2], cut(good.clone()), longer(good), cut(large)] {
        assert_eq!(restore(content.clone(), written()), content);
    }
}

#[test]
fn nobody_can_be_made_to_unpack_more_than_an_entry_may_hold() {
    let much = vec![0; crate::ENTRY_LIMIT];
    let spared = spare(much.clone(), written());
    assert!(spared.len() < much.len() / 100);
    assert_eq!(restore(spared, written()).len(), much.len());
    let more = vec![7; crate::ENTRY_LIMIT + 1];
    assert_eq!(spare(more.clone(), written()), more, "it is refused as too large, as it is");
    // What unpacks to more than that was packed by another program.
    let mut packer = flate2::Compress::new_with_window_bits(flate2::Compression::default(), false, 14);
    let mut bomb = Vec::with_capacity(1 << 20);
    packer.compress_vec(&more, &mut bomb, flate2::FlushCompress::Finish).unwrap();
    let bomb = [&[PACKED], &bomb[..]].concat();
    assert_eq!(restore(bomb.clone(), written()), bomb);
}

/// Whoever looks for words where entries are kept would not see them packed either; so this looks for what they are packed to.
#[test]
fn what_is_sealed_holds_neither_the_words_nor_what_they_are_packed_to() {
    let anna = Device::new(1);
    let words = "Ventilen er sprunget, og ingen maa vide det";
    anna.write(words);
    let signed = anna.run().entries.remove(0);
    let written = Written { by: anna.id(), at: signed.time.millis };
    let Part::Present(sealed) = &signed.payload.0[0] else { panic!("it was just written") };
    let packed = spare(words.as_bytes().to_vec(), written);
    assert!(packed.len() > 20 && sealed.bytes.len() >= packed.len());
    for plain in [words.as_bytes(), &packed[1..], &packed[1..9]] {
        assert!(!sealed.bytes.windows(plain.len()).any(|bytes| bytes == plain));
    }
}

/// What is packed with a dictionary can be read with that one only.
#[test]
fn the_dictionary_is_the_one_that_it_always_was() {
    let hash = blake3::hash(include_bytes!("../dictionary.bin")).to_hex();
    assert_eq!(&hash[..16], "2f405ecd07075f48");
}

proptest! {
    #[test]
    fn whatever_is_spared_comes_back(begins in 0_u8..4, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for content in [
            bytes.clone(),
            [&[begins], &bytes[..]].concat(),
            [&MAGIC, &bytes[..]].concat(),
            own(&String::from_utf8_lossy(&bytes)),
        ] {
            prop_assert_eq!(restore(spare(content.clone(), written()), written()), content);
        }
    }

    #[test]
    fn restoring_what_comes_from_anywhere_never_panics(sign in 0_u8..3, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        restore([&[sign], &bytes[..]].concat(), written());
    }
}
