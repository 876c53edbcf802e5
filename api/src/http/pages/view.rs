//! What several pages read from the API, in its own names.

use serde::Deserialize;

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
    has_next_page: bool,
}

impl<T> Nodes<T> {
    /// Whether there are more than are shown, of a list that is not counted: counting is a statement for each.
    pub(super) fn goes_on(&self) -> bool {
        self.page_info.as_ref().is_some_and(|page| page.has_next_page)
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

/// Something with a title.
#[derive(Debug, Deserialize)]
pub(super) struct Titled {
    pub(super) id: String,
    pub(super) title: String,
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

/// What a value of an enum is called on a page: `AT_RISK` is "at risk".
pub(super) fn spoken(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

/// A share of 1.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Share(f64);

impl Share {
    /// As a whole number of a hundred.
    pub(super) fn percent(self) -> String {
        format!("{:.0}", (self.0 * 100.0).clamp(0.0, 100.0))
    }
}
