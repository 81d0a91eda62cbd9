//! What a line says when a product is offered.

use mera_schema::{Customer, Product};

/// The VAT rate of a line that comes from no product: the ordinary Danish one, until a person says otherwise.
const DOMESTIC_VAT: &str = "25";

/// Completes what a person gave for a new line with what the product and the customer say; what was given stands.
pub fn offered(
    mut given: Vec<(String, String)>,
    product: Option<&Product>,
    customer: Option<&Customer>,
) -> Vec<(String, String)> {
    let mut offer = |field: &str, value: Option<String>| {
        if let (Some(value), false) = (value, given.iter().any(|(name, _)| name == field)) {
            given.push((field.to_owned(), value));
        }
    };
    let unit = product.and_then(|product| product.unit.provisional().cloned());
    offer("quantity", Some(format!("1 {}", unit.as_deref().unwrap_or("pcs"))));
    if let Some(product) = product {
        offer("text", product.name.provisional().cloned());
        offer("unit_price", product.list_price.provisional().map(ToString::to_string));
        offer("vat_rate", product.vat_rate.provisional().map(ToString::to_string));
    } else {
        offer("vat_rate", Some(DOMESTIC_VAT.to_owned()));
    }
    offer("discount", customer.and_then(|customer| customer.discount.agreed().map(ToString::to_string)));
    given
}
