//! Money, quantities and percentages. Every figure is a decimal and carries what it is a figure *of*.

use crate::written::written;
use rust_decimal::{Decimal, RoundingStrategy};
use std::{fmt, str::FromStr};

/// Why a figure was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountFault {
    /// The text is not a decimal number.
    #[error("{0:?} is not a number")]
    NotANumber(String),
    /// A currency is three letters (ISO 4217).
    #[error("{0:?} is not a currency code of three letters")]
    NotACurrency(String),
    /// A unit is one short word.
    #[error("{0:?} is not a unit")]
    NotAUnit(String),
    /// A percentage lies between 0 and 100.
    #[error("{0} % is not between 0 and 100")]
    NotAPercentage(Decimal),
    /// Kroner and euros do not add up.
    #[error("{0} and {1} are different currencies")]
    MixedCurrencies(Currency, Currency),
    /// The figure is larger than a decimal holds.
    #[error("the figure is too large")]
    TooLarge,
}

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Danish kroner.
    pub const DKK: Self = Self(*b"DKK");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is made of three ASCII letters, here and where it is parsed")
    }

    /// How many decimals the smallest coin has (ISO 4217 minor unit).
    pub const fn minor_digits(&self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"ISK" | b"CLP" | b"VND" => 0,
            b"BHD" | b"KWD" | b"TND" | b"JOD" | b"OMR" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = AmountFault;
    fn from_str(text: &str) -> Result<Self, AmountFault> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|l| l.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(AmountFault::NotACurrency(text.to_owned())),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money in one currency, written `1250.00 DKK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// How much, in the currency's major unit.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }
    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::ZERO, currency }
    }

    /// The sum; refused across currencies.
    pub fn plus(self, other: Self) -> Result<Self, AmountFault> {
        if self.currency != other.currency {
            return Err(AmountFault::MixedCurrencies(self.currency, other.currency));
        }
        let amount = self.amount.checked_add(other.amount).ok_or(AmountFault::TooLarge)?;
        Ok(Self { amount, ..self })
    }

    /// The amount taken `factor` times, not rounded.
    pub fn times(self, factor: Decimal) -> Result<Self, AmountFault> {
        let amount = self.amount.checked_mul(factor).ok_or(AmountFault::TooLarge)?;
        Ok(Self { amount, ..self })
    }

    /// Rounded to the smallest coin, half away from zero: the rounding that invoices in this house use.
    pub fn rounded(self) -> Self {
        let digits = self.currency.minor_digits();
        let mut amount = self.amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        amount.rescale(digits);
        Self { amount, ..self }
    }
}

/// A quantity of something in one unit, written `12 pcs`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// How many.
    pub amount: Decimal,
    /// Of which unit (a short word of the trade: `pcs`, `m`, `kg`).
    pub unit: String,
}

impl Quantity {
    /// So many of a unit.
    pub fn new(amount: Decimal, unit: impl Into<String>) -> Self {
        Self { amount, unit: unit.into() }
    }
    /// So many pieces.
    pub fn pieces(amount: i64) -> Self {
        Self::new(amount.into(), "pcs")
    }
}

/// A percentage from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(Decimal);

impl Percent {
    /// No percent at all.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// Takes a figure between 0 and 100.
    pub fn new(figure: Decimal) -> Result<Self, AmountFault> {
        if (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&figure) {
            Ok(Self(figure))
        } else {
            Err(AmountFault::NotAPercentage(figure))
        }
    }
    /// The figure between 0 and 100.
    pub const fn figure(self) -> Decimal {
        self.0
    }
    /// The share between 0 and 1.
    pub fn share(self) -> Decimal {
        self.0 / Decimal::ONE_HUNDRED
    }
}

/// Reads a decimal in its canonical form (`.` as the decimal point, no grouping).
pub fn decimal(text: &str) -> Result<Decimal, AmountFault> {
    Decimal::from_str_exact(text.trim()).map_err(|_| AmountFault::NotANumber(text.to_owned()))
}

fn two_words(text: &str) -> Option<(&str, &str)> {
    let (figure, of) = text.trim().split_once(' ')?;
    Some((figure, of.trim()))
}

impl FromStr for Money {
    type Err = AmountFault;
    fn from_str(text: &str) -> Result<Self, AmountFault> {
        let (figure, currency) = two_words(text).ok_or_else(|| AmountFault::NotACurrency(text.to_owned()))?;
        Ok(Self::new(decimal(figure)?, currency.parse()?))
    }
}

impl FromStr for Quantity {
    type Err = AmountFault;
    fn from_str(text: &str) -> Result<Self, AmountFault> {
        let (figure, unit) = two_words(text).ok_or_else(|| AmountFault::NotAUnit(text.to_owned()))?;
        if unit.is_empty() || unit.len() > 16 {
            return Err(AmountFault::NotAUnit(unit.to_owned()));
        }
        Ok(Self::new(decimal(figure)?, unit))
    }
}

impl FromStr for Percent {
    type Err = AmountFault;
    fn from_str(text: &str) -> Result<Self, AmountFault> {
        Self::new(decimal(text.trim_end_matches('%'))?)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit)
    }
}
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// Figures travel as their written form, so that no reader turns them into floats.
written! {
    Currency: "^[A-Z]{3}$", "ISO 4217 code";
    Money: "^-?[0-9]+(\\.[0-9]+)? [A-Z]{3}$", "decimal and ISO 4217 code: 1250.00 DKK";
    Quantity: "^-?[0-9]+(\\.[0-9]+)? .+$", "decimal and unit: 12 pcs";
    Percent: "^[0-9]+(\\.[0-9]+)?$", "0 to 100";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_is_half_away_from_zero_to_the_smallest_coin() {
        for (given, rounded) in
            [("2.345 DKK", "2.35 DKK"), ("-2.345 DKK", "-2.35 DKK"), ("2.5 JPY", "3 JPY"), ("1 DKK", "1.00 DKK")]
        {
            assert_eq!(given.parse::<Money>().unwrap().rounded().to_string(), rounded, "{given}");
        }
    }

    #[test]
    fn figures_without_what_they_are_of_are_refused() {
        for text in ["12", "12 dkk", "DKK", "1,5 DKK", "NaN DKK", "1e5 DKK", "12 KRONER"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
        assert!("12".parse::<Quantity>().is_err());
        assert!("101".parse::<Percent>().is_err());
        assert!("-1".parse::<Percent>().is_err());
        assert!(Money::zero(Currency::DKK).plus(Money::zero(Currency::EUR)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(units in any::<i64>(), scale in 0u32..6) {
            let money = Money::new(Decimal::new(units, scale), Currency::DKK);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
        }

        #[test]
        fn sums_do_not_depend_on_order(a in any::<i32>(), b in any::<i32>(), c in any::<i32>()) {
            let m = |n: i32| Money::new(Decimal::new(n.into(), 2), Currency::DKK);
            let left = m(a).plus(m(b)).unwrap().plus(m(c)).unwrap();
            let right = m(c).plus(m(b)).unwrap().plus(m(a)).unwrap();
            prop_assert_eq!(left, right);
        }
    }
}
