"""Changes of the directory: loading a street's folder, adding an area, passwords."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from streetwise.directory import passwords, repository
from streetwise.directory.areas import NewArea
from streetwise.directory.folder import Folder
from streetwise.directory.tables import (
    Area,
    Asset,
    Grid,
    Place,
    Staff,
    Taxonomy,
    TaxonomyClass,
    Unit,
)
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

declare(
    {
        "directory.loaded": "A street's folder was loaded; data: counts.",
        "directory.area_added": "An area for another city's file was added; data: its code.",
        "staff.left": "A folder names a member of staff no longer: the account is closed.",
        "staff.password_set": "A member of staff got a new password; open sessions ended.",
        "staff.signed_in": "A member of staff signed in.",
        "staff.signed_out": "A member of staff signed out.",
        "staff.sign_in_refused": "A wrong password was given for a login; data: attempts.",
    }
)


async def load_folder(uow: UnitOfWork, viewer: Viewer, folder: Folder) -> dict[str, int]:
    """Bring the directory to what the folder says; returns counts by kind.

    What is there already keeps its id; what the folder no longer names stays (a closed
    community still has its cases), only the responsibility matrix is replaced as a whole. Staff
    of its units whom it no longer names have left: they are out at once, their names stay.
    """
    viewer.require("*")
    await repository.lock_loading(uow.session)
    town = folder.town
    area = str(town["code"])
    for ordinal, taxonomy in enumerate(folder.taxonomies):
        await _load_taxonomy(uow, taxonomy, ordinal)
    units = await _load_units(uow, folder)
    await _load_area(uow, folder, units)
    grids = await _load_grids(uow, folder, area, units)
    await _load_points(uow, folder, area, grids, units)
    await _load_staff(uow, folder, units)
    left = await repository.close_accounts(
        uow.session, units.values(), [row["login"] for row in folder.staff]
    )
    uow.record(*(Entry(viewer.actor, "staff.left", "staff", one, grade=3) for one in left))
    await repository.replace_rules(uow.session, area, _rule_rows(folder, area))
    counts = {
        "units": len(folder.units),
        "staff": len(folder.staff),
        "left": len(left),
        "grids": len(folder.grids),
        "places": len(folder.places),
        "assets": len(folder.assets),
        "rules": len(folder.responsibility),
        "classes": sum(len(taxonomy["classes"]) for taxonomy in folder.taxonomies),
    }
    uow.record(Entry(viewer.actor, "directory.loaded", "area", None, area=area, data=counts))
    return counts


async def add_area(uow: UnitOfWork, viewer: Viewer, area: NewArea) -> bool:
    """Add an area for another city's file, owned by the home area's street; False if known."""
    viewer.require("import.run")
    await repository.lock_loading(uow.session)
    # Whether the code is taken must be asked with the eyes of the system: an area that this
    # viewer does not see is still an area.
    everything = Viewer.system("area")
    known = {row.code: row for row in await repository.areas(uow.session, everything)}
    if area.code in known:
        return False
    home = next((row for row in known.values() if row.home), None)
    if home is None:
        raise Invalid(
            "There is no street yet; load one first (streetwise town load DIR).", code="no_street"
        )
    uow.session.add(
        Area(
            code=area.code,
            name=area.name,
            name_en=area.name_en,
            timezone=area.timezone,
            prefix=area.prefix,
            home=False,
            owner_id=home.owner_id,
            revision=new_id(),
            bbox=None,
            base=None,
        )
    )
    await uow.session.flush()
    uow.record(
        Entry(
            viewer.actor,
            "directory.area_added",
            "area",
            None,
            area=area.code,
            data={"area": area.code},
        )
    )
    return True


async def set_password(uow: UnitOfWork, viewer: Viewer, login: str, password: str) -> None:
    """Set a member of staff's password (done on the machine, by who runs it).

    Whoever is signed in by the old one is not any longer.
    """
    viewer.require("*")
    passwords.check_strength(password)
    password_hash = await asyncio.to_thread(passwords.hash_password, password)
    staff_id = await repository.set_password_hash(uow.session, login, password_hash)
    await repository.end_sessions(uow.session, [staff_id])
    uow.record(Entry(viewer.actor, "staff.password_set", "staff", staff_id, grade=3))


async def _load_taxonomy(uow: UnitOfWork, taxonomy: dict[str, Any], ordinal: int) -> None:
    key = {"scheme": str(taxonomy["scheme"]), "version": str(taxonomy["version"])}
    row = {
        **key,
        "title": taxonomy["title"],
        "title_en": taxonomy.get("title_en", taxonomy["title"]),
        "source": taxonomy.get("source", ""),
        "note": taxonomy.get("note", ""),
        "ordinal": ordinal,
    }
    await repository.upsert(uow.session, Taxonomy, ("scheme", "version"), [row])
    classes = [
        {
            **key,
            "code": str(cls["code"]),
            "name": cls["name"],
            "name_en": cls.get("name_en", cls["name"]),
            "group_name": cls.get("group", ""),
            "kind": cls.get("kind", "event"),
            "conditions": cls.get("conditions") or [],
            "ordinal": number,
        }
        for number, cls in enumerate(taxonomy["classes"])
    ]
    await repository.upsert(uow.session, TaxonomyClass, ("scheme", "version", "code"), classes)


async def _load_units(uow: UnitOfWork, folder: Folder) -> dict[str, UUID]:
    ids = await repository.ids_by_code(uow.session, Unit, None)
    for row in folder.units:
        ids.setdefault(row["code"], new_id())
    rows = [
        {
            "id": ids[row["code"]],
            "code": row["code"],
            "parent_id": ids[row["parent"]] if row["parent"] else None,
            "tier": row["tier"],
            "name": row["name"],
            "name_en": row["name_en"],
            "ordinal": ordinal,
        }
        for ordinal, row in enumerate(_parents_first(folder.units))
    ]
    await repository.upsert(uow.session, Unit, ("code",), rows)
    return ids


def _parents_first(units: list[dict[str, str]]) -> list[dict[str, str]]:
    done: dict[str, dict[str, str]] = {}
    waiting = list(units)
    while waiting:
        ready = [row for row in waiting if not row["parent"] or row["parent"] in done]
        if not ready:
            raise Invalid("units.csv: the parents go round in a circle.", code="town_folder")
        done |= {row["code"]: row for row in ready}
        waiting = [row for row in waiting if row["code"] not in done]
    return list(done.values())


async def _load_area(uow: UnitOfWork, folder: Folder, units: dict[str, UUID]) -> None:
    town = folder.town
    street = next(row["code"] for row in folder.units if row["tier"] == "street")
    row = {
        "code": str(town["code"]),
        "name": town["name"],
        "name_en": town.get("name_en", town["name"]),
        "timezone": town["timezone"],
        "prefix": str(town.get("prefix", "")),
        "home": True,
        "owner_id": units[street],
        "revision": new_id(),
        "bbox": [float(value) for value in town["bbox"]] if town.get("bbox") else None,
        "base": folder.base,
    }
    await repository.upsert(uow.session, Area, ("code",), [row])


async def _load_grids(
    uow: UnitOfWork, folder: Folder, area: str, units: dict[str, UUID]
) -> dict[str, UUID]:
    ids = await repository.ids_by_code(uow.session, Grid, area)
    rows = []
    for ordinal, grid in enumerate(folder.grids):
        properties = grid["properties"]
        code = str(properties["code"])
        rows.append(
            {
                "id": ids.setdefault(code, new_id()),
                "area": area,
                "code": code,
                "name": properties.get("name", code),
                "community_id": units[str(properties["community"])],
                "geometry": grid["geometry"],
                "ordinal": ordinal,
            }
        )
    await repository.upsert(uow.session, Grid, ("area", "code"), rows)
    return ids


async def _load_points(
    uow: UnitOfWork, folder: Folder, area: str, grids: dict[str, UUID], units: dict[str, UUID]
) -> None:
    known = await repository.ids_by_code(uow.session, Place, area)
    places = [
        {
            **_point(row, area, grids, known),
            "kind": row["kind"],
            "aliases": [alias for alias in row["aliases"].split("|") if alias],
            "parent": row.get("parent") or None,
            "numbers": row.get("numbers") or None,
        }
        for row in folder.places
    ]
    await repository.upsert(uow.session, Place, ("area", "code"), places)
    known = await repository.ids_by_code(uow.session, Asset, area)
    assets = [
        {
            **_point(row, area, grids, known),
            "scheme": row["scheme"],
            "version": row["version"],
            "class_code": row["class"],
            "unit_id": units.get(row.get("unit", "")),
        }
        for row in folder.assets
    ]
    await repository.upsert(uow.session, Asset, ("area", "code"), assets)


def _point(
    row: dict[str, str], area: str, grids: dict[str, UUID], known: dict[str, UUID]
) -> dict[str, Any]:
    return {
        "id": known.get(row["code"]) or new_id(),
        "area": area,
        "code": row["code"],
        "name": row.get("name") or row["code"],
        "lon": float(row["lon"]),
        "lat": float(row["lat"]),
        "grid_id": grids.get(row.get("grid", "")),
    }


async def _load_staff(uow: UnitOfWork, folder: Folder, units: dict[str, UUID]) -> None:
    known = await repository.ids_by_login(uow.session)
    rows = [
        {
            "id": known.get(row["login"]) or new_id(),
            "login": row["login"],
            "name": row["name"],
            "unit_id": units[row["unit"]],
            "roles": row["roles"].split(),
            "active": True,
        }
        for row in folder.staff
    ]
    await repository.upsert(uow.session, Staff, ("login",), rows)


def _rule_rows(folder: Folder, area: str) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "area": area,
            "ordinal": ordinal,
            "scheme": row["scheme"],
            "class_prefix": row["class"],
            "condition": row["condition"],
            "where": row["grid"],
            "unit": row["unit"],
            "note": row.get("note", ""),
            "code": f"L{ordinal + 1:05d}",
            "exception": False,
        }
        for ordinal, row in enumerate(folder.responsibility)
    ]
