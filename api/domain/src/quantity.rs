//! Decimal quantities: baselines, targets, values, loads and capacities.
//! Holds exact arithmetic on them; refuses floating point, exponents and anything a sum could overflow.

use std::fmt;

use rust_decimal::Decimal;

/// An exact decimal with at most 15 digits before and 6 after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(Decimal);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Reads `-12.5`; no exponent, no sign but minus, no spaces. Errors say what a quantity looks like.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "is not a decimal with at most 15 digits before and 6 after the point, such as 12.5";
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let whole_fits = all_digits(whole) && whole.trim_start_matches('0').len() <= 15 && whole.len() <= 40;
        let fraction_fits = fraction.is_none_or(|f| all_digits(f) && f.len() <= 6);
        if !(whole_fits && fraction_fits) {
            return Err(FORM);
        }
        text.parse::<Decimal>().map(|parsed| Self(parsed.normalize())).map_err(|_| FORM)
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    /// The sum; 250 quantities of the largest size still fit in 28 digits.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).normalize())
    }

    /// How many units of 10^-scale it is; none where that is no whole number or too many.
    #[must_use]
    pub fn in_units(self, scale: u32) -> Option<i64> {
        let units = self.0.checked_mul(Decimal::from(10_u64.pow(scale)))?;
        if units.is_integer() { i64::try_from(units).ok() } else { None }
    }

    /// So many units of 10^-scale; at most 28 digits, more are cut to the largest that fits.
    #[must_use]
    pub fn of_units(units: i128, scale: u32) -> Self {
        Self(Decimal::try_from_i128_with_scale(units, scale).unwrap_or(Decimal::MAX).normalize())
    }

    /// How far `self` is on the way from `baseline` to `target`, cut to 0..=1; none where the two are equal.
    /// The formula is domain.md's: (current − baseline) / (target − baseline).
    #[must_use]
    pub fn progress(self, baseline: Self, target: Self) -> Option<f64> {
        let way = target.0 - baseline.0;
        let done = (self.0 - baseline.0).checked_div(way)?;
        f64::try_from(done.clamp(Decimal::ZERO, Decimal::ONE)).ok()
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_shown_in_one_form() {
        for (text, shown) in
            [("0", "0"), ("-0", "0"), ("1.50", "1.5"), ("-3", "-3"), ("000012", "12"), ("0.000001", "0.000001")]
        {
            assert_eq!(Quantity::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", "-", ".5", "5.", "1e3", "+1", " 1", "1,5", "NaN", "1234567890123456", "0.0000001", "١"] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn progress_follows_the_direction_of_the_measure_and_stays_within_its_ends() {
        let q = |text| Quantity::parse(text).unwrap();
        let table = [
            ("5", "0", "10", Some(0.5)),
            ("-1", "0", "10", Some(0.0)),
            ("11", "0", "10", Some(1.0)),
            ("40", "80", "20", Some(2.0 / 3.0)),
            ("1", "1", "1", None),
        ];
        for (current, baseline, target, expected) in table {
            let found = q(current).progress(q(baseline), q(target));
            assert_eq!(found.map(|p| (p * 1e9).round()), expected.map(|p| (p * 1e9f64).round()), "{current}");
        }
    }
}
