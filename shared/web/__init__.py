"""What every function needs to speak HTTP through API Gateway. Import the module that you need: each costs its own imports."""
