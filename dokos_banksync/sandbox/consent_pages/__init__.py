"""The pages where a user chooses a bank, logs in and shares accounts, common to the providers with hosted pages."""
