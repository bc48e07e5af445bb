"""Stored values to the 8 bits of a picture, in the order of PS3.4 N.2.

It never imports from `answers` or `secondary_capture`.
"""
