"""Salt Edge's Account Information API, version 6: https://docs.saltedge.com/v6/"""
