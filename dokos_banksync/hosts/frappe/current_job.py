"""The job that this process performs, or is asked about: found from anywhere in the call that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import frappe

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.registry import Method
from dokos_banksync.core.progress import Progress, Stage
from dokos_banksync.core.provider import UNATTENDED, Context

if TYPE_CHECKING:
	from dokos_banksync.hosts.frappe.context import FrappeContext

Reply: TypeAlias = Callable[["FrappeContext", Arguments, Method], object]


def _no_progress(stage: Stage, done: int, total: int | None) -> None:
	"""Report to nobody."""


class CurrentJob(NamedTuple):
	"""What takes the place of the answer of a call. `presence` is that of the user who began it."""

	reply: Reply
	progress: Progress = _no_progress
	presence: Context = UNATTENDED


def current() -> CurrentJob | None:
	"""Return the job of this process; None in a call that a browser waits for."""
	found: CurrentJob | None = getattr(frappe.local, "banksync_job", None)
	return found


@contextmanager
def within(job: CurrentJob) -> Iterator[None]:
	"""Make calls of this process those of a job."""
	frappe.local.banksync_job = job
	try:
		yield
	finally:
		frappe.local.banksync_job = None
