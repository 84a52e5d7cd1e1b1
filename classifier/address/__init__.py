"""Addresses of households in written form: found, read level by level, checked in the register.

`parse` gives every address of a text with what is open, how it was written and
which households it can mean. It reads only values it is given, never creates a
household, and never decides; `classifier.match` does.
"""

from classifier.address.profile import Profile, profile_of
from classifier.address.reading import AddressReading, parse

__all__ = ["AddressReading", "Profile", "parse", "profile_of"]
