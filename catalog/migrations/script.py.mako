"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
# The oldest revision whose code may go on working over this schema: its own, unless all this
# does is to add tables, columns with a server default, or indexes that older code may leave
# alone; then what the revision before says, so that workers can be replaced one by one.
oldest_code = ${repr(up_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise NotImplementedError("restore the backup taken before the upgrade")
