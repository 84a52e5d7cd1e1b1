"""One module a room: each reads the catalogue for one viewer, or hands a decision to a verb."""
