//! A team with one of everything that has an id, each text of it holding the team's own word, so that an answer that
//! tells of the team gives itself away.

use std::collections::BTreeMap;

use holdline_domain::{ids::HookEventId, permission::Scope};
use holdline_entity::hook_event;
use sea_orm::{ActiveValue::Set, EntityTrait as _};
use serde_json::{Value, json};

use crate::{
    shape::{Step, kind_at},
    support::{Caller, Server, digest},
};

/// The types that have ids, and which kind of thing stands for each.
const TYPES: [(&str, &str); 21] = [
    ("Team", "team"),
    ("Plan", "plan"),
    ("PlanRevision", "rev"),
    ("Objective", "obj"),
    ("KeyResult", "kr"),
    ("CheckIn", "checkin"),
    ("Renegotiation", "decided reneg"),
    ("Decision", "decision"),
    ("Meeting", "meeting"),
    ("OpenQuestion", "question"),
    ("MeetingInput", "input"),
    ("Idea", "idea"),
    ("CustomerRequest", "request"),
    ("Deal", "deal"),
    ("RoadmapItem", "item"),
    ("Person", "person"),
    ("AuditEntry", "audit"),
    ("Webhook", "webhook"),
    ("WebhookDelivery", "delivery"),
    ("HookEvent", "hook"),
    ("PublishedLink", "link"),
];

/// One of everything of a team, by kind.
pub(crate) struct World {
    pub(crate) team: String,
    pub(crate) word: String,
    pub(crate) ids: BTreeMap<&'static str, String>,
    caller: Caller,
}

/// Somebody with every scope and every team.
pub(crate) fn everything(server: &Server) -> Caller {
    server.caller_with("everything", &Scope::ALL, "*")
}

/// An id of the same kind of a thing that never was.
pub(crate) fn unknown(id: &str) -> String {
    format!("{}_01h455vb4pex5vsknk084sn02q", id.split_once('_').map_or(id, |(prefix, _)| prefix))
}

impl World {
    /// Makes the team and everything of it; its committed objectives contribute to one of another team, if one is named.
    pub(crate) async fn furnish(server: &Server, team: &str, word: &str, helps: Option<&Self>) -> Self {
        let (team, word) = (team.to_owned(), word.to_owned());
        let mut furnished = Self { team, word, ids: BTreeMap::new(), caller: everything(server) };
        let named = json!({ "key": furnished.team, "name": furnished.says("team") });
        furnished.make("team", "teamCreate", "team", named).await;
        furnished.commit(server, helps.map(|helped| helped.id("obj"))).await;
        furnished.draft_plan().await;
        furnished.renegotiate(server).await;
        furnished.meet().await;
        furnished.fill_backlog().await;
        furnished.look_up().await;
        furnished.listen().await;
        furnished.publish().await;
        furnished.refuse(server).await;
        furnished
    }

    pub(crate) fn id(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| panic!("the team has no {kind}"))
    }

    /// The id of its thing of a type.
    pub(crate) fn one_of(&self, of: &str) -> &str {
        self.id(TYPES.iter().find(|(name, _)| *name == of).unwrap_or_else(|| panic!("the team has no {of}")).1)
    }

    /// What names this team or a thing of it, wherever an argument takes an id or a key.
    pub(crate) fn named_at(&self, path: &[Step]) -> Value {
        let kind = kind_at(path).unwrap_or_else(|| panic!("no kind for the id at {path:?}"));
        match kind {
            "key" => json!(self.team),
            "chosen key" => json!("NEW"),
            kind => json!(self.id(kind)),
        }
    }

    pub(crate) fn says(&self, what: &str) -> String {
        format!("{} {what}", self.word)
    }

    fn owner(&self) -> Value {
        json!({ "name": self.says("owner") })
    }

    pub(crate) async fn make(&mut self, kind: &'static str, mutation: &str, subject: &str, input: Value) {
        let made = self.caller.done(mutation, input, &format!("{subject} {{ id }}")).await;
        self.ids.insert(kind, text(&made[subject]["id"]));
    }

    async fn objective(&mut self, kinds: (&'static str, &'static str), plan: &str, helps: Option<&str>) {
        let objective = json!({ "plan": self.id(plan), "title": self.says("objective"), "load": "2",
                                "rationale": self.says("rationale"), "owner": self.owner(), "contributesTo": helps });
        self.make(kinds.0, "objectiveAdd", "objective", objective).await;
        let key_result = json!({ "objective": self.id(kinds.0), "title": self.says("key result"), "unit": "%",
                                 "owner": self.owner(), "baseline": "0", "target": "100" });
        self.make(kinds.1, "keyResultAdd", "keyResult", key_result).await;
    }

    /// A committed plan of the running quarter with a check-in, and an item that serves it.
    async fn commit(&mut self, server: &Server, helps: Option<&str>) {
        let plan = json!({ "team": self.team, "quarter": "2026-Q4", "capacity": "10", "capacityUnit": "points" });
        self.make("plan", "planDraft", "plan", plan).await;
        self.objective(("obj", "kr"), "plan", helps).await;
        self.objective(("other obj", "other kr"), "plan", helps).await;
        let seen = digest(server, self.id("plan")).await;
        self.caller.done("planCommit", json!({ "plan": self.id("plan"), "digest": seen }), "plan { id }").await;
        let check_in =
            json!({ "keyResult": self.id("kr"), "kind": "PROGRESS", "value": "4", "note": self.says("note") });
        self.make("checkin", "checkInRecord", "checkIn", check_in).await;
        for kind in ["item", "other item"] {
            let item = json!({ "team": self.team, "title": self.says("item"), "problem": self.says("problem"),
                               "horizon": "NEXT", "keyResults": [self.id("kr")] });
            self.make(kind, "roadmapItemAdd", "roadmapItem", item).await;
        }
    }

    async fn draft_plan(&mut self) {
        let plan = json!({ "team": self.team, "quarter": "2027-Q1", "capacity": "10", "capacityUnit": "points" });
        self.make("draft plan", "planDraft", "plan", plan).await;
        self.objective(("draft obj", "draft kr"), "draft plan", None).await;
    }

    async fn propose(&mut self, kind: &'static str, changes: Value) -> String {
        let input = json!({ "plan": self.id("plan"), "changes": changes, "trigger": self.says("trigger"),
                            "reason": self.says("reason"), "tradeOff": self.says("trade-off") });
        self.make(kind, "renegotiationDraft", "renegotiation", input).await;
        let proposed = json!({ "renegotiation": self.id(kind) });
        let payload = self.caller.done("renegotiationPropose", proposed, "renegotiation { digest }").await;
        text(&payload["renegotiation"]["digest"])
    }

    /// Prepares a meeting that decides a renegotiation, and opens it.
    async fn open(&mut self, kind: &'static str, agenda: &str) {
        let input = json!({
            "team": self.team, "kind": "RENEGOTIATION", "title": self.says("meeting"), "agenda": [self.id(agenda)],
            "attendees": [{ "person": { "subject": "approver" }, "ask": "APPROVAL" }],
            "boundary": { "decided": [{ "subject": { "text": self.says("subject") }, "why": self.says("why") }],
                          "open": [{ "question": self.says("question"), "wanted": "OPTIONS" }],
                          "outOfScope": [self.says("matter")] },
        });
        self.make(kind, "meetingPrepare", "meeting", input).await;
        self.caller.done("meetingOpen", json!({ "meeting": self.id(kind) }), "meeting { id }").await;
    }

    /// One renegotiation that was approved, one that waits, one that is a draft.
    async fn renegotiate(&mut self, server: &Server) {
        let amended = json!([{ "amendKeyResult": { "keyResult": self.id("other kr"), "title": self.says("result") } }]);
        let seen = self.propose("decided reneg", amended).await;
        self.open("held meeting", "decided reneg").await;
        let decision = json!({ "renegotiation": self.id("decided reneg"), "meeting": self.id("held meeting"),
                               "outcome": "APPROVED", "rationale": self.says("decision"), "digest": seen });
        server.approver().done("renegotiationDecide", decision, "plan { id }").await;
        let dropped = json!([{ "dropObjective": { "objective": self.id("other obj"), "why": self.says("cause") } }]);
        self.propose("reneg", dropped).await;
        let draft = json!({ "plan": self.id("plan"), "reason": self.says("draft") });
        self.make("draft reneg", "renegotiationDraft", "renegotiation", draft).await;
    }

    async fn meet(&mut self) {
        self.open("meeting", "reneg").await;
        let prepared = json!({ "team": self.team, "kind": "STATUS", "title": self.says("status") });
        self.make("prepared meeting", "meetingPrepare", "meeting", prepared).await;
        let meeting = json!({ "id": self.id("meeting") });
        let query = "query($id: ID!) { node(id: $id) { ... on Meeting { boundary { open { id } } } } }";
        let read = self.caller.ask(query, meeting).await;
        self.ids.insert("question", text(&read.data()["node"]["boundary"]["open"][0]["id"]));
        let spoken = json!({ "meeting": self.id("meeting"), "by": { "name": self.says("speaker") },
                             "text": self.says("input"), "question": self.id("question") });
        for kind in ["input", "noted input", "drafted input"] {
            self.make(kind, "meetingInputRecord", "meetingInput", spoken.clone()).await;
        }
        let understood = json!({ "meeting": self.id("meeting"), "person": { "name": self.says("speaker") },
                                 "planRevision": 2, "dissent": self.says("dissent") });
        let joined =
            json!({ "meeting": self.id("meeting"), "person": { "name": self.says("speaker") }, "ask": "INPUT" });
        self.caller.done("meetingJoin", joined, "meeting { id }").await;
        self.caller.done("meetingAcknowledge", understood, "meeting { id }").await;
    }

    /// Ideas, one of them with a deal behind it and one on the roadmap.
    async fn fill_backlog(&mut self) {
        for kind in ["idea", "other idea", "planned idea"] {
            let external = json!({ "system": self.says("tracker"), "externalId": self.says("ticket") });
            let external = (kind == "idea").then_some(external);
            let idea = json!({ "team": self.team, "title": self.says("idea"), "body": self.says("body"), "external": external });
            self.make(kind, "ideaSubmit", "idea", idea).await;
        }
        let planned = json!({ "idea": self.id("planned idea"), "roadmapItem": self.id("item") });
        self.caller.done("ideaPromote", planned, "idea { id }").await;
        let also = json!({ "idea": { "id": self.id("planned idea") }, "deal": self.deal() });
        self.make("other request", "customerRequestUpsert", "customerRequest", also).await;
        let request = json!({ "idea": { "id": self.id("idea") }, "deal": self.deal(), "note": self.says("wish") });
        self.make("request", "customerRequestUpsert", "customerRequest", request).await;
    }

    /// What the CRM says of the deal that asks.
    pub(crate) fn deal(&self) -> Value {
        json!({ "system": "crm", "externalId": self.says("deal"), "status": "OPEN", "stage": self.says("stage"),
                "account": self.says("account"), "contact": self.says("contact"),
                "amount": { "amount": "1000", "currency": "USD" } })
    }

    /// A webhook to nobody, switched off once something waits for it.
    async fn listen(&mut self) {
        let hook = json!({ "team": self.team, "url": "http://127.0.0.1:9/nobody", "description": self.says("hook") });
        self.make("webhook", "webhookCreate", "webhook", hook).await;
        let asked = json!({ "id": self.id("webhook") });
        let query = "query($id: ID!) { node(id: $id) { ... on Webhook { deliveries { nodes { id failures } } } } }";
        for _ in 0..200 {
            let read = self.caller.ask(query, asked.clone()).await;
            let first = &read.data()["node"]["deliveries"]["nodes"][0];
            if first["failures"] == 1 {
                self.ids.insert("delivery", text(&first["id"]));
                let off = json!({ "webhook": self.id("webhook"), "enabled": false });
                self.caller.done("webhookUpdate", off, "webhook { id }").await;
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("nothing waits for the webhook");
    }

    /// A link under which anybody reads the plan.
    async fn publish(&mut self) {
        let link = json!({ "team": self.team, "name": self.says("link") });
        self.make("link", "publishedLinkCreate", "publishedLink", link).await;
    }

    /// What a CRM sent and was refused.
    async fn refuse(&mut self, server: &Server) {
        let id: HookEventId = holdline::clock::Ids::random(holdline::clock::Clock::system()).next();
        let row = hook_event::ActiveModel {
            id: Set(id.uuid()),
            hook: Set("crm".to_owned()),
            team: Set(self.team.clone()),
            xml: Set(false),
            body: Set(self.says("message").into_bytes()),
            status: Set(hook_event::HookEventStatus::Refused),
            reason: Set(Some(self.says("refusal"))),
            received_at: Set(0),
            leased_until: Set(None),
        };
        hook_event::Entity::insert(row).exec_without_returning(&server.sql().await).await.unwrap();
        self.ids.insert("hook", id.to_string());
    }

    /// The ids of what came along with something else.
    async fn look_up(&mut self) {
        let query = "query($plan: ID!, $reneg: ID!, $request: ID!, $kr: ID!, $team: String!) {
            plan: node(id: $plan) { ... on Plan { revisions { nodes { id } } } }
            reneg: node(id: $reneg) { ... on Renegotiation { decision { id } } }
            request: node(id: $request) { ... on CustomerRequest { deal { id } } }
            kr: node(id: $kr) { ... on KeyResult { owner { id } } }
            auditLog(first: 1, filter: { team: { eq: $team } }) { nodes { id } } }";
        let asked = json!({ "plan": self.id("plan"), "reneg": self.id("decided reneg"), "request": self.id("request"),
                            "kr": self.id("kr"), "team": self.team });
        let read = self.caller.ask(query, asked).await.data().clone();
        let found = [
            ("rev", &read["plan"]["revisions"]["nodes"][1]["id"]),
            ("decision", &read["reneg"]["decision"]["id"]),
            ("deal", &read["request"]["deal"]["id"]),
            ("person", &read["kr"]["owner"]["id"]),
            ("audit", &read["auditLog"]["nodes"][0]["id"]),
        ];
        self.ids.extend(found.map(|(kind, id)| (kind, text(id))));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
