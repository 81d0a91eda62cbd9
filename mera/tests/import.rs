//! Sheets go in through the program, come out again, and go in a second time.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn mera(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mera")).arg("--json").args(words).env("MERA_LOG", "error").output().unwrap()
}

fn answers(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The answer that has this word, among those of a command.
fn answer(output: &Output, word: &str) -> Value {
    let all = answers(output);
    let found = all.iter().find_map(|answer| answer.get(word).cloned());
    found.unwrap_or_else(|| panic!("no {word} in {all:?} {}", String::from_utf8_lossy(&output.stderr)))
}

struct Desk {
    place: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { place: tempfile::tempdir().unwrap() };
        let made = mera(&[
            "device",
            "init",
            "--folder",
            &desk.at("device"),
            "--name",
            "pc",
            "--person",
            "Anna",
            "--series",
            "A1",
            "--key-in-plain",
        ]);
        assert!(made.status.success());
        desk
    }

    fn at(&self, name: &str) -> String {
        self.place.path().join(name).to_str().unwrap().to_owned()
    }

    fn import(&self, profile: &str, files: &[&str]) -> Output {
        let folder = self.at("device");
        mera(&[&["device", "import", "--folder", &folder, "--profile", profile], files].concat())
    }

    fn doctor(&self) -> Value {
        let examined = mera(&["device", "doctor", "--folder", &self.at("device")]);
        assert!(examined.status.success());
        answers(&examined).pop().unwrap()
    }

    fn export(&self, format: &str, to: &str) -> PathBuf {
        let to = self.at(to);
        let exported = mera(&["device", "export", "--folder", &self.at("device"), "--to", &to, "--format", format]);
        assert!(exported.status.success(), "{exported:?}");
        to.into()
    }
}

/// The real company: beside the clone, or where `MERA_NORTHWIND` says.
fn northwind() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/northwind");
    let folder = std::env::var_os("MERA_NORTHWIND").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A small cut of it that comes with the tests.
fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/northwind")
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// Cents of a line: quantity × price less discount, rounded half away from zero. Figures of the sheet carry
/// single-precision noise and are rounded to two decimals first.
fn cents(quantity: &str, price: &str, discount_percent: &str) -> i64 {
    let hundredths = |text: &str| (text.parse::<f64>().unwrap() * 100.0).round() as i64;
    let exact = hundredths(quantity) * hundredths(price) * (10_000 - hundredths(discount_percent));
    (exact + 500_000) / 1_000_000
}

/// The sum over all lines as the sheets tell it, and as the exported records tell it.
fn totals(sheets: &Path, exported: &Path) -> (i64, i64) {
    let told = rows(&sheets.join("order_details.csv"))
        .iter()
        .map(|row| {
            let percent = (row["discount"].parse::<f64>().unwrap() * 100.0).to_string();
            cents(&row["quantity"], &row["unit_price"], &percent)
        })
        .sum();
    let figure = |text: &str| text.split(' ').next().unwrap().to_owned();
    let held = rows(&exported.join("order.lines.csv"))
        .iter()
        .map(|row| {
            assert!(row["unit_price"].ends_with(" USD") && row["quantity"].ends_with(" pcs"), "{row:?}");
            cents(&figure(&row["quantity"]), &figure(&row["unit_price"]), &row["discount"])
        })
        .sum();
    (told, held)
}

#[test]
fn northwind_goes_in_completely_agrees_to_the_cent_and_twice_is_as_good_as_once() {
    let (sheets, expected) = match northwind() {
        Some(folder) => (folder, [91, 77, 29, 9, 830, 2_155]),
        None => (small(), [5, 12, 12, 9, 5, 14]),
    };
    let desk = Desk::new();
    let imported = desk.import("northwind", &[sheets.to_str().unwrap()]);
    let counts = answer(&imported, "imported");
    assert!(imported.status.success(), "{counts}");
    for (kind, expected) in ["customer", "product", "supplier", "employee", "order"].iter().zip(expected) {
        assert_eq!(counts["created"][kind], expected, "{kind}");
    }
    assert_eq!(counts["refused"], 0);
    let digest = desk.doctor()["digest"].clone();
    let exported = desk.export("csv", "out");
    assert_eq!(rows(&exported.join("order.lines.csv")).len(), expected[5]);
    let (told, held) = totals(&sheets, &exported);
    assert_eq!(told, held, "cents");
    assert_eq!(rows(&exported.join("contact.csv")).len(), expected[0] + expected[2], "one at each");

    let again = answer(&desk.import("northwind", &[sheets.to_str().unwrap()]), "imported");
    assert_eq!((&again["created"], &again["changed"]), (&serde_json::json!({}), &serde_json::json!({})));
    assert_eq!(again["unchanged"]["order"], expected[4]);
    assert_eq!(desk.doctor()["digest"], digest, "not a byte has changed");
}

#[test]
fn the_cut_that_comes_with_the_tests_is_whole() {
    let desk = Desk::new();
    let counts = answer(&desk.import("northwind", &[small().to_str().unwrap()]), "imported");
    assert_eq!(counts["created"]["order"], 5);
    let lines = desk.export("json", "out").join("records.jsonl");
    let records: Vec<Value> =
        std::fs::read_to_string(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbered = |kind: &str, number: &str| {
        records.iter().map(|record| &record[kind]).find(|record| record["number"] == number).unwrap()
    };
    let order = numbered("order", "10248");
    assert_eq!((&order["date"], &order["freight"]), (&"1996-07-04".into(), &"32.38 USD".into()));
    assert_eq!(order["carrier"], "Federal Shipping");
    let product = numbered("product", "11");
    assert_eq!((&product["group"], &product["list_price"]), (&"Dairy Products".into(), &"21 USD".into()));
    let lines = order["lines"].as_object().unwrap();
    assert!(lines.values().any(|line| line["text"] == "Queso Cabrales" && line["quantity"] == "12 pcs"), "{lines:?}");
}

#[test]
fn rows_at_fault_are_told_with_line_column_and_reason_and_everything_else_goes_in() {
    let desk = Desk::new();
    for file in std::fs::read_dir(small()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), desk.place.path().join(file.file_name())).unwrap();
    }
    let details = desk.at("order_details.csv");
    let mended = std::fs::read_to_string(&details).unwrap();
    let long = "x".repeat(10 * 1024 * 1024);
    let bad = mended.replacen("10248,11,14,12,0", "10248,11,14,-12,0", 1)
        + "10250,999,1,1,0\n10251,\""
        + &long
        + "\",1,1,0\n";
    std::fs::write(&details, &bad).unwrap();
    let imported = desk.import("northwind", &[desk.place.path().to_str().unwrap()]);
    assert!(!imported.status.success());
    let told: Vec<(String, u64, String, String)> = answers(&imported)
        .iter()
        .filter_map(|answer| {
            let row = answer.get("refused_row")?;
            let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            Some((word("sheet"), row["line"].as_u64()?, word("column"), word("code")))
        })
        .collect();
    let last = bad.lines().count() as u64;
    let expect =
        |sheet: &str, line: u64, column: &str, code: &str| (sheet.to_owned(), line, column.to_owned(), code.to_owned());
    for row in [
        expect("order_details", 2, "quantity", "line.quantity_not_positive"),
        expect("order_details", last - 1, "product_id", "row.unknown_link"),
        expect("order_details", last, "product_id", "row.cell_too_long"),
        expect("orders", 2, "", "record.held_back"),
    ] {
        assert!(told.contains(&row), "{row:?} is not among {told:?}");
    }
    assert_eq!(answer(&imported, "imported")["created"]["order"], 3, "two orders are held back");
    assert_eq!(answers(&imported).last().unwrap()["refused"]["code"], "import.rows_refused");
    std::fs::write(&details, mended).unwrap();
    let again = answer(&desk.import("northwind", &[desk.place.path().to_str().unwrap()]), "imported");
    assert_eq!((&again["created"]["order"], &again["refused"]), (&2.into(), &0.into()), "mended rows go in");
    assert_eq!(desk.doctor()["well"], true);
}

#[test]
fn what_is_no_sheet_or_another_kind_of_sheet_writes_nothing_and_says_what_to_do() {
    let desk = Desk::new();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(desk.at(name), bytes).unwrap();
        desk.at(name)
    };
    let customers = write("customers.csv", b"id,colour\n1,red\n");
    let image = write("orders.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let cut = write("suppliers.xlsx", b"PK\x03\x04 and then nothing");
    let weather = write("weather.csv", b"day,degrees\n1,20\n");
    let wrong = write("wrong.toml", b"name = \"x\"\n[[sheets]]\nname = \"a\"\nkey = \"id\"\nrecord = \"planet\"\n");
    let before = desk.doctor();
    for (profile, file, code) in [
        ("northwind", customers.as_str(), "import.no_column"),
        ("northwind", &image, "sheet.not_text"),
        ("northwind", &cut, "sheet.no_workbook"),
        ("northwind", &weather, "import.nothing_fits"),
        (&wrong, &weather, "profile.unreadable"),
        ("southwind", &weather, "program.failed"),
        ("northwind", "nowhere.csv", "program.failed"),
    ] {
        let imported = desk.import(profile, &[file]);
        assert!(!imported.status.success());
        let refused = answer(&imported, "refused");
        assert_eq!(refused["code"], code, "{refused}");
        assert!(refused["says"].as_str().unwrap().len() > 20, "{refused}");
    }
    assert_eq!(desk.doctor(), before, "nothing was written");
}

#[test]
fn an_export_does_not_write_over_anything() {
    let desk = Desk::new();
    desk.export("csv", "out");
    let again = mera(&["device", "export", "--folder", &desk.at("device"), "--to", &desk.at("out")]);
    assert_eq!(answer(&again, "refused")["code"], "export.exists");
}
