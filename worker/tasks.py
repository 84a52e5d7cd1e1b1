"""The Celery tasks: thin, ids only, never raising into Celery."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import Celery

from worker import advance, chores, housekeeping, sweeper
from worker.services import Services
from yihu.errors import YihuError
from yihu.log import about, told

log = logging.getLogger(__name__)


def register(app: Celery, services: Services) -> None:
    """Give the application its tasks, bound to these services."""

    def task(name: str, run: Callable[..., Any]) -> None:
        def edge(task: Any, *arguments: Any) -> None:
            with about(task=task.request.id):
                try:
                    with services.hands.at_work():
                        run(*arguments)
                except YihuError as error:
                    # The row is still due; the sweeper sends it again.
                    log.warning("%s%s: %s", name, arguments, told(error))
                except Exception:
                    # The edge of the task: one bad message never ends the worker.
                    log.exception("%s%s", name, arguments)

        app.task(name=name, bind=True)(edge)

    task("yihu.advance", lambda document_id: advance.advance(document_id, services))
    task("yihu.read_page", lambda sha256, number: advance.read_page(sha256, number, services))
    task("yihu.chore", lambda chore_id: chores.run(chore_id, services))
    task("yihu.warm", services.warm)
    task("yihu.sweep", lambda: sweeper.sweep(services))
    task("yihu.housekeeping", lambda: housekeeping.run(services))
