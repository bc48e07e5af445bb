"""What reading costs, beside what others need for the same: `make bench`."""
