//! Counts a GraphQL document and a JSON body before any parser sees them: bytes, tokens and the nesting of brackets.
//! Both parsers recurse once per bracket, and a few kilobytes of brackets overflow the GraphQL parser's stack, which
//! aborts the process. Each pass is one loop without recursion. It holds no grammar and judges no meaning.

use std::fmt;
use std::ops::Range;

/// The longest document that is read, in bytes of UTF-8.
pub const MAX_BYTES: usize = 64 * 1024;
/// The most lexical tokens a document may have.
pub const MAX_TOKENS: usize = 4_000;
/// The deepest nesting of brackets of any kind, in a document or in a JSON body.
pub const MAX_NESTING: usize = 64;

/// Why a text is refused unread, with what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLarge {
    /// The document has this many bytes.
    Bytes(usize),
    /// The document has this many tokens.
    Tokens(usize),
    /// The document's brackets nest this deep.
    Nesting(usize),
    /// The JSON body's brackets nest this deep.
    JsonNesting(usize),
}

impl TooLarge {
    /// The error code a client sees.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Bytes(_) | Self::Tokens(_) => "QUERY_TOO_LARGE",
            Self::Nesting(_) | Self::JsonNesting(_) => "QUERY_TOO_DEEP",
        }
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(n) => write!(
                f,
                "The document has {n} bytes; at most {MAX_BYTES} are read. Send values as variables and split the rest."
            ),
            Self::Tokens(n) => write!(
                f,
                "The document has {n} tokens; at most {MAX_TOKENS} are read. Send lists as variables and split the rest."
            ),
            Self::Nesting(n) => write!(
                f,
                "The document's brackets nest {n} deep; at most {MAX_NESTING} are read. Start nearer to what you need."
            ),
            Self::JsonNesting(n) => {
                write!(f, "The body's brackets nest {n} deep; at most {MAX_NESTING} are read. Send flatter variables.")
            }
        }
    }
}

/// Accepts a GraphQL document that is small enough to be parsed.
pub fn scan(document: &str) -> Result<(), TooLarge> {
    if document.len() > MAX_BYTES {
        return Err(TooLarge::Bytes(document.len()));
    }
    let (mut tokens, mut nesting) = (0, Nesting::default());
    for token in lex(document) {
        nesting.step(document.as_bytes()[token.start]);
        tokens += 1;
    }
    if nesting.deepest > MAX_NESTING {
        return Err(TooLarge::Nesting(nesting.deepest));
    }
    if tokens > MAX_TOKENS {
        return Err(TooLarge::Tokens(tokens));
    }
    Ok(())
}

/// The tokens of a document with where they begin; none of them is empty.
pub fn tokens(document: &str) -> impl Iterator<Item = (usize, &str)> {
    // A byte of a letter that the grammar does not know is no text of its own.
    lex(document).filter_map(|token| Some((token.start, document.get(token)?)))
}

fn lex(document: &str) -> impl Iterator<Item = Range<usize>> {
    let (bytes, mut at) = (document.as_bytes(), 0);
    std::iter::from_fn(move || {
        while let Some(&byte) = bytes.get(at) {
            let start = at;
            at = match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                    at += 1;
                    continue;
                }
                b'#' => {
                    at = skip(bytes, at, |b| b != b'\n' && b != b'\r');
                    continue;
                }
                b'"' => string_end(bytes, at),
                b'.' if bytes[at..].starts_with(b"...") => at + 3,
                _ if is_word(byte) => skip(bytes, at, is_word),
                _ => at + 1,
            };
            return Some(start..at);
        }
        None
    })
}

/// Accepts a JSON body that is flat enough to be parsed and to be coerced to variables afterwards.
pub fn scan_json(body: &str) -> Result<(), TooLarge> {
    let bytes = body.as_bytes();
    let (mut at, mut nesting) = (0, Nesting::default());
    while let Some(&byte) = bytes.get(at) {
        nesting.step(byte);
        at = if byte == b'"' { line_string_end(bytes, at) } else { at + 1 };
    }
    if nesting.deepest > MAX_NESTING { Err(TooLarge::JsonNesting(nesting.deepest)) } else { Ok(()) }
}

#[derive(Default)]
struct Nesting {
    now: usize,
    deepest: usize,
}

impl Nesting {
    fn step(&mut self, byte: u8) {
        match byte {
            b'(' | b'[' | b'{' => {
                self.now += 1;
                self.deepest = self.deepest.max(self.now);
            }
            b')' | b']' | b'}' => self.now = self.now.saturating_sub(1),
            _ => {}
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn skip(bytes: &[u8], from: usize, keep: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|&b| !keep(b)).map_or(bytes.len(), |n| from + n)
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    if !bytes[start..].starts_with(b"\"\"\"") {
        return line_string_end(bytes, start);
    }
    let mut at = start + 3;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    // The parser reads an unclosed block string as an empty string and goes on behind it, so brackets there do count.
    start + 2
}

fn line_string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(open: &str, levels: usize, close: &str) -> String {
        format!("{}{}", open.repeat(levels), close.repeat(levels))
    }

    #[test]
    fn brackets_of_every_kind_count_and_the_sixty_fifth_is_refused() {
        for (open, close) in [("{a", "}"), ("[", "]"), ("(a:", ")"), ("{a(b:[", "])}")] {
            let per_level = open.bytes().filter(|b| b"([{".contains(b)).count();
            let fits = 64 / per_level;
            assert_eq!(scan(&nested(open, fits, close)), Ok(()), "{open}");
            assert!(matches!(scan(&nested(open, fits + 1, close)), Err(TooLarge::Nesting(_))), "{open}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "[".repeat(500);
        for document in [
            format!("{{ a(b: \"{many}\") }}"),
            format!("{{ a(b: \"\\\"{many}\") }}"),
            format!("{{ a(b: \"\"\"\n{many} \\\"\"\" {many} \" {many}\n\"\"\") }}"),
            format!("# {many} \" \n{{ a }} # {many}"),
        ] {
            assert_eq!(scan(&document), Ok(()), "{document}");
        }
    }

    #[test]
    fn brackets_after_a_string_or_comment_ends_do_count() {
        let many = "[".repeat(500);
        for document in [
            format!("{{ a(b: \"\" c: {many}"),
            format!("{{ a(b: \"x\\\\\" c: {many}"),
            format!("{{ a(b: \"open\n {many}"),
            format!("# comment\r{many}"),
            format!("{{ a(b: \"\"\"\"\"\" c: {many}"),
            format!("{{ a(b: [\"\"\"x\"{many}"),
        ] {
            assert!(matches!(scan(&document), Err(TooLarge::Nesting(_))), "{document}");
        }
    }

    #[test]
    fn tokens_are_counted_as_the_specification_counts_them() {
        assert_eq!(scan(&"a ".repeat(4_000)), Ok(()));
        assert_eq!(scan(&"a ".repeat(4_001)), Err(TooLarge::Tokens(4_001)));
        assert_eq!(scan(&", \u{feff}".repeat(10)), Ok(()));
        assert_eq!(scan(&"\"a b c\"".repeat(4_001)), Err(TooLarge::Tokens(4_001)));
        assert_eq!(scan(&"...".repeat(4_001)), Err(TooLarge::Tokens(4_001)));
    }

    #[test]
    fn a_document_of_exactly_64_kib_is_read_and_one_byte_more_is_not() {
        assert_eq!(scan(&" ".repeat(MAX_BYTES)), Ok(()));
        assert_eq!(scan(&" ".repeat(MAX_BYTES + 1)), Err(TooLarge::Bytes(MAX_BYTES + 1)));
    }

    #[test]
    fn a_json_body_is_scanned_by_its_own_rules() {
        assert_eq!(scan_json(&nested("[", 64, "]")), Ok(()));
        assert_eq!(scan_json(&nested("[", 65, "]")), Err(TooLarge::JsonNesting(65)));
        assert_eq!(scan_json(&nested("{\"a\":", 65, "}")), Err(TooLarge::JsonNesting(65)));
        assert_eq!(scan_json(&format!("{{\"query\":\"{}\\\"{}\"}}", "[".repeat(99), "[".repeat(99))), Ok(()));
    }

    #[test]
    fn a_refusal_says_what_was_counted_and_what_the_limit_is() {
        let refused = TooLarge::Tokens(4_001);

        assert_eq!(refused.code(), "QUERY_TOO_LARGE");
        assert!(refused.to_string().contains("4001") && refused.to_string().contains("4000"));
        assert_eq!(TooLarge::Nesting(65).code(), "QUERY_TOO_DEEP");
    }
}
