"""Ponto: Ponto Connect (Ibanity) and the custom integrations of myPonto, which share their resources.

After https://documentation.ibanity.com/ponto-connect/ and https://documentation.myponto.com/, and the fixtures of
the official libraries. Ponto keeps what it has read from the banks: a synchronization is what reads anew.
"""
