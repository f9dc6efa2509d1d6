"""What a process that does jobs carries of the rooms: their jobs and hooks, not their routes.

Routes and what crosses the API take a third of the time in which a server starts. A process that
answers nobody (the worker beside a server, ``streetwise worker``, the cameras' own) starts without
them: 1.7 CPU seconds instead of 2.6. It knows every job, hook, table and kind of entry that a
server knows; ``tests/web/test_rooms.py`` compares.
"""

from __future__ import annotations

from streetwise import directory, gather, resolve
from streetwise.discover import catalogue_actions, push_tokens, zoning
from streetwise.discover import jobs as discover_jobs
from streetwise.gather import jobs as gather_jobs
from streetwise.kernel import sweeping
from streetwise.kernel.backup import keeping as backups
from streetwise.kernel.seals import sealing
from streetwise.migrations import models
from streetwise.notify import jobs as notify_jobs
from streetwise.privacy import rotation
from streetwise.resolve import jobs as resolve_jobs
from streetwise.resolve import retention
from streetwise.resolve.answers import actions as answers_actions
from streetwise.resolve.answers import letters, notices
from streetwise.resolve.assist import actions as assist_actions
from streetwise.resolve.contacts import actions as contacts_actions
from streetwise.resolve.contacts import late
from streetwise.resolve.desk import actions as desk_actions
from streetwise.resolve.desklock import actions as desklock_actions
from streetwise.resolve.directives import actions as directives_actions
from streetwise.resolve.disputes import actions as disputes_actions
from streetwise.resolve.duty import actions as duty_actions
from streetwise.resolve.duty import jobs as duty_jobs
from streetwise.resolve.flow import export
from streetwise.resolve.history import actions as history_actions
from streetwise.resolve.incidents import actions as incidents_actions
from streetwise.resolve.learning import actions as learning_actions
from streetwise.resolve.learning import jobs as learning_jobs
from streetwise.resolve.natures import actions as natures_actions
from streetwise.resolve.reconcile import jobs as reconcile_jobs
from streetwise.resolve.reports import jobs as report_jobs
from streetwise.resolve.saved import actions as saved_actions
from streetwise.resolve.speed import actions as speed_actions
from streetwise.resolve.splitting import actions as splitting_actions
from streetwise.warn import jobs as warn_jobs
from streetwise.warn import rounds

#: The rooms whose jobs and hooks a server and its workers carry; imported for that effect.
ROOMS = (
    sealing, sweeping, backups, rotation, directory, notify_jobs, gather, gather_jobs, resolve,
    resolve_jobs, learning_jobs, retention, duty_jobs, report_jobs, reconcile_jobs, late,
    discover_jobs, warn_jobs,
)  # fmt: skip

#: What else declares entries of the journal or tables: jobs write and read them too.
DECLARED = (
    models, catalogue_actions, push_tokens, zoning, answers_actions, letters, notices,
    assist_actions, contacts_actions, desk_actions, learning_actions, desklock_actions,
    directives_actions, disputes_actions, duty_actions, export, history_actions,
    incidents_actions, natures_actions, saved_actions, speed_actions, splitting_actions, rounds,
)  # fmt: skip
