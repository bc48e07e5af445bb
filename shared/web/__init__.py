"""What every function needs to speak HTTP through API Gateway. Each module costs its own imports."""
