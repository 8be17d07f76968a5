"""A process of each bench that has read Frappe already and forks for each piece of Python that it is given.

Reading Frappe takes longer than most of what a test wants to know. The parent never connects to a site, so that what
runs in a child shares nothing with what ran before it but the database.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

_PARENT = """
import json, os, random, select, signal, socket, sys, tempfile, traceback
import frappe, frappe.utils.background_jobs, frappe.utils.password, frappe.model.document, frappe.desk.form.load
import requests, dokos_banksync.hosts.frappe.ledger, dokos_banksync.tasks

def run(asked):
	frappe.init(site=asked["site"])
	try:
		if asked.get("bare"):
			exec(asked["code"], {"frappe": frappe})
			return "null"
		frappe.connect()
		frappe.set_user(asked["user"])
		frappe.local.lang = asked["language"]
		scope = {"frappe": frappe, "__name__": "__main__", **asked["values"]}
		exec(compile(asked["code"], "<the test>", "exec"), scope)
		frappe.db.commit()
		return frappe.as_json(scope.get("answer"))
	finally:
		frappe.destroy()

def serve(line):
	signal.signal(signal.SIGCHLD, signal.SIG_DFL)
	random.seed()
	asked = json.loads(line.makefile("r").readline())
	said = tempfile.TemporaryFile("w+")
	for stream in (1, 2):
		os.dup2(said.fileno(), stream)
	sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)
	try:
		reply = {"answer": json.loads(run(asked))}
	except BaseException:
		traceback.print_exc()
		sys.stdout.flush(); sys.stderr.flush()
		said.seek(0)
		reply = {"trouble": said.read()[-12000:]}
	line.sendall(json.dumps(reply).encode())

door = socket.socket(socket.AF_UNIX)
door.bind(sys.argv[1])
door.listen(64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
while True:
	ready, _, _ = select.select([door, sys.stdin], [], [])
	if sys.stdin in ready:
		break
	line, _ = door.accept()
	if os.fork() == 0:
		door.close()
		serve(line)
		line.close()
		os._exit(0)
	line.close()
"""


@cache
def _door(bench: Path) -> str:
	"""Where the bench's process listens; it ends with the tests."""
	at = str(Path(tempfile.mkdtemp(prefix="warm-")) / "door")
	process = subprocess.Popen(
		[str(bench / "env/bin/python"), "-c", _PARENT, at],
		cwd=bench / "sites",
		env={**os.environ, "FRAPPE_BENCH_ROOT": str(bench)},
		stdin=subprocess.PIPE,
		stdout=subprocess.PIPE,
	)
	assert process.stdout
	assert process.stdout.readline() == b"ready\n", "the bench's Python did not start"
	atexit.register(_end, process)
	return at


def _end(process: subprocess.Popen[bytes]) -> None:
	assert process.stdin
	assert process.stdout
	process.stdin.close()
	process.wait(10)
	process.stdout.close()


def run(bench: Path, asked: dict[str, Any], seconds: float) -> Any:
	"""What the code left in `answer`. Fails with all that it said, and the whole traceback.

	With `bare` the site is known and not connected to, as a worker finds it.
	"""
	with socket.socket(socket.AF_UNIX) as line:
		line.settimeout(seconds)
		line.connect(_door(bench))
		line.sendall(json.dumps(asked).encode() + b"\n")
		said = b"".join(iter(lambda: line.recv(1 << 16), b""))
	assert said, "the process died of what it was given"
	reply = json.loads(said)
	assert "trouble" not in reply, reply["trouble"]
	return reply["answer"]
