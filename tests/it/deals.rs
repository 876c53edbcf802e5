//! Import of a CRM's deals: the real export where it is at hand, and small files of our own.

use std::path::{Path, PathBuf};

use holdline_domain::permission::Scope;
use serde_json::{Value, json};

use crate::support::{Server, fresh_database, holdline, verified};

const REAL: [&str; 11] = [
    "--system",
    "crm",
    "--team",
    "GTX",
    "--currency",
    "USD",
    "--date-format",
    "%d-%m-%y",
    "--map",
    "external_id=opportunity_id,idea=product,account=account,amount=close_value,stage=deal_stage",
    "--map=opened_on=engage_date,closed_on=close_date",
];

const DEMAND: &str = "{ ideas(orderBy: DEMAND_REQUESTS_DESC) { totalCount nodes { title external { externalId }
    demand { requests accounts open { requests amounts { amount } } won { requests amounts { amount currency } }
      lost { requests } } } } }";

/// The real export, if it lies beside the project.
fn real() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/crm/sales_pipeline.csv");
    if file.is_file() {
        return Some(file);
    }
    println!("skipped: the real export is not beside the project");
    None
}

/// Runs `holdline import deals` on a file; answers with the code, the figures on stdout and what stderr says.
async fn import(database: &holdline::store::DatabaseUrl, file: &Path, more: &[&str]) -> (i32, Vec<u64>, String) {
    let file = file.display().to_string();
    let mut arguments = vec!["import", "deals", file.as_str()];
    arguments.extend(more);
    let ran = holdline(database, &arguments).await;
    let numbers = ran.out.lines().filter_map(|line| line.rsplit_once(' ')?.1.parse().ok()).collect();
    (ran.code, numbers, ran.err)
}

fn requests(demand: &Value, part: &str) -> i64 {
    demand["ideas"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|idea| idea["demand"][part]["requests"].as_i64().unwrap())
        .sum()
}

#[tokio::test]
async fn a_real_export_imports_whole_and_imports_nothing_the_second_time_nor_shuffled() {
    let Some(file) = real() else { return };
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let mut lines: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
    lines[1..].reverse();
    let shuffled = folder.path().join("shuffled.csv");
    std::fs::write(&shuffled, lines.join("\n")).unwrap();

    let dry = import(&database, &file, &[&REAL[..], &["--dry-run"]].concat()).await;
    let first = import(&database, &file, &REAL).await;
    let second = import(&database, &file, &REAL).await;
    let third = import(&database, &shuffled, &REAL).await;

    assert_eq!((dry.0, dry.1), (0, vec![7, 8800, 0, 0]), "{}", dry.2);
    assert_eq!((first.0, first.1), (0, vec![7, 8800, 0, 0]), "{}", first.2);
    assert_eq!((second.0, second.1), (0, vec![0, 0, 8800, 0]), "{}", second.2);
    assert_eq!((third.0, third.1), (0, vec![0, 0, 8800, 0]), "{}", third.2);
    let server = Server::over(database, folder).await;
    let demand = server.planner().query(DEMAND).await;
    assert_eq!(demand["ideas"]["totalCount"], 7);
    let nodes = demand["ideas"]["nodes"].as_array().unwrap();
    let all: i64 = nodes.iter().map(|idea| idea["demand"]["requests"].as_i64().unwrap()).sum();
    assert_eq!(all, 8800);
    let won: i64 = nodes
        .iter()
        .flat_map(|idea| idea["demand"]["won"]["amounts"].as_array().unwrap())
        .map(|money| money["amount"].as_str().unwrap().parse::<i64>().unwrap())
        .sum();
    assert_eq!(won, 10_005_534);
    assert_eq!(requests(&demand, "open"), 2_089);
    assert!(nodes.iter().all(|idea| idea["demand"]["open"]["amounts"] == json!([])), "{demand:#}");
}

#[tokio::test]
async fn dirty_rows_are_reported_by_line_and_the_others_go_in() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let file = folder.path().join("deals.csv");
    let rows = "id,product,worth,day,stage\n\
                1,Reporting,100.50,2026-10-01,Won\n\
                2,Reporting,\"1,000\",2026-10-01,open\n\
                3,,1,2026-10-01,open\n\
                ,Reporting,1,2026-10-01,open\n\
                5,Reporting,1,01/10/2026,open\n\
                6,Reporting,1\n\
                7,Single sign-on,,,LOST\n";
    std::fs::write(&file, rows).unwrap();
    let map = ["--system", "s", "--team", "PAY", "--currency", "EUR", "--map"];
    let map = [&map[..], &["external_id=id,idea=product,amount=worth,opened_on=day,stage=stage"]].concat();

    let (code, figures, said) = import(&database, &file, &map).await;

    assert_eq!((code, figures), (1, vec![2, 2, 0, 5]), "{said}");
    for (line, words) in
        [(3, "value of worth"), (4, "value of product"), (5, "value of id"), (6, "value of day"), (7, "3 values")]
    {
        let begin = format!("{}:{line} INVALID", file.display());
        let found = said.lines().find(|said| said.starts_with(&begin)).unwrap_or_else(|| panic!("{line}: {said}"));
        assert!(found.contains(words), "{found}");
    }
    let server = Server::over(database, folder).await;
    let demand = server.planner().query(DEMAND).await;
    assert_eq!((requests(&demand, "won"), requests(&demand, "lost"), requests(&demand, "open")), (1, 1, 0));
}

#[tokio::test]
async fn a_file_or_mapping_that_is_wrong_as_a_whole_changes_nothing_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let file = folder.path().join("deals.csv");
    std::fs::write(&file, "id,product,worth\n1,Reporting,1\n").unwrap();
    let table: [(&[&str], &str); 5] = [
        (&["--map", "external_id=id"], "which column is idea"),
        (&["--map", "external_id=id,idea=name"], "lacks the column \"name\""),
        (&["--map", "external_id=id,idea=product,mood=worth"], "The meanings are"),
        (&["--map", "external_id=id,idea=product,amount=worth"], "--currency"),
        (&["--map", "external_id=id,idea=product", "--date-format", "%Q"], "--date-format"),
    ];
    for (more, words) in table {
        let arguments = [&["--system", "s", "--team", "PAY"], more].concat();
        let (code, figures, said) = import(&database, &file, &arguments).await;
        assert_eq!((code, figures), (2, vec![]), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn invariant_8_eight_clients_posting_the_same_thousand_deals_in_any_order_leave_a_thousand_with_the_newest_values()
 {
    const DEALS: usize = 1_000;
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let poster = |client: usize| {
        let caller = server.caller_with("crm", &[Scope::Read, Scope::IdeasWrite, Scope::RequestsWrite], "*");
        async move {
            // Each client walks the deals with a stride of its own and has another half of the newest values.
            let stride = [1, 3, 7, 9, 11, 13, 17, 19][client];
            let order: Vec<_> = (0..DEALS).map(|place| (place * stride + client * 31) % DEALS).collect();
            for part in order.chunks(125) {
                let requests: Vec<_> = part.iter().map(|deal| post(*deal, (deal + client) % 8)).collect();
                let input = json!({ "requests": requests, "onError": "SKIP_FAILED" });
                let done = caller.done("customerRequestsUpsert", input, "results { userErrors { code } }").await;
                let results = done["results"].as_array().unwrap();
                assert!(results.iter().all(|result| result["userErrors"] == json!([])), "{done:#}");
            }
        }
    };
    let clients: Vec<_> = (0..8).map(|client| tokio::spawn(poster(client))).collect();
    for client in clients {
        client.await.unwrap();
    }

    let demand = server.planner().query(DEMAND).await;
    let idea = &demand["ideas"]["nodes"][0]["demand"];
    assert_eq!((demand["ideas"]["totalCount"].as_i64(), idea["requests"].as_i64()), (Some(1), Some(1_000)));
    // The newest version of each deal is its seventh: won, and worth 7.
    let won = json!({ "requests": 1_000, "amounts": [{ "amount": "7000", "currency": "USD" }] });
    assert_eq!(idea["won"], won, "{idea:#}");
    verified(&server).await;
}

fn post(deal: usize, version: usize) -> Value {
    let status = if version == 7 { "WON" } else { "OPEN" };
    json!({
        "idea": { "external": { "system": "crm", "externalId": "reporting", "title": "Reporting", "team": "PAY" } },
        "note": format!("as of {version}"),
        "deal": {
            "system": "crm", "externalId": format!("deal-{deal}"), "status": status,
            "amount": { "amount": version.to_string(), "currency": "USD" },
            "sourceUpdatedAt": format!("2026-10-0{}T00:00:00Z", version + 1),
        },
    })
}
