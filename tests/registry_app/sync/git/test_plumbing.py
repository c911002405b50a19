"""Git starts nothing of anybody, leaves large files where they are, and tells no secret."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest
from pytest_django import Settings

from registry_app.models import Experiment, SyncedFile
from registry_app.sync.errors import SyncError
from registry_app.sync.git import credentials, plumbing, repository
from registry_app.sync.git.plumbing import Git
from registry_app.sync.run import sync
from tests.registry_app.sync.git.remote import FILE, Remote, git, make_remote

TEXT = "experiments:\n  bct:\n    path: bct\n    owner: jiwoo\n"
HOOKS = (
    *("post-index-change", "reference-transaction", "pre-push", "pre-commit", "post-commit"),
    *("commit-msg", "post-checkout", "post-merge", "pre-auto-gc", "pre-receive", "update"),
)


@pytest.fixture
def remote(settings: Settings, tmp_path: Path) -> Remote:
    settings.GUARDIANFLOW_ROOTS = [tmp_path / "roots"]
    settings.GUARDIANFLOW_HOME = tmp_path / "home"
    made = make_remote(tmp_path / "git")
    settings.GUARDIANFLOW_CORE_URL = str(made.path)
    made.commit(TEXT)
    made.push()
    return made


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home full of programs that git would start; the file that each of them writes into."""
    home, output = tmp_path / "poisoned", tmp_path / "started"
    for folder in ("hooks", "template/hooks", ".config/git"):
        (home / folder).mkdir(parents=True)

    def program(name: str) -> str:
        path = home / name
        path.write_text(f'#!/bin/sh\necho "{name}" >> {output}\ncat\n', encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    for hook in HOOKS:
        program(f"hooks/{hook}")
        program(f"template/hooks/{hook}")
    config = f"""\
[core]
  hooksPath = {home}/hooks
  fsmonitor = {program("fsmonitor")}
  pager = {program("pager")}
  editor = {program("editor")}
  askPass = {program("askpass")}
  sshCommand = {program("ssh")}
  attributesFile = {home}/attributes
[init]
  templateDir = {home}/template
[filter "x"]
  clean = {program("clean")}
  smudge = {program("smudge")}
  process = {program("process")}
  required = true
[diff]
  external = {program("diff")}
[commit]
  gpgSign = true
[gpg]
  program = {program("gpg")}
[credential]
  helper = {program("credential")}
[uploadpack]
  packObjectsHook = {program("pack")}
"""
    for name in (".gitconfig", ".config/git/config"):
        (home / name).write_text(config, encoding="utf-8")
    for name in ("attributes", ".config/git/attributes"):
        (home / name).write_text("* filter=x diff=x\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    for name in ("GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND"):
        monkeypatch.setenv(name, program(name))
    monkeypatch.setenv("GIT_DIR", str(home))
    monkeypatch.setenv("GIT_INDEX_FILE", str(home / "index"))
    monkeypatch.setenv("GIT_TRACE2", str(output))
    return output


def programs(output: Path) -> list[str]:
    return output.read_text(encoding="utf-8").splitlines() if output.exists() else []


@pytest.mark.django_db
def test_a_sync_starts_no_program_of_anybody(remote: Remote, started: Path) -> None:
    (remote.clone / ".gitattributes").write_text("* filter=x diff=x\n", encoding="utf-8")
    remote.commit_all()
    remote.push()
    sync()
    Experiment.objects.update(owner="sujin")
    sync()
    assert "owner: sujin" in remote.text()
    remote.protect()
    Experiment.objects.update(owner="yuna")
    assert sync().waits
    assert programs(started) == []


def test_the_same_home_starts_programs_for_plain_git(tmp_path: Path, started: Path) -> None:
    """Or the test before would show nothing."""
    folder = tmp_path / "work"
    folder.mkdir()
    home = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME")}
    (folder / "a").write_text("a", encoding="utf-8")
    for command in (["init"], ["add", "a"], ["status"]):
        subprocess.run(["git", *command], cwd=folder, env=home, capture_output=True, check=False)
    assert len(set(programs(started))) > 1


@pytest.mark.django_db
def test_weights_of_others_are_not_fetched(
    remote: Remote, settings: Settings, tmp_path: Path
) -> None:
    git(remote.path, "config", "uploadpack.allowFilter", "true")
    (remote.clone / "best.pt").write_bytes(os.urandom(2 * 2**20))
    remote.commit_all()
    remote.push()
    settings.GUARDIANFLOW_CORE_URL = f"file://{remote.path}"
    sync()
    Experiment.objects.update(owner="sujin")
    sync()
    assert "owner: sujin" in remote.text()
    own = tmp_path / "home" / "core.git"
    assert sum(file.stat().st_size for file in own.rglob("*") if file.is_file()) < 2**20
    assert git(remote.path, "ls-tree", "--name-only", "main") == "best.pt\nregistry"


@pytest.mark.django_db
def test_a_huge_file_is_not_fetched_whole(
    remote: Remote, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(remote.path, "config", "uploadpack.allowFilter", "true")
    settings.GUARDIANFLOW_CORE_URL = f"file://{remote.path}"
    monkeypatch.setattr(repository, "MAX_MB", 1)
    remote.file.write_bytes(os.urandom(4 * 2**20))
    remote.commit_all()
    remote.push()
    with pytest.raises(SyncError, match="has more than 1 MB"):
        sync()
    own = tmp_path / "home" / "core.git"
    assert sum(file.stat().st_size for file in own.rglob("*") if file.is_file()) < 2 * 2**20


@pytest.mark.django_db
def test_a_move_is_found_by_names_and_ids_alone(
    remote: Remote, settings: Settings, tmp_path: Path
) -> None:
    git(remote.path, "config", "uploadpack.allowFilter", "true")
    for number in range(3):
        (remote.clone / f"notes{number}.yaml").write_bytes(os.urandom(2**10))
    remote.commit_all()
    remote.push()
    settings.GUARDIANFLOW_CORE_URL = f"file://{remote.path}"
    sync()
    own = Git(directory=tmp_path / "home" / "core.git")

    def blobs() -> set[str]:
        listed = own.run("cat-file", "--batch-all-objects", "--batch-check").decode().splitlines()
        return {line for line in listed if " blob " in line}

    before = blobs()
    git(remote.clone, "mv", FILE, "registry/all.yaml")
    git(remote.clone, "mv", "notes0.yaml", "notes4.yaml")
    remote.commit_all()
    remote.push()
    with pytest.raises(SyncError, match=r"it was moved to registry/all\.yaml"):
        sync()
    assert blobs() == before


def test_a_program_that_hangs_is_ended_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "git"
    slow.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {tmp_path}/pid\nwait\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(plumbing, "TIMEOUT_S", 1)
    with pytest.raises(SyncError, match="did not end within 1 s"):
        Git(directory=tmp_path / "x.git").run("version")
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text(encoding="utf-8").split()[2] == "Z"


def test_a_machine_without_git_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SyncError, match="git cannot be started"):
        Git(directory=tmp_path / "x.git").run("version")


@pytest.mark.parametrize(
    ("said", "version"),
    [
        (b"git version 2.39.5\n", (2, 39, 5)),
        (b"git version 2.39.5 (Apple Git-154)", (2, 39, 5)),
        (b"git version 2.43.0.windows.1", (2, 43, 0)),
        (b"git version 2.33.0-rc1", (2, 33, 0)),
        (b"git", (0,)),
    ],
)
def test_a_version_is_read(said: bytes, version: tuple[int, ...]) -> None:
    assert plumbing.version_of(said) == version


def test_a_git_that_is_too_old_is_named_with_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.2\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SyncError, match=r"git 2\.30\.2 is too old .* install git 2\.33"):
        Git(directory=tmp_path / "x.git").make()


# Credentials


def settings_of(variables: dict[str, str]) -> dict[str, str]:
    count = int(variables["GIT_CONFIG_COUNT"])
    return {
        variables[f"GIT_CONFIG_KEY_{number}"]: variables[f"GIT_CONFIG_VALUE_{number}"]
        for number in range(count)
    }


def kept(tmp_path: Path, text: str, mode: int = 0o600) -> str:
    file = tmp_path / "credentials"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return str(file)


@pytest.mark.parametrize(
    ("line", "sent"), [("portal:s3cret", "portal:s3cret"), ("s3cret\n", "git:s3cret")]
)
def test_a_token_is_sent_to_the_server_of_the_url_alone(
    tmp_path: Path, line: str, sent: str
) -> None:
    found = settings_of(
        credentials.environment("https://git.example.com/core.git", kept(tmp_path, line))
    )
    header = base64.b64encode(sent.encode()).decode()
    assert found["http.https://git.example.com/.extraHeader"] == f"Authorization: Basic {header}"


@pytest.mark.parametrize("url", ["http://git.example.com/core.git", "ssh://git@example.com/x"])
def test_a_token_is_never_sent_in_the_clear(tmp_path: Path, url: str) -> None:
    found = settings_of(credentials.environment(url, kept(tmp_path, "portal:s3cret")))
    assert not [name for name in found if name.startswith("http.")]


def test_a_password_in_the_url_is_no_argument_of_a_program() -> None:
    variables = credentials.environment("https://portal:s3%40cret@git.example.com/core.git", "")
    found = settings_of(variables)
    assert found["remote.origin.url"] == "https://git.example.com/core.git"
    sent = base64.b64encode(b"portal:s3@cret").decode()
    assert found["http.https://git.example.com/.extraHeader"] == f"Authorization: Basic {sent}"


def test_a_key_is_named_to_ssh(tmp_path: Path) -> None:
    file = kept(tmp_path, "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n")
    found = credentials.environment("git@example.com:core.git", file)
    assert found["GIT_SSH_COMMAND"].endswith(f"-oIdentityFile={file}")


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_read_is_not_used(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SyncError, match="chmod 600"):
        credentials.environment("https://example.com/x", kept(tmp_path, "a:b", mode))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="cannot be read"):
        credentials.environment("https://example.com/x", str(tmp_path / "none"))


@pytest.mark.django_db
def test_a_password_in_the_url_is_in_no_row_and_no_message(settings: Settings) -> None:
    settings.GUARDIANFLOW_CORE_URL = "https://portal:s3cret@127.0.0.1:9/core.git"
    with pytest.raises(SyncError, match=r"https://127\.0\.0\.1:9/core\.git") as caught:
        sync()
    assert "s3cret" not in str(caught.value)
    row = SyncedFile.objects.get()
    assert "s3cret" not in f"{row.path} {row.problem}"
