"""What the API costs, and how much memory each function gets: `python -m bench.cost` writes docs/cost.md."""
