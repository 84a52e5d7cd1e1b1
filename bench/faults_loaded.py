"""Loaded once by the server that walks are forked from: modules, template, rules, migrations."""

from __future__ import annotations

import alembic.command
import celery.app.amqp
import kombu.transport.redis
import pypdfium2

import bench.faults_walk
import classifier
import ingest.pages_pdf
import ingest.pages_text
import ingest.reading
import worker.processes
from catalog.rules import default_rules

LOADED = (
    alembic.command,
    bench.faults_walk,
    celery.app.amqp,
    classifier,
    ingest.pages_pdf,
    ingest.pages_text,
    ingest.reading,
    kombu.transport.redis,
    pypdfium2,
    worker.processes,
)
RULES = default_rules()
