"""Units, staff and who is responsible for what."""

from __future__ import annotations

from .geometry import rng_for
from .names import COMMUNITIES, DISTRICT, GIVEN, SURNAMES, TOWN, TOWN_CODE

Row = dict[str, str]

DISTRICT_CODE = DISTRICT[0]
COMMAND = "CT-ZH"
DEPARTMENTS = (
    (COMMAND, "综合指挥中心", "Command Centre"),
    ("CT-CG", "城市管理办公室", "Urban Management Office"),
    ("CT-ZF", "综合行政执法队", "Law Enforcement Team"),
    ("CT-PA", "平安建设办公室", "Public Safety Office"),
    ("CT-SZ", "市政市容服务中心", "Municipal Works Service Centre"),
    ("CT-MS", "民生保障办公室", "Livelihood Office"),
    ("CT-YJ", "应急管理办公室", "Emergency Management Office"),
)
OUTSIDE = (
    ("OUT-WATER", "安渡供排水公司澄棠营业所", "Andu Water, Chengtang Branch", "utility"),
    ("OUT-POWER", "安渡供电公司澄棠供电所", "Andu Power, Chengtang Station", "utility"),
    ("OUT-GAS", "安渡燃气热力公司澄棠服务站", "Andu Gas and Heat, Chengtang Station", "utility"),
    ("OUT-CLEAN", "洁城环卫公司澄棠项目部", "Jiecheng Sanitation, Chengtang Project", "firm"),
    ("OUT-PM1", "安居里物业公司", "Anjuli Property Management", "property"),
    ("OUT-PM2", "棠河湾物业公司", "Tanghewan Property Management", "property"),
    ("OUT-PM3", "柳营物业公司", "Liuying Property Management", "property"),
)

# Scheme, class prefix, place, unit, note. The longest prefix wins, so the order is for readers.
_UM, _RQ = "urban-management", "request"
_RULES: tuple[tuple[str, str, str, str, str], ...] = (
    ("*", "*", "*", "@community", "兜底：社区先行到场"),
    (_UM, "P-01", "*", "CT-SZ", "公用设施"),
    (_UM, "P-01-01", "*", "OUT-WATER", "上水井盖归供水"),
    (_UM, "P-01-02", "*", "OUT-WATER", "污水井盖归排水"),
    (_UM, "P-01-03", "*", "OUT-WATER", "雨水井盖归排水"),
    (_UM, "P-01-04", "*", "OUT-WATER", "雨水箅子归排水"),
    (_UM, "P-01-06", "*", "OUT-POWER", "路灯井盖"),
    (_UM, "P-01-10", "*", "OUT-GAS", "热力井盖"),
    (_UM, "P-01-11", "*", "OUT-GAS", "燃气井盖"),
    (_UM, "P-01-18", "*", "OUT-CLEAN", "化粪池井盖"),
    (_UM, "P-01-28", "*", "OUT-POWER", "电力设施"),
    (_UM, "P-01-37", "*", "OUT-POWER", "路灯"),
    (_UM, "P-01-46", "*", "@community", "健身设施由社区管"),
    (_UM, "P-01-50", "*", "CT-PA", "监控电子眼"),
    (_UM, "P-02", "*", "CT-SZ", "道路交通设施"),
    (_UM, "P-03", "*", "OUT-CLEAN", "市容环境设施"),
    (_UM, "P-03-06", "*", "CT-ZF", "户外广告"),
    (_UM, "P-03-07", "*", "CT-ZF", "牌匾标识"),
    (_UM, "P-04", "*", "CT-SZ", "园林绿化设施"),
    (_UM, "E-01", "*", "CT-CG", "市容环境"),
    (_UM, "E-01-01", "*", "CT-ZF", "私搭乱建"),
    (_UM, "E-01-03", "*", "CT-ZF", "违章接坡"),
    (_UM, "E-01-07", "*", "@community", "沿街晾挂先由社区劝导"),
    (_UM, "E-01-10", "*", "OUT-CLEAN", "生活垃圾清运"),
    (_UM, "E-01-11", "*", "OUT-CLEAN", "积存渣土清运"),
    (_UM, "E-01-12", "*", "OUT-CLEAN", "道路清扫"),
    (_UM, "E-01-13", "*", "CT-SZ", "道路养护"),
    (_UM, "E-01-14", "*", "OUT-CLEAN", "道路遗撒"),
    (_UM, "E-01-17", "*", "CT-SZ", "绿地养护"),
    (_UM, "E-01-20", "*", "CT-ZF", "露天焚烧"),
    (_UM, "E-01-22", "*", "CT-ZF", "非法伐树"),
    (_UM, "E-01-28", "*", "CT-ZF", "商业噪音"),
    (_UM, "E-01-29", "*", "CT-ZF", "露天烧烤"),
    (_UM, "E-01-30", "*", "CT-ZF", "乱倒乱排污水"),
    (_UM, "E-01-36", "*", "@community", "乱堆物料先由社区清理"),
    (_UM, "E-01-37", "*", "OUT-CLEAN", "动物尸体"),
    (_UM, "E-01-38", "*", "@community", "饲养家禽家畜"),
    (_UM, "E-01-92", "*", "OUT-CLEAN", "垃圾满溢"),
    (_UM, "E-02", "*", "CT-ZF", "宣传广告"),
    (_UM, "E-02-01", "*", "@community", "小广告由社区清理"),
    (_UM, "E-03", "*", "CT-ZF", "施工管理"),
    (_UM, "E-03-04", "*", "CT-CG", "工地扬尘"),
    (_UM, "E-04", "*", "CT-ZF", "街面秩序"),
    (_UM, "E-04-10", "*", "@community", "非机动车先由社区摆放"),
    (_UM, "E-04-96", "*", "CT-PA", "占用消防通道"),
    (_UM, "E-05", "*", "CT-YJ", "突发事件"),
    (_UM, "E-05-01", "*", "OUT-WATER", "供水抢修"),
    (_UM, "E-05-02", "*", "OUT-GAS", "燃气抢修"),
    (_UM, "E-05-03", "*", "OUT-WATER", "排水疏通"),
    (_UM, "E-05-04", "*", "OUT-GAS", "热力抢修"),
    (_UM, "E-05-07", "*", "OUT-CLEAN", "扫雪铲冰"),
    (_UM, "E-05-08", "*", "CT-SZ", "架空线缆"),
    (_UM, "E-06", "*", "@community", "门前四包等"),
    (_RQ, "R-01", "*", "OUT-PM1", "住房与物业（安居里物业）"),
    (_RQ, "R-01", "CT-02", "OUT-PM2", "住房与物业（棠河湾物业）"),
    (_RQ, "R-01", "CT-04", "OUT-PM2", "住房与物业（棠河湾物业）"),
    (_RQ, "R-01", "CT-05", "OUT-PM3", "住房与物业（柳营物业）"),
    (_RQ, "R-01", "CT-06", "OUT-PM3", "住房与物业（柳营物业）"),
    (_RQ, "R-02", "*", "CT-PA", "交通出行"),
    (_RQ, "R-03", "*", "CT-CG", "环境保护"),
    (_RQ, "R-04", "*", "CT-MS", "教育"),
    (_RQ, "R-05", "*", "CT-MS", "医疗卫生"),
    (_RQ, "R-06", "*", "CT-MS", "劳动与社保"),
    (_RQ, "R-07", "*", "CT-ZF", "市场与消费"),
    (_RQ, "R-08", "*", "CT-SZ", "水电气热统筹"),
    (_RQ, "R-09", "*", "CT-PA", "公共安全"),
    (_RQ, "R-10", "*", "CT-CG", "城乡建设"),
    (_RQ, "R-11", "*", "CT-MS", "文化体育旅游"),
    (_RQ, "R-12", "*", "CT-ZH", "政务服务"),
    (_RQ, "R-13", "*", "@community", "邻里纠纷先由社区调解"),
    (_RQ, "R-14", "*", "@community", "其他"),
)

# Class prefix, days, hours, unit, note: what is otherwise at night and on days off.
_EXCEPTIONS = (
    ("E-01-28", "", "22:00-06:00", "CT-PA", "夜间商业噪音由平安办值班处置"),
    ("E-01-13", "restday", "", COMMAND, "休息日道路养护由指挥中心协调"),
)
# Class of requests, what the other is, class of urban management.
_CROSSWALKS = (
    ("R-03", "narrower", "E-01-28"),
    ("R-03", "narrower", "E-01-29"),
    ("R-03", "narrower", "E-01-30"),
    ("R-07", "related", "E-04-01"),
    ("R-08", "narrower", "E-05-01"),
    ("R-08", "narrower", "E-05-04"),
    ("R-09", "narrower", "E-04-96"),
)

WORKERS = 4  # a community's
LEADERS, OFFICERS = 6, 7  # who take turns in the duty roster

# Logins equal to the role, one of each, are what a visitor tries first.
_STREET_STAFF = (
    ("district_duty_officer", DISTRICT_CODE),
    ("street_commander", TOWN_CODE),
    ("duty_officer", COMMAND),
    ("dispatcher", COMMAND),
    ("department_handler", "CT-CG"),
    ("community_worker", "CT-01"),
    ("inspector", COMMAND),
    ("data_steward", COMMAND),
    ("system_admin", COMMAND),
    ("security_admin", COMMAND),
    ("audit_admin", COMMAND),
)


def units() -> list[Row]:
    rows = [
        (DISTRICT_CODE, "", "district", DISTRICT[1], DISTRICT[2]),
        (TOWN_CODE, DISTRICT_CODE, "street", f"{TOWN[0]}办事处", f"{TOWN[1]} Office"),
    ]
    rows += [(c, TOWN_CODE, "community", n, e) for c, n, e in COMMUNITIES.values()]
    rows += [(c, TOWN_CODE, "department", n, e) for c, n, e in DEPARTMENTS]
    keys = ("code", "parent", "tier", "name", "name_en", "kind")
    inside = [dict(zip(keys, (*row, ""), strict=True)) for row in rows]
    outside = [(c, TOWN_CODE, "outside", n, e, kind) for c, n, e, kind in OUTSIDE]
    return inside + [dict(zip(keys, row, strict=True)) for row in outside]


def staff(seed: int) -> list[Row]:
    """About seventy people: whoever a case may be sent to has at least one, most have two."""
    rng = rng_for(seed, "staff")
    people = [(role, role, unit) for role, unit in _STREET_STAFF]
    people += [("dispatcher2", "dispatcher", COMMAND), ("inspector2", "inspector", COMMAND)]
    communities = [code for code, _, _ in COMMUNITIES.values()]
    turns = [*communities[1:], communities[0]] + communities * (WORKERS - 1)
    people += [(f"worker{i}", "community_worker", unit) for i, unit in enumerate(turns, 1)]
    handled = [code for code, *_ in (*DEPARTMENTS, *OUTSIDE) if code != "CT-CG"]
    # The busy ones have a second and a third pair of hands.
    handled += ["CT-CG", "CT-ZF", "CT-SZ", "OUT-CLEAN", "OUT-WATER", "OUT-POWER", "CT-CG", "CT-ZF"]
    people += [(f"handler{i}", "department_handler", unit) for i, unit in enumerate(handled, 1)]
    people += [(f"commander{i}", "street_commander", TOWN_CODE) for i in range(2, LEADERS + 1)]
    people += [(f"officer{i}", "duty_officer", COMMAND) for i in range(2, OFFICERS + 1)]
    given, surnames = list(GIVEN), list(SURNAMES)
    rng.shuffle(given)
    rng.shuffle(surnames)
    return [
        {
            "login": login,
            "name": surnames[i % len(surnames)] + given[i % len(given)],
            "unit": unit,
            "roles": role,
        }
        for i, (login, role, unit) in enumerate(people)
    ]


def responsibility() -> list[Row]:
    lines = [
        {
            "scheme": scheme,
            "class": prefix,
            "condition": "*",
            "grid": where,
            "unit": unit,
            "note": note,
            "days": "",
            "hours": "",
            "exception": "",
        }
        for scheme, prefix, where, unit, note in _RULES
    ]
    return lines + [
        {
            "scheme": _UM,
            "class": prefix,
            "condition": "*",
            "grid": "*",
            "unit": unit,
            "note": note,
            "days": days,
            "hours": hours,
            "exception": "yes",
        }
        for prefix, days, hours, unit, note in _EXCEPTIONS
    ]


def crosswalks() -> list[Row]:
    keys = ("from_scheme", "from_version", "from_code", "to_scheme", "to_version", "to_code")
    return [
        {
            **dict(zip(keys, (_RQ, "1", request, _UM, "yuncheng-2020s", code), strict=True)),
            "relation": relation,
        }
        for request, relation, code in _CROSSWALKS
    ]
