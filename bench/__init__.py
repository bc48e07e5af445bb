"""What reading costs, compared with other programs: `make bench`."""
