"""What a script inherits."""

from __future__ import annotations

import json
from pathlib import Path

from runs_app.runner.environment import script_environment
from runs_app.runner.folder import RunFolder


def test_a_script_gets_none_of_what_is_the_portals(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    withheld = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "GUARDIANFLOW_HOME": "/srv/portal",
        "DATABASE_URL": "postgres://u:secret@db/portal",
        "SECRET_KEY": "secret",
        "VIRTUAL_ENV": "/opt/portal",
        "PYTHONPATH": "/opt/portal",
        "PYTHONHOME": "/opt/portal",
        "MLFLOW_TRACKING_PASSWORD": "secret",
        "MLFLOW_TRACKING_URI": "http://mlflow",
    }
    own = {
        "PATH": "/usr/bin",
        "PWD": "/srv/portal",
        "LANG": "ko_KR.UTF-8",
        "CUDA_HOME": "/usr/local/cuda",
    }
    environment = script_environment(
        {**withheld, **own},
        interpreter=Path("/exp/.venv/bin/python"),
        cwd=Path("/exp"),
        run_id="4711",
        folder=folder,
        context_tags={"guardianflow.parent_run": "4711"},
    )
    assert json.loads(environment.pop("MLFLOW_RUN_CONTEXT")) == {"guardianflow.parent_run": "4711"}
    assert environment == {
        "LANG": "ko_KR.UTF-8",
        "CUDA_HOME": "/usr/local/cuda",
        "PATH": "/exp/.venv/bin:/usr/bin",
        "PWD": "/exp",
        "PYTHONUNBUFFERED": "1",
        "GUARDIANFLOW_RUN_ID": "4711",
        "GUARDIANFLOW_RECORD_DIR": f"{tmp_path}/scratch/trainer",
        "MLFLOW_TRACKING_URI": f"file://{tmp_path}/scratch/mlruns",
        "MLFLOW_ALLOW_FILE_STORE": "true",
    }
