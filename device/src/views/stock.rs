//! The quote stock: how many quotes, and how much, by stage and salesperson.

use mera_schema::{Currency, Money, RecordRef, Stage};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Stage (nothing while it is disputed) and salesperson.
pub(crate) type StockKey = (Option<Stage>, Option<RecordRef>);

/// Sums that quotes are added to and subtracted from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stock(BTreeMap<StockKey, BTreeMap<Currency, (usize, Decimal)>>);

impl Stock {
    /// A quote comes in.
    pub fn add(&mut self, key: StockKey, net: Money) {
        more(self.0.entry(key).or_default().entry(net.currency).or_default(), 1, net.amount);
    }

    /// The sums of other quotes come in.
    pub fn join(&mut self, others: Self) {
        for (key, sums) in others.0 {
            let mine = self.0.entry(key).or_default();
            for (currency, (count, amount)) in sums {
                more(mine.entry(currency).or_default(), count, amount);
            }
        }
    }

    /// A quote goes out.
    pub fn subtract(&mut self, key: StockKey, net: Money) {
        let Some(sums) = self.0.get_mut(&key) else { return };
        if let Some(sum) = sums.get_mut(&net.currency) {
            *sum = (sum.0.saturating_sub(1), sum.1.checked_sub(net.amount).unwrap_or(sum.1).normalize());
            if sum.0 == 0 {
                sums.remove(&net.currency);
            }
        }
        if sums.is_empty() {
            self.0.remove(&key);
        }
    }

    /// Every row: stage and salesperson, how many, and the sum in each currency.
    pub fn rows(&self) -> impl Iterator<Item = (StockKey, usize, Vec<Money>)> {
        self.0.iter().map(|(key, sums)| {
            let count = sums.values().map(|(count, _)| count).sum();
            let money = |(currency, (_, sum)): (&Currency, &(usize, Decimal))| Money::new(*sum, *currency).rounded();
            (*key, count, sums.iter().map(money).collect())
        })
    }
}

/// So many quotes and so much come to a sum.
fn more(sum: &mut (usize, Decimal), count: usize, amount: Decimal) {
    // Prices have at most 28 digits between them; a sum beyond that stays where it was rather than turn wrong.
    *sum = (sum.0 + count, sum.1.checked_add(amount).unwrap_or(sum.1).normalize());
}
