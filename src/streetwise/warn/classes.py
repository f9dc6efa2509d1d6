"""Which class of a scheme is which over its versions, so that a series follows what is meant.

A new version may call a class by another code, and give an old code to something else. A class goes
on where a crosswalk says that a newer one is exactly the same, and where a newer version has its
code with its name. Otherwise a code that comes back under another name is a new class that begins
(``nightly.beginnings``), and what it meant before is kept apart: its code with its version.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.crosswalk import EXACT, ClassKey, Crosswalk
from streetwise.directory.records.repository import crossings
from streetwise.directory.repository import ClassName
from streetwise.kernel.viewer import Viewer

#: Between a code and its version, where the code means something else by now.
OF_VERSION = "@"

#: Scheme and code, as rows of warn name a class.
Category = tuple[str, str]


def goes_by(
    keys: Iterable[ClassKey], known: Sequence[ClassName], crosswalk: Crosswalk
) -> dict[ClassKey, Category]:
    """What each class is called in the newest version that has it.

    ``known``: the classes of all versions, the oldest version first. A code that now means
    something else has its version behind it. What nobody knows goes by its code.
    """
    rank: dict[tuple[str, str], int] = {}
    names: dict[ClassKey, str] = {}
    of_code: dict[Category, list[ClassKey]] = {}
    for one in known:
        rank.setdefault((one.scheme, one.version), len(rank))
        key = ClassKey(one.scheme, one.version, one.code)
        names[key] = _bare(one.name)
        of_code.setdefault((one.scheme, one.code), []).append(key)

    def newest(key: ClassKey) -> ClassKey:
        """The newest that is the same: by crosswalk first, then by its code and name."""
        seen: set[ClassKey] = set()
        while key not in seen:
            seen.add(key)
            exact = [
                one.target
                for one in crosswalk.meanings(key, key.scheme)
                if one.relation == EXACT and one.target in names
            ]
            mine = rank[key.scheme, key.version]
            newer = [one for one in exact if rank[one.scheme, one.version] > mine]
            if not newer:
                newer = [
                    one
                    for one in of_code[key.scheme, key.code]
                    if rank[one.scheme, one.version] > mine and names[one] == names[key]
                ]
            key = max(newer, key=lambda one: rank[one.scheme, one.version], default=key)
        return key

    found: dict[ClassKey, Category] = {}
    for key in keys:
        if key not in names:
            found[key] = (key.scheme, key.code)
            continue
        last = newest(key)
        means_it = of_code[last.scheme, last.code][-1] == last
        code = last.code if means_it else f"{last.code}{OF_VERSION}{last.version}"
        found[key] = (last.scheme, code)
    return found


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()


async def categories_of(
    session: AsyncSession, viewer: Viewer, keys: Iterable[ClassKey]
) -> dict[ClassKey, Category]:
    """``goes_by``, with what the directory knows."""
    wanted = set(keys)
    known = await directory.class_versions(session, viewer, {one.scheme for one in wanted})
    return goes_by(wanted, known, Crosswalk(await crossings(session, viewer)))


async def class_names(
    session: AsyncSession, viewer: Viewer, keys: Iterable[Category]
) -> dict[Category, str]:
    """Names of classes as rows of warn name them; with a version the name that they had in it."""
    wanted = set(keys)
    of_version: dict[Category, tuple[str, str, str]] = {}
    for scheme, code in wanted:
        bare, mark, version = code.partition(OF_VERSION)
        if mark:
            of_version[scheme, code] = (scheme, version, bare)
    plain = wanted - of_version.keys()
    names = dict(await directory.newest_class_names(session, viewer, plain))
    old = await directory.class_names(session, viewer, of_version.values())
    return names | {key: old[one] for key, one in of_version.items() if one in old}
