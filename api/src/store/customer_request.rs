//! How customer requests are kept and found: a head row each, posted one by one or hundreds at once.
//! A post writes its entries, the deals that changed, the requests, and what they add up to, each as one statement.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use holdline_domain::{
    customer_request::{CustomerRequest, Posted},
    deal::Stamp,
    ids::{CustomerRequestId, DealId, Id, IdeaId},
    text::Line,
    time::Timestamp,
};
use holdline_entity::customer_request::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{Access, Apply, Page, PageRequest, deal, idea, page, row, tally::Tally, tx::Tx};
use crate::failure::Failure;

fn read(row: &Model) -> Result<CustomerRequest, Failure> {
    Ok(CustomerRequest {
        id: row.id.into(),
        idea: row.idea_id.into(),
        deal: row.deal_id.map(Into::into),
        account: row::maybe(row.account.as_ref(), row::line)?,
        note: row::maybe(row.note.as_ref(), row::prose)?,
        first_seen_at: row::timestamp(row.first_seen_at)?,
        withdrawn_at: row.withdrawn_at.map(row::timestamp).transpose()?,
        stamp: Stamp {
            source_updated_at: row.source_updated_at.map(row::timestamp).transpose()?,
            digest: row::digest(&row.digest)?,
        },
    })
}

/// Requests by id, those for ideas of foreign teams left out.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    access: &Access,
    ids: &[CustomerRequestId],
) -> Result<Vec<CustomerRequest>, Failure> {
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(db).await?;
    let ideas: Vec<IdeaId> = rows.iter().map(|row| row.idea_id.into()).collect();
    let seen: HashSet<_> = idea::load(db, access, &ideas).await?.into_iter().map(|stored| stored.idea.id).collect();
    rows.iter().filter(|row| seen.contains(&row.idea_id.into())).map(read).collect()
}

/// The requests of a deal, those for ideas of foreign teams left out.
pub(super) async fn of_deal(
    db: &impl ConnectionTrait,
    access: &Access,
    deal: DealId,
) -> Result<Vec<CustomerRequest>, Failure> {
    let rows = Entity::find().filter(Column::DealId.eq(deal.uuid())).all(db).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id.into()).collect();
    load(db, access, &ids).await
}

/// A page of the requests for each idea, the oldest first, in one statement.
pub(super) async fn pages(
    db: &impl ConnectionTrait,
    ideas: &[IdeaId],
    request: &PageRequest<i64>,
) -> Result<HashMap<IdeaId, Page<CustomerRequest, i64>>, Failure> {
    let keys: Vec<Uuid> = ideas.iter().map(|id| id.uuid()).collect();
    let within = page::Within { table: "customer_request", parent: "idea_id", order: "created_seq" };
    let mut groups: HashMap<Uuid, Vec<Model>> = HashMap::new();
    for row in page::within::<Model>(db, &within, &keys, request).await? {
        groups.entry(row.idea_id).or_default().push(row);
    }
    let page = |id: &IdeaId| {
        let rows = groups.remove(&id.uuid()).unwrap_or_default();
        Ok((*id, page::cut(rows, request, |row| row.created_seq, |row| read(&row))?))
    };
    ideas.iter().map(page).collect()
}

/// How many requests were ever posted for an idea, withdrawn ones among them.
pub(super) async fn count(db: &impl ConnectionTrait, idea: IdeaId) -> Result<i64, Failure> {
    let found = Entity::find().filter(Column::IdeaId.eq(idea.uuid())).count(db).await?;
    Ok(i64::try_from(found).unwrap_or(i64::MAX))
}

fn row_of(request: &CustomerRequest, seq: i64) -> ActiveModel {
    ActiveModel {
        id: Set(request.id.uuid()),
        idea_id: Set(request.idea.uuid()),
        deal_id: Set(request.deal.map(Id::uuid)),
        account: Set(request.account.as_ref().map(ToString::to_string)),
        note: Set(request.note.as_ref().map(ToString::to_string)),
        first_seen_at: Set(request.first_seen_at.micros()),
        withdrawn_at: Set(request.withdrawn_at.map(Timestamp::micros)),
        source_updated_at: Set(request.stamp.source_updated_at.map(Timestamp::micros)),
        digest: Set(request.stamp.digest.to_string()),
        created_seq: Set(seq),
        audit_seq: Set(seq),
    }
}

impl Apply for Posted {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        keep(tx, &[(seq, self.clone())]).await
    }
}

/// Keeps what posts changed; of several about one thing the last counts.
pub(super) async fn keep(tx: &Tx, posted: &[(i64, Posted)]) -> Result<(), Failure> {
    let mut deals = BTreeMap::new();
    let mut requests = BTreeMap::new();
    let mut made = HashMap::new();
    for (seq, post) in posted {
        if let Some(deal) = &post.deal {
            deals.insert(deal.id, (deal, *seq));
        }
        if post.is_new {
            made.insert(post.request.id, *seq);
        }
        requests.insert(post.request.id, (&post.request, *seq));
    }
    let fresh = Fresh::among(posted);
    let request_ids: Vec<_> =
        requests.keys().filter(|id| !fresh.requests.contains(id)).map(|id: &CustomerRequestId| id.uuid()).collect();
    let deal_ids: Vec<_> = deals.keys().filter(|id| !fresh.deals.contains(id)).map(|id: &DealId| id.uuid()).collect();
    let before = Tally::of(&tx.db, &request_ids, &deal_ids).await?;
    deal::keep(&tx.db, deals).await?;
    let rows = requests.into_values().map(|(request, seq)| {
        // The conflict's update leaves the first entry as it is.
        let created_seq = Set(made.get(&request.id).copied().unwrap_or(seq));
        ActiveModel { created_seq, ..row_of(request, seq) }
    });
    let said =
        [Column::Account, Column::Note, Column::WithdrawnAt, Column::SourceUpdatedAt, Column::Digest, Column::AuditSeq];
    let update = OnConflict::column(Column::Id).update_columns(said).to_owned();
    Entity::insert_many(rows).on_conflict(update).exec_without_returning(&tx.db).await?;
    let mut after = Tally::of(&tx.db, &request_ids, &deal_ids).await?;
    for post in posted.iter().map(|(_, post)| post).filter(|post| fresh.requests.contains(&post.request.id)) {
        after.add(post.request.idea, post.deal.as_ref());
    }
    after.add_since(&tx.db, &before).await
}

/// The requests that were never there, of deals that were never there and ask for nothing else: what they add up to is
/// known without reading.
#[derive(Default)]
struct Fresh {
    requests: HashSet<CustomerRequestId>,
    deals: HashSet<DealId>,
}

impl Fresh {
    fn among(posted: &[(i64, Posted)]) -> Self {
        let (mut of_request, mut of_deal) = (HashMap::new(), HashMap::new());
        for (_, post) in posted {
            *of_request.entry(post.request.id).or_insert(0) += 1;
            *of_deal.entry(post.request.deal).or_insert(0) += 1;
        }
        let mut fresh = Self::default();
        for Posted { request, is_new, deal_is_new, .. } in posted.iter().map(|(_, post)| post) {
            let deal_is_new = request.deal.is_none() || (*deal_is_new && of_deal[&request.deal] == 1);
            if *is_new && of_request[&request.id] == 1 && deal_is_new {
                fresh.requests.insert(request.id);
                fresh.deals.extend(request.deal);
            }
        }
        fresh
    }
}

impl Tx {
    /// Those of some deals that ask for no idea the caller may see.
    pub async fn deals_out_of_sight(&self, deals: &[DealId]) -> Result<HashSet<DealId>, Failure> {
        let mut hidden: HashSet<DealId> = deals.iter().copied().collect();
        if self.access() == Access::All || deals.is_empty() {
            return Ok(HashSet::new());
        }
        let rows = Entity::find().filter(Column::DealId.is_in(deals.iter().map(|id| id.uuid()))).all(&self.db).await?;
        let ideas: BTreeSet<IdeaId> = rows.iter().map(|row| row.idea_id.into()).collect();
        let ideas: Vec<_> = ideas.into_iter().collect();
        let seen = idea::load(&self.db, &self.access(), &ideas).await?;
        let seen: HashSet<_> = seen.into_iter().map(|stored| stored.idea.id.uuid()).collect();
        for deal in rows.iter().filter(|row| seen.contains(&row.idea_id)).filter_map(|row| row.deal_id) {
            hidden.remove(&deal.into());
        }
        Ok(hidden)
    }

    /// A request by id, if the caller may see what it asks for.
    pub async fn customer_request(&self, id: CustomerRequestId) -> Result<Option<CustomerRequest>, Failure> {
        Ok(load(&self.db, &self.access(), &[id]).await?.pop())
    }

    /// The requests that deals, or accounts without a deal, made for ideas.
    pub async fn requests_for(
        &self,
        ideas: &[IdeaId],
        deals: &[DealId],
        accounts: &[&Line],
    ) -> Result<Vec<CustomerRequest>, Failure> {
        let of_deals = Column::DealId.is_in(deals.iter().map(|id| id.uuid()));
        let of_accounts = Condition::all()
            .add(Column::DealId.is_null())
            .add(Column::Account.is_in(accounts.iter().map(|account| account.as_str())));
        let rows = Entity::find()
            .filter(Column::IdeaId.is_in(ideas.iter().map(|id| id.uuid())))
            .filter(Condition::any().add(of_deals).add(of_accounts))
            .all(&self.db)
            .await?;
        rows.iter().map(read).collect()
    }
}
