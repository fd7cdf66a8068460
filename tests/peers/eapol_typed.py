"""Log a laptop in whose person is asked for each word: eapol_test, and who types for it."""

import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.peers.available import program
from tests.peers.eapol_test import Laptop, Login, parse
from tests.peers.radclient import Server
from tests.peers.waiting import wait_until

DEADLINE_S = 30
# wpa_supplicant: "<3>CTRL-REQ-OTP-0:[what the server asks] needed for SSID ".
ASKED, ENDED = "CTRL-REQ-OTP-0:", ("CTRL-EVENT-EAP-SUCCESS", "CTRL-EVENT-EAP-FAILURE")


def log_in_typing(server: Server, laptop: Laptop, answers: Sequence[str]) -> tuple[Login, list[str]]:
    """One login, each question of EAP-GTC answered by the next of answers, and what was asked."""
    with tempfile.TemporaryDirectory(prefix="eapol-typed-") as kept:
        directory = Path(kept)
        configuration, door, log = directory / "laptop.conf", directory / "control", directory / "log"
        silent = replace(laptop, password="").network().replace('  password=""\n', "")
        configuration.write_text(f"ctrl_interface={door}\n{silent}", encoding="utf-8")
        options = ["-c", str(configuration), "-a", server.host, "-p", str(server.port), "-s", server.secret]
        options += ["-M", laptop.mac, "-t", str(DEADLINE_S), "-W"]
        options += ["-A", server.source] if server.source else []
        with log.open("wb") as out:
            eapol_test = subprocess.Popen([program("eapol_test"), *options], stdout=out, stderr=out)
        try:
            wait_until((door / "test").exists, "eapol_test to listen", DEADLINE_S)
            questions = _typed(door / "test", directory / "person", answers)
            eapol_test.wait(DEADLINE_S)
        finally:
            eapol_test.kill()
            eapol_test.wait()
        return parse(log.read_text("utf-8", "replace")), questions


def _typed(door: Path, own: Path, answers: Sequence[str]) -> list[str]:
    """Answer until the login has ended, and return what was asked."""
    questions = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as person:
        person.settimeout(DEADLINE_S)
        person.bind(str(own))
        person.connect(str(door))
        person.send(b"ATTACH")
        while True:
            told = person.recv(65536).decode("utf-8", "replace")
            if ASKED in told:
                questions.append(told.partition("[")[2].rpartition("]")[0])
                person.send(b"CTRL-RSP-OTP-0:" + answers[len(questions) - 1].encode())
            if any(end in told for end in ENDED):
                person.send(b"DETACH")
                return questions
