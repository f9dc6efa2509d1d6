"""Every kind of record: its table, its file, its columns. The one registry. Pure.

Values are plain data: text, int, float, bool, a list of texts, a geometry, or None for empty.
References are codes. Times are ISO 8601 with an offset, dates and hours are text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

ColumnType = Literal[
    "text", "int", "number", "code", "ref", "list", "bool", "time", "geometry", "choice",
    "conditions",
]  # fmt: skip
Values: TypeAlias = "dict[str, Any]"

TIERS = ("district", "street", "community", "department", "team", "outside")
OUTSIDE_KINDS = ("property", "utility", "owner", "firm", "other")
#: Suggested, not enforced: a street may have kinds of its own.
PLACE_KINDS = (
    "road", "compound", "building", "junction", "gate", "park", "school", "shop", "landmark",
    "underpass", "hospital", "market", "office", "other",
)  # fmt: skip
PREMISES_KINDS = ("shop", "site", "school", "restaurant", "market", "factory", "office", "other")
SENSOR_KINDS = ("rain", "water_level", "bin_level", "smoke", "air", "other")
POSTS = ("leader", "officer", "community", "other")
RELATIONS = ("exact", "broader", "narrower", "related")
LIMIT_UNITS = ("urgent_hour", "work_hour", "work_day", "calendar_day")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``attr``: its attribute in the table where that has another name.

    ``by_id``: the table holds the id of what is referred to, not its code. ``separator``: what
    stands between the items of a list in a CSV cell. ``same_as``: empty means the value of that
    column. ``filed``: stands in the file; ``optional``: an old file may lack the column.
    ``several``: a ``ref`` that is a list of codes.
    """

    name: str
    type: ColumnType
    label: str
    label_en: str
    required: bool = False
    ref: str | None = None
    choices: tuple[str, ...] = ()
    open_choices: bool = False
    help: str = ""
    attr: str | None = None
    by_id: bool = False
    separator: str = "|"
    several: bool = False
    same_as: str | None = None
    filed: bool = True
    optional: bool = False

    @property
    def attribute(self) -> str:
        """The attribute of the table's row."""
        return self.attr or self.name

    @property
    def listed(self) -> bool:
        """Whether the value is a list of texts."""
        return self.type == "list" or self.several


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. ``key``: the columns that make its code, joined by ``/``.

    ``area``: records belong to an area; else to the whole installation. ``needs``: the
    capabilities of which one is needed to read it. ``numbered``: codes are given here.
    """

    kind: str
    name: str
    name_en: str
    file: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    area: bool = True
    writable: bool = True
    numbered: bool = False
    optional_file: bool = False
    needs: tuple[str, ...] = ("directory.read",)
    title: str = "name"

    def column(self, name: str) -> Column | None:
        """A column by its name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def filed(self) -> tuple[Column, ...]:
        """The columns that stand in the file."""
        return tuple(column for column in self.columns if column.filed)

    @property
    def needed_in_file(self) -> tuple[str, ...]:
        """The columns without which a file cannot be read."""
        return tuple(column.name for column in self.filed if not column.optional)

    def code_of(self, values: Values) -> str:
        """The code that these values have."""
        return "/".join(str(values.get(name) or "") for name in self.key)


def _code() -> Column:
    return Column("code", "code", "编码", "Code", required=True)


def _name() -> Column:
    return Column("name", "text", "名称", "Name", required=True)


def _point(required: bool) -> tuple[Column, ...]:
    return (
        Column("lon", "number", "经度", "Longitude", required=required, optional=not required,
               help="WGS-84, degrees"),
        Column("lat", "number", "纬度", "Latitude", required=required, optional=not required,
               help="WGS-84, degrees"),
    )  # fmt: skip


def _grid() -> Column:
    return Column(
        "grid", "ref", "责任网格", "Grid", ref="grid", attr="grid_id", by_id=True, optional=True
    )


def _unit(label: str, label_en: str) -> Column:
    return Column(
        "unit", "ref", label, label_en, ref="unit", attr="unit_id", by_id=True, optional=True
    )


def _scheme_keys() -> tuple[Column, ...]:
    return (
        Column("scheme", "text", "分类体系", "Scheme", required=True),
        Column("version", "text", "版本", "Version", required=True),
    )


UNIT = Kind(
    "unit", "单位", "Unit", "units.csv", ("code",), area=False,
    columns=(
        _code(),
        Column("parent", "ref", "上级", "Parent", ref="unit", attr="parent_id", by_id=True),
        Column("tier", "choice", "层级", "Tier", required=True, choices=TIERS),
        _name(),
        Column("name_en", "text", "英文名称", "English name", same_as="name"),
        Column("kind", "choice", "外部单位类型", "Kind of outside unit", choices=OUTSIDE_KINDS,
               help="Only for tier outside", optional=True),
        Column("phone", "text", "联系电话", "Contact phone", optional=True,
               help="The unit's own number, not a person's"),
    ),
)  # fmt: skip

_ACCOUNTS = ("directory.write", "staff.manage", "role.grant", "account.manage", "audit.read")

STAFF = Kind(
    "staff", "人员", "Staff", "staff.csv", ("login",), area=False, writable=False,
    needs=_ACCOUNTS,
    columns=(
        Column("login", "code", "登录名", "Login", required=True),
        _name(),
        Column("unit", "ref", "单位", "Unit", required=True, ref="unit", attr="unit_id",
               by_id=True),
        Column("roles", "list", "角色", "Roles", separator=" "),
    ),
)  # fmt: skip

STAND_IN = Kind(
    "stand_in", "代班", "Stand-in", "stand-ins.csv", ("login", "for", "from"), area=False,
    writable=False, optional_file=True, needs=_ACCOUNTS, title="login",
    columns=(
        Column("login", "ref", "代班人", "Who stands in", required=True, ref="staff",
               attr="staff_id", by_id=True),
        Column("for", "ref", "被代班人", "For whom", required=True, ref="staff",
               attr="stands_in_for", by_id=True),
        Column("from", "time", "开始", "From", required=True, attr="starts_at"),
        Column("to", "time", "结束", "To", required=True, attr="ends_at"),
    ),
)  # fmt: skip

DUTY = Kind(
    "duty", "值班表", "Duty roster", "duty.csv", ("date", "post", "login", "hours"),
    optional_file=True, title="login",
    columns=(
        Column("date", "text", "日期", "Date", required=True, help="2026-05-01"),
        Column("hours", "text", "时段", "Hours", required=True,
               help="08:00-20:00; 20:00-08:00 ends on the next day"),
        Column("post", "choice", "值班岗位", "Post", required=True, choices=POSTS,
               open_choices=True),
        Column("login", "ref", "值班人", "Who", required=True, ref="staff"),
        Column("note", "text", "备注", "Note", optional=True),
    ),
)  # fmt: skip

GRID = Kind(
    "grid", "责任网格", "Grid", "grids.geojson", ("code",),
    columns=(
        _code(),
        Column("name", "text", "名称", "Name", same_as="code", optional=True),
        Column("community", "ref", "社区", "Community", required=True, ref="unit",
               attr="community_id", by_id=True),
        Column("geometry", "geometry", "范围", "Extent", required=True),
    ),
)  # fmt: skip

PLACE = Kind(
    "place", "地名", "Place", "places.csv", ("code",),
    columns=(
        _code(),
        _name(),
        Column("kind", "choice", "类型", "Kind", required=True, choices=PLACE_KINDS,
               open_choices=True),
        *_point(required=True),
        Column("aliases", "list", "别名", "Aliases"),
        Column("parent", "ref", "所属地名", "Parent", ref="place", optional=True,
               help="A building's compound, or its road in an old quarter"),
        _grid(),
        Column("numbers", "text", "门牌号", "House numbers", optional=True,
               help="1-99 odd; 2-60 even"),
        Column("roads", "ref", "相交道路", "Roads", ref="place", several=True, optional=True,
               help="Of a junction: two or more roads"),
    ),
)  # fmt: skip

ASSET = Kind(
    "asset", "部件", "Asset", "assets.csv", ("code",),
    columns=(
        _code(),
        *_scheme_keys(),
        Column("class", "text", "类别", "Class", required=True, attr="class_code"),
        Column("name", "text", "名称", "Name", same_as="code", optional=True),
        *_point(required=True),
        _grid(),
        _unit("权属单位", "Owner"),
    ),
)  # fmt: skip

PREMISES = Kind(
    "premises", "主体", "Premises", "premises.csv", ("code",), optional_file=True,
    columns=(
        _code(),
        _name(),
        Column("kind", "choice", "类型", "Kind", required=True, choices=PREMISES_KINDS,
               open_choices=True),
        Column("place", "ref", "地名", "Place", ref="place", optional=True),
        _grid(),
        *_point(required=False),
        _unit("责任单位", "Responsible unit"),
    ),
)  # fmt: skip

CAMERA = Kind(
    "camera", "点位", "Camera", "cameras.csv", ("code",), optional_file=True,
    columns=(
        _code(),
        _name(),
        *_point(required=True),
        Column("direction", "number", "朝向", "Direction", required=True,
               help="Degrees clockwise from true north, 0 to below 360"),
        Column("field_of_view", "number", "视场角", "Field of view", required=True,
               help="Horizontal degrees, above 0 to 360"),
        _grid(),
        Column("place", "ref", "地名", "Place", ref="place", optional=True),
        _unit("所属单位", "Owner"),
        Column("analysed", "bool", "接入分析", "Analysed", optional=True,
               help="Its pictures are looked at by a program"),
    ),
)  # fmt: skip

SENSOR = Kind(
    "sensor", "传感设备", "Sensor", "sensors.csv", ("code",), optional_file=True,
    columns=(
        _code(),
        _name(),
        Column("kind", "choice", "类型", "Kind", required=True, choices=SENSOR_KINDS,
               open_choices=True),
        *_point(required=True),
        _grid(),
        Column("place", "ref", "地名", "Place", ref="place", optional=True),
        _unit("所属单位", "Owner"),
        Column("quantity", "text", "计量单位", "Measured in", required=True,
               help="mm, m, %, ppm, µg/m³"),
    ),
)  # fmt: skip

SCHEME = Kind(
    "scheme", "分类体系", "Taxonomy", "taxonomy/*.yaml", ("scheme", "version"), area=False,
    title="title",
    columns=(
        *_scheme_keys(),
        Column("title", "text", "名称", "Title", required=True),
        Column("title_en", "text", "英文名称", "English title", same_as="title"),
        Column("source", "text", "出处", "Source"),
        Column("note", "text", "说明", "Note"),
    ),
)  # fmt: skip

CLASS = Kind(
    "class", "类别", "Class", "taxonomy/*.yaml", ("scheme", "version", "code"), area=False,
    columns=(
        *_scheme_keys(),
        _code(),
        _name(),
        Column("name_en", "text", "英文名称", "English name", same_as="name"),
        Column("group", "text", "大类", "Group", attr="group_name"),
        Column("kind", "choice", "性质", "Kind", choices=("part", "event", "request"),
               open_choices=True),
        Column("conditions", "conditions", "情形", "Conditions",
               help="code, text, open_when 立案条件, close_when 结案条件, limit {value, unit}"),
    ),
)  # fmt: skip

CROSSWALK = Kind(
    "crosswalk", "类别对照", "Crosswalk", "crosswalks.csv",
    ("from_scheme", "from_version", "from_code", "to_scheme", "to_version", "to_code"),
    area=False, optional_file=True, title="from_code",
    columns=(
        Column("from_scheme", "text", "原体系", "From scheme", required=True),
        Column("from_version", "text", "原版本", "From version", required=True),
        Column("from_code", "text", "原类别", "From class", required=True),
        Column("to_scheme", "text", "对应体系", "To scheme", required=True),
        Column("to_version", "text", "对应版本", "To version", required=True),
        Column("to_code", "text", "对应类别", "To class", required=True),
        Column("relation", "choice", "关系", "Relation", required=True, choices=RELATIONS),
        Column("note", "text", "说明", "Note", optional=True),
    ),
)  # fmt: skip

RULE = Kind(
    "rule", "责任清单", "Responsibility", "responsibility.csv", ("code",), numbered=True,
    title="note",
    columns=(
        Column("code", "code", "序号", "Number", filed=False),
        Column("scheme", "text", "分类体系", "Scheme", required=True, help="* for all"),
        Column("class", "text", "类别前缀", "Class prefix", required=True, attr="class_prefix",
               help="* for all"),
        Column("condition", "text", "情形", "Condition", required=True, help="* for all"),
        Column("grid", "text", "网格或社区", "Grid or community", required=True, attr="where",
               help="* for everywhere"),
        Column("unit", "text", "责任单位", "Unit", required=True,
               help="A unit's code, or @community"),
        Column("note", "text", "理由", "Reason", optional=True),
        Column("place", "ref", "地名", "Place", ref="place", optional=True),
        Column("days", "text", "日子", "Days", optional=True,
               help="workday restday holiday mon tue wed thu fri sat sun"),
        Column("hours", "text", "时段", "Hours", optional=True, help="08:00-18:00"),
        Column("valid_from", "text", "生效日期", "Valid from", optional=True, help="2026-05-01"),
        Column("valid_to", "text", "失效日期", "Valid to", optional=True,
               help="The last day on which it holds"),
        Column("exception", "bool", "例外", "Exception", optional=True,
               help="Goes before every ordinary line"),
    ),
)  # fmt: skip

#: In the order in which they are written: what is referred to comes first.
KINDS: dict[str, Kind] = {
    one.kind: one
    for one in (
        UNIT, STAFF, STAND_IN, DUTY, GRID, PLACE, ASSET, PREMISES, CAMERA, SENSOR,
        SCHEME, CLASS, CROSSWALK, RULE,
    )
}  # fmt: skip
