"""The local server, `make run`: the template's API on localhost, without Docker or an AWS account."""
