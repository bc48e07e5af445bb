"""What functions need to speak HTTP through API Gateway."""

import cold_start as cold_start  # before what takes long
import initialisation as initialisation  # also for functions that make no client
