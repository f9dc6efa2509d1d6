"""Rules for addresses finer than a building: unit, floor, room.

Compound, road number and building stay, since a case needs them: 幸福里3号楼[住址]. House
numbers of a village are the building. Floors stay where nobody lives (三楼会议室, 共18层), rooms
stay behind the name of an office or a school. Chinese numerals count as digits do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from streetwise.privacy.masking_text import NAME_BLOT, Finder, Rule, Span, blot, matches

_CN = "零〇一二三四五六七八九十幺"
_D = f"[0-9０-９{_CN}十]"
_FIGURES = "(?:[ ,，·第-]{0,2}[0-9０-９]{1,2}[-0-9０-９门])"
#: A cheap look that every shape passes. One set in front lets it scan fast.
HINT = re.compile(
    "[单楼层室房寝宿号栋幢座舍寓门#＃住壁下上户-](?:"
    f"(?<={_D}[楼层室房寝宿])|(?<={_D}单)元|(?<=[甲乙丙丁东西南北中A-Fa-fＡ-Ｆａ-ｆ]单)元"
    f"|(?<={_D}号)[房室寝]|(?<=[栋幢座楼#＃号寓舍住壁下上门]){_FIGURES}"
    f"|(?<=[栋幢座楼舍])[ ,，·第-]{{0,2}}[{_CN}]{{3}}|(?<=-)[0-9０-９]{{3}}|"
    f"(?<=[东西南北中左右边侧]户))"
)

_N = "(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_SEP = "[ ,，·第-]{0,2}"
_SHOP = "号?(?:商铺|门面|门店|铺面|铺位)"
#: What follows a bare number that is no room.
_NO_ROOM = (
    "(?![0-9]|[-~—至到][0-9]|[.:：/][0-9]|万|"
    + NAME_BLOT
    + "|[年月日元块号路弄路度个人名位户口次件台辆盏处棵株吨米斤平㎡亩克栋幢]"
    "|多[年元人个户家]|余[年元人个户家]|[套间]|家[商企店门单公]|公[里斤分]|[mM㎡]|"
    + _SHOP
    + "|[Kk]m|层|楼)"
)
_UNIT = (
    f"(?:{_N}(?:[~—至到、和及,，-]{_N}){{0,4}}|[甲乙丙丁东西南北中A-Fa-f])单元"
    f"(?![测考格试练题课教听作复学{NAME_BLOT}])"
)
_FLOOR = (
    f"{_N}(?:楼|层)(?![以之]?[上下]|高|板|梯|道|盘|门面|大厅|会议|办[公事]|窗口|餐厅"
    "|商[场铺务]|食堂|小楼|违建|楼(?![道梯])|的?高|小高|电梯房|住宅|写字"
    f"|[0-9]?号楼|{NAME_BLOT})"
)
_SIDE = "(?:[东西南北中左右][边侧]?户|[0-9]{1,2}门[0-9]{3,4}(?![0-9]))"
_HOUSES = "(?!" + NAME_BLOT + "|居民|业主|住户|人家?|村民|群众|以[上下]|型|均|每|都|家庭|籍)"
_MARKED = (
    f"(?:(?:[A-Za-z]?[0-9]{{1,4}}|[{_CN}]{{1,4}})(?:室(?!外)|号房间?|号门(?!面)|房间|"
    f"号(?![楼院线门路机电户商铺{NAME_BLOT}]))"
    f"|(?:[A-Za-z]?[0-9]{{3,4}}|[{_CN}]{{3,4}})(?:房(?![产屋东价租地型子贷{NAME_BLOT}])|寝室|宿舍)"
    f"|[1-9][0-9]{{3}}户{_HOUSES})(?!{_SHOP})"
)
_BARE = f"(?:(?<![0-9])[0-9]{{3,4}}{_NO_ROOM}|[{_CN}]{{3,4}}(?![{_CN}年月日元号路{NAME_BLOT}]))"
_DASHED = f"(?:[1-9][0-9]?-){{1,2}}[0-9]{{3,4}}(?![0-9-])(?:室(?!外))?{_NO_ROOM}"
_ROOM = f"(?:{_SIDE}|{_DASHED}|{_MARKED}|{_BARE})"
_IN_UNIT = f"{_UNIT}(?:{_SEP}{_FLOOR})?(?:{_SEP}{_ROOM})?"

_IN_BUILDING = (
    "(?:[0-9A-Za-z一二三四五六七八九十](?:栋|幢|座|号楼|#楼?|号公寓)|宿舍楼?|(?<![一-龥]公)公寓楼?)"
    f"{_SEP}(?P<number>{_IN_UNIT}|{_FLOOR}(?:{_SEP}{_ROOM})?|{_ROOM})"
)
_IN_HOUSE = (  # of a road: a day of the month looks the same
    f"(?<![0-9月{NAME_BLOT}])[0-9]{{1,4}}号(?:大院|院)?{_SEP}(?P<number>{_FLOOR}(?:{_SEP}{_ROOM})?)"
)
_THREE_PARTS = (
    "(?<![0-9A-Za-z.-])[0-9A-Za-z]{1,3}(?:栋|幢|号楼?|#楼?)?-"
    f"(?P<number>[1-9][0-9]?-[0-9]{{3,4}}(?![0-9-])(?:室(?!外))?){_NO_ROOM}"
)
_TWO_PARTS = (
    "(?:[苑园里城府湾庭居邨寓庄院坊轩阁]|小区|新村|[房门]牌?号|[家我]住|住在|地址)[:：是为]?"
    f"[0-9]{{1,3}}-(?P<number>[0-9]{{3,4}}(?![0-9-])(?:室(?!外))?){_NO_ROOM}"
)
_ENTRANCE = f"(?<![0-9])[1-9][0-9]?门[0-9]{{3,4}}{_NO_ROOM}"
_ROOM_ALONE = (
    "(?:(?<![0-9A-Za-z.第-])[A-Za-z]?[0-9]{3,4}|"
    "(?<![零〇一二三四五六七八九十幺第])[一二三四五六七八九幺][零〇一二三四五六七八九十幺]{2,3})"
    f"(?:室(?!外)|号房间?|房间|房(?![产屋东价租地型子贷{NAME_BLOT}])|号?寝室|宿舍)"
)
_LIVED_IN = (
    "(?:[我你他她]家|[家居租]住?在?|搬到|楼上|楼下|隔壁|对门|本楼|本栋|住|[房室]间?号码?|"
    "门牌号?)(?:在|的|了|是|为|:|：)?"
    f"(?P<number>{_FLOOR}(?:{_SEP}{_ROOM})?|(?:{_SIDE}|{_DASHED}|{_BARE}))"
)
_NEIGHBOUR = (
    f"(?<![0-9一二三四五六七八九十第共、{NAME_BLOT}])(?P<number>{_FLOOR})"
    "(?=的?(?:住户|邻居|业主|人家|租户|租客|老人|居民|家里|那[家户]|这[家户]|一[家户]))"
)
_OFFICE = re.compile(
    "(?:[一-龥]局|委|委会|办公室|办|科|处|所|站|股|厅|院|[大中支]队|政府|学校|[中小大]学|"
    "中心|[教办行综]\\w{1,2}楼|门诊楼|住院[部楼]|大楼|部)"
    "\\Z"
)


def _not_at_an_office(m: re.Match[str]) -> bool:
    """Not in an office or a school, as far as the words before it say."""
    return _OFFICE.search(m.string, max(0, m.start() - 8), m.start()) is None


_SHAPES: tuple[Finder, ...] = (
    matches(_IN_BUILDING),
    matches(
        f"(?P<number>(?:(?<![0-9])(?=[0-9])|"
        f"(?<![一二三四五六七八九十])(?=[一二三四五六七八九十])|"
        f"(?=[甲乙丙丁东西南北中A-Fa-f])){_IN_UNIT})"
    ),
    matches(_THREE_PARTS),
    matches(_TWO_PARTS),
    matches(_IN_HOUSE),
    matches(_ENTRANCE),
    matches(_ROOM_ALONE, _not_at_an_office),
    matches(_LIVED_IN),
    matches(_NEIGHBOUR),
)
_SENTENCE_END = re.compile("[。！!？?；;\n]")


def _find(text: str) -> Iterator[tuple[int, int]]:
    """All shapes in turn, in the sentences that may hold one."""
    done = 0
    while (hint := HINT.search(text, done)) is not None:
        start = max(done, *(text.rfind(mark, done, hint.start()) + 1 for mark in "。；\n！"))
        end = _SENTENCE_END.search(text, hint.end())
        done = end.start() if end else len(text)
        yield from sorted(_in_sentence(text, start, done))


def _in_sentence(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    sentence = text[start:end]
    for shape in _SHAPES:
        found = [Span("address", *span) for span in shape(sentence)]
        if found:
            sentence = blot(sentence, found)
            yield from ((start + span.start, start + span.end) for span in found)


RULES: tuple[Rule, ...] = (Rule("finer than a building", "address", "address", _find),)
