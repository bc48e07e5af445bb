"""What every function needs to speak HTTP through API Gateway. Each module costs its own imports."""

import cold_start as cold_start  # before what takes long
