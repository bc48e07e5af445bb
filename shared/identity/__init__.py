"""Who a client is: accounts, tokens, developer profiles and API keys."""
