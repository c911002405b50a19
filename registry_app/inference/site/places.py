"""Guess the site, and the task by naming convention, from directory names and notes.

The house convention is `customer-region-task` or `customer-task`: `donghwa-entec-ppe`,
`sampyo-gimhae-bct`. A region is recognised by its name; the words before it are the customer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry_app.inference.guess import Guess
from registry_app.inference.site.name_words import telling_words
from registry_app.inference.task.general_tasks import GENERAL
from registry_app.inference.task.task_words import OBJECTS
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary, as_one
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

# Cities and industrial towns of Korea as they occur in names, romanised and in Hangul.
REGIONS: dict[str, str] = {
    "서울": "seoul", "부산": "busan", "대구": "daegu", "인천": "incheon", "광주": "gwangju",
    "대전": "daejeon", "울산": "ulsan", "세종": "sejong", "수원": "suwon", "용인": "yongin",
    "화성": "hwaseong", "평택": "pyeongtaek", "안산": "ansan", "시흥": "siheung", "이천": "icheon",
    "여주": "yeoju", "파주": "paju", "김포": "gimpo", "춘천": "chuncheon", "원주": "wonju",
    "강릉": "gangneung", "동해": "donghae", "삼척": "samcheok", "영월": "yeongwol",
    "단양": "danyang", "제천": "jecheon", "충주": "chungju", "청주": "cheongju", "음성": "eumseong",
    "천안": "cheonan", "아산": "asan", "당진": "dangjin", "서산": "seosan", "공주": "gongju",
    "군산": "gunsan", "전주": "jeonju", "익산": "iksan", "완주": "wanju", "여수": "yeosu",
    "광양": "gwangyang", "순천": "suncheon", "목포": "mokpo", "나주": "naju", "영암": "yeongam",
    "포항": "pohang", "경주": "gyeongju", "구미": "gumi", "김천": "gimcheon", "안동": "andong",
    "창원": "changwon", "마산": "masan", "진해": "jinhae", "김해": "gimhae", "양산": "yangsan",
    "거제": "geoje", "통영": "tongyeong", "사천": "sacheon", "진주": "jinju", "제주": "jeju",
}  # fmt: skip
_ROMANISED = frozenset(REGIONS.values())

ZONES: dict[str, str] = {
    "용접": "welding", "도장": "painting", "조립": "assembly", "출하": "shipping",
    "입고": "receiving", "포장": "packing", "절단": "cutting", "주조": "casting",
    "원료": "raw-material", "창고": "warehouse",
}  # fmt: skip
_PLANT = re.compile(r"^(?:plant|factory|공장|p|f)[_-]?(\d+)$|^(?:제)?(\d+)(?:공장|plant|factory)$")
_PLANT_IN_TEXT = re.compile(r"(?:제\s*)?(\d+)\s*공장")
# Many towns have names of everyday things (음성 is a voice, 화성 is Mars), so a note must refer
# to a place. Not zones or lines: a danger zone (위험 구역), a pipeline (파이프라인).
_REGION_IN_TEXT = re.compile(
    rf"(?:위치|지역|현장|사업장|장소|고객사?)\s*[:：]?\s*(?:[가-힣()㈜]+\s+)?({'|'.join(REGIONS)})"
    rf"|({'|'.join(REGIONS)})(?:특별시|광역시|시|군)?\s*(?:제?\s*\d*\s*)?"
    r"(?:공장|사업장|현장|지역|공단|산단|제철소|플랜트|센터|캠퍼스|항만|지점)"
)
_ZONE_IN_TEXT = re.compile(
    rf"({'|'.join(ZONES)})\s*(?:구역|공정|라인)|([가-힣A-Za-z]{{2,12}})\s+구역"
)
_NO_ZONES = frozenset(
    "위험 감지 탐지 관심 금지 출입금지 제한 안전 작업 설정 해당 모든 특정 각각 지정 경고".split()
)
# Words that are not customers: models, and technical terms.
_NO_CUSTOMERS = re.compile(
    r"yolo\w*|.*(?:rcnn|net|detr)\d*|unet\w*|resnet\w*|ssd|paddle\w*|detectron\w*|mmdet\w*|tensorrt"
    r"|openvino|onnx|keras|pytorch|tensorflow|opencv|ai|cv|ml|dl|deep|learning|real|time|realtime"
    r"|custom|test|demo|sample|my|new|old|final|project|model|dataset|data|train|training|edge"
    r"|vehicle|car|traffic|road|human|person|people|worker|safety|object|video|image|smart|steel"
    r"|surface|pcb|wafer|forest|license|no|with|and|for|of|the|v\d+"
)
# Words between the parts of a site that are no zones, where a task is known.
_FILLERS = frozenset(
    "and with for of the in at safety monitoring monitor system analysis recognition video image"
    " images object objects cctv realtime smart dataset data 감지 인식 시스템 모니터링 안전".split()
)
NOTE_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Place:
    """The parts of a site and the task in a name or a note; None for those not mentioned."""

    customer: Guess[str] | None = None
    region: Guess[str] | None = None
    plant: Guess[str] | None = None
    zone: Guess[str] | None = None
    task: Guess[str] | None = None


def read_name(name: str, vocabulary: Vocabulary = BUILT_IN) -> Place:
    """Return the parts of a directory's name by the house convention.

    What says nothing is set aside, then known tasks are found wherever they are; what is left is
    the site. Without a known task, the last word after a region may be one.
    """
    words = words_of_name(name, vocabulary)
    tasks = {n: task for n, word in enumerate(words) if (task := vocabulary.task_of(word))}
    place = next((n for n, word in enumerate(words) if _region(word) and n not in tasks), None)
    if len(words) < 2 or (place == 0 and not tasks):
        return Place()
    if place is None:
        found = _without_region(name, words, tasks)
    else:
        found = _with_region(name, words, place, tasks)
    return _with_vocabulary(found, words, vocabulary)


def _with_vocabulary(place: Place, words: Sequence[str], vocabulary: Vocabulary) -> Place:
    """Return a place whose task also names the added word that it follows from."""
    if place.task is None:
        return place
    own = vocabulary.reasons(words, place.task.value)
    return replace(place, task=replace(place.task, reason=(*place.task.reason, *own)))


def _without_region(name: str, words: list[str], tasks: dict[int, str]) -> Place:
    task = tasks.get(len(words) - 1)
    if task is None or name != name.lower():
        return Place()
    rest = [word for n, word in enumerate(words) if n not in tasks]
    parts = [part for word in rest for part in re.split(r"[+.]", word)]
    if not rest or any(_NO_CUSTOMERS.fullmatch(part) for part in parts):
        # The name does not follow the house convention, so no word of it names a customer.
        return Place()
    return Place(
        customer=_guess("-".join(rest), Confidence.LIKELY, name, reasons.BEFORE_TASK()),
        task=_guess(task, Confidence.SURE, name, reasons.LAST_WORD()),
    )


def _with_region(name: str, words: list[str], place: int, tasks: dict[int, str]) -> Place:
    own = {n: task for n, task in tasks.items() if task not in OBJECTS} or tasks
    before = [word for n, word in enumerate(words[:place]) if n not in tasks]
    plants = [word for word in words[place + 1 :] if _PLANT.match(word)]
    after = [
        (n, word)
        for n, word in enumerate(words)
        if n > place and n not in own and word not in plants
    ]
    task = _known_task(name, words, own) if own else None
    if task is not None:
        after = [(n, word) for n, word in after if word not in GENERAL and word not in _FILLERS]
    elif after:
        task = _last_word(name, after.pop()[1])
    region = _region(words[place]) or words[place]
    zones = [word for _n, word in after]
    return Place(
        # A customer that is not known yet may be anything that precedes a region.
        customer=_guess("-".join(before), Confidence.LIKELY, name, reasons.BEFORE_PLACE())
        if before
        else None,
        region=_guess(region, Confidence.SURE, name, reasons.REGION_NAME()),
        plant=_guess(_plant(plants[0]), Confidence.SURE, name, reasons.PLANT_NUMBER())
        if plants
        else None,
        zone=_guess("-".join(zones), Confidence.UNSURE, name, reasons.BETWEEN()) if zones else None,
        task=task,
    )


def _known_task(name: str, words: list[str], own: dict[int, str]) -> Guess[str]:
    """Return the task that known words of a name are, sure where it is the last word."""
    task = "+".join(as_one(list(own.values())))
    if len(words) - 1 in own and len(own) == 1:
        return _guess(task, Confidence.SURE, name, reasons.LAST_WORD())
    return _guess(task, Confidence.LIKELY, name, reasons.WORD_OF_NAME())


def words_of_name(name: str, vocabulary: Vocabulary = BUILT_IN) -> list[str]:
    """Return the telling words of a name; two that together name a task are joined."""
    words = telling_words(name)
    joined: list[str] = []
    for word in words:
        if joined and vocabulary.known(joined[-1] + word):
            joined[-1] = joined[-1] + word
        else:
            joined.append(word)
    return joined


def read_notes(notes: Sequence[tuple[str, str]]) -> Place:
    """Return region, plant and zone from the first lines of notes (path and text)."""
    found: dict[str, Guess[str]] = {}
    for path, text in notes:
        for number, line in enumerate(text.splitlines()[:NOTE_LINES], start=1):
            for part, value in _in_line(line).items():
                found.setdefault(
                    part, _guess(value, Confidence.UNSURE, f"{path}:{number}", reasons.NOTE())
                )
    return Place(**found)


def _in_line(line: str) -> dict[str, str]:
    found = {}
    region = _REGION_IN_TEXT.search(line)
    if region:
        found["region"] = REGIONS[region[1] or region[2]]
    plant = _PLANT_IN_TEXT.search(line)
    if plant:
        found["plant"] = f"plant{plant[1]}"
    zone = _ZONE_IN_TEXT.search(line)
    if zone and zone[2] not in _NO_ZONES:
        found["zone"] = ZONES.get(zone[1] or zone[2], zone[1] or zone[2])
    return found


def _last_word(name: str, last: str) -> Guess[str]:
    """Return the last word as the task: one that is not known may as well be a zone."""
    if last in GENERAL:
        return _guess(GENERAL[last], Confidence.LIKELY, name, reasons.LAST_WORD())
    return _guess(last, Confidence.UNSURE, name, reasons.LAST_AFTER_REGION())


def _region(word: str) -> str | None:
    return REGIONS.get(word) or (word if word in _ROMANISED else None)


def _plant(word: str) -> str:
    found = _PLANT.match(word.lower())
    return f"plant{found[1] or found[2]}" if found else word


def _guess(value: str, confidence: Confidence, source: str, reason: Message) -> Guess[str]:
    return Guess(value=value, confidence=confidence, source=source, reason=(reason,))
