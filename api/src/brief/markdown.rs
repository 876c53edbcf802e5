//! Markdown as the brief writes it: headings, paragraphs, lists, tables, and the escaping of what people wrote.
//! Nothing that somebody wrote becomes markup: no heading, list, link, HTML, code or table break, also where a renderer
//! turns bare addresses into links. One gap is GitHub's: it links a mail address to itself whatever stands before it.

use std::fmt::Write as _;

/// A page that grows block by block, a blank line between them.
#[derive(Default)]
pub(super) struct Paper(String);

impl Paper {
    fn block(&mut self) -> &mut String {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        &mut self.0
    }

    pub(super) fn heading(&mut self, level: usize, text: &str) {
        let _ = writeln!(self.block(), "{} {text}", "#".repeat(level));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.block(), "{text}");
    }

    /// A list; nothing where there are no items.
    pub(super) fn list(&mut self, items: &[String]) {
        for (place, item) in items.iter().enumerate() {
            let page = if place == 0 { self.block() } else { &mut self.0 };
            let _ = writeln!(page, "- {item}");
        }
    }

    pub(super) fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) {
        let page = self.block();
        let _ = writeln!(page, "| {} |", head.join(" | "));
        let _ = writeln!(page, "|{}", " --- |".repeat(N));
        for row in rows {
            let _ = writeln!(page, "| {} |", row.join(" | "));
        }
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// What somebody wrote, on one line: for headings, table cells and titles.
pub(super) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&text.split_whitespace().collect::<Vec<_>>().join(" "), &mut out);
    out
}

/// What somebody wrote, its line breaks kept, as part of a list item or paragraph whose further lines are indented.
pub(super) fn prose(text: &str, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for written in text.lines().map(str::trim).filter(|written| !written.is_empty()) {
        if !out.is_empty() {
            out.push_str("\\\n");
            out.push_str(&" ".repeat(indent));
        }
        escape(written, &mut out);
    }
    out
}

/// Escapes one line. Some characters mean something anywhere, some only where a line begins: of a number the one
/// behind it does.
fn escape(text: &str, out: &mut String) {
    let number = text.bytes().take_while(u8::is_ascii_digit).count();
    for (place, c) in text.char_indices() {
        let rest = &text[place + c.len_utf8()..];
        let anywhere = "\\`*_[]<>|~&#$@".contains(c);
        let at_the_start = match c {
            '-' | '+' | '=' | ':' => place == 0,
            '.' | ')' => place > 0 && place == number,
            _ => false,
        };
        let address = match c {
            ':' => rest.starts_with("//"),
            '.' => text[..place].ends_with(char::is_alphanumeric) && rest.starts_with(char::is_alphabetic),
            _ => false,
        };
        if anywhere || at_the_start || address {
            out.push('\\');
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_text_and_never_markup() {
        let table = [
            ("# Heading", "\\# Heading"),
            ("- item", "\\- item"),
            ("a - b + c = d: e", "a - b + c = d: e"),
            ("12. step", "12\\. step"),
            ("3) step", "3\\) step"),
            ("1.5 points.", "1\\.5 points."),
            ("===", "\\==="),
            (":-:", "\\:-:"),
            ("a | b", "a \\| b"),
            ("a \\| b", "a \\\\\\| b"),
            ("**now** _please_ ~no~", "\\*\\*now\\*\\* \\_please\\_ \\~no\\~"),
            ("[x](https://a.test)", "\\[x\\](https\\://a\\.test)"),
            ("![x](y)", "!\\[x\\](y)"),
            ("<script>&amp;", "\\<script\\>\\&amp;"),
            ("WWW.a.test, me@a.test", "WWW\\.a\\.test, me\\@a\\.test"),
            ("`code` $x$", "\\`code\\` \\$x\\$"),
            ("> quote", "\\> quote"),
            ("größer 重要。", "größer 重要。"),
        ];
        for (written, escaped) in table {
            assert_eq!(line(written), escaped);
            assert_eq!(prose(written, 2), escaped);
        }
    }

    #[test]
    fn line_breaks_end_no_block() {
        let written = "First.\r\n\r\n  # Second\n\t- third\u{2028}fourth";
        assert_eq!(line(written), "First. # Second - third fourth".replace('#', "\\#"));
        assert_eq!(prose(written, 2), "First.\\\n  \\# Second\\\n  \\- third\u{2028}fourth");
    }
}
