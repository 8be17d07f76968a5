"""JSON without blanks, of many small objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder
from typing import Any


def json_encoder() -> Callable[[Any], str]:
	"""Return a function that writes a value as JSON with letters as they are.

	The encoder of the standard library makes its function in C anew for each value, which takes longer than a small value
	itself; here it is made once. Where there is none, the encoder of the library does the work. A value that contains itself
	is not recognised.
	"""
	make = getattr(encoder, "c_make_encoder", None)
	if make is None:
		return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
	markers = default = indent = None
	given = (markers, default, encoder.encode_basestring, indent, ":", ",", False, False, True)
	write = make(*given)
	return lambda value: "".join(write(value, 0))
