//! The brief of a meeting: loads all that the page says, through the request's loaders. `crate::brief` writes it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::Context;
use futures_util::future::try_join_all;
use holdline_domain::{
    commitment_change::CommitmentChange,
    ids::{IdeaId, PersonId, RenegotiationId},
    meeting_input::Disposition,
    renegotiation::{Record, Status},
    roadmap::RoadmapItem,
};

use super::{
    fault::Fault,
    loaders::{StandingAt, unshare},
    meeting::Meeting,
    meeting_boundary::BoundarySubject,
    meeting_loaders::{InputsOf, PlanOf, ProposedOn},
    plan::{self, Plan},
    roadmap_loaders::RoadmapItemAt,
    session::session,
};
use crate::{
    brief::{Brief, Committed, Said},
    failure::Failure,
    store::{PageRequest, StoredIdea, StoredRenegotiation},
};

/// What inputs became, and what is on the agenda.
struct Made {
    renegotiations: HashMap<RenegotiationId, Arc<StoredRenegotiation>>,
    ideas: HashMap<IdeaId, Arc<StoredIdea>>,
    items: HashMap<RoadmapItemAt, Arc<RoadmapItem>>,
}

impl Made {
    /// What became of an input is called; none where the caller may not see it.
    fn called(&self, disposition: Option<Disposition>) -> Option<String> {
        match disposition? {
            Disposition::RenegotiationDraft(id) => {
                let record = self.renegotiations.get(&id)?.state.record();
                Some(record.terms.trigger.as_ref().map_or_else(|| id.to_string(), ToString::to_string))
            }
            Disposition::Backlog(id) => Some(self.ideas.get(&id)?.idea.terms.title.to_string()),
            Disposition::Roadmap(id) => Some(self.items.get(&RoadmapItemAt(id, None))?.content.title.to_string()),
            Disposition::Noted => None,
        }
    }
}

/// How many inputs a page holds.
const SAID: u64 = 250;

/// The page of a meeting.
pub(super) async fn markdown(ctx: &Context<'_>, meeting: &Meeting) -> Result<String, Fault> {
    let (session, of) = (session(ctx), meeting.meeting());
    let team = session.loader().load_one(of.team).await.map_err(unshare)?;
    let team = team.ok_or_else(|| Failure::internal("a meeting's team is missing"))?;
    let mut brief = Brief {
        meeting: of.clone(),
        opened: meeting.0.opened_at.is_some(),
        team: team.name.clone(),
        zone: session.service().calendar().zone(),
        plan: committed(ctx, meeting).await?,
        agenda: Vec::new(),
        decided: try_join_all(of.boundary.decided.iter().map(|decided| called(ctx, &decided.subject))).await?,
        asked: Vec::new(),
        said: Vec::new(),
        more_said: false,
        names: HashMap::new(),
    };
    let asked = of.boundary.open.iter().map(async |open| match &open.subject {
        Some(subject) => called(ctx, subject).await.map(Some),
        None => Ok(None),
    });
    brief.asked = try_join_all(asked).await?;
    load_said(ctx, &mut brief).await?;
    brief.names = names(ctx, &brief).await?;
    Ok(brief.markdown())
}

async fn called(
    ctx: &Context<'_>,
    subject: &holdline_domain::meeting_boundary::BoundarySubject,
) -> Result<String, Fault> {
    BoundarySubject::load(ctx, subject).await?.called()
}

/// What the team has committed to, as it stands now.
async fn committed(ctx: &Context<'_>, meeting: &Meeting) -> Result<Option<Committed>, Fault> {
    let (session, meeting) = (session(ctx), meeting.meeting());
    let stored = session.loader().load_one(PlanOf(meeting.team, meeting.quarter)).await.map_err(unshare)?;
    let Some(newest) = stored.as_ref().and_then(|stored| stored.revisions.last().copied()) else { return Ok(None) };
    let Some(plan) = stored.map(Plan::live_now) else { return Ok(None) };
    let (commitment, until) = (plan.commitment(ctx).await?, plan.until());
    let keys = commitment.key_results().map(|(_, key_result)| StandingAt(key_result.id, until));
    let standings = session.loader().load_many(keys.collect::<Vec<_>>()).await.map_err(unshare)?;
    let proposed = session.loader().load_one(ProposedOn(plan.stored.head.id)).await.map_err(unshare)?;
    let now = session.now();
    let open = proposed.into_iter().flatten().filter(|stored| stored.state.status(now) == Status::Proposed);
    Ok(Some(Committed {
        revision: newest.number,
        since: newest.at,
        commitment,
        standings: standings.into_iter().map(|(key, standing)| (key.0, standing)).collect(),
        open: open.map(|stored| stored.state.record().clone()).collect(),
    }))
}

/// What was said and what became of it, and what the agenda proposes: renegotiations of both are one load.
async fn load_said(ctx: &Context<'_>, brief: &mut Brief) -> Result<(), Fault> {
    let session = session(ctx);
    let page = PageRequest { after: None, before: None, limit: SAID, backward: false };
    let key = InputsOf { meeting: brief.meeting.id, page };
    let found = session.loader().load_one(key).await.map_err(unshare)?;
    let (said, more) = found.map(|page| (page.items, page.has_next)).unwrap_or_default();
    let (mut ids, mut ideas, mut items) = (brief.meeting.agenda.clone(), Vec::new(), Vec::new());
    for (_, stored) in &said {
        match stored.input.disposition {
            Some(Disposition::RenegotiationDraft(id)) => ids.push(id),
            Some(Disposition::Backlog(id)) => ideas.push(id),
            Some(Disposition::Roadmap(id)) => items.push(RoadmapItemAt(id, None)),
            None | Some(Disposition::Noted) => {}
        }
    }
    let made = Made {
        renegotiations: session.loader().load_many(ids).await.map_err(unshare)?,
        ideas: session.loader().load_many(ideas).await.map_err(unshare)?,
        items: session.loader().load_many(items).await.map_err(unshare)?,
    };
    brief.more_said = more;
    brief.said = said
        .into_iter()
        .map(|(_, stored)| Said { outcome: made.called(stored.input.disposition), input: stored.input })
        .collect();
    let agenda = brief.meeting.agenda.iter().filter_map(|id| made.renegotiations.get(id));
    let agenda = agenda.map(async |stored| {
        let record = stored.state.record().clone();
        let base = plan::commitment(session, record.plan, record.terms.base_revision).await?;
        Ok::<_, Fault>((record, base))
    });
    brief.agenda = try_join_all(agenda).await?;
    Ok(())
}

async fn names(ctx: &Context<'_>, brief: &Brief) -> Result<HashMap<PersonId, String>, Fault> {
    let objectives = brief.plan.iter().flat_map(|plan| &plan.commitment.objectives);
    let owners = objectives.map(|objective| objective.terms.owner);
    let attendees = brief.meeting.attendees.iter().map(|attendee| attendee.person);
    let speakers = brief.said.iter().map(|said| said.input.by);
    let proposed = brief.agenda.iter().flat_map(|(record, _)| people(record));
    let ids: Vec<_> = owners.chain(attendees).chain(speakers).chain(proposed).collect();
    let people = session(ctx).loader().load_many(ids).await.map_err(unshare)?;
    Ok(people.into_iter().map(|(id, person)| (id, person.name.to_string())).collect())
}

/// Who is named by the changes of a renegotiation.
fn people(record: &Record) -> Vec<PersonId> {
    let named = record.terms.changes.iter().flat_map(|change| match change {
        CommitmentChange::ObjectiveAdded { terms, .. } => vec![terms.owner],
        CommitmentChange::ObjectiveAmended { from, to, .. } => vec![from.owner, to.owner],
        CommitmentChange::KeyResultAdded { terms, .. } => vec![terms.owner],
        CommitmentChange::KeyResultAmended { from, to, .. } => vec![from.owner, to.owner],
        CommitmentChange::ObjectiveDropped { .. }
        | CommitmentChange::KeyResultDropped { .. }
        | CommitmentChange::CapacityChanged { .. } => vec![],
    });
    named.collect()
}
