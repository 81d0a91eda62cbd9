//! What the records of one kind are found by: one long text, so that a search reads memory from front to back instead
//! of looking up a hundred thousand rows.

use memchr::memmem::Finder;

/// Bytes of outdated words above which the text is written anew, if they also are more than half of it.
const TIDY_ABOVE: usize = 64 * 1024;
/// Stands after each record's words. Nobody searches for it: a query is split at white space.
const END: &str = "\n";

/// The words of each slot.
#[derive(Debug, Default)]
pub(super) struct Words {
    text: String,
    /// In the order of the text.
    pieces: Vec<Piece>,
    /// The piece of each slot.
    of: Vec<usize>,
    outdated: usize,
}

#[derive(Debug)]
struct Piece {
    start: usize,
    /// Whose words these are; nobody's once there are newer ones.
    slot: Option<usize>,
}

impl Words {
    /// Gives a slot its words, in the place of those it had. A new slot is the one after the last.
    pub fn set(&mut self, slot: usize, words: &str) {
        match self.of.get(slot) {
            Some(_) if self.get(slot) == words => return,
            Some(piece) => {
                let piece = *piece;
                self.outdated += self.end(piece) - self.pieces[piece].start;
                self.pieces[piece].slot = None;
                self.of[slot] = self.pieces.len();
            }
            None => self.of.push(self.pieces.len()),
        }
        self.append(slot, words);
        if self.outdated > TIDY_ABOVE.max(self.text.len() / 2) {
            self.tidy();
        }
    }

    /// The words of a slot.
    pub fn get(&self, slot: usize) -> &str {
        let Some(piece) = self.of.get(slot) else { return "" };
        &self.text[self.pieces[*piece].start..self.end(*piece) - END.len()]
    }

    /// The slots whose words contain a word.
    pub fn holding(&self, word: &str) -> Slots {
        let (mut slots, finder) = (Slots::none(self.of.len()), Finder::new(word));
        let (mut from, mut piece) = (0, 0);
        while let Some(found) = finder.find(&self.text.as_bytes()[from..]) {
            piece = self.piece_at(from + found, piece);
            if let Some(slot) = self.pieces[piece].slot {
                slots.add(slot);
            }
            // One occurrence is enough.
            (from, piece) = (self.end(piece), piece + 1);
        }
        slots
    }

    /// The piece that holds a place of the text, at or after a given one: a common word stands in the very next.
    fn piece_at(&self, place: usize, first: usize) -> usize {
        let rest = &self.pieces[first..];
        let near = rest.iter().take(8).take_while(|piece| piece.start <= place).count();
        let passed = if near < 8 { near } else { rest.partition_point(|piece| piece.start <= place) };
        first + passed.saturating_sub(1)
    }

    fn end(&self, piece: usize) -> usize {
        self.pieces.get(piece + 1).map_or(self.text.len(), |next| next.start)
    }

    fn append(&mut self, slot: usize, words: &str) {
        self.pieces.push(Piece { start: self.text.len(), slot: Some(slot) });
        self.text.push_str(words);
        self.text.push_str(END);
    }

    fn tidy(&mut self) {
        let mut tidied = Self::default();
        for slot in 0..self.of.len() {
            tidied.of.push(slot);
            tidied.append(slot, self.get(slot));
        }
        *self = tidied;
    }
}

/// A set of slots.
#[derive(Debug, Default, Clone)]
pub(super) struct Slots(Vec<u64>);

impl Slots {
    fn none(of: usize) -> Self {
        Self(vec![0; of.div_ceil(64)])
    }

    /// Puts a slot in.
    pub fn add(&mut self, slot: usize) {
        self.0[slot / 64] |= 1 << (slot % 64);
    }

    /// Takes a slot out.
    pub fn remove(&mut self, slot: usize) {
        if let Some(part) = self.0.get_mut(slot / 64) {
            *part &= !(1 << (slot % 64));
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|part| part.count_ones() as usize).sum()
    }

    /// Those that are in both.
    pub fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(part, theirs)| *part &= theirs);
        self
    }

    /// Whether a slot is in it.
    pub fn contains(&self, slot: usize) -> bool {
        self.0.get(slot / 64).is_some_and(|part| part & (1 << (slot % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(words: &Words, word: &str) -> Vec<usize> {
        let slots = words.holding(word);
        (0..words.of.len()).filter(|slot| slots.contains(*slot)).collect()
    }

    #[test]
    fn a_word_is_found_where_it_stands_now_and_nowhere_else() {
        let mut words = Words::default();
        for slot in 0..200 {
            words.set(slot, &format!("ventil {slot}"));
        }
        assert_eq!(holding(&words, "ventil").len(), 200);
        assert_eq!(holding(&words, "til 19"), [19, 190, 191, 192, 193, 194, 195, 196, 197, 198, 199]);
        words.set(7, "pumpe");
        words.set(7, "");
        assert_eq!((holding(&words, "pumpe"), words.get(7), words.get(199)), (vec![], "", "ventil 199"));
        words.set(0, "pumpe ventil");
        assert_eq!(holding(&words, "pumpe"), [0]);
        assert_eq!(holding(&words, "ventil").len(), 199);
        assert!(holding(&words, "0ventil").is_empty(), "words of two records are not one word");
    }

    #[test]
    fn outdated_words_do_not_pile_up() {
        let mut words = Words::default();
        (0..3).for_each(|slot| words.set(slot, "ventil"));
        for round in 0..50_000 {
            words.set(round % 3, &format!("pumpe {round}"));
        }
        assert!(words.text.len() < 2 * TIDY_ABOVE + 100, "{}", words.text.len());
        assert_eq!((holding(&words, "pumpe"), holding(&words, "ventil")), (vec![0, 1, 2], vec![]));
        assert_eq!(words.get(1), "pumpe 49999");
    }
}
