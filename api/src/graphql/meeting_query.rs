//! Which meetings are asked for: the filter, the list and its pages.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};

use super::{
    fault::Fault,
    input::team_key,
    meeting::{Meeting, MeetingKind, MeetingStatus},
    page::{Connection, PageArgs, Total, connect},
    quarter,
    session::{Session, reading, session},
};
use crate::store::MeetingsWanted;

/// Which meetings are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
struct MeetingFilter {
    /// Of the team with this key.
    team: Option<String>,
    /// About the quarter with this label.
    quarter: Option<String>,
    /// Of one of these kinds.
    kind: Option<MeetingKindFilter>,
    /// In one of these states.
    status: Option<MeetingStatusFilter>,
}

/// A condition on a meeting's kind.
#[derive(Debug, InputObject)]
struct MeetingKindFilter {
    /// Exactly this kind.
    eq: Option<MeetingKind>,
    /// One of these kinds.
    r#in: Option<Vec<MeetingKind>>,
}

/// A condition on a meeting's state.
#[derive(Debug, InputObject)]
struct MeetingStatusFilter {
    /// Exactly this state.
    eq: Option<MeetingStatus>,
    /// One of these states.
    r#in: Option<Vec<MeetingStatus>>,
}

impl MeetingStatus {
    const fn stored(self) -> &'static str {
        match self {
            Self::Prepared => "PREPARED",
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl MeetingFilter {
    async fn parse(self, session: &Session) -> Result<MeetingsWanted, Fault> {
        let mut wanted = MeetingsWanted::default();
        if let Some(key) = self.team {
            match session.reader().team(&team_key(&key, "team")?).await? {
                Some(team) => wanted.team = Some(team.id),
                // Nothing is found for a team that is not there for this token.
                None => wanted.statuses = Some(Vec::new()),
            }
        }
        if let Some(label) = self.quarter {
            wanted.quarter = Some(quarter::parse(&label, "quarter")?.to_string());
        }
        if let Some(kind) = self.kind {
            let all = kind.eq.into_iter().chain(kind.r#in.into_iter().flatten());
            wanted.kinds = Some(all.map(Into::into).collect());
        }
        if let (Some(status), None) = (self.status, &wanted.statuses) {
            let all = status.eq.into_iter().chain(status.r#in.into_iter().flatten());
            wanted.statuses = Some(all.map(MeetingStatus::stored).collect());
        }
        Ok(wanted)
    }
}

/// Queries about meetings.
#[derive(Default)]
pub(super) struct MeetingQuery;

#[Object]
impl MeetingQuery {
    /// Meetings of the teams that the token holds, the newest first.
    async fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for which all of this holds.")] filter: Option<MeetingFilter>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Meeting>, Fault> {
        let session = reading(ctx)?;
        let wanted = match filter {
            Some(filter) => filter.parse(session).await?,
            None => MeetingsWanted::default(),
        };
        page(ctx, wanted, &PageArgs { first, after, last, before }).await
    }
}

/// A page of meetings, the newest first.
pub(super) async fn page(
    ctx: &Context<'_>,
    wanted: MeetingsWanted,
    args: &PageArgs,
) -> Result<Connection<Meeting>, Fault> {
    let query = format!("meetings {wanted:?}");
    let page = session(ctx).reader().meetings(&wanted, &args.request(&query)?).await?;
    Ok(connect(&query, page, Total::Meetings(wanted), |stored| Meeting(Arc::new(stored))))
}
