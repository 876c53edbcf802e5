//! What the demo prints: one link per role, and requests to try, with the ids of this very run filled in.
//! Refuses to tell the story again; the answers do.

use std::collections::BTreeSet;

use holdline_domain::{actor::Teams, permission::Role, person::PersonKind, text::TeamKey};

use super::{
    super::{serve::links, stop::Stop},
    story::{self, Story, TEAM},
};
use crate::{app::App, auth::Grant, clock::Ids};

const ROLES: [Role; 6] = [Role::Viewer, Role::Contributor, Role::Planner, Role::Approver, Role::Auditor, Role::Admin];

/// The page.
pub(super) fn page(app: &App, address: &str, story: &Story) -> Result<String, Stop> {
    let ids = Ids::random(app.clock().clone());
    let mut lines = vec![
        "\nOpen it in a browser, as one of six: the first link is to the pages, the second to GraphiQL. Each is good for \
         8 hours."
            .to_owned(),
    ];
    for role in ROLES {
        let issued = app.keys().issue(&grant(role, &ids)?, app.clock().now())?;
        let [pages, graphiql] = links(&format!("http://{address}"), &issued.token);
        lines.push(format!("  {:12} {pages}\n  {:12} {graphiql}", role.name(), ""));
    }
    lines.push(String::new());
    lines.push(requests(story));
    Ok(lines.join("\n"))
}

fn grant(role: Role, ids: &Ids) -> Result<Grant, Stop> {
    let team = TeamKey::parse(TEAM).map_err(Stop::new)?;
    let all = matches!(role, Role::Auditor | Role::Admin);
    Ok(Grant {
        subject: story::subject(role)?,
        name: Some(story::name(role)?),
        kind: PersonKind::Person,
        scopes: role.scopes().iter().copied().collect(),
        teams: if all { Teams::All } else { Teams::Only(BTreeSet::from([team])) },
        system: None,
        token_id: ids.next(),
        life: 8 * 60 * 60,
    })
}

fn requests(story: &Story) -> String {
    let filled = [
        ("<team>", TEAM.to_owned()),
        ("<objective>", story.objective.to_string()),
        ("<renegotiation>", story.renegotiation.to_string()),
        ("<meeting>", story.meeting.to_string()),
        ("<digest>", story.digest.to_string()),
        ("<status-check>", story.status_check.to_string()),
        ("<waiting>", story.waiting.to_string()),
    ];
    let text = include_str!("requests.txt").trim_end();
    filled.into_iter().fold(text.to_owned(), |text, (mark, value)| text.replace(mark, &value))
}
