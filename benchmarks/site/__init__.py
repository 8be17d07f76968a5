"""Speed on a real site: our import, the document's way, and the host's own Plaid code, in one run.

Run: `python -m benchmarks.site [ROWS]`. Benches are looked for where the suite on real sites looks for them.
"""
