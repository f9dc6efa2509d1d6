"""All tables of all rooms, for migrations and their test."""

from __future__ import annotations

from streetwise.directory import tables as directory_tables
from streetwise.directory.records import tables as record_tables
from streetwise.discover import tables as discover_tables
from streetwise.gather import tables as gather_tables
from streetwise.kernel import clock_table, job_book, journal, key_check, periodic
from streetwise.kernel.database import Base
from streetwise.kernel.seals import tables as seal_tables
from streetwise.notify import tables as notify_tables
from streetwise.privacy import tables as privacy_tables
from streetwise.resolve import tables as resolve_tables
from streetwise.resolve.answers import tables as answer_tables
from streetwise.resolve.callbacks import tables as call_back_tables
from streetwise.resolve.clocks import tables as clock_tables_of_cases
from streetwise.resolve.contacts import tables as contact_tables
from streetwise.resolve.desklock import tables as desk_lock_tables
from streetwise.resolve.directives import tables as directive_tables
from streetwise.resolve.dispatch import tables as dispatch_tables
from streetwise.resolve.disputes import tables as dispute_tables
from streetwise.resolve.duty import tables as duty_tables
from streetwise.resolve.flow import tables as flow_tables
from streetwise.resolve.hazards import tables as hazard_tables
from streetwise.resolve.incidents import tables as incident_tables
from streetwise.resolve.learning import tables as learning_tables
from streetwise.resolve.merging import tables as merging_tables
from streetwise.resolve.orders import tables as order_tables
from streetwise.resolve.petitions import tables as petition_tables
from streetwise.resolve.reconcile import tables as reconcile_tables
from streetwise.resolve.reports import tables as report_tables
from streetwise.resolve.saved import tables as saved_tables
from streetwise.resolve.scores import tables as score_tables
from streetwise.resolve.speed import tables as speed_tables
from streetwise.resolve.verify import tables as check_tables
from streetwise.warn import tables as warn_tables

#: Imported for their effect on the metadata.
TABLES = (
    clock_table,
    job_book,
    journal,
    key_check,
    periodic,
    seal_tables,
    directory_tables,
    record_tables,
    privacy_tables,
    notify_tables,
    gather_tables,
    resolve_tables,
    order_tables,
    merging_tables,
    learning_tables,
    answer_tables,
    score_tables,
    report_tables,
    clock_tables_of_cases,
    contact_tables,
    directive_tables,
    incident_tables,
    duty_tables,
    dispatch_tables,
    desk_lock_tables,
    flow_tables,
    speed_tables,
    reconcile_tables,
    petition_tables,
    hazard_tables,
    dispute_tables,
    check_tables,
    call_back_tables,
    saved_tables,
    discover_tables,
    warn_tables,
)
metadata = Base.metadata
