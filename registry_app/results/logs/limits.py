"""Numbers under the name of a metric that are no results: goals, limits, weights of losses.

Scripts print what they were given in the words of their results: `min_acc: 0.9`,
`thresholds: precision=0.8`, `using loss: 3 terms`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from registry_app.results.logs.names import Name
from registry_app.results.logs.tokens import Tokens
from registry_app.results.spelling import key_of, words_of
from registry_app.results.words import is_metric

# In a name, or before it: what a result should be, or what it was before.
_GOALS = frozenset(
    "goal desired required requested expected threshold thresholds thresh thr allowed acceptable "
    "tolerable tolerance using default nms previous old prior resume resumed resuming "
    "restored 목표 임계값 임계치 기준치 허용".split()
)
# Only in a name such as `stop_loss`; before one they may be a class: `stop sign AP`.
_JOINED_GOALS = _GOALS | {"stop", "limit", "cap", "budget"}
# Before a domain or a class `target` is no goal; next to a `source` it is the other domain.
_TARGET, _SOURCE = "target", "source"
_LEAST = frozenset({"min", "minimum", "최소"})
_MOST = frozenset({"max", "maximum", "최대"})
_STATISTICS = _LEAST | _MOST | {"mean", "avg", "average", "median", "std", "평균"}
# The least of these, or the most of the others, is no news: it is a limit.
_HIGH_IS_GOOD = frozenset(
    "acc accuracy precision recall iou miou dice map ap ar f1 fscore auc auroc mcc kappa psnr ssim "
    "bleu rouge top1 top5 정확도 정밀도 재현율".split()
)
_LOW_IS_GOOD = frozenset(
    "loss losses rmse mse mae mape logloss perplexity ppl wer cer fid lpips 손실 오차".split()
)
# The best so far was a result when it was reached.
_EARLIER = re.compile(r"(?i)\b(?:so[- ]far|(?:previous|prior|old|initial|earlier) best)\b[^,;|]*$")
# `Loaded checkpoint (epoch 12, acc 0.91)`, but not `Loaded the best model, test acc: 0.91`.
_LOADED = re.compile(
    r"(?i)\b(?:re-?)?(?:load(?:ed|ing)?|resum(?:e|ed|ing)|restor(?:e|ed|ing))\b"
    r"(?:[^.;!]|\.\w)*?"
    r"(?:\((?![^)]*\))|\bwith\b|\bat\b|\bfrom\b)[^.;!)]*$"
)
_TESTED = re.compile(r"(?i)\b(?:test|eval|evaluation|now|gives|reaches)\b[^.;!(]*$")
_BEGIN = r"(?:^|[\s\]>|:-])"
_GIVEN = (
    r"config(?:uration)?s?|cfg|hyp(?:er)?(?:[ _-]?param(?:eter)?s)?|args?|arguments|options|opts?"
    r"|settings|params|parameters|defaults|requirements?|설정"
)
_OF_METRICS = (
    r"(?:loss|class|sample|term)?[ _-]?weights?|coefficients?|coefs?|gains?|thresholds?|limits?"
    r"|bounds?|targets?|goals?|gates?|tolerances?|criteri(?:a|on)|early[ _-]?stop(?:ping)?"
)
_ASSIGNED = r"['\"]?[^\W\d][\w./@-]*['\"]?\s*[:= ]\s*"
# `config: model=n iou=0.5`; `thresholds: precision=0.8`, but not `weights: best.pt, mAP50: 0.9`.
_HEAD = re.compile(
    rf"(?i){_BEGIN}(?:(?:{_GIVEN})\s*[:=]?\s*[{{(\[]\s*\S|(?:{_GIVEN})\s*:\s*{_ASSIGNED}"
    rf"|(?:{_OF_METRICS})\s*[:=]\s*[{{(\[]?\s*{_ASSIGNED}$)"
)
_HEADING = re.compile(
    rf"(?i)[\W_]*(?:[\w-]+ ){{0,3}}(?:{_GIVEN}|{_OF_METRICS})(?: used)?(?:\s*:|\s+[=\-#*]+)\s*$"
)
# `loss: mse,`: the name of a choice, no value.
_CHOICE = re.compile(
    r"(?i)(?:^|[\s,{(|])['\"]?(?:loss(?:_fn|_type)?|criterion|optim(?:izer)?|scheduler|monitor"
    r"|activation|backbone)['\"]?\s*[:=]\s*['\"]?(?!nan\b|inf)[a-z][\w-]*['\"]?\s*(?:[,;|)}(]|$)"
)
_CALL = re.compile(r"(?i)[:=]\s*['\"]?(?:tensor|array)\($")
# A whole number of things: `loss: 3 terms`, but not `latency: 12 milliseconds`.
_THINGS = re.compile(
    r"\s+(?!(?:(?:milli|micro)?seconds|minutes|hours|points)\b)[a-z]{2,}s\b"
    r"(?=\s*(?:$|[,.;)|\]]|(?:per|of|in|for)\b))|\s+times\b"
)
_NUMBERS_OF = frozenset({"num", "n", "nb", "number", "count", "개수"})
_COUNTED = frozenset({"fps", "throughput", "speed", "size"})
_RATIO = re.compile(r"\s*(?:/|of)\s*$")
_FORMULA = re.compile(r"\s*[*×^]")
_NEXT_OF_LIST = re.compile(r",[-+]?\.?\d")
_MORE_OF_LIST = re.compile(r"\s*[,;]?\s*$")
# `IoU=0.5: AP=0.8`: what the rest of the line was measured at.
_CONDITION = re.compile(r"\s*(?:[\])]\s*:?|:)\s*[^\W\d]")
# Next to one of these are settings of a stop, next to one of the others those of boxes.
_OF_STOPS = frozenset("patience min_delta early_stopping_patience 인내".split())
_OF_BOXES = frozenset("conf conf_thres conf_threshold confidence max_det agnostic_nms nms".split())
MAX_HEADING_CHARACTERS = 60


def limits_of(named: Sequence[tuple[Name, int]]) -> frozenset[int]:
    """Return the indexes of the numbers of a line that are goals or limits of a metric.

    A `min` next to a `max` or a mean of the same metric is a statistic.
    """
    words = {place: _words(name) for name, place in named if is_metric(name.text)}
    has_source = any(_SOURCE in parts for parts in words.values())
    return frozenset(
        place
        for name, place in named
        if place in words
        and (
            _is_goal(name, words[place], has_source=has_source)
            or (is_one_sided(words[place]) and not _has_statistics(place, words))
        )
    )


def _has_statistics(place: int, words: Mapping[int, Sequence[str]]) -> bool:
    others = (other for at, other in words.items() if at != place)
    return any(are_statistics(words[place], other) for other in others)


def is_one_sided(words: Sequence[str]) -> bool:
    """Return whether a name is the least of what should be high, or the most of what should not."""
    there = set(words)
    is_least_good = bool(there & _LEAST) and bool(there & _HIGH_IS_GOOD)
    return is_least_good or (bool(there & _MOST) and bool(there & _LOW_IS_GOOD))


def are_statistics(name: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two names are different statistics of the same metric."""
    kinds = [_STATISTICS.intersection(words) for words in (name, other)]
    plain = [[word for word in words if word not in _STATISTICS] for words in (name, other)]
    return plain[0] == plain[1] and bool(kinds[0]) and bool(kinds[1]) and kinds[0] != kinds[1]


def is_earlier(tokens: Tokens, place: int) -> bool:
    """Return whether a number was a result before: the best so far, that of a loaded checkpoint."""
    if _EARLIER.search(tokens.texts[place]):
        return True
    before = " ".join(tokens.texts[: place + 1])
    return bool(_LOADED.search(before)) and not _TESTED.search(before)


def is_condition(tokens: Tokens, name: Name, place: int) -> bool:
    """Return whether a number is the overlap at which the metrics behind it were measured."""
    is_first = place == 0 and len(tokens.numbers) > 1 and words_of(name.text) == "iou"
    return is_first and bool(_CONDITION.match(tokens.texts[1]))


def is_list_or_formula(tokens: Tokens, place: int) -> bool:
    """Return whether a number is one of several in brackets, or a factor."""
    before, after = tokens.texts[place].rstrip(), tokens.texts[place + 1]
    is_listed = before.endswith(("[", "(")) and not _CALL.search(before)
    is_more = place + 1 < len(tokens.numbers) and bool(_MORE_OF_LIST.fullmatch(after))
    return (is_listed and is_more) or bool(_FORMULA.match(after) or _NEXT_OF_LIST.match(after))


def is_count(tokens: Tokens, name: Name, place: int) -> bool:
    """Return whether a number counts things: `3 terms`, but not a rate of `30 images`."""
    words = _words(name)
    if not tokens.numbers[place].isdigit() or _COUNTED.intersection(words):
        return False
    return bool(_NUMBERS_OF.intersection(words)) or bool(_THINGS.match(tokens.texts[place + 1]))


def choices_in(line: str) -> int:
    """Return how many settings of a line are words: `loss: mse`."""
    return len(_CHOICE.findall(line))


def has_sure_sign(
    tokens: Tokens, named: Sequence[tuple[Name, int]], items: Sequence[tuple[Name, int]]
) -> bool:
    """Return whether a name of a line makes it sure that its metrics, `items`, are settings.

    A patience does, but not its state `3/10`; of the overlap of boxes their confidence does.
    """
    keys = {key_of(name.text): place for name, place in named}
    of_stops = [place for key, place in keys.items() if key in _OF_STOPS]
    are_boxes = all(words_of(name.text).split()[-1] == "iou" for name, _place in items)
    is_of_stop = any(not _RATIO.match(tokens.texts[place + 1]) for place in of_stops)
    return is_of_stop or (are_boxes and bool(_OF_BOXES & keys.keys()))


def has_settings_head(tokens: Tokens) -> bool:
    """Return whether a line begins by saying that settings follow."""
    return bool(_HEAD.search(tokens.texts[0]))


def is_settings_heading(text: str) -> bool:
    """Return whether a line without numbers says that the lines below it are settings."""
    return len(text) <= MAX_HEADING_CHARACTERS and bool(_HEADING.match(text))


def _words(name: Name) -> list[str]:
    near = [name.more[-1].lower()] if name.more else []
    return [*near, *words_of(name.text).split()]


def _is_goal(name: Name, words: Sequence[str], *, has_source: bool) -> bool:
    before = {word.lower().strip("'\"") for word in name.more}
    if _GOALS & before or _JOINED_GOALS.intersection(words_of(name.text).split()):
        return True
    return _TARGET in words and not has_source
