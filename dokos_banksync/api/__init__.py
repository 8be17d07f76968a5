"""What a browser may call on a Frappe site: one module per subject.

Each method checks the right that it needs, then answers with the action of `actions.registry` of the same name. What
writes, or makes a provider work, is a POST; what only reads may come by any method.
"""
