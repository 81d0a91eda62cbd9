//! What an order costs.

use crate::{Refusal, line};
use mera_schema::{Currency, Money, Order};

/// The figures of an order, before VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The live lines after their discounts, each rounded half away from zero to the smallest coin.
    pub sum: Money,
    /// Freight.
    pub freight: Money,
    /// Both.
    pub total: Money,
    /// Whether a disputed value went into it: a provisional value stands in for it, the same on every device.
    pub provisional: bool,
}

/// Computes an order's figures. An order without a currency is in kroner; prices in several currencies are refused.
pub fn figures(order: &Order) -> Result<Figures, Refusal> {
    let currency = order.currency.provisional().copied().unwrap_or(Currency::DKK);
    let nothing = Money::zero(currency).rounded();
    let (mut sum, mut provisional) = (nothing, order.currency.is_clash() || order.freight.is_clash());
    for line in order.lines.values().filter(|line| line.is_live()) {
        provisional |=
            line.life.is_clash() || line.quantity.is_clash() || line.unit_price.is_clash() || line.discount.is_clash();
        sum = sum.plus(line::net(&line.quantity, &line.unit_price, &line.discount, currency)?)?;
    }
    let freight = nothing.plus(order.freight.provisional().copied().unwrap_or(nothing))?.rounded();
    Ok(Figures { sum, freight, total: sum.plus(freight)?, provisional })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use mera_schema::{Authorship, Candidate, DeviceId, ItemId, Node, RecordId, RecordKind, RecordRef, RecordTree};
    use uuid::Uuid;

    fn node(fields: &[(&str, &[&str])]) -> Node {
        let by = Authorship { device: DeviceId::new(Uuid::nil()), at: chrono::DateTime::UNIX_EPOCH };
        let of = |values: &[&str]| values.iter().map(|value| Candidate { value: (*value).to_owned(), by }).collect();
        Node {
            values: fields.iter().map(|(name, values)| ((*name).to_owned(), of(values))).collect(),
            ..Node::default()
        }
    }

    fn order(root: &[(&str, &[&str])], lines: &[Node]) -> Order {
        let record = RecordRef::new(RecordKind::Order, RecordId::new(Uuid::from_u128(1)));
        let mut tree = RecordTree::empty(record, 1);
        tree.root = node(root);
        let ids = (1..).map(|n| ItemId::new(Uuid::from_u128(n)));
        tree.items.insert("lines".into(), ids.zip(lines.iter().cloned()).collect());
        Order::read(&tree)
    }

    #[test]
    fn lines_are_rounded_each_and_freight_is_added() {
        let line = |life: &str, quantity: &str, price: &str, discount: &str| {
            node(&[("life", &[life]), ("quantity", &[quantity]), ("unit_price", &[price]), ("discount", &[discount])])
        };
        let lines = [
            line("live", "3 pcs", "9.995 USD", "0"),
            line("live", "10 pcs", "14 USD", "15"),
            line("removed", "1 pcs", "1000 USD", "0"),
        ];
        let figures = figures(&order(&[("currency", &["USD"]), ("freight", &["32.38 USD"])], &lines)).unwrap();
        let said = [figures.sum, figures.freight, figures.total].map(|money| money.to_string());
        assert_eq!(said, ["148.99 USD", "32.38 USD", "181.37 USD"]);
        assert!(!figures.provisional);
    }

    #[test]
    fn a_disputed_price_makes_it_provisional_and_another_currency_is_refused() {
        let disputed = node(&[("life", &["live"]), ("quantity", &["1 pcs"]), ("unit_price", &["2 DKK", "3 DKK"])]);
        let figures_of =
            |currency: &str| figures(&order(&[("currency", &[currency])], std::slice::from_ref(&disputed)));
        assert!(figures_of("DKK").unwrap().provisional);
        assert_eq!(figures_of("EUR").unwrap_err().code(), "figure.refused");
    }
}
