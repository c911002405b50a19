"""Sentences of runs that were stored as filled-in text become codes and values.

Warnings were stored in the language of the user who queued the run, refusals in every language.
The texts are those of the version that stored them, in both languages. What matches none stays as
a plain sentence.
"""

import re
import signal
from string import Formatter

from django.db import migrations

BATCH = 500

SENTENCES = {
    "conda_not_used": (
        "{file} names the conda environment {name}, but the script is started with {interpreter}. Set conda:{name} as interpreter of the entry point, or portal if this Python is meant.",
        "{file}에는 conda 환경 이름 {name}, 하지만 스크립트를 시작하는 것은 {interpreter}입니다. 진입점의 인터프리터에 conda:{name} 값을 지정하거나, 이 Python이 맞으면 portal 값을 지정하세요.",
    ),
    "conda_not_here": (
        "{file} names the conda environment {name}, which this machine does not have; the script is started with {interpreter}. Make the environment, or set portal as interpreter of the entry point if this Python is meant.",
        "{file}에 적힌 {name} conda 환경이 이 서버에 없어서 스크립트를 시작하는 것은 {interpreter}입니다. 환경을 만들거나, 이 Python이 맞으면 진입점의 인터프리터에 portal 값을 지정하세요.",
    ),
    "variables_not_set": (
        "{script} reads {names} from the environment without a default, and it is not set. Set it in the entry point if the script needs it.",
        "{script}: 환경 변수 {names}의 값을 기본값 없이 읽는데 설정되어 있지 않습니다. 스크립트에 필요하면 진입점에서 설정하세요.",
    ),
    "working_directory_not_there": (
        "The working directory {folder} is not in {directory}, or may not be entered. Correct it in the entry point.",
        "작업 디렉터리 {folder}: {directory} 안에 없거나 들어갈 수 없습니다. 진입점에서 고치세요.",
    ),
    "matches_no_pattern": (
        "{script} matches none of the patterns for {type}.",
        "{script} 스크립트는 {type} 패턴에 맞지 않습니다.",
    ),
    "left_out_of_template": (
        "'{{{name}}}' in the argument template is left out: the script has no parameter '{name}'.",
        "스크립트에 '{name}' 매개변수가 없어 인자 템플릿의 '{{{name}}}' 자리를 뺍니다.",
    ),
    "passed_unchecked": (
        "The parameters of this script could not be read; {name} is passed as {flag}, unchecked.",
        "이 스크립트의 매개변수를 읽지 못해, {name} 값을 {flag} 옵션으로 확인 없이 전달합니다.",
    ),
    "not_a_python": (
        "The interpreter {path} does not answer as a Python: {why}.",
        "{path} 인터프리터가 Python처럼 응답하지 않습니다: {why}.",
    ),
    "not_a_python_refused": (
        "The interpreter {path} does not answer as a Python: {why}. Name another interpreter in the entry point, or queue it all the same (--force) if it is a program that starts scripts as a Python does.",
        "{path} 인터프리터가 Python처럼 응답하지 않습니다: {why}. 진입점에 다른 인터프리터를 지정하세요. Python처럼 스크립트를 시작하는 프로그램이라면 그대로 대기열에 넣을 수 있습니다(--force).",
    ),
    "modules_unknown": (
        "Nobody knows whether its modules are installed: {error}",
        "필요한 모듈이 설치되어 있는지 확인하지 못했습니다: {error}",
    ),
    "modules_lacked": (
        "{script} imports {modules}, which {interpreter} does not have.",
        "{script} 스크립트가 가져오는 모듈이 {interpreter} 환경에 없습니다: {modules}",
    ),
    "modules_perhaps_lacked": (
        "Parts of {script} import {modules}, which {interpreter} does not have.",
        "{script} 스크립트의 일부가 가져오는 모듈이 {interpreter} 환경에 없습니다: {modules}",
    ),
    "modules_missing": (
        "{script} imports {modules}, which {interpreter} does not have. Install them there (`{interpreter} -m pip install {distributions}`), name another interpreter in the entry point, or queue it all the same (--force).",
        "{script} 스크립트가 가져오는 모듈이 {interpreter} 환경에 없습니다: {modules}. 그곳에 설치하거나(`{interpreter} -m pip install {distributions}`), 진입점에 다른 인터프리터를 지정하거나, 그래도 대기열에 넣으세요(--force).",
    ),
    "gpu_not_seen": (
        "{name}={value} names a GPU that the run does not see: it gets {count}, counted from 0. Leave it out, or let the entry point want more GPUs.",
        "{name}={value} 값은 실행에 보이지 않는 GPU를 가리킵니다. 실행은 GPU {count}개를 받고 번호는 0부터 시작합니다. 이 값을 빼거나 진입점의 GPU 수를 늘리세요.",
    ),
    "little_room": (
        "Only {free} MiB are free at {path}.",
        "{path}에 {free} MiB만 남아 있습니다.",
    ),
    "secrets_not_here": (
        "The secret values of this run are not on {host}: no backup holds them. Queue it again and give them.",
        "이 실행의 비밀 값이 {host}에 없습니다. 비밀 값은 백업에 들어가지 않습니다. 값을 입력해 다시 대기열에 넣으세요.",
    ),
    "directory_not_there": (
        "The directory {path} of {experiment} is not there. Bring it back, or correct the path of the experiment.",
        "{experiment} 실험의 {path} 디렉터리가 없습니다. 되돌려 놓거나 실험의 경로를 고치세요.",
    ),
    "directory_closed": (
        "The directory {path} may not be read. Give this user access to it.",
        "{path} 디렉터리를 읽을 권한이 없습니다. 이 사용자에게 권한을 주세요.",
    ),
    "directory_led_elsewhere": (
        "The path of {experiment} led to {before} when this run was queued, and leads to {now} by now. Queue it again if that is meant.",
        "이 실행을 대기열에 넣을 때 {experiment}의 경로는 {before}였지만 지금은 {now}입니다. 의도한 변경이면 대기열에 다시 넣으세요.",
    ),
    "cannot_be_read": (
        "{name} cannot be read: {problem}",
        "{name} 파일을 읽을 수 없습니다: {problem}",
    ),
    "script_not_there": (
        "The script {script} is not in {directory}. Scan the directory again to see which scripts it has.",
        "{directory} 디렉터리에 {script} 스크립트가 없습니다. 디렉터리를 다시 스캔하면 어떤 스크립트가 있는지 볼 수 있습니다.",
    ),
    "script_outside": (
        "“{script}” is no path inside the experiment; write it relative to its directory.",
        "“{script}” 경로는 실험 안의 경로가 아닙니다. 실험 디렉터리 기준 상대 경로로 적으세요.",
    ),
    "script_leads_out": (
        "{script} leads out of {directory} by a link; only scripts inside it are run.",
        "{script} 스크립트가 링크를 따라 {directory} 디렉터리 밖으로 나갑니다. 안에 있는 스크립트만 실행합니다.",
    ),
    "path_none": (
        "An experiment needs the path of its directory.",
        "실험에는 디렉터리 경로가 있어야 합니다.",
    ),
    "path_climbs": (
        "The path {path} climbs with “..”; write it without.",
        "{path} 경로에 “..”가 있습니다. 빼고 적으세요.",
    ),
    "path_outside": (
        "The path {path} lies outside every root ({roots}). Move the directory below one of them, or add its folder to GUARDIANFLOW_ROOTS.",
        "{path} 경로가 모든 루트({roots}) 밖에 있습니다. 디렉터리를 루트 아래로 옮기거나 그 폴더를 GUARDIANFLOW_ROOTS에 추가하세요.",
    ),
    "path_no_root": (
        "There is no root that {path} could lie below; set GUARDIANFLOW_ROOTS.",
        "{path} 경로가 놓일 루트가 없습니다. GUARDIANFLOW_ROOTS를 지정하세요.",
    ),
    "path_is_root": (
        "The path {path} names a root itself.",
        "{path} 경로는 루트 자체입니다. 실험은 그 아래의 디렉터리여야 합니다.",
    ),
    "path_leads_out": (
        "The path {path} leads by a link to {place}, outside of every root. Put the link directly into a root ({roots}), or add the folder it leads to to GUARDIANFLOW_ROOTS.",
        "{path} 경로가 링크를 따라 모든 루트 밖의 {place} 위치로 나갑니다. 링크를 루트({roots}) 바로 아래에 두거나, 링크가 가리키는 폴더를 GUARDIANFLOW_ROOTS에 추가하세요.",
    ),
    "path_of_directory_too_long": (
        "The path of the directory is longer than a file system allows. Shorten it.",
        "디렉터리 경로가 파일 시스템이 허용하는 길이보다 깁니다. 줄이세요.",
    ),
    "interpreter_not_there": (
        "The interpreter {path} is not there or may not be executed. Repair the environment, or set another interpreter for the entry point.",
        "{path} 인터프리터가 없거나 실행할 수 없습니다. 환경을 고치거나 진입점에 다른 인터프리터를 지정하세요.",
    ),
    "interpreter_not_started": (
        "The interpreter {path} cannot be started: {error}. Repair the environment, or set another interpreter for the entry point.",
        "{path} 인터프리터를 시작할 수 없습니다: {error}. 환경을 고치거나, 진입점에 다른 인터프리터를 지정하세요.",
    ),
    "interpreter_not_asked": (
        "The interpreter {path} cannot be asked as user {user}: {error}",
        "인터프리터 {path}에 사용자 {user} 계정으로 물어볼 수 없습니다: {error}",
    ),
    "interpreter_too_slow": (
        "The interpreter {path} did not answer within {seconds} s.",
        "{path} 인터프리터가 {seconds}초 안에 응답하지 않았습니다.",
    ),
    "interpreter_silent": (
        "The interpreter {path} did not answer (exit status {code}): it said nothing",
        "{path} 인터프리터가 응답하지 않았습니다(종료 상태 {code}): 출력 없음",
    ),
    "interpreter_no_answer": (
        "The interpreter {path} did not answer (exit status {code}): {said}",
        "{path} 인터프리터가 응답하지 않았습니다(종료 상태 {code}): {said}",
    ),
    "interpreter_senseless": (
        "{path} gave an answer that makes no sense.",
        "{path} 인터프리터의 응답을 이해할 수 없습니다.",
    ),
    "script_of_windows": (
        "{script} is for Windows, and this machine cannot run it. Choose the Python script that it starts, or write it for bash as a .sh file.",
        "{script} 파일은 Windows용이어서 이 장비에서 실행할 수 없습니다. 이 파일이 시작하는 Python 스크립트를 고르거나, bash용 .sh 파일로 작성하세요.",
    ),
    "script_of_no_kind": (
        "{script} cannot be started. Scripts are .py or .sh files, packages with a __main__.py, and notebooks (.ipynb).",
        "{script} 파일은 실행할 수 없습니다. .py 또는 .sh 파일, __main__.py가 있는 패키지, 노트북(.ipynb)만 실행할 수 있습니다.",
    ),
    "no_jupyter": (
        "{script} is a notebook, and {interpreter} has no {missing} to execute it. Install Jupyter there (`{interpreter} -m pip install nbclient ipykernel`), or write the notebook as a script with `jupyter nbconvert --to script`.",
        "{script} 파일은 노트북인데 {interpreter} 환경에 노트북을 실행할 패키지가 없습니다: {missing}. 그 환경에 Jupyter를 설치하거나(`{interpreter} -m pip install nbclient ipykernel`), `jupyter nbconvert --to script`로 노트북을 스크립트로 바꾸세요.",
    ),
    "no_answer_in_time": (
        "no answer within {seconds} s",
        "{seconds}초 안에 응답이 없음",
    ),
    "other_answer": (
        "another answer than a Python gives (exit status {code})",
        "Python의 응답이 아님(종료 상태 {code})",
    ),
    "no_user": (
        "this machine has no user {name}",
        "이 머신에 사용자 {name} 계정이 없습니다",
    ),
    "own_user": (
        "{name} is the portal's own user; name another",
        "사용자 {name} 계정은 포털 자신의 것입니다. 다른 사용자를 지정하십시오",
    ),
    "helper_of_another": (
        "the helper runs as {user} (correct User= of its unit), not as {name}",
        "헬퍼가 사용자 {name} 대신 {user} 계정으로 실행됩니다(유닛의 User=를 고치십시오)",
    ),
    "helper_ended": (
        "the helper was ended",
        "헬퍼가 종료되었습니다",
    ),
    "folder_not_written": (
        "The run folder cannot be written: {error}",
        "",
    ),
    "file_not_there": (
        "{path} is not there.",
        "",
    ),
    "file_of_other_version": (
        "{path} was written by another version of the portal; upgrade this one.",
        "",
    ),
    "file_not_whole": (
        "{path} lacks something or holds the wrong kind: {error}",
        "",
    ),
    "file_not_read": (
        "{path} cannot be read: {error}",
        "",
    ),
    "supervisor_not_started": (
        "The supervisor could not be started: {error}",
        "",
    ),
    "supervisor_ended": (
        "The supervisor ended with exit status {status}; see {log}.",
        "",
    ),
}

ACTORS = {
    "the command line": "command_line",
    "an interrupt": "interrupt",
    "the end of the terminal it waited in": "end_of_terminal",
}
DURATIONS = {
    "hours_minutes": (3600, 60),
    "hours": (3600,),
    "minutes_seconds": (60, 1),
    "minutes": (60,),
    "seconds": (1,),
}
# Of notices and reasons one code was the same.
RENAMED_NOTICES = {"folder_deleted": "output_deleted"}
# Values that may be a sentence themselves.
NESTED = ("error", "why", "problem")


def compiled():
    """Return code and pattern of each text, those with the most fixed characters first."""
    patterns = []
    for code, texts in SENTENCES.items():
        for text in filter(None, texts):
            pattern, fixed, seen = "", 0, set()
            for literal, name, _format, _conversion in Formatter().parse(text):
                pattern, fixed = pattern + re.escape(literal), fixed + len(literal)
                if name:
                    pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+)"
                    seen.add(name)
            patterns.append((fixed, code, re.compile(pattern, re.DOTALL)))
    return [(code, pattern) for _fixed, code, pattern in sorted(patterns, key=lambda row: -row[0])]


PATTERNS = compiled()


def as_message(sentence):
    """Return code and values of a sentence; a plain one where no text matches."""
    for code, pattern in PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return [code, {name: as_value(name, text) for name, text in found.groupdict().items()}]
    return ["text", sentence]


def as_value(name, text):
    if name not in NESTED:
        return text
    message = as_message(text)
    return text if message[0] == "text" else {"message": message}


def as_sentence(message):
    """Return the English of a stored message, for the way back."""
    code, values, *place = message
    if code == "text":
        return ": ".join([*place, values])
    try:
        text = SENTENCES[code][0].format(**{name: as_text(one) for name, one in values.items()})
    except (KeyError, IndexError, ValueError):
        text = code
    return ": ".join([*place, text])


def as_text(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return as_sentence(value["message"]) if isinstance(value, dict) else value


def forward_values(code, values):
    """Return the values of a reason: sentences, actors, times and signals become messages."""
    changed = dict(values)
    told = changed.pop("told", None)
    if isinstance(told, dict):
        changed["error"] = told.get("en") or changed.get("error", "")
    if isinstance(changed.get("error"), str):
        message = as_message(changed["error"])
        changed["error"] = {"message": message}
    if changed.get("user") in ACTORS:
        changed["user"] = {"message": [ACTORS[changed["user"]], {}]}
    if code == "timed_out" and isinstance(changed.get("seconds"), int):
        changed["duration"] = {"message": duration(changed.pop("seconds"))}
    if code == "killed_by_signal" and isinstance(changed.get("signal"), int):
        changed["signal"] = signal_text(changed["signal"])
    return changed


def backward_values(code, values):
    changed = dict(values)
    if isinstance(changed.get("error"), dict):
        changed["error"] = as_sentence(changed["error"]["message"])
    if isinstance(changed.get("user"), dict):
        names = {code: words for words, code in ACTORS.items()}
        changed["user"] = names.get(changed["user"]["message"][0], "")
    if code == "timed_out" and isinstance(changed.get("duration"), dict):
        unit, lengths = changed.pop("duration")["message"]
        numbers = zip(DURATIONS.get(unit, ()), lengths.values())
        changed["seconds"] = sum(length * number for length, number in numbers)
    if code == "killed_by_signal" and isinstance(changed.get("signal"), str):
        number = changed["signal"].partition(" ")[0]
        changed["signal"] = int(number) if number.isdecimal() else changed["signal"]
    return changed


def duration(seconds):
    minutes, seconds = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours and minutes:
        return ["hours_minutes", {"hours": hours, "minutes": minutes}]
    if hours:
        return ["hours", {"hours": hours}]
    if minutes and seconds:
        return ["minutes_seconds", {"minutes": minutes, "seconds": seconds}]
    return ["minutes", {"minutes": minutes}] if minutes else ["seconds", {"seconds": seconds}]


def signal_text(number):
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:
        return str(number)


def renamed(notices, names):
    return {names.get(code, code): values for code, values in notices.items()}


def in_batches(model):
    last = 0
    while batch := list(model.objects.order_by("pk").filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def change(apps, *, message, values, notices, actors):
    """Change every sentence of runs by the functions for its kind."""
    run_model = apps.get_model("runs_app", "Run")
    for batch in in_batches(run_model):
        for run in batch:
            run.warnings = [message(one) for one in run.warnings or ()]
            run.reason_values = values(run.reason_code, run.reason_values or {})
            run.notices = renamed(run.notices or {}, notices)
            run.cancel_requested_by = actors.get(run.cancel_requested_by, run.cancel_requested_by)
        columns = ["warnings", "reason_values", "notices", "cancel_requested_by"]
        run_model.objects.bulk_update(batch, columns)
    hosts = apps.get_model("runs_app", "HostHeartbeat").objects
    for before, after in actors.items():
        hosts.filter(drained_by=before).update(drained_by=after)


def forward(apps, schema_editor):
    change(
        apps,
        message=lambda one: as_message(one) if isinstance(one, str) else one,
        values=forward_values,
        notices=RENAMED_NOTICES,
        actors={words: f":{code}" for words, code in ACTORS.items()},
    )


def backward(apps, schema_editor):
    change(
        apps,
        message=lambda one: one if isinstance(one, str) else as_sentence(one),
        values=backward_values,
        notices={after: before for before, after in RENAMED_NOTICES.items()},
        actors={f":{code}": words for words, code in ACTORS.items()},
    )


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0015_keep_where_scripts_start")]

    operations = [migrations.RunPython(forward, backward)]
