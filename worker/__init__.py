"""The journey of a document, and the processes that walk it.

The database row is the truth; a message only says "advance document 123".
Composes ingest, classifier, catalog and storage, which do not know each other.
Never parses foreign bytes in its own process.
"""
