//! What several pages read from the API, in its own names.

use serde::Deserialize;

use super::moment::Moment;

/// Who looks.
#[derive(Debug, Deserialize)]
pub(super) struct Viewer {
    pub(super) person: Known,
    pub(super) scopes: Vec<String>,
}

/// A person with their id.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) name: String,
}

/// A person.
#[derive(Debug, Deserialize)]
pub(super) struct Person {
    pub(super) name: String,
}

/// A part of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Nodes<T> {
    #[expect(clippy::struct_field_names, reason = "the API's own name")]
    pub(super) nodes: Vec<T>,
    #[serde(default)]
    total_count: usize,
    page_info: Option<PageInfo>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    #[serde(default)]
    has_next_page: bool,
    #[serde(default)]
    has_previous_page: bool,
    start_cursor: Option<String>,
}

impl<T> Nodes<T> {
    /// Whether there are more than are shown, of a list that is not counted: counting is a statement for each.
    pub(super) fn goes_on(&self) -> bool {
        self.page_info.as_ref().is_some_and(|page| page.has_next_page)
    }

    /// The cursor before which there is more.
    pub(super) fn earlier(&self) -> Option<&str> {
        self.page_info.as_ref().filter(|page| page.has_previous_page)?.start_cursor.as_deref()
    }

    /// How many more there are than are shown, of a list that is counted.
    pub(super) fn more(&self) -> usize {
        self.total_count.saturating_sub(self.nodes.len())
    }
}

/// What is measured.
#[derive(Debug, Deserialize)]
pub(super) struct Measure {
    pub(super) unit: String,
    pub(super) baseline: String,
    pub(super) target: String,
}

impl Measure {
    /// From where to where.
    pub(super) fn span(&self) -> String {
        format!("{} → {} {}", self.baseline, self.target, self.unit)
    }
}

/// Something with a title.
#[derive(Debug, Deserialize)]
pub(super) struct Titled {
    pub(super) title: String,
}

/// Something with a title and a page or a place of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Linked {
    pub(super) id: String,
    pub(super) title: String,
}

/// A team.
#[derive(Debug, Deserialize)]
pub(super) struct TeamName {
    pub(super) key: String,
    pub(super) name: String,
}

/// A quarter by its label.
#[derive(Debug, Deserialize)]
pub(super) struct QuarterId {
    pub(super) id: String,
}

/// A place in the log.
#[derive(Debug, Deserialize)]
pub(super) struct Seq {
    pub(super) seq: u64,
}

/// What was decided, and why.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    pub(super) outcome: String,
    pub(super) rationale: String,
    pub(super) at: Moment,
    pub(super) by: Option<Person>,
}

/// An amount of money.
#[derive(Debug, Deserialize)]
pub(super) struct Money {
    pub(super) amount: String,
    pub(super) currency: String,
}

/// A rule's refusal, with the way that is open instead.
#[derive(Debug, Deserialize)]
pub(super) struct UserError {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) remedy: Option<String>,
}

impl UserError {
    /// The way that is open on the page itself; elsewhere the API's own remedy stands alone.
    pub(super) fn here(&self) -> Option<&'static str> {
        Some(match self.code.as_str() {
            "INPUT_OUT_OF_BOUNDS" => {
                "It was said on none of the open questions: send it to the backlog, or draft a renegotiation."
            }
            "INPUT_UNDISPOSED" => "Give each thing that waits its place below; then close the meeting.",
            "NOW_SERVES_COMMITMENT" => "Put it into Next or Later, or name the key result that it serves.",
            "NO_SELF_APPROVAL" => "Somebody who had no hand in it decides it.",
            "STALE_BASE" => {
                "The plan or the proposal has changed since this page was drawn: read it again, then decide."
            }
            "DECIDED_IN_MEETING" => {
                "Be at the table with the ask to approve, in an open meeting that has it on its agenda."
            }
            "REASON_REQUIRED" => "Say why.",
            _ => return None,
        })
    }
}

/// What a value of an enum is called on a page: `AT_RISK` is "at risk".
pub(super) fn spoken(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

/// What an attendee asks for.
pub(super) fn asked(ask: &str) -> &'static str {
    match ask {
        "APPROVAL" => "to decide",
        "INPUT" => "to have a say",
        _ => "to be informed",
    }
}

/// A share of 1.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Share(f64);

/// How far an objective is: the mean of its key results, where one without a check-in counts as nothing; none where none
/// has one.
pub(super) fn standing(share: Option<Share>, parts: impl IntoIterator<Item = Option<Share>>) -> (Option<Share>, usize) {
    let (known, unknown): (Vec<_>, Vec<_>) = parts.into_iter().partition(Option::is_some);
    if known.is_empty() { (None, 0) } else { (share, unknown.len()) }
}

impl Share {
    /// As a whole number of a hundred, rounded down: only what is reached is 100.
    pub(super) fn percent(self) -> String {
        percent(self.0)
    }
}

/// A share of 1 as a whole number of a hundred, rounded down.
pub(super) fn percent(share: f64) -> String {
    // A share such as 0.29 is a hair less in binary.
    format!("{:.0}", share.mul_add(100.0, 1e-9).floor().clamp(0.0, 100.0))
}

/// A text of at most so many characters; of a longer one the beginning.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}
