//! Profiles that can be used, and profiles that say what is wrong with them.
#![allow(clippy::unwrap_used)]

use super::*;

fn of(sheet: &str) -> Result<Profile, ProfileFault> {
    Profile::read(&format!("name = \"test\"\n[[sheets]]\nname = \"things\"\nkey = \"id\"\n{sheet}"))
}

#[test]
fn every_profile_that_is_shipped_fits_the_records_of_this_program() {
    for name in Profile::all_shipped() {
        let profile = Profile::read(Profile::shipped(name).unwrap()).unwrap();
        assert_eq!(profile.name, name);
        assert!(!profile.says.is_empty());
    }
    let northwind = Profile::read(Profile::shipped("northwind").unwrap()).unwrap();
    let reads =
        ["categories", "customers", "employees", "order_details", "orders", "products", "shippers", "suppliers"];
    assert_eq!(northwind.reads(), reads);
    assert!(Profile::shipped("southwind").is_none());
}

#[test]
fn a_profile_that_does_not_fit_says_where_and_why() {
    let table = [
        ("", "profile.rows"),
        ("record = \"customer\"\nof = \"order\"", "profile.rows"),
        ("of = \"order\"\ninto = \"lines\"", "profile.rows"),
        ("of = \"order\"\nowner = \"o\"\ninto = \"wheels\"", "profile.unknown"),
        ("record = \"planet\"", "profile.unreadable"),
        ("record = \"customer\"\nfields = { colour = \"a\" }", "profile.unknown"),
        ("record = \"order\"\nfields = { freight = \"a\" }", "profile.rule"),
        ("record = \"order\"\nfields = { customer = \"a\" }", "profile.rule"),
        ("record = \"order\"\nfields = { number = { column = \"a\", link = \"customer\" } }", "profile.rule"),
        ("record = \"order\"\nfields = { number = { column = \"a\", round = 2 } }", "profile.rule"),
        ("record = \"order\"\nfields = { number = { column = \"a\", value = \"b\" } }", "profile.rule"),
        ("record = \"order\"\nfields = { number = { colum = \"a\" } }", "profile.unreadable"),
        ("of = \"order\"\nowner = \"o\"\ninto = \"lines\"\nfields = { quantity = \"q\" }", "profile.rule"),
        ("of = \"order\"\nowner = \"o\"\ninto = \"lines\"\nfields = { life = \"q\" }", "profile.unknown"),
    ];
    for (sheet, code) in table {
        let fault = of(sheet).unwrap_err();
        assert_eq!(fault.code(), code, "{sheet}: {fault}");
    }
    assert!(
        of("record = \"order\"\nfields = { number = { colum = \"a\" } }").unwrap_err().to_string().contains("colum")
    );
    assert!(of("record = \"customer\"\nfields = { name = \"a\" }").is_ok());
}
