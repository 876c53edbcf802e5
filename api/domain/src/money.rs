//! Money: an exact amount in a currency, as deals carry it and demand sums it.
//! Holds the bounds of one amount; sums are made in whole minor units and never rounded.

use crate::quantity::Quantity;

/// A currency's code: three capital letters, as ISO 4217 writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads `USD`; the error completes a sentence that begins with the field's name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "is not a currency of three capital letters, such as USD";
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| FORM)?;
        if bytes.iter().all(u8::is_ascii_uppercase) { Ok(Self(bytes)) } else { Err(FORM) }
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of 0 to 99,999,999,999,999.9999 in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// How many digits behind the point are kept: four, as the ISO 4217 currency with the most has.
const SCALE: u32 = 4;

impl Money {
    /// Checks the bounds; the error completes a sentence that begins with the field's name.
    pub fn new(amount: Quantity, currency: Currency) -> Result<Self, &'static str> {
        const FORM: &str = "is not an amount from 0 to 99999999999999.9999 with at most 4 digits after the point";
        let minor =
            amount.in_units(SCALE).filter(|minor| (0..1_000_000_000_000_000_000).contains(minor)).ok_or(FORM)?;
        Ok(Self { minor, currency })
    }

    /// From the ten-thousandths that the database keeps.
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// In ten-thousandths of the currency.
    #[must_use]
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// In which currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The amount.
    #[must_use]
    pub fn amount(&self) -> Quantity {
        Quantity::of_units(self.minor.into(), SCALE)
    }

    /// A sum in ten-thousandths as an amount.
    #[must_use]
    pub fn sum(minor: i128) -> Quantity {
        Quantity::of_units(minor, SCALE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_four_digits_behind_the_point_and_is_not_negative() {
        let usd = Currency::parse("USD").unwrap();
        let table = [("0", Some("0")), ("1054.5", Some("1054.5")), ("0.0001", Some("0.0001"))];
        let refused = [("-1", None), ("0.00001", None), ("100000000000000", None)];
        for (text, shown) in table.into_iter().chain(refused) {
            let money = Money::new(Quantity::parse(text).unwrap(), usd).ok();
            assert_eq!(money.map(|money| money.amount().to_string()).as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        for (text, fits) in [("USD", true), ("usd", false), ("US", false), ("USDX", false), ("ÄB", false)] {
            assert_eq!(Currency::parse(text).is_ok(), fits, "{text}");
        }
    }
}
