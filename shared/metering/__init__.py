"""How much a developer has used."""
