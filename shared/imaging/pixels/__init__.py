"""Pixel data to the stored values of its frames, and frames to pixel data.

It knows nothing of display: it imports from `dataset` only.
"""
