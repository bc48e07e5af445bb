"""What every function needs to speak HTTP through API Gateway. Each module costs its own imports."""

import gc

# What a function imports stays, and the search for garbage in it took 15 ms of 165 in a cold start without imaging, 30
# of 380 with it. So functions import this first, and `api.lambda_handler` sets the usual threshold again.
USUAL_THRESHOLD = gc.get_threshold()[0]
gc.set_threshold(1_000_000)
