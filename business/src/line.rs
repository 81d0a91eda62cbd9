//! What one line costs; quotes and orders reckon alike.

use crate::Refusal;
use mera_schema::{Currency, Field, Money, Percent, Quantity};
use rust_decimal::Decimal;

/// A line after its own discount, before VAT, rounded half away from zero to the smallest coin. Without quantity or
/// price it counts as nothing; in another currency than its document it is refused.
pub fn net(
    quantity: &Field<Quantity>,
    price: &Field<Money>,
    discount: &Field<Percent>,
    currency: Currency,
) -> Result<Money, Refusal> {
    let (Some(quantity), Some(price)) = (quantity.provisional(), price.provisional()) else {
        return Ok(Money::zero(currency).rounded());
    };
    let gross = price.times(quantity.amount)?;
    let net = gross.times(Decimal::ONE - share(discount))?.rounded();
    Ok(Money::zero(currency).plus(net)?.rounded())
}

/// A discount as a share between 0 and 1.
pub fn share(discount: &Field<Percent>) -> Decimal {
    discount.provisional().map_or(Decimal::ZERO, |percent| percent.share())
}
