//! What a quote costs.

use crate::{Refusal, line};
use mera_schema::{Currency, ItemId, Money, Percent, Quote, QuoteLine};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The figures of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// By live line: after its own discount, before VAT, rounded half away from zero to the smallest coin.
    pub lines: BTreeMap<ItemId, Money>,
    /// The sum of the lines.
    pub sum: Money,
    /// The quote's own discount as a positive amount, rounded once for each VAT rate.
    pub discount: Money,
    /// After discount, before VAT.
    pub net: Money,
    /// VAT by rate, rounded on the sum of the rate (as the Danish tax authority reads it off an invoice).
    pub vat: Vec<VatFigure>,
    /// What the customer pays.
    pub total: Money,
    /// Whether a disputed value went into it: a provisional value stands in for it, the same on every device.
    pub provisional: bool,
}

/// VAT at one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatFigure {
    /// The rate.
    pub rate: Percent,
    /// Of what.
    pub base: Money,
    /// How much.
    pub vat: Money,
}

/// Computes a quote's figures. A line without quantity or price counts as nothing; a quote without a currency is in
/// kroner. Prices in several currencies are refused: they do not add up.
pub fn figures(quote: &Quote) -> Result<Figures, Refusal> {
    let currency = quote.currency.provisional().copied().unwrap_or(Currency::DKK);
    let mut provisional = quote.currency.is_clash() || quote.discount.is_clash();
    let mut lines = BTreeMap::new();
    let mut sums: BTreeMap<Percent, Money> = BTreeMap::new();
    for (id, line) in quote.lines.iter().filter(|(_, line)| line.is_live()) {
        provisional |= disputed(line);
        let net = line::net(&line.quantity, &line.unit_price, &line.discount, currency)?;
        let rate = line.vat_rate.provisional().copied().unwrap_or(Percent::ZERO);
        let sum = sums.entry(rate).or_insert(Money::zero(currency));
        *sum = sum.plus(net)?;
        lines.insert(*id, net);
    }
    let share = line::share(&quote.discount);
    let nothing = Money::zero(currency).rounded();
    let (mut sum, mut discount, mut vat_total, mut vat) = (nothing, nothing, nothing, Vec::new());
    for (rate, at_rate) in sums {
        let off = at_rate.times(share)?.rounded();
        let base = at_rate.plus(off.times(Decimal::NEGATIVE_ONE)?)?;
        let tax = base.times(rate.share())?.rounded();
        sum = sum.plus(at_rate)?;
        discount = discount.plus(off)?;
        vat_total = vat_total.plus(tax)?;
        vat.push(VatFigure { rate, base, vat: tax });
    }
    let net = sum.plus(discount.times(Decimal::NEGATIVE_ONE)?)?;
    Ok(Figures { lines, sum, discount, net, vat, total: net.plus(vat_total)?, provisional })
}

fn disputed(line: &QuoteLine) -> bool {
    line.life.is_clash()
        || line.quantity.is_clash()
        || line.unit_price.is_clash()
        || line.discount.is_clash()
        || line.vat_rate.is_clash()
}
