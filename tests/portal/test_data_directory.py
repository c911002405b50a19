"""The data directory: where it may be, for whom it is, and its secret key."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import data_directory


class TestHome:
    def test_it_is_made_where_it_is_missing(self, tmp_path: Path) -> None:
        home = tmp_path / "deep" / "집"
        assert (
            data_directory.home_directory({"GUARDIANFLOW_HOME": str(home)}, tmp_path, roots=[])
            == home
        )
        assert home.is_dir()

    def test_other_users_cannot_look_into_it(self, tmp_path: Path) -> None:
        home = data_directory.home_directory({}, tmp_path / "var" / "demo", roots=[])
        assert [path.stat().st_mode & 0o777 for path in (home, home.parent)] == [0o700, 0o700]

    @pytest.mark.parametrize("written", [{}, {"GUARDIANFLOW_HOME": "  "}])
    def test_without_one_it_is_the_usual_one(self, tmp_path: Path, written: dict[str, str]) -> None:
        assert (
            data_directory.home_directory(written, tmp_path / "var", roots=[]) == tmp_path / "var"
        )

    def test_a_tilde_is_the_users_home(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        found = data_directory.home_directory({"GUARDIANFLOW_HOME": "~/portal"}, tmp_path, roots=[])
        assert found == tmp_path / "portal"

    def test_a_relative_one_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ImproperlyConfigured, match="'var', a relative path"):
            data_directory.home_directory({"GUARDIANFLOW_HOME": "var"}, tmp_path, roots=[])

    def test_one_that_cannot_be_made_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ImproperlyConfigured, match="cannot be made: Not a directory"):
            data_directory.home_directory(
                {"GUARDIANFLOW_HOME": str(tmp_path / "file" / "home")}, tmp_path, roots=[]
            )

    def test_one_inside_a_root_is_refused_before_anything_is_made(self, tmp_path: Path) -> None:
        (tmp_path / "experiments").mkdir()
        (tmp_path / "link").symlink_to("experiments")
        home = tmp_path / "link" / "sampyo-gimhae-bct"
        with pytest.raises(ImproperlyConfigured, match="never written to"):
            data_directory.home_directory(
                {"GUARDIANFLOW_HOME": str(home)}, tmp_path, roots=[tmp_path / "experiments"]
            )
        assert not home.exists()


class TestSecretKey:
    def test_it_is_made_once_and_readable_by_its_owner_alone(self, tmp_path: Path) -> None:
        key = data_directory.secret_key(tmp_path)
        assert len(key) >= 50
        assert data_directory.secret_key(tmp_path) == key
        assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
        assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600

    def test_first_starts_at_the_same_time_agree_on_one(self, tmp_path: Path) -> None:
        found: list[str] = []
        threads = [
            Thread(target=lambda: found.append(data_directory.secret_key(tmp_path)))
            for _number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1

    def test_a_file_that_holds_none_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "secret_key").write_text("short\n")
        with pytest.raises(ImproperlyConfigured, match="holds no key; remove the file"):
            data_directory.secret_key(tmp_path)

    def test_one_that_cannot_be_read_is_reported(self, tmp_path: Path) -> None:
        os.mkdir(tmp_path / "secret_key")
        with pytest.raises(ImproperlyConfigured, match="cannot be read: Is a directory"):
            data_directory.secret_key(tmp_path)
