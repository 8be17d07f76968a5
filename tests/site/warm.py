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

def run(request):
	frappe.init(site=request["site"])
	try:
		if request.get("bare"):
			exec(request["code"], {"frappe": frappe})
			return "null"
		frappe.connect()
		frappe.set_user(request["user"])
		frappe.local.lang = request["language"]
		scope = {"frappe": frappe, "__name__": "__main__", **request["values"]}
		exec(compile(request["code"], "<the test>", "exec"), scope)
		frappe.db.commit()
		return frappe.as_json(scope.get("answer"))
	finally:
		frappe.destroy()

def serve(connection):
	signal.signal(signal.SIGCHLD, signal.SIG_DFL)
	random.seed()
	request = json.loads(connection.makefile("r").readline())
	output = tempfile.TemporaryFile("w+")
	for stream in (1, 2):
		os.dup2(output.fileno(), stream)
	sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)
	try:
		reply = {"answer": json.loads(run(request))}
	except BaseException:
		traceback.print_exc()
		sys.stdout.flush(); sys.stderr.flush()
		output.seek(0)
		reply = {"error": output.read()[-12000:]}
	connection.sendall(json.dumps(reply).encode())

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
while True:
	ready, _, _ = select.select([listener, sys.stdin], [], [])
	if sys.stdin in ready:
		break
	connection, _ = listener.accept()
	if os.fork() == 0:
		listener.close()
		serve(connection)
		connection.close()
		os._exit(0)
	connection.close()
"""


@cache
def _socket_path(bench: Path) -> str:
	"""Return the socket on which the process of the bench listens; it ends with the tests."""
	at = str(Path(tempfile.mkdtemp(prefix="warm-")) / "socket")
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


def run(bench: Path, request: dict[str, Any], seconds: float) -> Any:
	"""Return what the code left in `answer`. Fail with its output and the whole traceback.

	With `bare` the site is known and not connected to, as a worker finds it.
	"""
	with socket.socket(socket.AF_UNIX) as connection:
		connection.settimeout(seconds)
		connection.connect(_socket_path(bench))
		connection.sendall(json.dumps(request).encode() + b"\n")
		output = b"".join(iter(lambda: connection.recv(1 << 16), b""))
	assert output, "the process died while it ran the code"
	reply = json.loads(output)
	assert "error" not in reply, reply["error"]
	return reply["answer"]
