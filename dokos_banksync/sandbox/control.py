"""The control of the world over HTTP, under /_sandbox/: JSON in, JSON out. For tests, demos and the curious."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.bridge.events import Target
from dokos_banksync.sandbox.bridge.limits import Limit
from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.bridge.state import Bridge
from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.faces import Face
from dokos_banksync.sandbox.faults import Fault, Faults
from dokos_banksync.sandbox.movements import Movement


class Control:
	"""Answers 400 with a sentence for what makes no sense, 404 for what is not there."""

	def __init__(
		self, bridge: Bridge, faults: Faults, calls: list[Any], faces: Mapping[str, Face] | None = None
	) -> None:
		self.bridge, self.faults, self.calls, self.faces = bridge, faults, calls, faces or {}
		self._routes: dict[str, Callable[[Request], Any]] = {
			"GET clock": lambda _request: self._clock(),
			"POST clock": self._move_clock,
			"POST refresh": lambda _request: self._refresh(),
			"POST faults": self._add_faults,
			"DELETE faults": lambda _request: self.faults.clear(),
			"POST simulate": self._simulate,
			"GET truth": self._truth,
			"GET accounts": self._accounts,
			"GET calls": lambda _request: [asdict(call) for call in self.calls],
			"DELETE calls": lambda _request: self.calls.clear(),
			"POST settings": self._set,
			"POST limits": self._set_limits,
			"POST webhooks": self._set_target,
			"DELETE webhooks": lambda _request: self._drop_target(),
			"GET webhooks": lambda _request: self._deliveries(),
			"POST reset": lambda _request: self._reset(),
			**{f"POST {name}/simulate": self._simulator(face) for name, face in self.faces.items()},
			**{f"GET {name}/webhooks": self._sent_by(face) for name, face in self.faces.items()},
		}

	def answer(self, request: Request) -> Response:
		"""Answer a call that controls the sandbox."""
		path = request.path.removeprefix("/_sandbox/").strip("/")
		item_id = path.removeprefix("item/").removesuffix("/expire")
		try:
			if request.method == "POST" and path == f"item/{item_id}/expire":
				return _json(self._simulate_now({"what": "expire", "item_id": int(item_id)}))
			handler = self._routes.get(f"{request.method} {path}")
			return (
				_json({"error": "There is no such control"}, 404)
				if handler is None
				else _json(handler(request))
			)
		except KeyError as error:
			return _json({"error": f"Not known: {error.args[0]}"}, 404)
		except (TypeError, ValueError) as error:
			return _json({"error": str(error)}, 400)

	def _clock(self) -> dict[str, Any]:
		clock = self.bridge.world.clock
		return {"now": iso(clock.now()), "running": clock.running}

	def _move_clock(self, request: Request) -> dict[str, Any]:
		body, world = _object(request), self.bridge.world
		with self.bridge.lock:
			if "set" in body:
				world.set_time(datetime.fromisoformat(body["set"].replace("Z", "+00:00")))
			else:
				step = {"days": body.get("advance_days", 0), "seconds": body.get("advance_seconds", 0)}
				world.advance(timedelta(**step))
		return self._clock()

	def _refresh(self) -> dict[str, Any]:
		self.bridge.world.refresh()
		return self._clock()

	def _add_faults(self, request: Request) -> dict[str, Any]:
		given: Any = request.get_json(silent=True)
		faults = [Fault.from_json(one) for one in (given if isinstance(given, list) else [_object(request)])]
		self.faults.add(*faults)
		return {"added": len(faults)}

	def _simulate(self, request: Request) -> dict[str, Any]:
		return self._simulate_now(_object(request))

	def _simulate_now(self, body: dict[str, Any]) -> dict[str, Any]:
		result = simulate(self.bridge, body.pop("what"), **body)
		return {"movement": _movement(result)} if isinstance(result, Movement) else {"done": result}

	def _simulator(self, face: Face) -> Callable[[Request], dict[str, Any]]:
		def handler(request: Request) -> dict[str, Any]:
			"""Run the simulation that the body names, with its other fields as arguments."""
			body = _object(request)
			return {"done": face.simulations[body.pop("what")](**body)}

		return handler

	def _sent_by(self, face: Face) -> Callable[[Request], dict[str, Any]]:
		def handler(_request: Request) -> dict[str, Any]:
			"""Return the events of the provider and every attempt to deliver one."""
			outbox = face.outbox
			tries = [
				{"type": one.label, "attempt": one.attempt, "status": one.status} for one in outbox.deliveries
			]
			events = [dict(one.content) for one in outbox.log]
			return {"events": events, "waiting": len(outbox.waiting), "deliveries": tries}

		return handler

	def _accounts(self, request: Request) -> list[dict[str, Any]]:
		"""Return the accounts of a login at an institution, as they truly are."""
		institution_id = int(request.args.get("institution", "574"))
		found = self.bridge.world.accounts(institution_id, request.args.get("login", "success"))
		return [{**asdict(one.facts), "balance": str(self.bridge.world.balance(one))} for one in found]

	def _truth(self, request: Request) -> dict[str, Any]:
		"""Return the true movements of an account, by its key or by the id that Bridge gave it."""
		world, key = self.bridge.world, request.args["account"]
		real = self.bridge.find_account(int(key))[1].real if key.isdigit() else world.account(key)
		since, opening = world.opening(real)
		day = request.args.get("day")
		return {
			"account": real.key,
			"since": since,
			"opening": str(opening),
			"balance": str(world.balance(real, date.fromisoformat(day) if day else None)),
			"movements": [_movement(one) for one in world.truth(real)],
		}

	def _set(self, request: Request) -> dict[str, Any]:
		body, settings = _object(request), self.bridge.settings
		lives = {"token_life", "session_life", "consent_life"}
		values: dict[str, Any] = {
			name: timedelta(seconds=value) if name in lives else value for name, value in body.items()
		}
		self.bridge.settings = replace(settings, **values)
		return {name: str(value) for name, value in asdict(self.bridge.settings).items()}

	def _set_limits(self, request: Request) -> dict[str, Any]:
		body, limits = _object(request), self.bridge.limits
		limits.retry_after = bool(body.pop("retry_after", limits.retry_after))
		for name, calls in body.items():
			if name not in ("user", "application", "tokens"):
				raise ValueError("Limits are user, application, tokens and retry_after")
			setattr(limits, name, Limit(calls, getattr(limits, name).seconds))
		return {name: getattr(limits, name).calls for name in ("user", "application", "tokens")}

	def _set_target(self, request: Request) -> dict[str, Any]:
		body = _object(request)
		body["secrets"] = tuple(body.get("secrets", Target.secrets))
		self.bridge.events.target = Target(**body)
		return {"url": self.bridge.events.target.url}

	def _drop_target(self) -> None:
		self.bridge.events.target = None

	def _deliveries(self) -> dict[str, Any]:
		events = self.bridge.events
		tries = [
			{"type": one.type, "attempt": one.attempt, "status": one.status} for one in events.deliveries
		]
		return {"events": events.log, "waiting": len(events.waiting), "deliveries": tries}

	def _reset(self) -> None:
		"""Forget faults, calls, the webhook, and all that applications created. The clock stays where it is."""
		self.faults.clear()
		self.calls.clear()
		self.bridge.forget()
		for face in self.faces.values():
			face.forget()


def _movement(movement: Movement) -> dict[str, Any]:
	return {**asdict(movement), "amount": str(movement.amount)}


def _object(request: Request) -> dict[str, Any]:
	body = request.get_json(silent=True)
	if not isinstance(body, dict):
		raise TypeError("Send a JSON object")
	return body


def _json(value: Any, status: int = 200) -> Response:
	text = json.dumps(value, default=str, ensure_ascii=False)
	return Response(text, status=status, content_type="application/json; charset=utf-8")
