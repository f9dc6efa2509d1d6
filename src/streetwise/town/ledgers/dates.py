"""The ways in which offices write a date."""

from __future__ import annotations

from datetime import date

#: `native` is a real date of a workbook; as text it is written as `iso`.
FORMS = ("iso", "slash", "compact", "han", "dot", "serial")
_EXCEL_ZERO = date(1899, 12, 30)


def written(day: str, form: str) -> str:
    """YYYY-MM-DD in another form; the day need not be one of the calendar, unless for `serial`."""
    if form in ("iso", "native"):
        return day
    year, month, dom = day.split("-")
    if form == "compact":
        return year + month + dom
    if form == "serial":
        return str((date.fromisoformat(day) - _EXCEL_ZERO).days)
    m, d = int(month), int(dom)
    if form == "slash":
        return f"{year}/{m}/{d}"
    if form == "dot":
        return f"{year}.{m}.{d}"
    return f"{year}年{m}月{d}日"
