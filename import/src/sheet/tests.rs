//! Files as the world writes them, and files that are none.
#![allow(clippy::unwrap_used)]

use super::*;

fn cells(sheet: &Sheet) -> Vec<Vec<&str>> {
    sheet.rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
}

#[test]
fn encodings_and_separators_are_found() {
    let danish = "nummer;navn\n1;Rør & Ventiler, Ærøskøbing\n2;Smørolie på fad, 5 liter\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(danish.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(danish);
    let marked = [b"\xef\xbb\xbf", danish.as_bytes()].concat();
    for (file, encoding) in
        [(danish.as_bytes(), "UTF-8"), (&marked, "UTF-8"), (&utf16, "UTF-16LE"), (&*windows, "windows-1252")]
    {
        let sheet = Sheet::read(file).unwrap();
        assert_eq!(sheet.dialect, Dialect::Text { encoding, separator: ';' });
        assert_eq!(sheet.heading, ["nummer", "navn"]);
        assert_eq!(cells(&sheet)[0], ["1", "Rør & Ventiler, Ærøskøbing"], "{encoding}");
    }
    for (text, separator) in [("a,b\n1,2;3\n", ','), ("a\tb\n1,5\t2\n", '\t'), ("a|b\n1|2\n", '|'), ("a\n1\n", ',')] {
        let dialect = Sheet::read(text.as_bytes()).unwrap().dialect;
        assert_eq!(dialect, Dialect::Text { encoding: "UTF-8", separator }, "{text:?}");
    }
}

#[test]
fn a_row_at_fault_is_refused_with_its_line_and_the_others_are_taken() {
    let long = "x".repeat(10 * 1024 * 1024);
    let text = format!("number,name\n1,\"two\nlines\"\n2\n3,{long}\n,\n4,last\n");
    let sheet = Sheet::read(text.as_bytes()).unwrap();
    assert_eq!(cells(&sheet), [["1", "two\nlines"], ["4", "last"]]);
    assert_eq!(sheet.rows[1].line, 7, "lines are those of the file");
    let refused: Vec<_> =
        sheet.refused.iter().map(|row| (row.line, row.column.as_deref(), row.reason.code())).collect();
    assert_eq!(refused, [(4, None, "row.other_length"), (5, Some("name"), "row.cell_too_long")]);
}

#[test]
fn what_is_no_sheet_is_refused_with_what_to_do() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0";
    let noise: Vec<u8> = (1..=255).cycle().take(4_000).collect();
    for (file, code) in [
        (b"".as_slice(), "sheet.empty"),
        (b"\n\n", "sheet.empty"),
        (png, "sheet.not_text"),
        (&noise, "sheet.not_text"),
        (b"a,a\n1,2\n", "sheet.heading"),
        (b"a,,c\n1,2,3\n", "sheet.heading"),
    ] {
        assert_eq!(Sheet::read(file).unwrap_err().code(), code, "{file:?}");
    }
}

#[test]
fn rows_stand_on_their_lines_however_lines_end() {
    for end in ["\n", "\r\n", "\r"] {
        let file = ["id,name", "1,\"over", "two lines\"", "2,b"].join(end);
        let sheet = Sheet::read(file.as_bytes()).unwrap();
        assert_eq!(sheet.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4], "{end:?}");
    }
}
