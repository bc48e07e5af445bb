"""What passes through the staging bucket."""
