"""The bytes of a file to the elements of its data set, and their values.

The lowest room: it imports from no other.
"""
