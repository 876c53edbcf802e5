"""What chance alone would not reach: for each round a team with a committed plan, a draft of the next quarter, open
meetings, and renegotiations that wait to be decided. Every document of it is judged like any other."""

from collections.abc import Callable

from values import Known

ERRORS = "userErrors { code message }"
WAITING = 6
BOUNDARY = {
    "decided": [{"subject": {"text": "The quarter"}, "why": "It was committed"}],
    "open": [{"question": "What is in the way?", "wanted": "FACTS"}],
}


class Stage:
    """Sets up one round. `send` takes a document, its variables and a caller, and gives the answer's data."""

    def __init__(self, send: Callable, known: Known) -> None:
        self.send, self.known = send, known

    def mutate(self, name: str, asked: str, caller: str = "fuzz-first", /, **given: object) -> dict:
        type_ = name[0].upper() + name[1:] + "Input!"
        subject, fields = asked.split(" ", 1)
        document = f"mutation ($input: {type_}) {{ {name}(input: $input) {{ {subject} {fields} {ERRORS} }} }}"
        payload = (self.send(document, {"input": given}, caller, f"Mutation.{name}") or {}).get(name) or {}
        if not payload.get(subject):
            raise RuntimeError(f"the stage is not set: {name} answers {payload}")
        return payload[subject]

    def set(self, number: int) -> None:
        team = f"S{number}"
        self.mutate("teamCreate", "team { id key }", key=team, name=f"Stage {number}")
        self.draft(team, self.known.quarter(1))
        plan, keys = self.draft(team, self.known.quarter(0))
        digest = self.send("query ($id: ID!) { node(id: $id) { __typename id ... on Plan { digest } } }", {"id": plan},
                           "fuzz-first", "Query.node")["node"]["digest"]
        self.mutate("planCommit", "plan { id digest version }", plan=plan, digest=digest)
        for kind in ("STATUS", "PLANNING"):
            meeting = self.meeting(team, kind)
            self.known.pair("meetingInputRecord", meeting=meeting)
            for person in ("fuzz-first", "fuzz-second"):
                self.known.pair("meetingAcknowledge", meeting=meeting, planRevision=1, person={"subject": person})
        item = "roadmapItem { id version }"
        self.mutate("roadmapItemAdd", item, team=team, title="Cards", horizon="NEXT", keyResults=keys[:1])
        for horizon in ("NOW", "NOW", "LATER"):
            self.mutate("roadmapItemAdd", item, team=team, title="Cards", horizon=horizon, keyResults=keys)
        for key in keys:
            self.mutate("checkInRecord", "checkIn { id }", keyResult=key, kind="PROGRESS", value="3")
        for _ in range(3):
            self.known.pair("ideaReview", idea=self.mutate("ideaSubmit", "idea { id version }", team=team, title="Refunds")["id"])
        self.renegotiations(team, plan, keys)

    def draft(self, team: str, quarter: str) -> tuple:
        plan = self.mutate("planDraft", "plan { id version digest }", team=team, quarter=quarter, capacity="40",
                           capacityUnit="points")["id"]
        owner, keys = {"subject": "fuzz-second"}, []
        for load in ("5", "7"):
            objective = self.mutate("objectiveAdd", "objective { id }", plan=plan, title="Faster", rationale="Asked for",
                                    owner=owner, load=load)["id"]
            for target in ("10", "20"):
                keys.append(self.mutate("keyResultAdd", "keyResult { id }", objective=objective, title="Paid in time",
                                        unit="%", baseline="0", target=target, owner=owner)["id"])
        return plan, keys

    def meeting(self, team: str, kind: str, **more: object) -> str:
        attendees = [{"person": {"subject": "fuzz-first"}, "ask": "APPROVAL"},
                     {"person": {"subject": "fuzz-second"}, "ask": "INPUT"}]
        meeting = self.mutate("meetingPrepare", "meeting { id version }", team=team, kind=kind, title="Weekly",
                              attendees=attendees, boundary=BOUNDARY, **more)["id"]
        self.mutate("meetingOpen", "meeting { id version }", meeting=meeting)
        return meeting

    def renegotiations(self, team: str, plan: str, keys: list) -> None:
        """Proposed by the second caller and decided by the first, each in the one meeting; the rest stay drafts."""
        digest = "renegotiation { id version digest }"
        proposed = []
        for number in range(WAITING):
            change = {"amendKeyResult": {"keyResult": keys[number % len(keys)], "target": str(30 + number)}}
            drafted = self.mutate("renegotiationDraft", digest, "fuzz-second", plan=plan, changes=[change],
                                  trigger="Two deals ask", reason="It is worth it", tradeOff="Nothing else")["id"]
            if number < len(keys):
                self.mutate("renegotiationPropose", digest, "fuzz-second", renegotiation=drafted)
                proposed.append(drafted)
        meeting = self.meeting(team, "RENEGOTIATION", agenda=proposed)
        for one in proposed:
            self.known.pair("renegotiationDecide", renegotiation=one, meeting=meeting)
