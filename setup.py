"""Package metadata.

frappe is not among the requirements: a bench brings its own, and the package called "frappe" on the
registry is an empty placeholder. Everything below outside the Frappe shell runs without it.
"""

from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
VERSION = "1.0.0rc1"

STANDALONE = [
	# Without known flaws; docs/security.md says which each one avoids. A bench pins older ones, see below.
	"cryptography>=49.0.0",
	"filelock>=3.20.3",
	"Jinja2>=3.1.6",
	"PyJWT>=2.13.0",
	"requests>=2.33.0",
	"urllib3>=2.6.3",
	"waitress>=3.0.1",
	"Werkzeug>=3.1.6",
]

TEST = [
	"axe-playwright-python>=0.1.4",
	"hypothesis>=6.100",
	"import-linter>=2.0",
	"mypy>=1.11",
	"ofxtools>=0.8.16",
	"openpyxl>=3.1",
	"playwright>=1.45",
	"pytest>=8.0",
	"pytest-cov>=5.0",
	"pytest-rerunfailures>=14.0",
	"pytest-xdist>=3.6",
	"ruff>=0.6",
	"setuptools>=70.1",
	"types-python-dateutil",
	"types-requests",
]

setup(
	name="dokos_banksync",
	version=VERSION,
	description="Keeps a Dokos or ERPNext site in step with its bank accounts",
	long_description=(HERE / "README.md").read_text(encoding="utf-8"),
	long_description_content_type="text/markdown",
	license="GPL-3.0-or-later",
	license_files=["LICENSE"],
	classifiers=[
		"Development Status :: 4 - Beta",
		"Intended Audience :: Financial and Insurance Industry",
		"Operating System :: OS Independent",
		"Programming Language :: Python :: 3",
		*(f"Programming Language :: Python :: 3.{minor}" for minor in range(10, 15)),
		"Topic :: Office/Business :: Financial :: Accounting",
	],
	packages=find_namespace_packages(include=["dokos_banksync", "dokos_banksync.*"]),
	include_package_data=True,
	zip_safe=False,
	python_requires=">=3.10",
	# The lowest versions that a supported bench allows: the oldest one is Dokos 2023.
	install_requires=[
		"Babel>=2.12",
		"click>=8.1",
		"cryptography>=41.0.7",
		"filelock>=3.8",
		"Jinja2>=3.1.6",
		"PyJWT>=2.7",
		"python-calamine>=0.3",
		"python-dateutil>=2.8",
		"rapidfuzz>=2.15",
		"requests>=2.31",
		"waitress>=3.0.1",
		"Werkzeug>=2.3.8",
	],
	extras_require={"standalone": STANDALONE, "test": TEST, "dev": [*TEST, "pre-commit>=3.5"]},
	entry_points={"console_scripts": ["banksync=dokos_banksync.hosts.standalone.cli:main"]},
)
