"""The household register as an estate keeps it: read a table, import it as a difference.

Gives `read_rows` and `import_register`. A row that makes no sense is refused
on its own, with its line and the reason; a row that is missing from the file
is never removed.
"""

from catalog.register.importing import import_register
from catalog.register.report import ImportReport, Note
from catalog.register.table import TableRow, read_rows

__all__ = ["ImportReport", "Note", "TableRow", "import_register", "read_rows"]
