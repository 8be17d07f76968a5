"""What a wheel must hold: every file of the package, data included."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_kind_of_data_file_is_in_the_manifest() -> None:
	manifest = (ROOT / "MANIFEST.in").read_text()
	[patterns] = [line.split()[2:] for line in manifest.splitlines() if line.startswith("recursive-include")]
	files = [path for path in (ROOT / "dokos_banksync").rglob("*") if path.is_file()]
	kinds = {f"*{path.suffix}" for path in files if "__pycache__" not in path.parts}
	assert kinds - {"*.py"} == set(patterns)
