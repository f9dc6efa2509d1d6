"""Where a finding that is said gathers: two scans of its category, and what they saw before.

``scan`` asks: is there more here than is usual *here*, in the year's shares of places? Its zones
are what an officer is shown. On a day on which the whole street has more, zones are dense
everywhere, and its chance alone would name places for nothing: so places are named only where a few
of them hold the better part of what is too many in the finding.

``permutation_scan`` asks: given how much more the whole street has on these days, is it *also*
gathered somewhere? It knows the last ``study_days`` and no expectation, so a rise that is
everywhere is no cluster to it, nor is what has stood at one place for weeks: it agrees or does not,
and names nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streetwise.warn.meeting import meet
from streetwise.warn.night import Zone
from streetwise.warn.nightly.findings import Finding, Tonight
from streetwise.warn.nightly.local import layer, located_share
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.scan import Cluster, Layer, Standing, follow, permutation_scan, scan
from streetwise.warn.values import Candidate, Floats

SCAN, PERMUTATION = "scan", "permutation"


@dataclass(frozen=True, slots=True)
class Gathered:
    """``zones``: the densest first, those that are over last. ``mostly_at``: places that hold the
    better part of a finding, the most first. ``methods``: which of the two scans say so.
    """

    zones: tuple[Zone, ...] = ()
    mostly_at: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()


def gathered(finding: Finding, tonight: Tonight, before: Sequence[Zone] = ()) -> Gathered:
    """Scan a finding's category up to its last day, which is tonight's.

    ``before``: the zones of the same warning as they were given last (``Finding.zones``). The same
    reports give the same: replicates depend on the night and the category only.
    """
    rules, hoods = tonight.settings.scan, tonight.hoods
    if rules is None or hoods is None or tonight.replayed.cells is None:
        return Gathered()
    category = finding.candidate.category
    dense = scan([_layer(tonight, category)], hoods, rules, night=tonight.night)
    until = tonight.night - tonight.watched.series.first_day + 1
    lately = tonight.watched.cells.counts(category, max(0, until - rules.study_days), until)
    study = Layer(category, lately, tonight.night - lately.shape[1] + 1)
    beside = permutation_scan([study], hoods, rules, night=tonight.night)

    seldom = tonight.settings.evidence.zone_chance
    here = [one for one in dense if meet(one.places, finding.candidate.places)]
    shown = here[:1] + [one for one in here[1:] if one.p <= seldom]
    too_many = beyond_expected(tonight, finding.candidate)
    named: tuple[int, ...] = ()
    if shown and shown[0].p <= seldom:
        named = _named(shown[0], finding, too_many, tonight.settings)
    methods = [SCAN] if named else []
    if beside and beside[0].p <= seldom:
        inside = too_many[_inside(beside[0], finding)].sum()
        if inside >= _better_part(finding, tonight.settings):
            methods.append(PERMUTATION)
    return Gathered(_followed(shown, before, category, tonight.night), named, tuple(methods))


def beyond_expected(tonight: Tonight, candidate: Candidate) -> Floats:
    """(P,): by place, reports beyond its share of what the street was to have on these days."""
    replayed, watched, category = tonight.replayed, tonight.watched, candidate.category
    assert replayed.cells is not None
    first = max(candidate.first_day, replayed.first_night)
    of_mean = slice(first - replayed.first_night, candidate.last_day - replayed.first_night + 1)
    of_counts = slice(
        first - watched.series.first_day, candidate.last_day - watched.series.first_day + 1
    )
    known = located_share(watched, category, of_counts)
    due = replayed.cells.share[category] * float(replayed.mean[category, of_mean].sum()) * known
    came = watched.cells.counts(category, of_counts.start, of_counts.stop).sum(axis=1)
    found: Floats = came - due
    return found


def _layer(tonight: Tonight, category: int) -> Layer:
    assert tonight.settings.scan is not None
    assert tonight.replayed.cells is not None
    mean = tonight.replayed.mean[: len(tonight.watched.categories), : tonight.column + 1]
    first, days = tonight.replayed.first_night, tonight.settings.scan.max_days
    return layer(tonight.watched, tonight.replayed.cells, mean, first, category, days)


def _inside(cluster: Cluster, finding: Finding) -> list[int]:
    """The places of a cluster that the finding is about, the nearest to its centre first."""
    mine = set(finding.candidate.places)
    return [place for place in cluster.places if not mine or place in mine]


def _better_part(finding: Finding, settings: NightSettings) -> float:
    """How many of what is too many in a finding are the better part."""
    return settings.local_share * (finding.candidate.observed - finding.candidate.expected)


def _named(
    cluster: Cluster, finding: Finding, too_many: Floats, settings: NightSettings
) -> tuple[int, ...]:
    """The fewest places of a zone that hold the better part of the finding, the most first; none
    where it takes more than ``places_named``, or places with less than a report too many.
    """
    order = sorted(_inside(cluster, finding), key=lambda place: (-too_many[place], place))
    held, needed = 0.0, _better_part(finding, settings)
    for count, place in enumerate(order[: settings.evidence.places_named], start=1):
        if too_many[place] < 1.0:
            break
        held += float(too_many[place])
        if held >= needed:
            return tuple(order[:count])
    return ()


def _followed(
    clusters: Sequence[Cluster], before: Sequence[Zone], category: int, night: int
) -> tuple[Zone, ...]:
    """Tonight's zones, each since its first night, and those that were seen before and no more."""
    known = [
        Standing(str(n), "ongoing", _cluster(one, category), one.first_night, one.last_day, 1)
        for n, one in enumerate(before)
        if not one.over
    ]
    return tuple(
        _zone(one.cluster, one.first_night, over=one.state == "over")
        for one in follow(known, clusters, night=night, quiet_nights=1)
    )


def _zone(cluster: Cluster, first_night: int, *, over: bool) -> Zone:
    return Zone(
        cluster.places,
        cluster.first_day,
        cluster.last_day,
        cluster.observed,
        cluster.expected,
        cluster.as_dense,
        cluster.replicates,
        first_night,
        over,
    )


def _cluster(zone: Zone, category: int) -> Cluster:
    """A zone of the night before as the scan's following knows it: by its places."""
    chance = (1 + zone.as_dense) / (1 + zone.replicates)
    return Cluster(
        SCAN, category, -1, zone.places, zone.first_day, zone.last_day, zone.observed,
        zone.expected, float("nan"), zone.as_dense, chance, float("nan"), 0, zone.replicates,
    )  # fmt: skip
