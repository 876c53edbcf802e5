//! Quarters in the API.

use async_graphql::{Context, Enum, Object};
use holdline_domain::{refusal::Refusal, time};

use super::{
    fault::Fault,
    scalars::DateTime,
    session::{Session, reading, session},
};
use crate::service::current_quarter;

/// A fiscal quarter with the instants that bound it.
#[derive(Clone, Copy)]
pub(super) struct Quarter(pub(super) time::QuarterSpan);

/// Where a quarter stands against the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "time::QuarterPhase")]
pub(super) enum QuarterPhase {
    /// It has not begun.
    Upcoming,
    /// It runs.
    Current,
    /// It is over.
    Ended,
}

/// A fiscal quarter: half-open, from local midnight to local midnight, fixed when its first plan is drafted.
#[Object]
impl Quarter {
    /// Its label, such as `2026-Q4`: the fourth quarter of the fiscal year that ends in 2026.
    async fn id(&self) -> String {
        self.0.quarter.to_string()
    }
    /// Its first instant.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.starts_at)
    }
    /// The first instant after it.
    async fn ends_at(&self) -> DateTime {
        DateTime(self.0.ends_at)
    }
    /// Upcoming, current or ended, by the server's clock.
    async fn phase(&self, ctx: &Context<'_>) -> QuarterPhase {
        self.0.phase(session(ctx).now()).into()
    }
}

/// The label of a quarter in an argument.
pub(super) fn parse(label: &str, field: &str) -> Result<time::Quarter, Refusal> {
    time::Quarter::parse(label).map_err(|why| Refusal::invalid(&[field], format!("The {field} {why}.")))
}

/// The quarter that runs now.
pub(super) async fn current(session: &Session) -> Result<time::QuarterSpan, Fault> {
    running(session, session.now()).await
}

/// The quarter that runs at an instant.
pub(super) async fn running(session: &Session, at: time::Timestamp) -> Result<time::QuarterSpan, Fault> {
    let stored = session.reader().quarters().await?;
    Ok(current_quarter(&stored, session.service().calendar(), at))
}

/// The span of a quarter: as stored, or as the calendar has it now.
pub(super) async fn span(session: &Session, quarter: time::Quarter) -> Result<time::QuarterSpan, Fault> {
    let stored = session.reader().quarter(quarter).await?;
    Ok(stored.unwrap_or_else(|| session.service().calendar().span(quarter)))
}

/// Queries about quarters.
#[derive(Default)]
pub(super) struct QuarterQuery;

#[Object]
impl QuarterQuery {
    /// The quarter that runs now.
    async fn current_quarter(&self, ctx: &Context<'_>) -> Result<Quarter, Fault> {
        current(reading(ctx)?).await.map(Quarter)
    }

    /// A quarter by its label.
    async fn quarter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its label, such as 2026-Q4.")] id: String,
    ) -> Result<Option<Quarter>, Fault> {
        let session = reading(ctx)?;
        Ok(Some(Quarter(span(session, parse(&id, "id")?).await?)))
    }

    /// The quarters from one to another, both included; at most 40.
    async fn quarters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The label of the first.")] from: String,
        #[graphql(desc = "The label of the last.")] to: String,
    ) -> Result<Vec<Quarter>, Fault> {
        let session = reading(ctx)?;
        let (mut next, last) = (parse(&from, "from")?, parse(&to, "to")?);
        let stored = session.reader().quarters().await?;
        let mut quarters = Vec::new();
        while next <= last {
            if quarters.len() == 40 {
                return Err(Refusal::invalid(&["to"], "At most 40 quarters are answered at once.").into());
            }
            let known = stored.iter().find(|span| span.quarter == next).copied();
            quarters.push(Quarter(known.unwrap_or_else(|| session.service().calendar().span(next))));
            next = next.next();
        }
        Ok(quarters)
    }
}
