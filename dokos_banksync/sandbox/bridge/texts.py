"""The sentences of the Connect pages in French; English is the source."""

from __future__ import annotations

from collections.abc import Callable

_FRENCH = {
	"Connect": "Connect",
	"Pretend bank: nothing here is real.": "Banque fictive : rien n'est réel ici.",
	"Choose your bank": "Choisissez votre banque",
	"Search a bank": "Rechercher une banque",
	"Search": "Rechercher",
	"No bank matches.": "Aucune banque ne correspond.",
	"Banks": "Banques",
	"beta": "bêta",
	"out of service": "hors service",
	"Log in to {}": "Connexion à {}",
	"Login": "Identifiant",
	"Password": "Mot de passe",
	"Any password will do. Logins such as success, otp, otp_fail, app2app, 402, 429, 1003 or success.1010 decide what happens.": "Tout mot de passe convient. Des identifiants comme success, otp, otp_fail, app2app, 402, 429, 1003 ou success.1010 décident de la suite.",
	"Continue": "Continuer",
	"Cancel": "Annuler",
	"Other bank": "Autre banque",
	"Return to the application": "Revenir à l'application",
	"Code received by text message": "Code reçu par SMS",
	"The code that works is {}.": "Le code qui fonctionne est {}.",
	"Approve in your bank's app": "Validez dans l'application de votre banque",
	"Open your bank's app, approve the request, then continue.": "Ouvrez l'application de votre banque, validez la demande, puis continuez.",
	"Choose the accounts to share": "Choisissez les comptes à partager",
	"Accounts": "Comptes",
	"All accounts of this bank are shared.": "Tous les comptes de cette banque sont partagés.",
	"No more than {} accounts.": "Pas plus de {} comptes.",
	"I agree that these accounts are read for 180 days.": "J'accepte que ces comptes soient consultés pendant 180 jours.",
	"I agree that these accounts are read.": "J'accepte que ces comptes soient consultés.",
	"The bank is connected": "La banque est connectée",
	"Connect another bank": "Connecter une autre banque",
	"Change the credentials": "Modifier les identifiants",
	"The bank could not be connected": "La banque n'a pas pu être connectée",
	"This page has ended": "Cette page a pris fin",
	"It was used already, is too old, or never was. Start again from your application.": "Elle a déjà servi, est trop ancienne ou n'a jamais existé. Recommencez depuis votre application.",
	"Thank you": "Merci",
	"You may close this page.": "Vous pouvez fermer cette page.",
	"Fill in both fields.": "Remplissez les deux champs.",
	"This code is wrong.": "Ce code est incorrect.",
	"Choose at least one account.": "Choisissez au moins un compte.",
	"Too many accounts are chosen.": "Trop de comptes sont choisis.",
	"Your consent is needed.": "Votre accord est nécessaire.",
}


def translator(french: bool) -> Callable[..., str]:
	"""Return a function that gives a sentence in the user's language, its places filled in."""

	def translate(text: str, *values: object) -> str:
		"""Return the text in the chosen language, with its values."""
		return (_FRENCH[text] if french else text).format(*values)

	return translate
