//! Parsed texts: what people write, trimmed, bounded and free of control characters.
//! Holds the three shapes (a line, prose, a team's key); refuses empty and oversized text at the edge.

use std::fmt;

/// One line of 1 to 300 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(String);

/// 1 to 8,000 characters, trimmed; line breaks and tabs are welcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prose(String);

/// A team's key: 1 to 32 letters, digits, `-` or `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TeamKey(String);

fn parse(text: &str, most: usize, allowed: impl Fn(char) -> bool) -> Result<String, String> {
    let trimmed = text.trim();
    let length = trimmed.chars().count();
    if length == 0 {
        return Err("is empty".into());
    }
    if length > most {
        return Err(format!("has {length} characters, at most {most} are kept"));
    }
    match trimmed.chars().find(|c| c.is_control() && !allowed(*c)) {
        Some(found) => Err(format!("holds the control character U+{:04X}", u32::from(found))),
        None => Ok(trimmed.to_owned()),
    }
}

impl Line {
    /// Trims and checks; the error completes a sentence that begins with the field's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse(text, 300, |_| false).map(Self)
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Prose {
    /// Trims and checks; the error completes a sentence that begins with the field's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse(text, 8_000, |c| matches!(c, '\n' | '\r' | '\t')).map(Self)
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TeamKey {
    /// Checks; the error completes a sentence that begins with the field's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && text.as_bytes()[0].is_ascii_alphanumeric();
        if fits { Ok(Self(text.to_owned())) } else { Err("is not 1 to 32 letters, digits, '-' or '_'".into()) }
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for TeamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_keeps_to_one_line() {
        assert_eq!(Line::parse("  Ship it ").unwrap().as_str(), "Ship it");
        for text in ["", " \t", "a\nb", "a\0b", &"x".repeat(301)] {
            assert!(Line::parse(text).is_err());
        }
    }

    #[test]
    fn prose_takes_line_breaks_and_refuses_nul() {
        assert!(Prose::parse("one\n\ttwo").is_ok());
        assert_eq!(Prose::parse("a\0b"), Err("holds the control character U+0000".into()));
        assert_eq!(Prose::parse(&"x".repeat(8_001)), Err("has 8001 characters, at most 8000 are kept".into()));
    }

    #[test]
    fn a_team_key_fits_in_a_link() {
        for (text, fits) in [("IPLD", true), ("a-1_b", true), ("", false), ("-a", false), ("a b", false), ("ä", false)]
        {
            assert_eq!(TeamKey::parse(text).is_ok(), fits, "{text}");
        }
    }
}
