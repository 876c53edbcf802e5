"""Fuzzes the whole schema with Schemathesis: no 5xx, no INTERNAL, no answer that contradicts the SDL.

Usage: python fuzz.py HOLDLINE SCHEMA, the binary and its printed SDL. It makes a store with the demo's story, serves it,
and asks for every root field with every caller's token in turn. HOLDLINE_FUZZ_SEED chooses another seed,
HOLDLINE_FUZZ_EXAMPLES how many valid documents each root field gets, HOLDLINE_FUZZ_LOG a file for all that was sent.
Prints what it finds and a line of figures; exits 1 when there is a finding, and 2 when it could not run.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import requests
import schemathesis
from graphql import parse
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from answers import Sent, Verdict, judge, load, weigh
from documents import Writer
from server import CALLERS, Server
from stage import Stage
from values import Known, register

SEED = 20261
# Valid documents for each root field, in as many rounds; what one round makes is there for the next to find. Of invalid
# ones, with one violation each, there are fewer: graphql-js judges those too.
EXAMPLES, ROUNDS, INVALID = 40, 5, 4
# The share of the SDL's output fields that must have been seen with a value; with less of them the fuzz has gone blind.
SIGHT = 0.8
# The answers stop being interesting after so many findings.
ENOUGH = 15
# Most is asked by those who may do it.
TURNS = ["fuzz-first"] * 5 + ["fuzz-second"] * 3 + ["fuzz-crm"] * 2 + ["fuzz-elsewhere", "fuzz-viewer"]
SHOWN = 2500
CRAWL = """{
  teams { nodes { id key version } } ideas { nodes { id version title } } currentQuarter { id }
  meetings { nodes { id version inputs { nodes { id } } boundary { open { id } } } }
  renegotiations { nodes { id version digest } }
  auditLog(first: 250) { nodes { id occurredAt recordedAt actor { id } subject { __typename id } } pageInfo { endCursor } }
  plan(team: "PAY") { id version digest objectives { id keyResults { id } } }
}"""


class Run:
    """One run against one server: sends, judges, and counts."""

    def __init__(self, server: Server, sdl: str, first_seed: int) -> None:
        self.server, self.schema, self.seed = server, load(sdl), first_seed
        self.known = Known(first_seed, server.token_ids())
        self.writer = Writer(self.schema, self.known)
        self.sessions = {name: self._session(token) for name, token in server.tokens.items()}
        self.outcomes, self.findings, self.reached, self.succeeded = Counter(), [], Counter(), Counter()
        self.log = open(os.environ["HOLDLINE_FUZZ_LOG"], "w") if "HOLDLINE_FUZZ_LOG" in os.environ else None

    def _session(self, token: str) -> requests.Session:
        session = requests.Session()
        accept = "application/graphql-response+json"
        session.headers.update({"accept": accept, "authorization": f"Bearer {token}"})
        return session

    def learn(self) -> None:
        """Finds out what the store has, and who the callers are."""
        for caller in CALLERS:
            data = self.send("{ viewer { person { id } } }", {}, caller, "Query.viewer")
            if not data:
                raise RuntimeError(f"the server does not know {caller}")
            self.known.own_people.add(data["viewer"]["person"]["id"])
        self.ask(Sent(CRAWL, {}, "fuzz-first", "Query.auditLog"))

    def send(self, document: str, variables: dict, caller: str, operation: str) -> dict:
        return self.ask(Sent(document, variables, caller, operation)).get("data")

    def ask(self, sent: Sent) -> dict:
        weigh(self.schema, sent)
        body = {"query": sent.document, "variables": sent.variables}
        try:
            response = self.sessions[sent.caller].post(f"{self.server.url}/graphql", json=body, timeout=30)
            status, text = response.status_code, response.content.decode()
            verdict = judge(self.schema, sent, status, text, self.known.see)
        except requests.RequestException as error:
            status, text, verdict = 0, "", Verdict("failed", [f"no answer: {type(error).__name__}"])
        self.outcomes[verdict.outcome if not sent.objections else "invalid"] += 1
        self.reached[sent.operation] += verdict.outcome in ("data", "userErrors")
        self.succeeded[sent.operation] += verdict.outcome == "data"
        if self.log:
            kept = {"caller": sent.caller, "status": status, "outcome": verdict.outcome, "answer": text}
            print(json.dumps({**body, **kept, "objections": sent.objections}), file=self.log)
        if verdict.findings:
            self.report(sent, verdict, status, text)
        return json.loads(text) if text.startswith("{") else {}

    def report(self, sent: Sent, verdict: Verdict, status: int, text: str) -> None:
        # The same words about the same field are one finding.
        known = (sent.operation, verdict.findings[0][:80])
        if known in self.findings:
            return
        self.findings.append(known)
        print(f"FAIL  {sent.operation}, as {sent.caller}: " + "\n      ".join(verdict.findings[:3]))
        print(f"{sent.document}\nvariables {json.dumps(sent.variables)}\nanswered with {status} {text[:SHOWN]}")
        for error in (json.loads(text).get("errors") or [] if text.startswith("{") else []):
            print(self.server.says_of(str(error.get("extensions", {}).get("requestId", "-"))))

    def round(self, operations: list, number: int, mode: GenerationMode, examples: int) -> None:
        for operation in self.known.random.sample(operations, len(operations)):
            self.examples(operation, self.seed + number, mode, examples)

    def examples(self, operation, first_seed: int, mode: GenerationMode, examples: int) -> None:
        # A finding is noted and the run goes on: the store has moved, so that Hypothesis could neither repeat nor shrink it.
        @seed(first_seed)
        @settings(
            max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def one(case) -> None:
            if len(self.findings) >= ENOUGH or not self.server.lives():
                return
            caller = self.known.random.choice(TURNS)
            if "customerRequest" in operation.label and self.known.chance(0.8):
                caller = "fuzz-crm"
            if operation.label.endswith("renegotiationDecide") and self.known.chance(0.6):
                caller = "fuzz-first"
            if mode.is_positive:
                self.ask(Sent(*self.writer.rewrite(parse(case.body)), caller, operation.label))
            else:
                self.ask(Sent(case.body, {}, caller, operation.label))

        one()

    def closing(self, operations: list) -> list:
        """What must hold once everything was sent."""
        if not self.server.lives():
            return [f"the server ended: {self.server.last_words()}"]
        health = requests.get(f"{self.server.url}/healthz", timeout=30).status_code
        findings = [] if health == 200 else [f"/healthz answers {health}"]
        findings += self.server.panics()
        findings += [f"{o.label} never came as far as its rules" for o in operations if not self.reached[o.label]]
        self.server.stop()
        whole, said = self.server.verified()
        return findings if whole else [*findings, f"audit verify: {said}"]

    def coverage(self) -> tuple:
        """How many of the output fields were seen with a value, of how many."""
        types = [t for name, t in self.schema.type_map.items() if not name.startswith("__") and hasattr(t, "interfaces")]
        fields = [(t.name, name) for t in types if t.name[0] != "_" and not is_interface(t) for name in t.fields]
        return [one for one in fields if not self.known.seen[one]], len(fields)


def is_interface(type_) -> bool:
    return type(type_).__name__ == "GraphQLInterfaceType"


def fuzz(server: Server, sdl_path: str) -> int:
    started = time.monotonic()
    first_seed = int(os.environ.get("HOLDLINE_FUZZ_SEED", SEED))
    examples = int(os.environ.get("HOLDLINE_FUZZ_EXAMPLES", EXAMPLES))
    run = Run(server, Path(sdl_path).read_text(), first_seed)
    operations = [found.ok() for found in schemathesis.graphql.from_path(sdl_path).get_all_operations()]
    try:
        run.learn()
        stage = Stage(run.send, run.known)
        for number in range(ROUNDS):
            stage.set(number)
            run.round(operations, number, GenerationMode.POSITIVE, examples // ROUNDS)
        run.round(operations, ROUNDS, GenerationMode.NEGATIVE, INVALID)
    except RuntimeError as error:
        # A server that ended or refuses all cannot be set up any further; what it did until then is told below.
        run.findings.append(("the stage", str(error)))
        print(f"FAIL  {error}")
    unseen, fields = run.coverage()
    # A short run need not reach everything.
    is_whole = examples >= EXAMPLES
    closing = run.closing(operations if is_whole else [])
    if is_whole and len(unseen) > fields * (1 - SIGHT) and not run.findings:
        closing.append(f"only {fields - len(unseen)} of {fields} fields were seen with a value")
    for finding in closing:
        print(f"FAIL  {finding}")
    if os.environ.get("HOLDLINE_FUZZ_LOG"):
        print("never with data:", ", ".join(o.label for o in operations if not run.succeeded[o.label]))
        print("never seen with a value:", ", ".join(".".join(one) for one in unseen))
    figures = ", ".join(f"{count} {name}" for name, count in sorted(run.outcomes.items()))
    failed = len(run.findings) + len(closing)
    print(
        f"seed {first_seed}: {len(operations)} operations, {run.outcomes.total()} requests ({figures}), "
        f"{fields - len(unseen)} of {fields} fields seen, {failed} findings, {time.monotonic() - started:.0f} s"
    )
    return 1 if failed else 0


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: fuzz.py HOLDLINE SCHEMA", file=sys.stderr)
        return 2
    register()
    with tempfile.TemporaryDirectory() as work:
        try:
            server = Server(Path(sys.argv[1]).resolve(), Path(work))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 2
        try:
            return fuzz(server, sys.argv[2])
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
