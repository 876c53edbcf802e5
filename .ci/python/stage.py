"""What chance alone would not reach: for each round a team with a committed plan, a draft of the next quarter, open
meetings, and renegotiations that wait to be decided. Every document of it is judged like any other."""

from collections.abc import Callable

from values import Known

ERRORS = "userErrors { code message }"
BOUNDARY = {
    "decided": [{"subject": {"text": "The quarter"}, "why": "It was committed"}],
    "open": [{"question": "What is in the way?", "wanted": "FACTS"}],
}


class Stage:
    """Sets up one round. `send` takes a document, its variables and a caller, and gives the answer's data."""

    def __init__(self, send: Callable, known: Known) -> None:
        self.send, self.known = send, known

    def mutate(self, name: str, asked: str, caller: str = "fuzz-first", /, **given: object) -> dict:
        """What a mutation made."""
        made = self.attempt(name, asked, caller, **given)
        if made is None:
            raise RuntimeError(f"the stage is not set: {name} refuses {given}")
        return made

    def attempt(self, name: str, asked: str, caller: str, /, **given: object) -> dict | None:
        type_ = name[0].upper() + name[1:] + "Input!"
        document = f"mutation ($input: {type_}) {{ {name}(input: $input) {{ {asked} {ERRORS} }} }}"
        payload = (self.send(document, {"input": given}, caller, f"Mutation.{name}") or {}).get(name) or {}
        return payload.get(asked.split(" ", 1)[0])

    def set(self, number: int) -> None:
        team = f"S{number}"
        self.mutate("teamCreate", "team { id key }", key=team, name=f"Stage {number}")
        self.editable(*self.draft(team, self.known.quarter(1)))
        plan, objectives, keys = self.draft(team, self.known.quarter(0))
        digest = self.send("query ($id: ID!) { node(id: $id) { __typename id ... on Plan { digest } } }", {"id": plan},
                           "fuzz-first", "Query.node")["node"]["digest"]
        receipt = "receipt { seq leafHash checkpoint inclusionProof }"
        self.mutate("planCommit", f"plan {{ id digest version }} {receipt}", plan=plan, digest=digest)
        for kind in ("STATUS", "PLANNING"):
            meeting = self.meeting(team, kind)
            self.known.pair("meetingInputRecord", meeting=meeting)
            for person in ("fuzz-first", "fuzz-second"):
                self.known.pair("meetingAcknowledge", meeting=meeting, planRevision=1, person={"subject": person})
            said = self.mutate("meetingInputRecord", "meetingInput { id }", meeting=meeting, text="Cards are slow",
                               by={"subject": "fuzz-second"})["id"]
            self.known.pair("meetingInputDispose", meetingInput=said)
        item = "roadmapItem { id version }"
        for horizon in ("NOW", "NOW", "LATER"):
            self.mutate("roadmapItemAdd", item, team=team, title="Cards", horizon=horizon, keyResults=keys)
        for key in keys:
            self.mutate("checkInRecord", "checkIn { id }", keyResult=key, kind="PROGRESS", value="3")
        for _ in range(3):
            idea = self.mutate("ideaSubmit", "idea { id version }", team=team, title="Refunds")["id"]
            for name in ("ideaReview", "ideaPromote"):
                self.known.pair(name, idea=idea)
        self.renegotiations(team, plan, objectives, keys)

    def editable(self, plan: str, objectives: list, keys: list) -> None:
        """A draft's parts, for the mutations that a commitment refuses."""
        self.known.pair("objectiveAdd", plan=plan)
        for name in ("objectiveUpdate", "objectiveRemove"):
            self.known.pair(name, objective=objectives[0])
        for name in ("keyResultUpdate", "keyResultRemove"):
            self.known.pair(name, keyResult=keys[-1])
        self.known.pair("keyResultAdd", objective=objectives[1])

    def draft(self, team: str, quarter: str) -> tuple:
        plan = self.mutate("planDraft", "plan { id version digest }", team=team, quarter=quarter, capacity="40",
                           capacityUnit="points")["id"]
        owner, objectives, keys = {"subject": "fuzz-second"}, [], []
        for load in ("5", "7"):
            objective = self.mutate("objectiveAdd", "objective { id }", plan=plan, title="Faster", rationale="Asked for",
                                    owner=owner, load=load)["id"]
            objectives.append(objective)
            for target in ("10", "20"):
                keys.append(self.mutate("keyResultAdd", "keyResult { id }", objective=objective, title="Paid in time",
                                        unit="%", baseline="0", target=target, owner=owner)["id"])
        return plan, objectives, keys

    def meeting(self, team: str, kind: str, **more: object) -> str:
        attendees = [{"person": {"subject": "fuzz-first"}, "ask": "APPROVAL"},
                     {"person": {"subject": "fuzz-second"}, "ask": "INPUT"}]
        meeting = self.mutate("meetingPrepare", "meeting { id version }", team=team, kind=kind, title="Weekly",
                              attendees=attendees, boundary=BOUNDARY, **more)["id"]
        self.mutate("meetingOpen", "meeting { id version }", meeting=meeting)
        return meeting

    def renegotiations(self, team: str, plan: str, objectives: list, keys: list) -> None:
        """One of each change: proposed by the second caller, to be decided by the first in one meeting."""
        digest, owner = "renegotiation { id version digest }", {"subject": "fuzz-first"}
        measure = {"title": "Paid", "unit": "%", "baseline": "0", "target": "9", "owner": owner}
        changes = [
            {"amendKeyResult": {"keyResult": keys[0], "title": "Paid at once", "target": "30", "owner": owner}},
            {"amendObjective": {"objective": objectives[0], "title": "Fast", "load": "6", "owner": owner,
                                "rationale": "Asked twice", "contributesTo": objectives[1]}},
            {"addKeyResult": {"objective": objectives[0], **measure}},
            {"addObjective": {"title": "Safe", "rationale": "Law", "owner": owner, "load": "1", "keyResults": [measure]}},
            {"dropKeyResult": {"keyResult": keys[1], "why": "No room"}},
            {"dropObjective": {"objective": objectives[1], "why": "No room"}},
            {"setCapacity": {"capacity": "50"}},
        ]
        proposed = []
        for change in self.known.random.sample(changes, len(changes)):
            drafted = self.attempt("renegotiationDraft", digest, "fuzz-second", plan=plan, changes=[change],
                                  trigger="Two deals ask", reason="It is worth it", tradeOff="Nothing else")
            # Those that touch what another one touches are refused and stay drafts.
            if drafted and self.attempt("renegotiationPropose", digest, "fuzz-second", renegotiation=drafted["id"]):
                proposed.append(drafted["id"])
        meeting = self.meeting(team, "RENEGOTIATION", agenda=proposed)
        for one in proposed:
            self.known.pair("renegotiationDecide", renegotiation=one, meeting=meeting)
        # One is decided here, so that each round has a plan with a second revision to read.
        decided = {"renegotiation": proposed[0], "meeting": meeting, "outcome": "APPROVED", "rationale": "It is"}
        self.mutate("renegotiationDecide", "renegotiation { id version } receipt { seq }", **decided,
                    digest=self.known.digests[proposed[0]])
