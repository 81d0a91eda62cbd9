//! Files that a person imports.

use mera_import::sheet::Sheet;
use mera_import::{Profile, Sheets, plan};
use std::sync::OnceLock;

/// Reads bytes as a file of CSV or Excel, and plans its import as three of the shop's sheets; and as a profile.
pub fn read(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(own) = Profile::read(text)
    {
        planned(&own, text.as_bytes());
    }
    if let Ok(sheet) = Sheet::read(bytes) {
        assert!(sheet.rows.iter().all(|row| row.cells.len() == sheet.heading.len()), "as many cells as columns");
        assert!(sheet.rows.iter().all(|row| row.line > 1), "the heading is no row");
    }
    planned(northwind(), bytes);
}

fn northwind() -> &'static Profile {
    static NORTHWIND: OnceLock<Profile> = OnceLock::new();
    let text = Profile::shipped("northwind").expect("it is shipped");
    NORTHWIND.get_or_init(|| Profile::read(text).expect("what is shipped can be read"))
}

fn planned(profile: &Profile, bytes: &[u8]) {
    for name in ["customers.csv", "orders.csv", "order_details.csv", "products.csv"] {
        let mut sheets = Sheets::default();
        if sheets.add(name, bytes).is_err() {
            continue;
        }
        let Ok(plan) = plan(profile, &sheets, |_| true) else { continue };
        assert!(plan.refused.iter().all(|refused| !refused.says.is_empty()), "every refusal says why");
    }
}
