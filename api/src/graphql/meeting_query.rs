//! Which meetings are asked for: the filter, the list and its pages.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use holdline_domain::{meeting as domain, refusal::Refusal};

use super::{
    comparator::{Asks, Conditions, DateTimeFilter, Nested, StringFilter, WordFilter, asked},
    fault::Fault,
    meeting::{Meeting, MeetingFormat, MeetingKind, MeetingStatus},
    page::{Connection, PageArgs, Total, connect},
    quarter,
    session::{reading, session},
};
use crate::store::{MeetingColumn as Column, MeetingsWanted};

/// Which meetings are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
struct MeetingFilter {
    /// Of the team with this key.
    team: Option<String>,
    /// About the quarter with this label.
    quarter: Option<String>,
    /// By what it is for.
    kind: Option<WordFilter<MeetingKind>>,
    /// By where it stands.
    status: Option<WordFilter<MeetingStatus>>,
    /// By how it is held.
    format: Option<WordFilter<MeetingFormat>>,
    /// By when it is to be held; null for one without a date.
    scheduled_for: Option<DateTimeFilter>,
    /// By what it is called.
    title: Option<StringFilter>,
    /// Further conditions that must all hold.
    and: Option<Vec<MeetingFilter>>,
    /// Conditions of which one must hold.
    or: Option<Vec<MeetingFilter>>,
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

impl Asks for MeetingFilter {
    type Column = Column;

    fn put(self, all: &mut Conditions<Column>) -> Result<Nested<Self>, Refusal> {
        let quarter = self.quarter.map(|label| quarter::parse(&label, "quarter")).transpose()?;
        all.team(Column::Team, self.team)?;
        all.is(Column::Quarter, quarter.map(|quarter| quarter.to_string()));
        all.words(Column::Kind, self.kind, |kind| domain::MeetingKind::from(kind).name());
        all.words(Column::Status, self.status, MeetingStatus::stored);
        all.words(Column::Format, self.format, |format| domain::MeetingFormat::from(format).name());
        all.instants(Column::ScheduledFor, self.scheduled_for);
        all.texts(Column::Title, "title", self.title)?;
        Ok(Nested { and: self.and, or: self.or })
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
        reading(ctx)?;
        page(ctx, asked(filter)?, &PageArgs { first, after, last, before }).await
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
