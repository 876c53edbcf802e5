//! What the service counts of itself, and the text that Prometheus reads (OpenMetrics 1.0).
//! Holds counters and how they are named; what is measured says so where it happens. Nothing here names a team, a person
//! or a token: labels are routes, statuses, rules and results.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use holdline_domain::refusal::Code;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::failure::Failure;

/// The upper bounds of how long requests took, in seconds.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0];

/// The upper bounds of how many jobs shared a commit.
const JOBS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 256.0, 1024.0];

/// A request, as it is counted: the route's pattern and the status.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Rule {
    rule: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: &'static str,
}

type Seconds = Counter<f64, AtomicU64>;

/// How the parts stand at this moment, read when somebody asks.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// The connections of each pool: its name, how many are in use, how many idle.
    pub pools: Vec<(&'static str, u32, u32)>,
    /// What the database knows; none while it does not answer.
    pub stored: Option<Stored>,
}

/// What the database knows of how the service stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stored {
    /// How many entries the log has.
    pub log_entries: i64,
    /// How many of them the newest checkpoint covers.
    pub signed_entries: i64,
    /// How many entries the webhook that is furthest behind has still to look at.
    pub webhook_lag: i64,
    /// How many deliveries wait.
    pub pending: i64,
    /// How many are tried no more.
    pub dead: i64,
}

/// The counters of a process; clones count together.
#[derive(Clone)]
pub struct Metrics(Arc<Counters>);

struct Counters {
    registry: Registry,
    requests: Family<Answered, Counter>,
    recalled: Counter,
    request_seconds: Family<Route, Histogram, fn() -> Histogram>,
    refusals: Family<Rule, Counter>,
    statements: Counter,
    statement_seconds: Seconds,
    commits: Counter,
    failed: Counter,
    jobs: Histogram,
    pools: Family<Pool, Gauge>,
    reachable: Gauge,
    renewals: Counter,
    log_entries: Gauge,
    signed_entries: Gauge,
    webhook_lag: Gauge,
    deliveries: Family<Status, Gauge>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("holdline");
        let counters = Counters {
            requests: Family::default(),
            recalled: Counter::default(),
            request_seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            refusals: Family::default(),
            statements: Counter::default(),
            statement_seconds: Seconds::default(),
            commits: Counter::default(),
            failed: Counter::default(),
            jobs: Histogram::new(JOBS),
            pools: Family::default(),
            reachable: Gauge::default(),
            renewals: Counter::default(),
            log_entries: Gauge::default(),
            signed_entries: Gauge::default(),
            webhook_lag: Gauge::default(),
            deliveries: Family::default(),
            registry: Registry::default(),
        };
        // Each from nothing, so that its first refusal is an increase.
        for rule in Code::ALL.map(Code::name) {
            drop(counters.refusals.get_or_create(&Rule { rule }));
        }
        counters.register_traffic(&mut registry);
        counters.register_levels(&mut registry);
        Self(Arc::new(Counters { registry, ..counters }))
    }
}

impl Counters {
    fn register_traffic(&self, registry: &mut Registry) {
        registry.register("requests", "Answers over HTTP, by route and status", self.requests.clone());
        registry.register("recalled", "Queries answered as before, since nothing had changed", self.recalled.clone());
        let help = "How long requests took until their answer began";
        registry.register_with_unit("request", help, Unit::Seconds, self.request_seconds.clone());
        registry.register("refusals", "Refused writes, by rule", self.refusals.clone());
        registry.register("sql_statements", "Statements that the database was asked", self.statements.clone());
        let help = "How long the database took over them, waiting included";
        registry.register_with_unit("sql", help, Unit::Seconds, self.statement_seconds.clone());
        registry.register("commits", "Durable commits of the record", self.commits.clone());
        let help = "Writes that failed: the database did not answer, or had no room";
        registry.register("failed_writes", help, self.failed.clone());
        registry.register("commit_jobs", "How many writes shared a commit", self.jobs.clone());
    }

    fn register_levels(&self, registry: &mut Registry) {
        registry.register("pool_connections", "Connections of the database", self.pools.clone());
        registry.register("database_up", "Whether the database answers: 1 or 0", self.reachable.clone());
        let help = "How often it fell silent and all its connections were opened anew";
        registry.register("database_renewals", help, self.renewals.clone());
        registry.register("log_entries", "Entries of the audit log", self.log_entries.clone());
        registry.register(
            "checkpoint_entries",
            "Entries that the newest checkpoint covers",
            self.signed_entries.clone(),
        );
        let help = "Entries that the webhook furthest behind has still to look at";
        registry.register("webhook_lag_entries", help, self.webhook_lag.clone());
        registry.register("webhook_deliveries", "Deliveries that wait or were given up", self.deliveries.clone());
    }
}

impl Metrics {
    /// A request was answered on a route, which is the pattern it matched.
    pub fn answered(&self, route: &str, status: u16, took: Duration) {
        self.0.requests.get_or_create(&Answered { route: route.to_owned(), status }).inc();
        self.0.request_seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// A query was answered as it was before.
    pub fn recalled(&self) {
        self.0.recalled.inc();
    }

    /// What became of a write: done, refused, or failed.
    pub fn wrote(&self, outcome: &Result<(), Failure>) {
        match outcome {
            Err(Failure::Refused(refusals)) => {
                for refusal in refusals.list() {
                    self.0.refusals.get_or_create(&Rule { rule: refusal.code.name() }).inc();
                }
            }
            Err(Failure::Unavailable(_) | Failure::Damaged(_) | Failure::Internal(_)) => drop(self.0.failed.inc()),
            Err(Failure::Forbidden(_) | Failure::ReadOnly | Failure::KeyReused) | Ok(()) => {}
        }
    }

    /// The database was asked something.
    pub fn asked(&self, took: Duration) {
        self.0.statements.inc();
        self.0.statement_seconds.inc_by(took.as_secs_f64());
    }

    /// Writes became durable together; none, where all of them were refused.
    pub fn committed(&self, jobs: usize) {
        if jobs == 0 {
            return;
        }
        self.0.commits.inc();
        self.0.jobs.observe(f64::from(u32::try_from(jobs).unwrap_or(u32::MAX)));
    }

    /// All connections of the database were opened anew.
    pub fn renewed(&self) {
        self.0.renewals.inc();
    }

    /// How often that was so.
    #[must_use]
    pub fn renewals(&self) -> u64 {
        self.0.renewals.get()
    }

    /// How many statements the database was asked.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.0.statements.get()
    }

    /// How many queries were answered as before.
    #[must_use]
    pub fn recalls(&self) -> u64 {
        self.0.recalled.get()
    }

    /// How many commits there were.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.0.commits.get()
    }

    /// The text that Prometheus reads.
    pub fn text(&self, levels: &Levels) -> Result<String, fmt::Error> {
        for (pool, used, idle) in &levels.pools {
            for (state, connections) in [("used", used), ("idle", idle)] {
                self.0.pools.get_or_create(&Pool { pool, state }).set(i64::from(*connections));
            }
        }
        self.0.reachable.set(i64::from(levels.stored.is_some()));
        // While the database does not answer, what it said last stands.
        if let Some(stored) = levels.stored {
            self.0.log_entries.set(stored.log_entries);
            self.0.signed_entries.set(stored.signed_entries);
            self.0.webhook_lag.set(stored.webhook_lag);
            self.0.deliveries.get_or_create(&Status { status: "pending" }).set(stored.pending);
            self.0.deliveries.get_or_create(&Status { status: "dead" }).set(stored.dead);
        }
        let mut text = String::new();
        text::encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
