"""Ponto: Belgian, Dutch, French and other banks. https://documentation.ibanity.com/ponto-connect/"""
