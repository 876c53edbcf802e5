//! The login that owns PostgreSQL's tables, where the service's own owns nothing.
//! Refuses an owner where there can be none.

use clap::Args;
use percent_encoding::percent_decode_str;
use sea_orm::sqlx::postgres::PgConnectOptions;

use super::stop::Stop;
use crate::{config::Settings, store::DatabaseUrl};

/// The setting.
#[derive(Args)]
pub(super) struct Owner {
    /// The login that owns the tables, where it is another than the service's
    #[arg(long, value_name = "URL", env = "HOLDLINE_OWNER_DATABASE_URL", hide_env_values = true)]
    owner_database_url: Option<String>,
}

impl Owner {
    /// The database as its owner opens it, and the service's role where that is another one.
    pub(super) fn resolve(&self, settings: &Settings) -> Result<(DatabaseUrl, Option<String>), Stop> {
        let service = settings.database()?;
        let owner = self.owner_database_url.as_deref().map(DatabaseUrl::parse).transpose().map_err(|why| {
            Stop::new(format!("--owner-database-url (HOLDLINE_OWNER_DATABASE_URL) is not understood: {why}."))
        })?;
        let role = match &owner {
            Some(owner) if settings.names_a_database() => other_role(owner, &service)?,
            _ => None,
        };
        Ok((owner.unwrap_or(service), role))
    }
}

/// The service's role, where it is not the owner's.
fn other_role(owner: &DatabaseUrl, service: &DatabaseUrl) -> Result<Option<String>, Stop> {
    let (DatabaseUrl::Postgres(owner), DatabaseUrl::Postgres(service)) = (owner, service) else {
        return Err(Stop::new(
            "An owner's login makes sense on PostgreSQL only: give --owner-database-url and --database-url as \
             postgres://… both, or leave the owner's out.",
        ));
    };
    let (one, other) = (database(owner), database(service));
    // Behind a pooler a database may have another name.
    if server(owner) == server(service) && one != other {
        return Err(Stop::new(format!(
            "--owner-database-url is of the database {one} and --database-url of {other}: they are two logins to one \
             database. Name the same in both."
        )));
    }
    let role = user(service).ok_or_else(|| {
        Stop::new("--database-url (HOLDLINE_DATABASE_URL) names no user, so no role can be given its rights.")
    })?;
    Ok((user(owner).as_ref() != Some(&role)).then_some(role))
}

/// Host and port of a PostgreSQL URL.
fn server(url: &str) -> Option<(String, u16)> {
    let options = url.parse::<PgConnectOptions>().ok()?;
    Some((options.get_host().to_owned(), options.get_port()))
}

/// The database that a PostgreSQL URL names, which is called like its user where it says nothing.
fn database(url: &str) -> String {
    let options = url.parse::<PgConnectOptions>().ok();
    options.map(|options| options.get_database().unwrap_or(options.get_username()).to_owned()).unwrap_or_default()
}

/// The user that a PostgreSQL URL names, before the host or as a parameter.
fn user(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let parameter = parameters.split('&').find_map(|parameter| parameter.strip_prefix("user="));
    let authority = rest.split('/').next().unwrap_or_default();
    let named = authority.rsplit_once('@').map(|(login, _)| login.split(':').next().unwrap_or_default());
    let user = parameter.or(named).filter(|user| !user.is_empty())?;
    Some(percent_decode_str(user).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_the_user_of_the_services_url() {
        let table = [
            ("postgres://service:p%40ss@db:5432/holdline", Some("service")),
            ("postgres://holdline%2Dweb@db/holdline?sslmode=require", Some("holdline-web")),
            ("postgres://db/holdline?user=web", Some("web")),
            ("postgres://db/holdline", None),
        ];
        for (url, expected) in table {
            assert_eq!(user(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn one_login_for_both_is_given_nothing() {
        let url = |user: &str| DatabaseUrl::Postgres(format!("postgres://{user}:x@db/holdline"));
        assert_eq!(other_role(&url("a"), &url("a")).unwrap(), None);
        assert_eq!(other_role(&url("a"), &url("b")).unwrap().as_deref(), Some("b"));
    }

    #[test]
    fn two_logins_to_two_databases_are_refused() {
        let url = |rest: &str| DatabaseUrl::Postgres(format!("postgres://{rest}"));

        let refused = other_role(&url("a:x@db/one"), &url("b:y@db/two")).unwrap_err().to_string();

        assert!(refused.contains("the database one") && refused.contains("of two"), "{refused}");
        assert!(other_role(&url("a:x@db/one"), &url("b:y@pooler:6432/one?sslmode=disable")).is_ok());
        assert!(other_role(&url("a:x@db/one"), &url("b:y@pooler:6432/one_by_session")).is_ok());
        assert!(other_role(&url("a:x@db"), &url("b:y@db")).is_err(), "each would be called like its user");
    }
}
