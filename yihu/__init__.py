"""The thin bottom of the house: values, settings, errors, ids, clock, logging.

Everything above may import it; it imports nothing of ours and holds no logic
of the domain. Values here are frozen and travel between the leaf packages,
which never import each other.
"""
