"""The words around a place's name: relations, roles, junctions. Written by hand. Pure.

Texts are folded (NFKC, no spaces). All patterns are matched at a known position, so that a text
costs no search of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from streetwise.resolve.understand.place_numbers import to_number

#: Endings that people leave out: 松柏家园 is 松柏.
COMPOUND_ENDINGS = (
    "小区", "家园", "花园", "花苑", "嘉苑", "佳苑", "雅苑", "名苑", "苑", "新村", "新苑", "公寓",
    "华庭", "名邸", "公馆", "国际", "时代", "宿舍", "家属院", "住宅区", "雅居", "嘉园", "佳园",
    "大院",
)  # fmt: skip
#: How a compound is said with one more word.
COMPOUND_EXTRA = "小区"
ROAD_ENDINGS = ("大街", "斜街", "胡同", "大道", "路", "街", "巷", "道", "里", "弄", "条")

#: A matter that somebody says twice and differently.
CONTRADICTION = (
    "说错了",
    "不对,",
    "记错了",
    "没看准",
    "也可能是",
    "有人说是",
    "他们说在",
    "可能是",
)

_JUNCTION_END = (
    "(?:的|那个?|这个?)?(?:交叉路?口|交叉处|交叉|十字路?口|丁字路?口|三岔路?口|路口|交口|交汇处?|"
    "交界处?|相交处?|口(?![岸头渴味感香气])|拐角|拐弯处?|把角|红绿灯|东北角|西北角|东南角|西南角)"
)
JUNCTION_END = re.compile(_JUNCTION_END)
#: Between the names of two roads that meet.
MEETING = frozenset(("与", "和", "跟", "、", "同", "/", "-", "交", "至", "到", "."))
LEANING = frozenset(
    ("靠近", "近", "(", "(近", "(靠近", "上", "挨着", "临近", "快到", "走到", "与", "交")
)

#: Behind a short or misheard name these make another name of it: 松涛 is not 松涛三里.
OTHER_NAME = re.compile(
    "[东西南北中新一二三四五六七八九十]{1,2}[里区村街苑路院]|"
    + "|".join(one for one in COMPOUND_ENDINGS if one not in ("小区", "大院", "国际", "时代"))
)

#: Far outside what is named, beside it, or in it.
_DIRECTION = "[东西][南北]|[东西南北]"
_RELATION = re.compile(
    "(?:小区|社区|公园|大院|院)?(?:的|那|附近的)?(?:"
    f"(?P<gate>{_DIRECTION})(?:大?门|侧门|小门)(?:口|外)?"
    "|(?P<beside>正对面|斜对面|斜对过|正对过|马路对面|对面|对过|对门|旁边|旁|边儿上|边上|跟前|隔壁|附近|"
    "周边|周围|一带|后面|后身|背后|后头|后边|前面|前边|前头|外面|楼下|墙外|不远处?|左侧|右侧|左边|右边|"
    f"(?:{_DIRECTION})(?:侧|边|面|头|段|端|角|口|部)(?:路口)?)"
    "|(?P<inside>大?门口|门前|门外|门厅|里头|里面|里边|里|院内|内|中段|中间|中部|楼前|楼后|路段|沿线|上))?"
)
_SHIFT = re.compile(
    "(?:的|门口|路口|处|起|开始|,)?(?:"
    f"(?:再?(?:往|向|朝|以)(?P<way>{_DIRECTION})(?:边|面|侧|方向)?(?:走|行|约|大约|大概|差不多|过去)*"
    "(?P<far>[0-9]{1,4}|[一二两三四五六七八九十百]{1,4})(?:多|来|余)?米)"
    f"|(?:(?P<way2>{_DIRECTION})(?:边|面|侧|方向)?(?:约|大约|大概)?(?P<far2>[0-9]{{1,4}})(?:多|来|余)?米"
    "(?:处|左右|的地方|开外|外|,|$))"
    "|(?P<near>[0-9]{1,4})(?:多|来|余)?米(?:处|左右的地方|以?内|范围内|开外|外))"
)

_HOME_BEFORE = re.compile("(?:系|住在?|家在|租住?在?|本人是|我是|居住在?|搬到|搬进)\\Z")
_HOME_AFTER = re.compile(
    "(?:小区|社区)?(?:的|内的|里的)?(?:居民|业主|住户|租户|租客|村民|群众|家长)"
)
_ASKED_BEFORE = re.compile(
    "(?:[给跟向找问请让叫派归由经]|找过|去过|去了|打给|打到|问过|打了|联系|联系过|拨打|建议|希望|通知|曾向)\\Z"
)
_ASKED_AFTER = re.compile(
    "(?:的人|人员|工作人员|同志|民警|那边|那儿)?(?:打|说|反映|反应|来|投诉|问|讲|报|管|告|处理|解决|求助|"
    "协调|过来|派|,说|,就|尽快|答复|回复|联系|走|出面)"
)
#: Who handles complaints: named in a text, it is seldom where the matter is.
_OFFICE = re.compile(
    "(?:派出所|居委会|村委会|办事处|街道办|服务大厅|便民大厅|办事大厅|服务中心|服务站|消防[队站]|救援站|卫生[站院]|法院|检察院|"
    "司法所|信访办|物业|城管队|税务所|工商所|市场所)\\Z"
)
#: Words that names of kinds are made of: a name of nothing else (菜市场, 街道办) is what a street
#: calls its own, and any other text's ordinary word.
_GENERIC = re.compile(
    "(?:[大小老新东西南北中前后上下]|社区|街道|街|便民|居民|公共|农贸|菜|综合|文化|文体|体育|活动|服务|卫生|养老|敬老|"
    "老年|幼儿|儿童|公交|汽车|客运|火车|地铁|长途|消防|救援|派出|警务|居委|村委|办事|政务|行政|办公|信访|湿地|森林|"
    "滨河|河滨|人民|中心|工商|农商|农业|建设|邮政|邮储|邮|储蓄|中国|商业|购物|便利|批发|水果|早|夜|健身|运动|"
    "足球|篮球|立交|过街|地下|人行|天|铁路|铁轨|铁|下穿|停车|垃圾|回收|货|家属|职工|单身|集体|"
    "医|校|澡|浴|图书|博物|电影|戏|游客|接待|物业|超|学|"
    "站点?|所|院|局|队|厅|会|处|办|堂子?|馆|园|场|市场|市|公园|超市|小学|中学|大学|学校|银行|支行|分行|医院|诊所|桥|洞|口|"
    "广场|通道|隧道|门|亭|池|棚|房|楼|店|厂|库|堆|岗|台|室|宿舍|大院|小区|总站|场站|车站)+\\Z"
)
_SENDING = re.compile(
    "(?:值班室|窗口|指挥室|所里)?(?:接警|移送|来?函|转来|转办|转交|通报|建议书|:)"
)
_DENIED = re.compile("(?:不是|并非|不在|而非|不属于)\\Z")
_MENDED = re.compile(
    "(?:说错了|不对|更正|记错了|写错了)[,。:]?(?:应该|其实|正确)?(?:的)?(?:地址)?[是为在]?\\Z"
)
_BEFORE_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class Relation:
    """How the matter lies to the named place: ``said`` as it stands there.

    ``kind``: gate, beside, inside, shift. ``way``: 东, 西北, …; ``metres`` where stated.
    """

    kind: str
    said: str
    way: str = ""
    metres: float = 0.0


def relation_after(folded: str, end: int) -> Relation | None:
    """The relation said behind a name that ends at ``end``."""
    match = _RELATION.match(folded, end)
    kind, said, way, behind = "", "", "", end
    if match is not None and match.lastgroup is not None:
        kind, said, behind = match.lastgroup, match[match.lastgroup], match.end()
        if kind == "gate":
            way, said = said, f"{said}门"
    step = _SHIFT.match(folded, behind)
    if step is not None:
        far = step["far"] or step["far2"] or step["near"]
        metres = float(to_number(far) or 0)
        return Relation(
            "shift", said + step[0].strip("的,"), step["way"] or step["way2"] or "", metres
        )
    return Relation(kind, said, way) if kind else None


def role_of(folded: str, start: int, end: int) -> str:
    """What a mention is there for: at (the matter is there), voice (of those who live there),
    home (of who calls), office (that handles such things), asked, denied or mended.
    """
    if _SENDING.match(folded, end) and _OFFICE.search(folded, start, end):
        return "asked"
    before = folded[max(0, start - _BEFORE_CHARACTERS) : start]
    if _MENDED.search(before):
        return "mended"
    if _DENIED.search(before):
        return "denied"
    if _HOME_BEFORE.search(before):
        return "home"
    if _HOME_AFTER.match(folded, end):
        return "voice"
    if _ASKED_BEFORE.search(before) and _ASKED_AFTER.match(folded, end):
        return "asked"
    return "at"


def half_a_junction(folded: str, end: int) -> bool:
    """Whether a road said alone is half of a junction whose other road was not understood."""
    behind = folded[end : end + 10]
    return JUNCTION_END.match(behind) is not None or "路口" in behind or "交叉口" in behind


def is_generic(name: str) -> bool:
    """Whether a name has nothing of its own: 菜市场, 街道办事处."""
    return _GENERIC.match(name) is not None


def is_office(said: str) -> bool:
    """Whether the words name an office, which a text may name without being about it."""
    return _OFFICE.search(said) is not None
