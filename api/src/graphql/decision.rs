//! A decision on a renegotiation in the API. It is made by `renegotiationDecide` and never edited.

use async_graphql::{Context, Enum, ID, Object};
use holdline_domain::{renegotiation as domain, time::Timestamp};

use super::{
    fault::Fault,
    person::{self, Person},
    scalars::DateTime,
};

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Outcome")]
pub(super) enum DecisionOutcome {
    /// The plan changes.
    Approved,
    /// The plan holds.
    Rejected,
}

/// A decision.
pub(super) struct Decision {
    pub(super) decision: domain::Decision,
    pub(super) at: Timestamp,
}

/// A decision on a renegotiation: made once, in a meeting, by somebody who did not write it.
#[Object]
impl Decision {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.decision.id.to_string())
    }
    /// Yes or no.
    async fn outcome(&self) -> DecisionOutcome {
        self.decision.outcome.into()
    }
    /// Why.
    async fn rationale(&self) -> &str {
        self.decision.rationale.as_str()
    }
    /// Who decided; null where an imported file does not say.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Fault> {
        person::load_maybe(ctx, self.decision.by).await
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.at)
    }
    /// The digest that the deciders saw.
    async fn digest(&self) -> String {
        self.decision.digest.to_string()
    }
}
