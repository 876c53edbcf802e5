"""The server that is fuzzed: a store with the demo's story, its tokens, its end and the verifier's word on it."""

import base64
import json
import os
import signal
import subprocess
import time
from pathlib import Path

SCOPES = (
    "read,ideas:write,roadmap:write,checkins:write,meetings:write,renegotiations:draft,"
    "plans:write,renegotiations:propose,renegotiations:decide,audit:read,audit:export,admin"
)
# Two who may do what a person may, because nobody decides what they wrote; a program of a CRM, which alone posts requests;
# and two who hold little.
CALLERS = {
    "fuzz-first": ["--scopes", SCOPES, "--teams", "*"],
    "fuzz-second": ["--scopes", SCOPES, "--teams", "*"],
    "fuzz-crm": ["--scopes", SCOPES + ",requests:write", "--teams", "*", "--service", "crm"],
    "fuzz-elsewhere": ["--scopes", SCOPES, "--teams", "OPS"],
    "fuzz-viewer": ["--role", "viewer", "--teams", "PAY"],
}
PATIENCE = 60


def surroundings() -> dict:
    """The environment without settings that are meant for another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HOLDLINE_")}


class Server:
    """One `holdline serve` over the store that a demo left behind."""

    def __init__(self, binary: Path, work: Path) -> None:
        self.binary, self.work = binary, work
        self.store = self._store_of_a_demo()
        self.tokens = {name: self._token(name, flags) for name, flags in CALLERS.items()}
        self.log = work / "server.log"
        # The rate limit has tests of its own.
        flags = ["--points", "1000000000", "--points-per-second", "1000000", "--log", "warn"]
        self._process, self.url = self._start(["--data-dir", str(self.store), *flags], {}, self.log)

    def _store_of_a_demo(self) -> Path:
        """A demo that is killed leaves its folder, and everything that it acknowledged is in it."""
        folder = self.work / "demo"
        folder.mkdir()
        demo, _ = self._start(["--demo"], {"TMPDIR": str(folder)}, self.work / "demo.log", until="admin")
        demo.send_signal(signal.SIGKILL)
        demo.wait()
        return next(folder.glob("holdline-demo-*"))

    def _start(self, flags: list, settings: dict, log: Path, until: str = "Holdline is at") -> tuple:
        out = log.with_suffix(".out")
        with out.open("w") as stdout, log.open("w") as stderr:
            command = [self.binary, "serve", "--listen", "127.0.0.1:0", *flags]
            process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=surroundings() | settings)
        for _ in range(PATIENCE * 10):
            lines = out.read_text().splitlines()
            if any(line.strip().startswith(until) for line in lines):
                address = next(line for line in lines if line.startswith("Holdline is at "))
                return process, address.removeprefix("Holdline is at ")
            if process.poll() is not None:
                break
            time.sleep(0.1)
        process.kill()
        raise RuntimeError(f"the server did not start: {log.read_text()}")

    def _token(self, name: str, flags: list) -> str:
        issued = self._run("token", "issue", "--subject", name, *flags)
        if issued.returncode:
            raise RuntimeError(issued.stderr)
        return issued.stdout.strip()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [self.binary, *arguments, "--data-dir", self.store]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings())

    def token_ids(self) -> set:
        """The ids by which these tokens could be revoked."""
        bodies = (token.split(".")[1] for token in self.tokens.values())
        return {json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["jti"] for body in bodies}

    def lives(self) -> bool:
        return self._process.poll() is None

    def says_of(self, request_id: str) -> str:
        """What its log has on a request."""
        return "\n".join(line for line in self.log.read_text().splitlines() if request_id in line)

    def panics(self) -> list:
        return [line for line in self.log.read_text().splitlines() if "panicked at" in line]

    def last_words(self) -> str:
        return f"exit {self._process.wait(PATIENCE)}, {self.log.read_text()[-800:]}"

    def stop(self) -> None:
        if self.lives():
            self._process.terminate()
            try:
                self._process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def verified(self) -> tuple:
        """Whether the verifier finds the record of the stopped server whole, and what it says."""
        result = self._run("audit", "verify")
        return result.returncode == 0, result.stdout + result.stderr
