"""Keeps the garbage collector from searching while a function starts, when it has nothing to find.

What a function imports stays, and the search for garbage in it took 15 ms of 165 in a cold start without imaging, 30 of
380 with it. So `web` and `staging.consumer` import this early, and their handlers set the usual threshold again.
"""

import gc

USUAL_THRESHOLD = gc.get_threshold()[0]
gc.set_threshold(1_000_000)
