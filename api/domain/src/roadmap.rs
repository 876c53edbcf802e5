//! The roadmap: what a team means to do, in NOW, NEXT and LATER. It may flex; only NOW is bound to the commitment.
//! Holds an item's words and NOW_SERVES_COMMITMENT; the steps that change one are in `roadmap_change`.

use std::collections::BTreeSet;

use crate::{
    commitment::Commitment,
    facts::Facts,
    ids::{KeyResultId, RoadmapItemId, TeamId},
    plan::Plan,
    quantity::Quantity,
    rank::Rank,
    refusal::{Broken, Code, Refusal, Refusals},
    text::{Line, Prose},
};

/// The most key results that one item serves.
const MOST_KEY_RESULTS: usize = 50;

/// How soon an item is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words are domain.md's and described in the API")]
pub enum Horizon {
    Now,
    Next,
    Later,
}

impl Horizon {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Now => "NOW",
            Self::Next => "NEXT",
            Self::Later => "LATER",
        }
    }
}

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoadmapStatus {
    /// It is to be done.
    InPlan,
    /// It is done.
    Shipped,
    /// It will not be done, and why.
    Dropped(Prose),
}

impl RoadmapStatus {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InPlan => "IN_PLAN",
            Self::Shipped => "SHIPPED",
            Self::Dropped(_) => "DROPPED",
        }
    }
}

/// What an item says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoadmapContent {
    /// What it is called.
    pub title: Line,
    /// The problem that it solves.
    pub problem: Option<Prose>,
    /// What it takes, in the team's unit.
    pub effort: Option<Quantity>,
    /// The key results that it serves.
    pub key_results: Vec<KeyResultId>,
}

/// A roadmap item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are domain.md's words")]
pub struct RoadmapItem {
    pub id: RoadmapItemId,
    pub team: TeamId,
    pub content: RoadmapContent,
    pub horizon: Horizon,
    pub status: RoadmapStatus,
    pub rank: Rank,
    /// Grows by one with each step.
    pub version: u32,
}

impl RoadmapContent {
    pub(crate) fn checked(&self) -> Result<(), Refusals> {
        let mut broken = Broken::none();
        broken.when(self.effort.is_some_and(Quantity::is_negative), || {
            Refusal::invalid(&["effort"], "An effort is 0 or more.")
        });
        let once: BTreeSet<_> = self.key_results.iter().collect();
        broken.when(once.len() < self.key_results.len(), || {
            Refusal::invalid(&["keyResults"], "A key result is named once.")
        });
        broken.when(self.key_results.len() > MOST_KEY_RESULTS, || {
            Refusal::invalid(&["keyResults"], format!("An item serves at most {MOST_KEY_RESULTS} key results."))
        });
        broken.finish()
    }

    fn serves(&self, commitment: &Commitment) -> bool {
        self.key_results.iter().any(|id| commitment.key_result(*id).is_some())
    }
}

impl RoadmapItem {
    /// Whether it is still to be done.
    #[must_use]
    pub fn is_in_plan(&self) -> bool {
        self.status == RoadmapStatus::InPlan
    }

    /// CONFLICT where the caller saw another version than there is.
    pub fn expect_version(&self, expected: Option<u32>) -> Result<(), Refusals> {
        crate::plan::expect_version("roadmap item", self.version, expected)
    }

    pub(crate) fn facts(&self) -> Facts {
        let content = &self.content;
        Facts::map([
            ("title", Facts::text(&content.title)),
            ("problem", Facts::maybe(content.problem.as_ref())),
            ("effort", Facts::maybe(content.effort)),
            ("keyResults", Facts::list(content.key_results.iter().map(Facts::text))),
            ("horizon", Facts::text(self.horizon.name())),
            ("status", Facts::text(self.status.name())),
            ("rank", Facts::text(&self.rank)),
        ])
    }
}

/// NOW_SERVES_COMMITMENT: what every write whose result is an item in plan asks first. `current` is the team's plan for
/// the quarter that runs now; from its commit on, what is in NOW serves a live key result of it. A closed plan binds
/// like a committed one: its quarter is over by then, unless a clock was set back.
#[must_use]
pub fn now_serves_commitment(horizon: Horizon, content: &RoadmapContent, current: Option<&Plan>) -> Option<Refusal> {
    let (plan, quarter) = match current {
        Some(plan @ (Plan::Committed(_) | Plan::Closed(_))) => (plan, plan.head().span.quarter),
        Some(Plan::Draft(_)) | None => return None,
    };
    let stray = horizon == Horizon::Now && !content.serves(plan.commitment());
    stray.then(|| {
        let message = format!("The plan for {quarter} is committed and this item serves none of its live key results.");
        Refusal::new(Code::NowServesCommitment, message).at(&["keyResults"])
    })
}
