"""Pixel data to the stored values of its frames.

It knows nothing of how they are shown: it imports from `dataset` only.
"""
