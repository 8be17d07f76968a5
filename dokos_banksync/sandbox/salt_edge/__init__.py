"""Salt Edge's Account Information API v6, its widget and callbacks, after https://docs.saltedge.com/v6 and the
published examples. Where v6 is silent, field meanings are those of v5.
"""
