"""Settings from the environment: what is taken, and how a bad value is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import environment as env


class TestHosts:
    def test_without_any_the_portal_answers_to_its_own(self) -> None:
        assert env.allowed_hosts({}, "portal.example") == [
            *("127.0.0.1", "localhost", "portal.example"),
        ]

    def test_names_are_separated_by_commas(self) -> None:
        written = {"GUARDIANFLOW_ALLOWED_HOSTS": "a.example, .b.example,"}
        assert env.allowed_hosts(written, "x") == ["a.example", ".b.example"]

    @pytest.mark.parametrize("written", ["http://a.example", "a.example/admin", "a b"])
    def test_an_address_is_no_name(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="names of hosts"):
            env.allowed_hosts({"GUARDIANFLOW_ALLOWED_HOSTS": written}, "x")


class TestPatterns:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("", ["*.pt"]),
            ("*.own, *.csv", ["*.own", "*.csv"]),
            ("+*.own", ["*.pt", "*.own"]),
        ],
    )
    def test_they_replace_or_add_to_the_usual_ones(self, written: str, expected: list[str]) -> None:
        assert env.patterns({"X": written}, "X", ["*.pt"]) == expected

    def test_they_are_names_and_not_paths(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="without '/'"):
            env.patterns({"X": "runs/*.pt"}, "X", [])


class TestRoots:
    def test_several_keep_their_order(self) -> None:
        written = {"GUARDIANFLOW_ROOTS": "/nas/b:/nas/a/../c/:"}
        assert env.roots(written) == [Path("/nas/b"), Path("/nas/c")]

    def test_without_any_it_is_experiments_in_the_users_home(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        assert env.roots({}) == [tmp_path / "experiments"]

    def test_a_relative_one_is_refused(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="'here', a relative path"):
            env.roots({"GUARDIANFLOW_ROOTS": "/nas/a:here"})


class TestFiles:
    def test_a_file_need_not_be_there(self, tmp_path: Path) -> None:
        path = tmp_path / "registry.yaml"
        assert env.file_path({"NAME": str(path)}, "NAME", Path("/other")) == path

    @pytest.mark.parametrize("written", ["registry.yaml", "/"])
    def test_a_relative_path_or_a_folder_is_refused(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=r"NAME is .* absolute path of a file"):
            env.file_path({"NAME": written}, "NAME", Path("/other"))

    def test_an_interpreter_must_be_executable(self, tmp_path: Path) -> None:
        plain = tmp_path / "python"
        plain.touch()
        assert env.interpreter({"GUARDIANFLOW_PYTHON": sys.executable}, "x") == sys.executable
        assert env.interpreter({}, "/usual/python") == "/usual/python"
        for written in (str(plain), "python3", str(tmp_path)):
            with pytest.raises(ImproperlyConfigured, match="no executable file"):
                env.interpreter({"GUARDIANFLOW_PYTHON": written}, "x")


class TestInterpreters:
    def test_programs_and_folders_are_taken(self, tmp_path: Path) -> None:
        written = f"/usr/bin/python3.11:{tmp_path}/:/opt//yolo/./bin/python"
        assert env.interpreters({"GUARDIANFLOW_INTERPRETERS": written}) == [
            "/usr/bin/python3.11",
            f"{tmp_path}/",
            "/opt/yolo/bin/python",
        ]

    def test_without_any_there_are_none(self) -> None:
        assert env.interpreters({}) == env.interpreters({"GUARDIANFLOW_INTERPRETERS": " "}) == []

    @pytest.mark.parametrize(
        ("written", "why"),
        [
            ("bin/python", "give absolute paths"),
            ("/opt/../tmp/python", "give absolute paths"),
            ("/", "every program"),
            ("/tmp", "write it with '/' at its end"),
        ],
    )
    def test_a_list_that_says_too_much_is_refused(self, written: str, why: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=why):
            env.interpreters({"GUARDIANFLOW_INTERPRETERS": f"/usr/bin/python3:{written}"})


class TestAddresses:
    def test_a_slash_at_the_end_is_left_out(self) -> None:
        found = env.web_address({"URL": "https://portal.example/flow/"}, "URL", "http://x")
        assert found == "https://portal.example/flow"

    def test_without_one_it_is_the_usual_one(self) -> None:
        assert env.web_address({}, "URL", "http://127.0.0.1:8000") == "http://127.0.0.1:8000"

    @pytest.mark.parametrize("written", ["portal.example", "ftp://portal.example", "http://"])
    def test_what_is_no_web_address_is_refused(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=r"URL is .* give an address such as"):
            env.web_address({"URL": written}, "URL", "http://x")


class TestNumbers:
    def test_a_whole_number_is_taken(self) -> None:
        assert env.whole_number({"SLOTS": " 4 "}, "SLOTS", 2, least=1) == 4
        assert env.whole_number({}, "SLOTS", 2, least=1) == 2

    @pytest.mark.parametrize("written", ["0", "-1", "two", "1.5"])
    def test_anything_else_is_refused(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=r"SLOTS is .* whole number from 1 up"):
            env.whole_number({"SLOTS": written}, "SLOTS", 2, least=1)


class TestDatabase:
    def test_without_one_it_is_a_file_at_home_that_locks_at_once(self, tmp_path: Path) -> None:
        found = env.database({}, tmp_path)
        assert found["NAME"] == str(tmp_path / "portal.sqlite3")
        assert isinstance(found["OPTIONS"], dict)
        assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]

    def test_another_file_locks_the_same_way(self, tmp_path: Path) -> None:
        found = env.database({"DATABASE_URL": "sqlite:////srv/portal.sqlite3"}, tmp_path)
        assert found["NAME"] == "/srv/portal.sqlite3"
        assert found["OPTIONS"] == env.database({}, tmp_path)["OPTIONS"]

    def test_postgresql_keeps_its_connections(self, tmp_path: Path) -> None:
        found = env.database({"DATABASE_URL": "postgres://kim:pw@db:5433/portal"}, tmp_path)
        assert (found["ENGINE"], found["HOST"], found["PORT"], found["NAME"]) == (
            *("django.db.backends.postgresql", "db"),
            *(5433, "portal"),
        )
        assert found["CONN_HEALTH_CHECKS"] is True

    @pytest.mark.parametrize("written", ["mysql://kim:secret@db/portal", "secret", "postgres://:x"])
    def test_another_kind_is_refused_without_its_password(
        self, tmp_path: Path, written: str
    ) -> None:
        with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is not understood") as caught:
            env.database({"DATABASE_URL": written}, tmp_path)
        assert "secret" not in str(caught.value)


class TestUmaskOfScripts:
    def test_it_is_that_of_the_process_and_written_down_for_its_children(self) -> None:
        environment = {"GUARDIANFLOW_SCRIPT_UMASK": ""}
        now = os.umask(0o027)
        try:
            assert env.script_umask(environment) == 0o027
        finally:
            os.umask(now)
        assert environment == {"GUARDIANFLOW_SCRIPT_UMASK": "027"}
        assert env.script_umask(environment) == 0o027

    @pytest.mark.parametrize("written", ["2", "089", "1022", "rw"])
    def test_what_is_none_is_refused(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="three octal digits"):
            env.script_umask({"GUARDIANFLOW_SCRIPT_UMASK": written})


class TestTimeZoneOfScripts:
    @pytest.mark.parametrize(
        ("written", "zone"),
        [
            ({}, ""),
            ({"TZ": "Asia/Tokyo"}, "Asia/Tokyo"),
            ({"TZ": "UTC", "GUARDIANFLOW_SCRIPT_TZ": ""}, ""),
        ],
    )
    def test_it_is_what_was_set_before_django(self, written: dict[str, str], zone: str) -> None:
        assert env.script_time_zone(written) == zone

    def test_processes_started_later_know_it_too(self) -> None:
        written = {"TZ": "Asia/Tokyo"}
        env.script_time_zone(written)
        written["TZ"] = "Asia/Seoul"  # as Django does, in this process and for its children
        assert env.script_time_zone(dict(written)) == "Asia/Tokyo"


class TestNamesOfMlflowExperiments:
    def test_without_a_template_they_follow_the_site(self) -> None:
        assert env.experiment_template({}) == "{customer}.{region}.{plant}.{zone}.{task}"

    @pytest.mark.parametrize("written", ["{client}", "{customer", "plain"])
    def test_a_template_that_cannot_work_is_refused(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="GUARDIANFLOW_MLFLOW_EXPERIMENT is"):
            env.experiment_template({"GUARDIANFLOW_MLFLOW_EXPERIMENT": written})


class TestMlflow:
    @pytest.mark.parametrize(
        "written",
        [
            "http://mlflow:5000",
            "https://mlflow.example/api",
            "postgresql+psycopg://u:p@db/m",
            "sqlite:////nas/m.db",
        ],
    )
    def test_servers_and_stores_are_taken(self, written: str) -> None:
        assert env.tracking_uri({"MLFLOW_TRACKING_URI": written}, "sqlite:////own") == written

    def test_without_one_it_is_the_portals_own(self) -> None:
        assert env.tracking_uri({}, "sqlite:////own") == "sqlite:////own"

    def test_a_command_of_mlflow_run_does_not_take_the_store_of_its_caller(
        self, tmp_path: Path
    ) -> None:
        file = tmp_path / "mlflow_tracking_uri"
        theirs = {"MLFLOW_TRACKING_URI": "sqlite:////foreign", "MLFLOW_RUN_ID": "4711"}
        assert env.tracking_uri(theirs, "sqlite:////own", remembered=file) == "sqlite:////own"
        file.write_text("http://mlflow:5000\n")
        assert env.tracking_uri(theirs, "sqlite:////own", remembered=file) == "http://mlflow:5000"
        ours = {"MLFLOW_TRACKING_URI": "http://other:5000"}
        assert env.tracking_uri(ours, "sqlite:////own", remembered=file) == "http://other:5000"

    def test_a_remembered_store_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "uri").mkdir()
        with pytest.raises(ImproperlyConfigured, match="uri cannot be read"):
            env.tracking_uri({"MLFLOW_RUN_ID": "1"}, "sqlite:////o", remembered=tmp_path / "uri")

    @pytest.mark.parametrize(
        "written", ["mlflow", "http://", "http://[", "http://m:99999", "ftp://s3cret"]
    )
    def test_anything_else_is_refused_without_repeating_it(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="MLFLOW_TRACKING_URI is not") as refused:
            env.tracking_uri({"MLFLOW_TRACKING_URI": written}, "sqlite:////own")
        assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("written", ["http://[", "http://portal:99999", "http://portal:x"])
def test_an_address_without_a_real_host_and_port_is_refused(written: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="give an address such as"):
        env.web_address({"GUARDIANFLOW_URL": written}, "GUARDIANFLOW_URL", "http://127.0.0.1:8000")


class TestLinuxUser:
    @pytest.mark.parametrize(
        "written", ["", "vision", "vision-1", "64002", "svc_ml.scripts", "_ml"]
    )
    def test_a_name_or_a_number_is_taken(self, written: str) -> None:
        assert (
            env.linux_user({"GUARDIANFLOW_RUN_AS": f" {written} "}, "GUARDIANFLOW_RUN_AS")
            == written
        )

    @pytest.mark.parametrize("written", ["two words", "-u", "a;b", "root", "0", "a/b"])
    def test_anything_else_and_root_are_refused(self, written: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="GUARDIANFLOW_RUN_AS is"):
            env.linux_user({"GUARDIANFLOW_RUN_AS": written}, "GUARDIANFLOW_RUN_AS")


def test_junk_is_replaced_or_added_to_and_may_have_a_size() -> None:
    name = "GUARDIANFLOW_OUTPUT_JUNK"
    assert env.junk({}, name, ["*.tmp"]) == ["*.tmp"]
    assert env.junk({name: "*.a, b/*"}, name, ["*.tmp"]) == ["*.a", "b/*"]
    assert env.junk({name: "+*.npy>500"}, name, ["*.tmp"]) == ["*.tmp", "*.npy>500"]
    for bad in ("*.npy>", ">5", "*.npy>5G", "*.npy>-1"):
        with pytest.raises(ImproperlyConfigured, match="MiB"):
            env.junk({name: bad}, name, [])
