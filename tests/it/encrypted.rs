//! The way to PostgreSQL: encrypted where its URL asks for that, and not gone where the server cannot show who it is.

use holdline::store::DatabaseUrl;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

use crate::support::{Process, fresh_database, holdline, owner_of};

/// The one row that a question of PostgreSQL's answers.
async fn row<T: sea_orm::TryGetable>(owner: &DatabaseConnection, question: &str) -> T {
    let answer = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, question)).await.unwrap();
    answer.unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_postgresql_is_encrypted_where_its_url_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let DatabaseUrl::Postgres(url) = &database else { return };
    let owner = owner_of(&database).await;
    let asking = |mode: &str| DatabaseUrl::Postgres(format!("{url}?sslmode={mode}"));
    let takes_tls = row::<String>(&owner, "SHOW ssl").await == "on";

    if takes_tls {
        let _process = Process::start(&asking("require"), folder.path(), &[]).await;
        let ways = "SELECT string_agg(DISTINCT s.ssl::text, ',') FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                    WHERE a.application_name = 'holdline' AND a.datname = current_database()";
        assert_eq!(row::<String>(&owner, ways).await, "true");
    } else {
        let refused = holdline(&asking("require"), &["audit", "checkpoint"]).await;
        assert!(refused.code == 2 && refused.err.contains("TLS"), "{}", refused.err);
    }
    // Nobody vouches for a server that the stories are told to.
    let unknown = holdline(&asking("verify-full"), &["audit", "checkpoint"]).await;

    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("does not answer"), "{}", unknown.err);
    assert!(!takes_tls || unknown.err.contains("certificate"), "{}", unknown.err);
}
