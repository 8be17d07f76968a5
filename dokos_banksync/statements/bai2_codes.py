"""Codes of BAI2: types of records that are totals, and decimals of currencies."""

from __future__ import annotations

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
MINOR = {**dict.fromkeys(_NONE.split(), 0), **dict.fromkeys(_THREE.split(), 3)}
"""Decimals of the currencies that do not have two (ISO 4217)."""

_CREDITS = (
	"100 101 105 106 107 109 110 130 131 140 146 150 160 163 167 170 180 182 185 186 188 190 "
	"200 205 207 210 215 230 231 239 250 251 256 260 270 271 280 285 294 303 304 305 307 310 "
	"315 316 318 320 321 324 325 326 327 330 338 340 341 343 352 356 360 361 370 385 389 390"
)
_DEBITS = (
	"400 401 403 405 406 410 412 416 430 440 450 460 470 480 490 500 505 507 510 515 530 "
	"550 551 570 580 583 584 590 628 630 632 655 670 690"
)
_ITEMS = "116 136 143 156 345"
TOTALS = frozenset((*_CREDITS.split(), *_DEBITS.split(), *_ITEMS.split()))
"""Type codes that the standard defines as totals of others, or as the items of a deposit."""
