//! Finds out how a file was written.

use super::SheetFault;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// What the world separates cells with; the first of equals wins.
const SEPARATORS: [u8; 4] = *b",;\t|";
/// Rows looked at to find the separator.
const SAMPLE: usize = 20;

/// The file as text. A byte order mark decides; then UTF-8 if every byte fits; then a guess from the letters' frequency.
pub fn text(file: &[u8]) -> Result<(String, &'static Encoding), SheetFault> {
    if file.is_empty() {
        return Err(SheetFault::Empty);
    }
    let encoding = match Encoding::for_bom(file) {
        Some((marked, _)) => marked,
        // No text has this byte outside UTF-16, which comes with a mark.
        None if file.contains(&0) => return Err(SheetFault::NotText),
        None if std::str::from_utf8(file).is_ok() => UTF_8,
        None => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(file, true);
            detector.guess(None, Utf8Detection::Deny)
        }
    };
    let (text, used, _) = encoding.decode(file);
    // Control characters are what pictures and programs are full of, and sheets are not.
    let strange = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).count();
    if strange * 100 > text.chars().count() {
        return Err(SheetFault::NotText);
    }
    Ok((text.into_owned(), used))
}

/// The separator that gives the first rows the same and the greatest number of cells.
pub fn separator(text: &str) -> u8 {
    let cells = |separator: u8| {
        let mut lengths = reader(text, separator).into_records().take(SAMPLE).map(|row| row.map_or(0, |row| row.len()));
        let first = lengths.next().unwrap_or(0);
        let alike = lengths.filter(|length| *length == first).count();
        if first > 1 { (alike, first) } else { (0, 0) }
    };
    SEPARATORS.into_iter().rev().max_by_key(|separator| cells(*separator)).unwrap_or(SEPARATORS[0])
}

/// A reader that leaves judging a row's length to the sheet.
pub fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}
