//! What an owner may do to the tables that guard the record, by mistake or not, and how it is undone.

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

use crate::support::on_postgres;

/// Something done to a database, and what names it.
pub(crate) struct Harm {
    pub(crate) done: Vec<String>,
    pub(crate) undone: Vec<String>,
    pub(crate) names: String,
}

impl Harm {
    fn new(done: impl Into<String>, undone: impl Into<String>, names: impl Into<String>) -> Self {
        Self { done: vec![done.into()], undone: vec![undone.into()], names: names.into() }
    }
}

pub(crate) async fn run(owner: &DatabaseConnection, statements: &[String]) {
    for sql in statements {
        owner.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// The rows of a statement that answers with columns `a` and `b`, as text.
async fn pairs(owner: &DatabaseConnection, sql: &str) -> Vec<(String, String)> {
    let backend = if on_postgres() { DbBackend::Postgres } else { DbBackend::Sqlite };
    let rows = owner.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "a").unwrap(), row.try_get("", "b").unwrap())).collect()
}

/// One of each kind.
pub(super) async fn kinds(owner: &DatabaseConnection) -> Vec<Harm> {
    if on_postgres() { postgres(owner).await } else { sqlite(owner).await }
}

/// Each trigger that guards anything, dropped; and each again, replaced by one of the same name that does nothing.
pub(super) async fn triggers(owner: &DatabaseConnection) -> Vec<Harm> {
    let mut harms = Vec::new();
    if on_postgres() {
        let sql = "SELECT tgname::text AS a, tgrelid::regclass::text AS b FROM pg_trigger
                   WHERE NOT tgisinternal AND pg_get_triggerdef(oid) LIKE '% BEFORE %'";
        for (trigger, table) in pairs(owner, sql).await {
            harms.push(dropped(owner, &trigger, &table).await);
            harms.push(emptied(owner, &trigger, &table).await);
            let names = format!("the trigger {trigger} of {table} is altered");
            let alter = |state: &str| format!("ALTER TABLE {table} {state} TRIGGER {trigger}");
            harms.push(Harm::new(alter("DISABLE"), alter("ENABLE ALWAYS"), names));
        }
        return harms;
    }
    let sql = "SELECT name AS a, sql AS b FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '% BEFORE %'";
    for (trigger, made) in pairs(owner, sql).await {
        let table = made.split(" ON ").nth(1).unwrap().split_whitespace().next().unwrap();
        let (lower, event) = (trigger.to_lowercase(), made.split_whitespace().nth(4).unwrap());
        let drop = format!("DROP TRIGGER {trigger}");
        let empty = format!("CREATE TRIGGER {trigger} BEFORE {event} ON {table} BEGIN SELECT 1; END");
        let named = |how: &str| format!("the trigger {lower} of {table} is {how}");
        harms.push(Harm::new(&drop, &made, named("missing")));
        harms.push(Harm::new(format!("{drop}; {empty}"), format!("{drop}; {made}"), named("altered")));
    }
    harms
}

async fn dropped(owner: &DatabaseConnection, trigger: &str, table: &str) -> Harm {
    let sql = format!("SELECT pg_get_triggerdef(oid) AS a, '' AS b FROM pg_trigger WHERE tgname = '{trigger}'");
    let (made, _) = pairs(owner, &sql).await.remove(0);
    let again = format!("{made}; ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}");
    Harm::new(
        format!("DROP TRIGGER {trigger} ON {table}"),
        again,
        format!("the trigger {trigger} of {table} is missing"),
    )
}

async fn emptied(owner: &DatabaseConnection, trigger: &str, table: &str) -> Harm {
    let sql = format!(
        "SELECT p.proname::text AS a, pg_get_functiondef(p.oid) AS b FROM pg_proc p JOIN pg_trigger t ON t.tgfoid = p.oid
         WHERE t.tgname = '{trigger}'"
    );
    let (function, made) = pairs(owner, &sql).await.remove(0);
    let empty = format!(
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql
           SET search_path = pg_catalog, public, pg_temp AS 'BEGIN RETURN NEW; END'"
    );
    Harm::new(empty, made, format!("the trigger {trigger} of {table} is altered"))
}

async fn postgres(owner: &DatabaseConnection) -> Vec<Harm> {
    let (refers, _) = pairs(
        owner,
        "SELECT quote_ident(t.tgname) AS a, '' AS b FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint
         WHERE k.conname = 'decision_by_person_fkey' AND t.tgrelid = 'decision'::regclass",
    )
    .await
    .remove(0);
    let mut harms = vec![
        dropped(owner, "plan_revision_renegotiated", "plan_revision").await,
        Harm::new(
            format!("ALTER TABLE decision DISABLE TRIGGER {refers}"),
            format!("ALTER TABLE decision ENABLE TRIGGER {refers}"),
            "the foreign key decision_by_person_fkey of decision is altered",
        ),
    ];
    harms.extend(POSTGRES.map(|(done, undone, names)| Harm::new(done, undone, names)));
    harms
}

const POSTGRES: [(&str, &str, &str); 11] = [
    (
        "ALTER FUNCTION plan_revision_renegotiated() RESET ALL",
        "ALTER FUNCTION plan_revision_renegotiated() SET search_path = pg_catalog, public, pg_temp",
        "the trigger plan_revision_renegotiated of plan_revision is altered",
    ),
    (
        "ALTER TABLE decision ENABLE TRIGGER decision_by_another",
        "ALTER TABLE decision ENABLE ALWAYS TRIGGER decision_by_another",
        "the trigger decision_by_another of decision is altered",
    ),
    (
        "CREATE TRIGGER sly BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DROP TRIGGER sly ON decision",
        "the trigger sly of decision was added",
    ),
    (
        "CREATE RULE sly AS ON INSERT TO decision DO INSTEAD NOTHING",
        "DROP RULE sly ON decision",
        "the rule sly of decision was added",
    ),
    (
        "ALTER TABLE decision DROP CONSTRAINT decision_audit_seq_key",
        "ALTER TABLE decision ADD CONSTRAINT decision_audit_seq_key UNIQUE (audit_seq)",
        "the unique key decision_audit_seq_key of decision is missing",
    ),
    (
        "ALTER TABLE decision DROP CONSTRAINT decision_meeting_id_fkey",
        "ALTER TABLE decision ADD CONSTRAINT decision_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES meeting (id)",
        "the foreign key decision_meeting_id_fkey of decision is missing",
    ),
    (
        "ALTER TABLE decision DROP CONSTRAINT decision_outcome_check",
        "ALTER TABLE decision ADD CONSTRAINT decision_outcome_check CHECK (outcome IN ('APPROVED', 'REJECTED'))",
        "the check decision_outcome_check of decision is missing",
    ),
    (
        "ALTER TABLE decision ALTER COLUMN rationale DROP NOT NULL",
        "ALTER TABLE decision ALTER COLUMN rationale SET NOT NULL",
        "the column rationale of decision is altered",
    ),
    (
        "ALTER TABLE acknowledgement DROP COLUMN dissent",
        "ALTER TABLE acknowledgement ADD COLUMN dissent text",
        "the column dissent of acknowledgement is missing",
    ),
    (
        "ALTER TABLE decision ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE decision DISABLE ROW LEVEL SECURITY",
        "the table decision is altered",
    ),
    (
        "ALTER TABLE decision RENAME TO decided",
        "ALTER TABLE decided RENAME TO decision",
        "the table decision is missing",
    ),
];

async fn sqlite(owner: &DatabaseConnection) -> Vec<Harm> {
    let sql = "SELECT sql AS a, '' AS b FROM sqlite_master WHERE name = 'plan_revision_renegotiated'";
    let (made, _) = pairs(owner, sql).await.remove(0);
    let drop = "DROP TRIGGER plan_revision_renegotiated";
    let mut harms = vec![
        Harm::new(drop, &made, "the trigger plan_revision_renegotiated of plan_revision is missing"),
        Harm::new(
            format!("{drop}; {}", made.replace("NEW.number <>", "NEW.number >")),
            format!("{drop}; {made}"),
            "the trigger plan_revision_renegotiated of plan_revision is altered",
        ),
        Harm::new(
            "CREATE TRIGGER sly AFTER INSERT ON Decision BEGIN SELECT RAISE(IGNORE); END",
            "DROP TRIGGER sly",
            "the trigger sly of decision was added",
        ),
        Harm::new(
            "ALTER TABLE acknowledgement DROP COLUMN dissent",
            "ALTER TABLE acknowledgement ADD COLUMN dissent TEXT",
            "the column dissent of acknowledgement is missing",
        ),
    ];
    for (table, from, to, names) in SQLITE {
        harms.push(remade(owner, table, from, to, names).await);
    }
    harms
}

/// Tables, what they say, what they are made to say instead, and how that is named.
const SQLITE: [(&str, &str, &str, &str); 6] = [
    ("decision", "rationale TEXT NOT NULL", "rationale TEXT", "the column rationale of decision is altered"),
    ("client_request", " UNIQUE", "", "the column audit_seq of client_request is altered"),
    (
        "decision",
        "UNIQUE (renegotiation_id, plan_id, outcome),",
        "",
        "the unique key (renegotiation_id, plan_id, outcome) of decision is missing",
    ),
    (
        "key_result_version",
        "FOREIGN KEY (plan_id, number) REFERENCES plan_revision (plan_id, number),",
        "",
        "the foreign key (plan_id, number) of key_result_version is missing",
    ),
    ("meeting_event", "CHECK (status", "CHECK (TRUE OR status", "the check on status of meeting_event is missing"),
    ("decision", ") STRICT", ")", "the table decision is altered"),
];

/// A table made anew with another definition, in the steps that SQLite's manual gives, its triggers included; and made
/// anew as it was.
async fn remade(owner: &DatabaseConnection, table: &str, from: &str, to: &str, names: &str) -> Harm {
    let of = |what: &str| {
        format!(
            "SELECT sql AS a, type AS b FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name = '{table}' AND type {what}"
        )
    };
    let (made, _) = pairs(owner, &of("= 'table'")).await.remove(0);
    let rest = pairs(owner, &of("<> 'table'")).await.into_iter().map(|(sql, _)| sql);
    let rest: Vec<_> = rest.collect();
    let anew = made.replacen(from, to, 1);
    assert_ne!(anew, made, "{table} does not say {from}");
    let steps = |sql: &str| {
        let mut steps = vec![
            "PRAGMA foreign_keys = OFF".to_owned(),
            "PRAGMA legacy_alter_table = ON".to_owned(),
            sql.replacen(&format!("CREATE TABLE {table} "), &format!("CREATE TABLE {table}_anew "), 1),
            format!("INSERT INTO {table}_anew SELECT * FROM {table}"),
            format!("DROP TABLE {table}"),
            format!("ALTER TABLE {table}_anew RENAME TO {table}"),
        ];
        steps.extend(rest.iter().cloned());
        steps
    };
    Harm { done: steps(&anew), undone: steps(&made), names: names.to_owned() }
}
