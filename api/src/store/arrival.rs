//! What every request asks first, as one round for all that wait: what the database says of itself, whether the token was
//! revoked, who its holder is. Each round begins after those that it answers came, so that nobody is answered from before
//! their time; what was learnt stands for the next round exactly as long as nothing was committed in between.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use holdline_domain::person::Person;
use holdline_entity::{person as people, revoked_token};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseConnection, DbBackend, EntityTrait as _, QueryFilter as _,
    QuerySelect as _, Statement,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use super::{Database, person, row};
use crate::failure::Failure;

/// How many requests wait for a round at most before further ones wait for a place.
const QUEUE: usize = 1_024;

/// How many are answered by one round.
const ROUND: usize = 256;

/// How long a round may take: everybody waits for it and for the one before; a connection that is silently gone says nothing.
const LONGEST: Duration = Duration::from_secs(3);

/// How many holders are kept between rounds.
const KEPT: usize = 4_096;

/// A token's holder, as the token says it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Holder {
    /// Who issued it.
    pub issuer: String,
    /// The issuer's name for its holder.
    pub subject: String,
    /// Its own id.
    pub token_id: String,
}

/// Which of the states that this process met the database in: equal to another only where nothing was committed in
/// between, by whichever process, and greater than those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(u64);

#[cfg(test)]
impl Stamp {
    /// Two states, the earlier one first.
    pub(crate) const fn first_two() -> [Self; 2] {
        [Self(1), Self(2)]
    }
}

/// What the database says of its state: `PRAGMA data_version` on SQLite, which one connection compares with its own; the
/// transactions that a snapshot sees on PostgreSQL (`pg_current_snapshot()`), whose numbers a server may use again after a
/// crash that ended all connections.
#[derive(Debug, PartialEq, Eq)]
struct State {
    connection: u64,
    said: String,
}

/// What a request learns as it arrives.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// What the database held, at the earliest, when the rest was read.
    pub stamp: Stamp,
    /// What is known of the holder.
    pub standing: Arc<HolderStanding>,
}

/// What is known of a holder.
#[derive(Debug)]
pub struct HolderStanding {
    /// Whether the token was taken back.
    pub revoked: bool,
    /// The person, if they were seen and not erased since.
    pub person: Option<Person>,
}

struct Asked {
    holder: Holder,
    reply: oneshot::Sender<Result<Arrival, Failure>>,
}

/// Where requests arrive.
#[derive(Clone)]
pub struct Arrivals(mpsc::Sender<Asked>);

impl Arrivals {
    /// Starts the task that asks; it ends with the last clone of what this answers.
    #[must_use]
    pub fn over(database: &Database) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        let (database, opened) = (database.clone(), database.connections.lines());
        tokio::spawn(Rounds { database, opened, state: None, stamp: Stamp(0), kept: HashMap::new() }.run(queue));
        Self(sender)
    }

    /// What the database says now of itself and of a token's holder.
    pub async fn meet(&self, holder: Holder) -> Result<Arrival, Failure> {
        let (reply, answer) = oneshot::channel();
        let closed = || Failure::Unavailable("nobody asks the database any more".into());
        self.0.send(Asked { holder, reply }).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

struct Rounds {
    database: Database,
    /// How often the one connection that rounds go through was opened so far.
    opened: Arc<AtomicU64>,
    state: Option<State>,
    stamp: Stamp,
    /// What was learnt since the database was in this state.
    kept: HashMap<Holder, Arc<HolderStanding>>,
}

impl Rounds {
    async fn run(mut self, mut queue: mpsc::Receiver<Asked>) {
        let mut round = Vec::with_capacity(ROUND);
        while queue.recv_many(&mut round, ROUND).await > 0 {
            // Whoever has gone away is not asked about.
            round.retain(|asked: &Asked| !asked.reply.is_closed());
            let began = Instant::now();
            let learnt = timeout(LONGEST, self.learn(&round)).await.unwrap_or_else(|_| {
                self.database.connections.fell_silent(began);
                Err(Failure::Unavailable("the database takes too long to say who asks".into()))
            });
            for Asked { holder, reply } in round.drain(..) {
                let answer = match &learnt {
                    Ok(()) => self.answer(&holder),
                    Err(failure) => Err(failure.again()),
                };
                let _ = reply.send(answer);
            }
        }
    }

    fn answer(&self, holder: &Holder) -> Result<Arrival, Failure> {
        let standing = self.kept.get(holder).ok_or_else(|| Failure::internal("a round left somebody out"))?;
        Ok(Arrival { stamp: self.stamp, standing: Arc::clone(standing) })
    }

    async fn learn(&mut self, round: &[Asked]) -> Result<(), Failure> {
        // A connection that was lost meanwhile fails once, and the next one is a fresh one.
        let mut pools = self.database.connections.current();
        let state = match self.ask(&pools.line).await {
            Err(Failure::Unavailable(_)) => {
                pools = self.database.connections.current();
                self.ask(&pools.line).await?
            }
            asked => asked?,
        };
        if self.state.as_ref() != Some(&state) {
            self.state = Some(state);
            self.stamp = Stamp(self.stamp.0 + 1);
            self.kept.clear();
        } else if self.kept.len() > KEPT {
            self.kept.clear();
        }
        let mut unknown: Vec<Holder> = Vec::new();
        for Asked { holder, .. } in round {
            if !self.kept.contains_key(holder) && !unknown.contains(holder) {
                unknown.push(holder.clone());
            }
        }
        if unknown.is_empty() { Ok(()) } else { self.look_up(&pools.line, unknown).await }
    }

    /// What the database says of itself.
    async fn ask(&self, line: &DatabaseConnection) -> Result<State, Failure> {
        let backend = self.database.backend;
        let sql = match backend {
            DbBackend::Postgres => "SELECT CAST(pg_current_snapshot() AS text) AS said",
            _ => "PRAGMA data_version",
        };
        let asked = line.query_one_raw(Statement::from_string(backend, sql)).await?;
        let answer = asked.ok_or_else(|| row::missing("state"))?;
        let said = match backend {
            DbBackend::Postgres => answer.try_get_by_index::<String>(0)?,
            _ => answer.try_get_by_index::<i64>(0)?.to_string(),
        };
        Ok(State { connection: self.opened.load(Ordering::SeqCst), said })
    }

    async fn look_up(&mut self, line: &DatabaseConnection, unknown: Vec<Holder>) -> Result<(), Failure> {
        let revoked: Vec<String> = revoked_token::Entity::find()
            .select_only()
            .column(revoked_token::Column::TokenId)
            .filter(revoked_token::Column::TokenId.is_in(evened(&unknown, |holder| &holder.token_id)))
            .into_tuple()
            .all(line)
            .await?;
        let rows = people::Entity::find()
            .filter(people::Column::Issuer.is_in(evened(&unknown, |holder| &holder.issuer)))
            .filter(people::Column::Subject.is_in(evened(&unknown, |holder| &holder.subject)))
            .all(line)
            .await?;
        let found = rows.into_iter().map(person::read).collect::<Result<Vec<_>, _>>()?;
        for holder in unknown {
            let is_holder = |person: &&Person| {
                person.issuer.as_ref() == Some(&holder.issuer) && person.subject.as_ref() == Some(&holder.subject)
            };
            let person = found.iter().find(is_holder).cloned();
            let revoked = revoked.contains(&holder.token_id);
            self.kept.insert(holder, Arc::new(HolderStanding { revoked, person }));
        }
        Ok(())
    }
}

/// A word of each, the last one repeated up to a power of two: so there are few statements to prepare.
fn evened(holders: &[Holder], word: impl Fn(&Holder) -> &String) -> Vec<&str> {
    let mut words: Vec<&str> = holders.iter().map(|holder| word(holder).as_str()).collect();
    if let Some(last) = words.last().copied() {
        words.resize(words.len().next_power_of_two(), last);
    }
    words
}
