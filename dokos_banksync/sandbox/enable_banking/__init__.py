"""Enable Banking's account information API, as in its OpenAPI document 1.0.0 (https://enablebanking.com/docs/api/reference/)."""
