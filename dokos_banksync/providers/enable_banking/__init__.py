"""Enable Banking: European banks through one API. https://enablebanking.com/docs/api/reference/"""
