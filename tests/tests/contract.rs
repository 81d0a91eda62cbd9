//! The contract's JSON Schema in `docs/contract/` is what the types say today.
//!
//! `MERA_WRITE_CONTRACT=1 cargo test -p mera-tests --test contract` writes it again after a change.
#![allow(clippy::unwrap_used)]

use mera_device_api::{Answer, Notice, Request};
use schemars::{Schema, schema_for};
use std::path::{Path, PathBuf};

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contract").join(format!("{name}.schema.json"))
}

fn contract() -> [(&'static str, Schema); 3] {
    [("request", schema_for!(Request)), ("answer", schema_for!(Answer)), ("notice", schema_for!(Notice))]
}

#[test]
fn the_published_contract_is_the_one_that_is_spoken() {
    for (name, schema) in contract() {
        let says = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("MERA_WRITE_CONTRACT").is_some() {
            std::fs::write(place(name), &says).unwrap();
        }
        let published = std::fs::read_to_string(place(name)).unwrap_or_default();
        assert!(
            published == says,
            "docs/contract/{name}.schema.json is out of date; tests/tests/contract.rs says how to write it"
        );
    }
}

#[test]
fn every_request_that_a_device_takes_is_in_it() {
    let [(_, schema), ..] = contract();
    let forms = schema.as_value()["oneOf"].as_array().unwrap();
    let words: Vec<&str> = forms.iter().filter_map(|form| form["properties"]["do"]["const"].as_str()).collect();
    for request in [Request::About, Request::Clashes, Request::QuoteStock, Request::SyncStatus, Request::Doctor] {
        let json = serde_json::to_value(&request).unwrap();
        assert!(words.contains(&json["do"].as_str().unwrap()), "{json} is not among {words:?}");
    }
}
