"""Turns the garbage collector off while a function starts, when there is no garbage.

Imported modules stay in memory. Searching them for garbage took 15 of the 165 ms of a cold start without imaging, and
30 of 380 ms with it. So `web` and `staging.consumer` import this early, and their handlers set the usual threshold
again.
"""

import gc

USUAL_THRESHOLD = gc.get_threshold()[0]
gc.set_threshold(1_000_000)
