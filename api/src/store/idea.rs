//! How ideas are kept and found: a head row each, by id or by the identity another system gave it.
//! Lists are in `ideas_wanted` and `idea_order`; what requests add up to is in `tally`.

use holdline_domain::{
    idea::{External, Idea, IdeaChanged, IdeaStatus, IdeaTerms, Rating},
    ids::{IdeaId, RoadmapItemId, TeamId},
    text::Line,
    time::Timestamp,
};
use holdline_entity::idea::{self, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::{Access, Apply, row, search, tally, tx::Tx};
use crate::failure::Failure;

/// An idea with its place in the order of submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIdea {
    /// The idea.
    pub idea: Idea,
    /// The entry that submitted it.
    pub created_seq: i64,
}

pub(super) fn read(row: &Model) -> Result<StoredIdea, Failure> {
    let rating = |rating: Option<i32>| {
        rating.map(|rating| Rating::new(rating.into()).map_err(|why| row::altered("rating", why))).transpose()
    };
    let external = match (&row.external_system, &row.external_id) {
        (Some(system), Some(id)) => Some(External {
            system: row::line(system)?,
            external_id: row::line(id)?,
            url: row::maybe(row.external_url.as_ref(), row::line)?,
        }),
        _ => None,
    };
    let idea = Idea {
        id: row.id.into(),
        team: row.team_id.into(),
        terms: IdeaTerms {
            title: row::line(&row.title)?,
            body: row::maybe(row.body.as_ref(), row::prose)?,
            external,
            impact: rating(row.impact)?,
            effort: rating(row.effort)?,
        },
        status: status(row)?,
        created_at: row::timestamp(row.created_at)?,
        version: row::count(row.version)?,
    };
    Ok(StoredIdea { idea, created_seq: row.created_seq })
}

fn status(row: &Model) -> Result<IdeaStatus, Failure> {
    let item = || row.roadmap_item_id.map(RoadmapItemId::from).ok_or_else(|| row::missing("idea's roadmap item"));
    Ok(match row.status {
        idea::IdeaStatus::New => IdeaStatus::New,
        idea::IdeaStatus::UnderReview => IdeaStatus::UnderReview,
        idea::IdeaStatus::Planned => IdeaStatus::Planned(item()?),
        idea::IdeaStatus::Shipped => IdeaStatus::Shipped(item()?),
        idea::IdeaStatus::Declined => {
            let reason = row.reason.as_ref().ok_or_else(|| row::missing("declined idea's reason"))?;
            IdeaStatus::Declined(row::prose(reason)?)
        }
        idea::IdeaStatus::Merged => {
            let into = row.merged_into.ok_or_else(|| row::missing("merged idea's target"))?;
            IdeaStatus::Merged(into.into())
        }
    })
}

/// Ideas by id, those of foreign teams left out.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    access: &Access,
    ids: &[IdeaId],
) -> Result<Vec<StoredIdea>, Failure> {
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(db).await?;
    let rows = rows.iter().filter(|row| access.holds(row.team_id.into()));
    rows.map(read).collect()
}

/// The ideas that items of the roadmap stand for, in the order of their submission.
pub(super) async fn of_items(
    db: &impl ConnectionTrait,
    access: &Access,
    items: &[RoadmapItemId],
) -> Result<Vec<StoredIdea>, Failure> {
    let query = Entity::find().filter(Column::RoadmapItemId.is_in(items.iter().map(|id| id.uuid())));
    let rows = query.order_by_asc(Column::CreatedSeq).all(db).await?;
    let rows = rows.iter().filter(|row| access.holds(row.team_id.into()));
    rows.map(read).collect()
}

impl Apply for IdeaChanged {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let idea = &self.idea;
        let row = head(idea, seq)?;
        search::put(tx, &search::Document::of_idea(idea)).await?;
        if idea.version == 1 {
            Entity::insert(row).exec_without_returning(&tx.db).await?;
            return tally::begin(&tx.db, idea.id, idea.team, seq).await;
        }
        let kept = idea::ActiveModel { created_at: sea_orm::NotSet, created_seq: sea_orm::NotSet, ..row };
        let update = Entity::update_many().set(kept).filter(Column::Id.eq(idea.id.uuid()));
        let done = update.filter(Column::Version.eq(row::stored(idea.version - 1)?)).exec(&tx.db).await?;
        if done.rows_affected != 1 {
            return Err(Failure::internal("an idea moved under the lock"));
        }
        match self.requests_to {
            Some(into) => move_requests(tx, idea.id, into, seq, at).await,
            None => Ok(()),
        }
    }
}

fn head(idea: &Idea, seq: i64) -> Result<idea::ActiveModel, Failure> {
    let (status, reason, into, item) = match &idea.status {
        IdeaStatus::New => (idea::IdeaStatus::New, None, None, None),
        IdeaStatus::UnderReview => (idea::IdeaStatus::UnderReview, None, None, None),
        IdeaStatus::Planned(item) => (idea::IdeaStatus::Planned, None, None, Some(*item)),
        IdeaStatus::Shipped(item) => (idea::IdeaStatus::Shipped, None, None, Some(*item)),
        IdeaStatus::Declined(reason) => (idea::IdeaStatus::Declined, Some(reason.to_string()), None, None),
        IdeaStatus::Merged(into) => (idea::IdeaStatus::Merged, None, Some(*into), None),
    };
    let terms = &idea.terms;
    let external = terms.external.as_ref();
    Ok(idea::ActiveModel {
        id: Set(idea.id.uuid()),
        team_id: Set(idea.team.uuid()),
        title: Set(terms.title.to_string()),
        body: Set(terms.body.as_ref().map(ToString::to_string)),
        status: Set(status),
        reason: Set(reason),
        external_system: Set(external.map(|external| external.system.to_string())),
        external_id: Set(external.map(|external| external.external_id.to_string())),
        external_url: Set(external.and_then(|external| external.url.as_ref()).map(ToString::to_string)),
        impact: Set(terms.impact.map(|rating| rating.get().into())),
        effort: Set(terms.effort.map(|rating| rating.get().into())),
        // Those without a score come last.
        score: Set(row::stored(terms.score().unwrap_or(0))?),
        merged_into: Set(into.map(IdeaId::uuid)),
        roadmap_item_id: Set(item.map(RoadmapItemId::uuid)),
        created_at: Set(idea.created_at.micros()),
        created_seq: Set(seq),
        version: Set(row::stored(idea.version)?),
        audit_seq: Set(seq),
    })
}

/// Requests move along with a merge. Where the other idea has a request of the same deal or account already, the
/// merged one's is withdrawn: a deal asks for an idea once. If it was the one of the two that still stood, the other
/// stands again, so that nobody's ask is lost in a merge.
async fn move_requests(tx: &Tx, from: IdeaId, into: IdeaId, seq: i64, at: Timestamp) -> Result<(), Failure> {
    let values = |fourth: Option<sea_orm::Value>| {
        [into.uuid().into(), from.uuid().into(), seq.into()].into_iter().chain(fourth).collect::<Vec<_>>()
    };
    let restore = format!(
        "UPDATE customer_request SET withdrawn_at = NULL, audit_seq = $3
         WHERE idea_id = $1 AND withdrawn_at IS NOT NULL AND {}",
        twin("$2 AND o.withdrawn_at IS NULL")
    );
    row::run(&tx.db, &restore, values(None)).await?;
    let withdraw = format!(
        "UPDATE customer_request SET withdrawn_at = $4, audit_seq = $3
         WHERE idea_id = $2 AND withdrawn_at IS NULL AND {}",
        twin("$1")
    );
    row::run(&tx.db, &withdraw, values(Some(at.micros().into()))).await?;
    let forward =
        format!("UPDATE customer_request SET idea_id = $1, audit_seq = $3 WHERE idea_id = $2 AND NOT {}", twin("$1"));
    row::run(&tx.db, &forward, values(None)).await?;
    tally::recount(&tx.db, &[from, into]).await
}

/// That an idea has a request of the same deal, or of the same account without one.
fn twin(idea: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM customer_request o WHERE o.idea_id = {idea} AND (o.deal_id = customer_request.deal_id
          OR (o.deal_id IS NULL AND customer_request.deal_id IS NULL AND o.account = customer_request.account)))"
    )
}

impl Tx {
    /// An idea by id, if the caller may see it.
    pub async fn idea(&self, id: IdeaId) -> Result<Option<Idea>, Failure> {
        Ok(self.ideas(&[id]).await?.pop())
    }

    /// Ideas by id, as far as the caller may see them.
    pub async fn ideas(&self, ids: &[IdeaId]) -> Result<Vec<Idea>, Failure> {
        let found = load(&self.db, &self.access(), ids).await?;
        Ok(found.into_iter().map(|stored| stored.idea).collect())
    }

    /// The ideas that an item of the roadmap stands for.
    pub async fn ideas_of_item(&self, item: RoadmapItemId) -> Result<Vec<Idea>, Failure> {
        let found = of_items(&self.db, &self.access(), &[item]).await?;
        Ok(found.into_iter().map(|stored| stored.idea).collect())
    }

    /// A team's idea by the identity another system gave it.
    pub async fn idea_by_external(&self, team: TeamId, system: &Line, id: &Line) -> Result<Option<Idea>, Failure> {
        let found = Entity::find()
            .filter(Column::TeamId.eq(team.uuid()))
            .filter(Column::ExternalSystem.eq(system.as_str()))
            .filter(Column::ExternalId.eq(id.as_str()))
            .one(&self.db)
            .await?;
        found.as_ref().map(|row| read(row).map(|stored| stored.idea)).transpose()
    }

    /// Where an idea's requests are: itself, or the one that it was merged into in the end.
    pub async fn forwarded(&self, idea: Idea) -> Result<Idea, Failure> {
        let mut idea = idea;
        while let IdeaStatus::Merged(into) = idea.status {
            idea = self.idea(into).await?.ok_or_else(|| row::missing("merged idea's target"))?;
        }
        Ok(idea)
    }
}
