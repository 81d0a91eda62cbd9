//! Workbooks as Excel writes them, and files that only begin like one.
#![allow(clippy::unwrap_used)]

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

fn book(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

fn prices(book: &mut Workbook) {
    let sheet = book.add_worksheet().set_name("Priser").unwrap();
    // People begin their sheets where they like.
    for (column, name) in ["Varenr", "Navn", "Pris", "Fra", "Udgået"].iter().enumerate() {
        sheet.write(2, 1 + u16::try_from(column).unwrap(), *name).unwrap();
    }
    let day = Format::new().set_num_format("dd-mm-yyyy");
    sheet.write(3, 1, 10_248).unwrap();
    sheet.write(3, 2, " Kugleventil Ø50 ").unwrap();
    sheet.write(3, 3, 9.8).unwrap();
    sheet.write_with_format(3, 4, ExcelDateTime::from_ymd(2026, 11, 24).unwrap(), &day).unwrap();
    sheet.write(3, 5, true).unwrap();
    sheet.write(5, 1, "A-2").unwrap();
}

fn only(bytes: &[u8], name: &str) -> Sheet {
    let mut sheets = Sheets::default();
    sheets.add("Priser 2026.xlsx", bytes).unwrap();
    sheets.get(name).unwrap().clone().unwrap()
}

#[test]
fn cells_are_read_as_the_person_typed_them_with_the_lines_of_the_sheet() {
    let sheet = only(&book(prices), "priser 2026");
    assert_eq!(sheet.dialect, Dialect::Workbook { leaf: "Priser".into() });
    assert_eq!(sheet.heading, ["Varenr", "Navn", "Pris", "Fra", "Udgået"]);
    assert_eq!(sheet.rows[0].cells, ["10248", "Kugleventil Ø50", "9.8", "2026-11-24", "true"]);
    assert_eq!((sheet.rows[0].line, sheet.rows[1].line), (4, 6));
    assert_eq!(sheet.rows[1].cells, ["A-2", "", "", "", ""]);
}

#[test]
fn each_leaf_is_a_sheet_by_its_name_and_an_empty_one_is_none() {
    let bytes = book(|book| {
        prices(book);
        book.add_worksheet().set_name("Noter").unwrap();
        book.add_worksheet().set_name("Kunder").unwrap().write(0, 0, "nr").unwrap();
    });
    let mut sheets = Sheets::default();
    assert_eq!(sheets.add("alt.xlsx", &bytes).unwrap(), ["priser", "kunder"]);
    assert_eq!(sheets.add("kunder.csv", b"nr\n1\n").unwrap_err().code(), "sheet.twice");
}

#[test]
fn a_formula_without_a_value_and_a_cell_beside_the_heading_refuse_their_row_alone() {
    let bytes = book(|book| {
        let sheet = book.add_worksheet();
        for (row, name) in ["nr", "1", "2", "3", "4"].iter().enumerate() {
            sheet.write(u32::try_from(row).unwrap(), 0, *name).unwrap();
        }
        sheet.write(0, 1, "pris").unwrap();
        sheet.write_formula(1, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write(2, 7, "note").unwrap();
        sheet.write(3, 1, "x".repeat(32_000)).unwrap();
    });
    let sheet = only(&bytes, "priser 2026");
    let refused: Vec<_> = sheet.refused.iter().map(|row| (row.line, row.reason.code())).collect();
    assert!(refused.contains(&(3, "row.other_length")), "{refused:?}");
    assert!(sheet.rows.iter().any(|row| row.cells[0] == "4"));
}

#[test]
fn one_cell_in_the_last_corner_takes_no_more_memory_than_itself() {
    let bytes = book(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "nr").unwrap();
        sheet.write(1_048_575, 0, "1").unwrap();
        sheet.write(1_048_575, 16_383, "x").unwrap();
    });
    let sheet = only(&bytes, "priser 2026");
    assert_eq!((sheet.rows.len(), sheet.refused[0].line), (0, 1_048_576));
}

#[test]
fn what_only_begins_like_a_workbook_is_refused_with_what_to_do() {
    let whole = book(prices);
    let cut = &whole[..whole.len() / 2];
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 4_000]].concat();
    for file in [cut, b"PK\x03\x04", &old] {
        assert_eq!(Sheets::default().add("x.xlsx", file).unwrap_err().code(), "sheet.no_workbook");
    }
    assert_eq!(
        Sheets::default()
            .add(
                "x.xlsx",
                &book(|book| {
                    book.add_worksheet();
                })
            )
            .unwrap_err()
            .code(),
        "sheet.empty"
    );
}
