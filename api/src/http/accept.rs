//! Reads the `Accept` header: which of the two JSON media types an answer has, and whether a browser asks for a page.
//! It knows quality values, wildcards and charsets, and no status code.

use axum::http::{HeaderMap, header};

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request.
    Json,
}

impl Media {
    /// The `Content-Type` of the answer.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The media type to answer with, or none where the client accepts neither.
///
/// The higher quality wins; between equals the one named first, and `application/json` where only a wildcard covers both.
#[must_use]
pub fn negotiate(headers: &HeaderMap) -> Option<Media> {
    let ranges = ranges(headers);
    if ranges.is_empty() {
        return Some(Media::Json);
    }
    let offers = [(Media::Json, "application/json"), (Media::GraphqlResponse, "application/graphql-response+json")];
    let scored = offers.into_iter().filter_map(|(media, name)| {
        let best = best(&ranges, name).filter(|best| best.quality > 0)?;
        Some((media, best))
    });
    scored
        .min_by_key(|(_, best)| (std::cmp::Reverse(best.quality), best.is_wildcard, best.place))
        .map(|(media, _)| media)
}

/// Whether the client names `text/html` and does not like JSON better, as browsers do in their address bar.
#[must_use]
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers);
    let quality = |name| best(&ranges, name).filter(|best| !best.is_wildcard).map_or(0, |best| best.quality);
    let html = quality("text/html");
    html > 0 && html >= quality("application/json").max(quality("application/graphql-response+json"))
}

/// Whether the client names `text/event-stream` and likes nothing better.
#[must_use]
pub fn prefers_events(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers);
    let quality = |name| best(&ranges, name).filter(|best| !best.is_wildcard).map_or(0, |best| best.quality);
    let events = quality("text/event-stream");
    events > 0 && events >= quality("application/json").max(quality("application/graphql-response+json"))
}

struct Range {
    name: String,
    // Thousandths, as the header allows three digits.
    quality: u16,
}

struct Best {
    quality: u16,
    is_wildcard: bool,
    place: usize,
}

fn ranges(headers: &HeaderMap) -> Vec<Range> {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(range).collect()
}

fn range(text: &str) -> Option<Range> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let mut quality = 1_000;
    for (key, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match key.trim().to_ascii_lowercase().as_str() {
            "q" => quality = thousandths(value),
            "charset" if !value.eq_ignore_ascii_case("utf-8") => return Some(Range { name, quality: 0 }),
            _ => {}
        }
    }
    Some(Range { name, quality })
}

fn thousandths(value: &str) -> u16 {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u16>()) {
        ("0", Ok(thousandths)) => thousandths,
        ("1", _) => 1_000,
        _ => 0,
    }
}

fn best(ranges: &[Range], name: &str) -> Option<Best> {
    let family = name.split_once('/').map(|(family, _)| format!("{family}/*"));
    let candidates = [Some(name), family.as_deref(), Some("*/*")];
    candidates.into_iter().enumerate().find_map(|(rank, candidate)| {
        let place = ranges.iter().position(|range| Some(range.name.as_str()) == candidate)?;
        Some(Best { quality: ranges[place].quality, is_wildcard: rank > 0, place })
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn the_answer_has_the_media_type_that_the_client_likes_best() {
        let table = [
            ("*/*", Some(Media::Json)),
            ("application/*", Some(Media::Json)),
            ("application/json", Some(Media::Json)),
            ("application/json; charset=utf-8", Some(Media::Json)),
            ("application/graphql-response+json", Some(Media::GraphqlResponse)),
            ("Application/GraphQL-Response+JSON", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json, application/json", Some(Media::GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(Media::Json)),
            ("application/json;q=0.9, application/graphql-response+json", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json;q=0.5, */*;q=0.1", Some(Media::GraphqlResponse)),
            ("application/graphql-response+json, */*", Some(Media::GraphqlResponse)),
            ("application/json;q=0, */*", Some(Media::GraphqlResponse)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(Media::Json)),
            ("text/html", None),
            ("text/event-stream", None),
            ("application/json;q=0", None),
            ("application/json; charset=iso-8859-1", None),
            ("application/json;q=nonsense", None),
        ];
        for (accept, expected) in table {
            assert_eq!(negotiate(&headers(accept)), expected, "{accept}");
        }
        assert_eq!(negotiate(&HeaderMap::new()), Some(Media::Json));
    }

    #[test]
    fn only_a_client_that_names_html_first_gets_the_page() {
        assert!(prefers_html(&headers("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")));
        assert!(!prefers_html(&headers("*/*")));
        assert!(!prefers_html(&headers("application/json, text/html;q=0.5")));
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
