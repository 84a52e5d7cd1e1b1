"""The screens and the HTTP API: rooms for staff, custodians and auditors.

`web.app.make_web` is the application, `web.serve` the process. Server-rendered
pages that work without JavaScript. Verbs stand in `worker`, rights in
`catalog.access`; a room asks both and decides nothing itself. Never ticks,
never reads an original, never loads from another host.
"""
