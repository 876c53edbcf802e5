//! What a plan of the past costs: as of its first days, of a plan that was changed a few times and of one with ten times the
//! history since. Both are asked alike, so their ratio tells whether reading the past grows with what came after.

use std::{fmt::Write as _, time::Duration};

use chrono::{Datelike as _, Days, Months, NaiveDate};
use holdline::clock::Clock;
use serde_json::{Value, json};

use super::{
    client::{Connection, Run, drive, post},
    service::Service,
};

/// Two teams with the same plan, and how often each was changed.
const TEAMS: [(&str, u64); 2] = [("BRIEF", 6), ("LENGTHY", 60)];

const PLAN: &str =
    "query($team: String!, $quarter: String!, $asOf: DateTime) { plan(team: $team, quarter: $quarter, asOf: $asOf)
    { revision objectives { title keyResults { title current measure { unit baseline target } } } } }";

/// Plans of a quarter that is over.
pub(crate) struct Past {
    quarter: String,
    first: NaiveDate,
}

impl Past {
    /// Imports the plans, unless they are there.
    pub(crate) async fn load(service: &mut Service) -> Self {
        let today = Clock::system().now().utc().date_naive().checked_sub_months(Months::new(15)).unwrap();
        let first = NaiveDate::from_ymd_opt(today.year(), today.month0() / 3 * 3 + 1, 1).unwrap();
        let past = Self { quarter: format!("{}-Q{}", first.year(), first.month0() / 3 + 1), first };
        let asked = post(&service.token, r#"{"query":"{ team(key: \"BRIEF\") { id } }"}"#);
        let answer: Value = serde_json::from_slice(Connection::open(&service.address).await.ask(&asked).await).unwrap();
        if answer["data"]["team"].is_null() {
            past.import(service).await;
        }
        past
    }

    async fn import(&self, service: &mut Service) {
        let mut okrs =
            "team,quarter,objective,key_result,owner,priority,baseline,target,unit,committed_on\n".to_owned();
        let mut changes =
            "team,quarter,date,change,objective,key_result,new_key_result,owner,priority,baseline,target,unit,reason\n"
                .to_owned();
        let (quarter, first) = (&self.quarter, self.first);
        for (team, often) in TEAMS {
            for place in 0..16 {
                let (objective, key_result) = (format!("Objective {}", place / 4), format!("Key result {place}"));
                writeln!(okrs, "{team},{quarter},{objective},{key_result},lead,,0,100,%,{first}").unwrap();
            }
            for number in 0..often {
                let (day, target) = (first + Days::new(10 + number), 99 - number);
                writeln!(
                    changes,
                    "{team},{quarter},{day},AMEND_KEY_RESULT,Objective 0,Key result {},,,,0,{target},%,Change {number}",
                    number % 4
                )
                .unwrap();
            }
        }
        let check_ins = "team,quarter,date,objective,key_result,value,kind\n".to_owned();
        let files = [("past-okrs.csv", okrs), ("past-changes.csv", changes), ("past-check-ins.csv", check_ins)];
        let [okrs, changes, check_ins] = files.map(|(name, text)| {
            let file = service.folder.join(name);
            std::fs::write(&file, text).unwrap();
            file.display().to_string()
        });
        let arguments = ["import", "okrs", "--okrs", &okrs, "--changes", &changes, "--check-ins", &check_ins];
        let ran = service.stopped(&arguments).await;
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Asks each plan as of the quarter's eighth day, over eight connections and never in the same bytes.
    pub(crate) async fn measure(&self, service: &Service, time: Duration) -> [Run; 2] {
        let [brief, lengthy] = TEAMS.map(|(team, _)| {
            let (token, quarter, day) = (service.token.clone(), self.quarter.clone(), self.first + Days::new(7));
            let request = move |number: u64| {
                let variables = json!({ "team": team, "quarter": quarter, "asOf": format!("{day}T00:00:00Z") });
                let body = json!({ "query": PLAN, "variables": variables, "extensions": { "number": number } });
                post(&token, &body.to_string())
            };
            drive(&service.address, 8, time, request)
        });
        // One after the other: they share the machine.
        [brief.await, lengthy.await]
    }
}
