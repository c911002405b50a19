"""Values of runs as people write them, in two languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from registry_app.messages import Message
from registry_app.reading import message_text
from runs_app.sentences import actor_text, duration_text, short_paths, signal_text
from runs_app.texts import reasons
from runs_app.texts.people import COMMAND_LINE, actor, length_of_time


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (-1, "0 s", "0초"),
        (45, "45 s", "45초"),
        (60, "1 min", "1분"),
        (3005, "50 min 5 s", "50분 5초"),
        (3600, "1 h", "1시간"),
        (5400, "1 h 30 min", "1시간 30분"),
        (86_400 * 3, "72 h", "72시간"),
    ],
)
def test_lengths_of_time(seconds: int, english: str, korean: str) -> None:
    reported = []
    for language in ("en", "ko"):
        with translation.override(language):
            reported.append(duration_text(timedelta(seconds=seconds)))
    assert reported == [english, korean]


def test_what_acts_where_no_person_does_is_reported_in_the_readers_language() -> None:
    with translation.override("ko"):
        assert actor_text(COMMAND_LINE) == "명령줄"
        assert actor_text("jiwoo") == "jiwoo"


@pytest.mark.parametrize(("number", "text"), [(9, "9 (SIGKILL)"), (999, "999")])
def test_signals_have_their_names(number: int, text: str) -> None:
    assert signal_text(number) == text


@pytest.mark.parametrize(
    ("reason", "korean"),
    [
        (
            reasons.TIMED_OUT(duration=length_of_time(timedelta(minutes=90))),
            "제한 시간(1시간 30분)이 지나 멈췄습니다.",
        ),
        (
            reasons.KILLED_BY_SIGNAL(signal=signal_text(15)),
            "스크립트가 시그널을 받아 종료되었습니다: 15 (SIGTERM)",
        ),
        (
            reasons.CANCELLED(user=actor(COMMAND_LINE)),
            "취소되었습니다(요청: 명령줄). 남은 프로세스는 없습니다.",
        ),
        (
            reasons.CANCELLED_QUEUED(user=actor("jiwoo")),
            "시작하기 전에 취소되었습니다(요청: jiwoo).",
        ),
    ],
)
def test_reasons_are_natural_korean(reason: Message, korean: str) -> None:
    with translation.override("ko"):
        assert message_text(reason) == korean


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("File missing: /data/sets/2026/bct/labels.yaml", "File missing: …/bct/labels.yaml"),
        ("[Errno 2] No such file: '/a/b/c/best.pt', 3", "[Errno 2] No such file: '…/c/best.pt', 3"),
        ("/a/b/c/d.pt or /a/b/c/e.pt", "…/c/d.pt or …/c/e.pt"),
        ("File missing: /data/best.pt", "File missing: /data/best.pt"),
        ("File missing: /data/bct/best.pt", "File missing: /data/bct/best.pt"),
        ("weights/exp1/run2/best.pt", "weights/exp1/run2/best.pt"),
        ("https://example.com/a/b/c/d.pt", "https://example.com/a/b/c/d.pt"),
        ("/데이터/안전모/2026/사진.jpg", "…/2026/사진.jpg"),
        ("", ""),
    ],
)
def test_a_long_path_in_a_narrow_cell_keeps_its_parent_and_name(text: str, shown: str) -> None:
    assert short_paths(text) == shown
