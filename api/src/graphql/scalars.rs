//! The scalars: instants, dates and exact decimals, in one written form each.
//! Holds parsing at the edge; refuses what does not fit, with the form that would.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use holdline_domain::{money::Currency, quantity::Quantity, time::Timestamp};

/// An instant: RFC 3339 in UTC with microseconds, such as `2026-11-22T16:50:15.123456Z`. Other offsets are understood
/// and shown in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct DateTime(pub Timestamp);

/// An instant: RFC 3339 in UTC with microseconds, such as `2026-11-22T16:50:15.123456Z`. Other offsets are understood
/// and shown in UTC.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        const FORM: &str = "an instant is written like 2026-11-22T16:50:15Z";
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let parsed = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| InputValueError::custom(FORM))?;
        let instant = Timestamp::new(parsed.with_timezone(&chrono::Utc));
        let years = chrono::Datelike::year(&instant.utc());
        if (1970..=9999).contains(&years) { Ok(Self(instant)) } else { Err(InputValueError::custom(FORM)) }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A calendar date, such as `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Date(pub chrono::NaiveDate);

/// A calendar date, such as `2026-11-22`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        // The parser alone also takes signs, blanks and years of five digits.
        let fits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let parsed = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| fits);
        parsed.map(Self).ok_or_else(|| InputValueError::custom("a date is written like 2026-11-22, and exists"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An exact decimal in a string, at most 15 digits before and 6 after the point, such as `"12.5"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Decimal(pub Quantity);

/// An exact decimal in a string, at most 15 digits before and 6 after the point, such as `"12.5"`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        Quantity::parse(text).map(Self).map_err(|why| InputValueError::custom(format!("the value {why}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A currency: the three capital letters of ISO 4217, such as `"USD"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct CurrencyCode(pub Currency);

/// A currency: the three capital letters of ISO 4217, such as `"USD"`.
#[Scalar(specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        Currency::parse(text).map(Self).map_err(|why| InputValueError::custom(format!("the value {why}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
