"""Private keys that sign calls, loaded once in a process.

Loading an RSA key proves that its numbers belong together, which takes longer than all else of a daily fetch.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dokos_banksync.core.provider import Secret

_MOST = 16
_loaded: dict[bytes, PrivateKeyTypes] = {}
"""By a digest of the text, so that the text is kept nowhere."""


def load(pem: Secret) -> PrivateKeyTypes:
	"""Return the key of a PEM text. Raise `ValueError` for what is none, `TypeError` for one with a passphrase.

	The text is in no variable here, for those may be shown with a traceback.
	"""
	digest = hashlib.sha256(pem.reveal().encode()).digest()
	key = _loaded.get(digest)
	if key is None:
		key = load_pem_private_key(pem.reveal().strip().encode(), password=None)
		if len(_loaded) >= _MOST:
			_loaded.clear()
		_loaded[digest] = key
	return key
