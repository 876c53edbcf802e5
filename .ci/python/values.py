"""What is put into a document: values that the server knows, by the names that the SDL gives them, beside wild ones.

`Known` keeps what answers have shown: ids by their type, digests and versions by the id of what they are of, cursors.
"""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from random import Random

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

# Which type an argument or input field of type ID is of, where it does not say so by its own name.
KINDS = {
    "agenda": "Renegotiation", "actor": "Person", "contributesTo": "Objective", "evidence": "Idea", "from": "Renegotiation",
    "into": "Idea", "keyResults": "KeyResult", "question": "OpenQuestion", "id": "", "ids": "", "subject": "",
}
OF_TYPE = {"PersonRef": "Person", "IdeaRef": "Idea", "RoadmapItemMoveInput": "RoadmapItem"}
# What a new thing's id, chosen by the client, is the id of.
CHOSEN = {
    "CheckInRecordInput": "CheckIn", "CustomerRequestUpsertInput": "CustomerRequest", "IdeaSubmitInput": "Idea",
    "KeyResultAddInput": "KeyResult", "MeetingPrepareInput": "Meeting", "MeetingInputRecordInput": "MeetingInput",
    "ObjectiveAddInput": "Objective", "PlanDraftInput": "Plan", "RenegotiationDraftInput": "Renegotiation",
    "RoadmapAdditionInput": "RoadmapItem", "RoadmapItemAddInput": "RoadmapItem", "TeamCreateInput": "Team",
}
COMPARATORS = {"eq", "in", "nin", "gt", "gte", "lt", "lte", "contains", "null", "and", "or"}
WORDS = "faster cards refunds reports export account bank transfer mail sign-in twice weekly café straße 支払い".split()
TYPEID = "0123456789abcdefghjkmnpqrstvwxyz"
KEPT = 300


def register() -> None:
    """Teaches Schemathesis the SDL's own scalars: mostly good ones, the ends of their ranges, and what only looks like one."""
    instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat().replace("+00:00", "Z"))
    edges = ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z", ""]
    odd = ["2026-11-22T16:50:15+14:00", "0000-01-01T00:00:00-23:59", "2026-11-22t16:50:15z", "1969-12-31T23:59:59.9999999Z"]
    decimals = st.decimals(-(10**15), 10**15, allow_nan=False, places=6).map("{:f}".format)
    numbers = ["0", "-0", "-0.0", "00", "999999999999999.999999", "-999999999999999.999999", "1e9", "NaN", "1.", ".5", ""]
    scalars = {
        "DateTime": instants | st.sampled_from(edges + odd),
        "Date": st.dates().map(str) | st.sampled_from(["9999-12-31", "0001-01-01", "2026-02-30", "-0001-01-01", ""]),
        "Decimal": decimals | st.integers(-(10**16), 10**16).map(str) | st.sampled_from(numbers),
        "CurrencyCode": st.sampled_from(["USD", "EUR", "usd", "XXX", "", "EURO", "U\u00dfD"]),
        "JSON": st.text(),
    }
    for name, strategy in scalars.items():
        schemathesis.graphql.scalar(name, strategy.map(nodes.String))


class Known:
    """What answers have shown so far, and choices among it."""

    def __init__(self, seed: int, own_tokens: set) -> None:
        self.random = Random(seed)
        self.own_tokens = own_tokens
        self.own_people: set = set()
        self.seen: Counter = Counter()
        self.ids: dict = defaultdict(list)
        self.texts: dict = defaultdict(list)
        self.digests: dict = {}
        self.versions: dict = {}
        self.made_teams = 0
        self.pairs: dict = defaultdict(list)
        self.reserved: set = set()

    def see(self, type_name: str, name: str, value: object, source: dict) -> None:
        """Takes one field of an answer in."""
        if value is None or value == []:
            return
        self.seen[type_name, name] += 1
        if name == "id" and type_name != "Quarter":
            # What was read as of another time has an id of its own, with which nothing can be done but to read.
            self._keep(self.ids["past" if "~" in value else type_name], value)
        elif name in ("digest", "version") and "id" in source:
            (self.digests if name == "digest" else self.versions)[source["id"]] = value
        elif isinstance(value, str):
            kept = {"startCursor": "cursor", "endCursor": "cursor"}.get(name, name)
            kept = {("Team", "key"): "team", ("Quarter", "id"): "quarter"}.get((type_name, name), kept)
            self._keep(self.texts[kept], value)

    def _keep(self, kept: list, value: object) -> None:
        if value not in kept:
            kept.append(value)
            del kept[:-KEPT]

    def pair(self, operation: str, **input_: object) -> None:
        """Keeps values that belong together in the input of an operation, and its meeting open."""
        self.pairs[operation].append(input_)
        self.reserved.add(input_.get("meeting"))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, of: list, otherwise: object = None) -> object:
        """Any of them, but the latest more often: that is where something can still happen."""
        if not of:
            return otherwise
        return self.random.choice(of[-8:] if self.chance(0.5) else of)

    def identity(self, owner: str, path: tuple) -> str:
        """An id for the last name of the path, in a value of the owner's type."""
        name = next(step for step in reversed(path) if step not in COMPARATORS)
        if name == "id" and owner in CHOSEN:
            return self._chosen(CHOSEN[owner])
        kind = OF_TYPE.get(owner) if name in ("id", "after", "before") else None
        kind = kind or KINDS.get(name, name[0].upper() + name[1:])
        if owner == "MeetingFilter" or not kind or self.chance(0.03):
            kind = self.random.choice([kind for kind in self.ids if self.ids[kind]] or ["Plan"])
        found = self.one(self.ids[kind], "plan_00000000000000000000000000")
        ended = path[0] in ("meetingClose", "meetingCancel") and found in self.reserved and self.chance(0.9)
        if ended or path[0] == "personErase" and found in self.own_people:
            return self._altered(found)
        return found

    def _chosen(self, kind: str) -> str:
        there = self.one(self.ids[kind], "plan_01kat8w7ykfd5rgvqt1ck4tfyt")
        return there if self.chance(0.2) else self._altered(there)

    def _altered(self, id_: str) -> str:
        """An id of the same kind and form that nobody has."""
        return id_.split(".")[0][:-5] + "".join(self.random.choices(TYPEID, k=5))

    def text(self, owner: str, path: tuple) -> str:
        name = next(step for step in reversed(path) if step not in COMPARATORS)
        if name in ("team", "key"):
            return self._team(owner, path)
        if name == "quarter" or path[0] in ("quarter", "quarters"):
            return self.quarter(self.random.choice([-1, 0, 0, 0, 0, 1, 1, 2, 3]))
        if name == "token":
            # A token of the run itself would end the run; that it can be revoked is tested elsewhere.
            found = self.one(sorted(self.own_tokens))
            return found[:-4] + "".join(self.random.choices("0123456789abcdef", k=4))
        if name in ("after", "before"):
            return self.one(self.texts["cursor"], "")
        made = {
            "digest": self.one(list(self.digests.values()), "0" * 64), "subject": f"person-{self.random.randrange(9)}",
            "system": "crm" if self.chance(0.95) else "helpdesk", "externalId": f"x-{self.random.randrange(30)}",
            "url": f"https://crm.example.com/{self.random.randrange(30)}", "capacityUnit": "points",
            "name": f"Person {self.random.randrange(9)}", "unit": "%", "text": self.random.choice(WORDS),
        }
        if name in made and (name != "text" or path[0] == "search"):
            return made[name]
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, 6)))

    def _team(self, owner: str, path: tuple) -> str:
        made = [key for key in self.texts["team"] if key.startswith("F")]
        if owner == "TeamCreateInput":
            self.made_teams += 1
            return "OPS" if self.made_teams < 3 else f"F{self.random.randrange(400)}"
        if path[0] == "teamArchive":
            return self.one(made, "F0")
        return "PAY" if self.chance(0.4) else self.one(self.texts["team"], "PAY")

    def quarter(self, ahead: int) -> str:
        """The label of a quarter so many after the one that runs."""
        now = datetime.now(tz=UTC)
        quarter = now.year * 4 + (now.month - 1) // 3 + ahead
        return f"{quarter // 4}-Q{quarter % 4 + 1}"

    def whole(self, path: tuple) -> int:
        name = next(step for step in reversed(path) if step not in COMPARATORS)
        if name in ("first", "last"):
            # A nested page multiplies what the document costs.
            return self.random.randint(1, 60 if len(path) == 2 else 4)
        if name in ("seq", "treeSize", "covering") or path[0].startswith("audit"):
            return self.random.randint(0, 150)
        ranges = {"durationMinutes": (5, 90), "effort": (1, 5), "impact": (1, 5), "from": (1, 2), "to": (1, 3)}
        return self.random.randint(*ranges.get(name, (0, 3)))

    def amount(self) -> str:
        return self.random.choice(["0", "1", "2", "5", "12.5", "40", "99.999999", "-3"])

    def instant(self, path: tuple) -> str:
        if path[-1] in ("asOf",) or path[-1] in COMPARATORS:
            seen = self.texts["recordedAt"] + self.texts["occurredAt"] + self.texts["committedAt"]
            if seen and self.chance(0.7):
                return self.one(seen)
        ahead = path[-1] in ("decideBy", "scheduledFor")
        days = self.random.uniform(0.1, 20) if ahead else -self.random.uniform(0, 40)
        return (datetime.now(tz=UTC) + timedelta(days=days)).isoformat().replace("+00:00", "Z")

    def day(self) -> str:
        return str(datetime.now(tz=UTC).date() - timedelta(days=self.random.randrange(60)))


