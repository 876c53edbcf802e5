//! PostgreSQL's fingerprint: what the catalogue says of tables, and of the functions that their triggers run.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Fingerprint, Part};
use crate::{failure::Failure, store::row};

#[derive(FromQueryResult)]
struct Found {
    table_name: String,
    kind: String,
    name: String,
    definition: String,
}

/// What is there.
pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Fingerprint, Failure> {
    let sql = format!(
        "WITH t AS (SELECT c.*, quote_ident(n.nspname) AS home FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p'))
         {TABLES} UNION ALL {COLUMNS} UNION ALL {KEYS} UNION ALL {UNIQUE_INDEXES} UNION ALL {TRIGGERS} UNION ALL {RULES}"
    );
    let mut found = Fingerprint::default();
    for part in row::rows::<Found>(db, &sql, []).await? {
        found.add(Part::new(&part.table_name, &part.kind, part.name), &part.definition);
    }
    Ok(found)
}

/// A table that does not survive a crash, or hides or lends rows, is another table.
const TABLES: &str = "
  SELECT t.relname::text AS table_name, 'table' AS kind, t.relname::text AS name,
    concat_ws(' ', t.relkind::text, t.relpersistence::text, CASE WHEN t.relrowsecurity THEN 'row security' END,
      CASE WHEN EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = t.oid) THEN 'inherited' END) AS definition
  FROM t";

const COLUMNS: &str = "
  SELECT t.relname::text, 'column', a.attname::text,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attcollation <> y.typcollation THEN (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END,
      CASE WHEN a.attnotnull THEN 'NOT NULL' END, a.attidentity::text || a.attgenerated::text,
      (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = t.oid AND d.adnum = a.attnum))
  FROM t JOIN pg_attribute a ON a.attrelid = t.oid JOIN pg_type y ON y.oid = a.atttypid
  WHERE a.attnum > 0 AND NOT a.attisdropped";

/// A foreign key is kept by triggers of its own, which a superuser can switch off.
const KEYS: &str = "
  SELECT t.relname::text,
    CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique key' WHEN 'f' THEN 'foreign key' ELSE 'check' END,
    k.conname::text,
    concat_ws(' ', pg_get_constraintdef(k.oid),
      CASE WHEN EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled NOT IN ('O', 'A'))
        THEN 'switched off' END)
  FROM t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype IN ('p', 'u', 'f', 'c')";

const UNIQUE_INDEXES: &str = "
  SELECT t.relname::text, 'unique key', x.relname::text,
    concat_ws(' ', replace(pg_get_indexdef(x.oid), t.home || '.', ''), CASE WHEN NOT i.indisvalid THEN 'not valid' END)
  FROM t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class x ON x.oid = i.indexrelid
  WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.conrelid = t.oid)";

/// A trigger is what its function does, in the schema it is pinned to, whoever connects (`A`).
const TRIGGERS: &str = r"
  SELECT t.relname::text, 'trigger', g.tgname::text,
    concat_ws(' ', replace(pg_get_triggerdef(g.oid), t.home || '.', ''), g.tgenabled::text, l.lanname,
      CASE WHEN f.prosecdef THEN 'as its owner' END,
      replace(array_to_string(f.proconfig, ' '), t.home, 'HOME'),
      encode(sha256(convert_to(regexp_replace(btrim(f.prosrc, E' \t\r\n'), '[ \t\r\n]+', ' ', 'g'), 'UTF8')), 'hex'))
  FROM t JOIN pg_trigger g ON g.tgrelid = t.oid JOIN pg_proc f ON f.oid = g.tgfoid
    JOIN pg_language l ON l.oid = f.prolang
  WHERE NOT g.tgisinternal";

const RULES: &str = "
  SELECT t.relname::text, 'rule', r.rulename::text, 'rule' FROM t JOIN pg_rewrite r ON r.ev_class = t.oid";
