"""The preview of a card of the form: the exact command, its warnings, or why it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from registry_app.reading import error_text, message_text
from runs_app.exceptions import RunnerError
from runs_app.lifecycle.prepare import PreparedRun, RunRequest, outline, prepare
from runs_app.preflight.command_groups import Commands
from runs_app.runner.exceptions import BrokenEnvironmentError
from runs_app.views.run_form import Card, request_of
from runs_app.views.wording import command_text, variables_text

if TYPE_CHECKING:
    from runs_app.views.form_set import Together


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A card with what would be started, or why it must not be."""

    card: Card
    prepared: PreparedRun | None = None
    error: str = ""
    can_force: bool = False
    offers_portal: bool = False
    digest: str = ""
    # What a card that is alone makes besides a single run.
    together: Together | None = None

    @property
    def command(self) -> str:
        return command_text(self.prepared.argv) if self.prepared else ""

    @property
    def environment(self) -> str:
        return variables_text(self.prepared.environment) if self.prepared else ""

    @property
    def warnings(self) -> list[str]:
        """The warnings before the start, in the reader's language."""
        return (
            [message_text(warning) for warning in self.prepared.warnings] if self.prepared else []
        )


def outlined(card: Card, commands: Commands) -> Shown:
    """Show a card by what is known already, without starting anything."""
    return _shown(card, commands, outline)


def checked(card: Card, commands: Commands) -> Shown:
    """Show a submitted card; ask its interpreter unless its command must be read first."""
    may_ask = commands.may_ask(card.prefix)
    return _shown(card, commands, prepare if may_ask else outline)


def confirmed_request(card: Card, commands: Commands, *, token: UUID | None = None) -> RunRequest:
    return replace(request_of(card, token=token), confirm=commands.confirms(card.prefix))


def _shown(card: Card, commands: Commands, look: Callable[[RunRequest], PreparedRun]) -> Shown:
    digest = commands.digests.get(card.prefix, "")
    try:
        prepared = look(confirmed_request(card, commands))
    except RunnerError as error:
        can_force = card.force or getattr(error, "can_be_forced", False)
        return Shown(
            card=card,
            error=error_text(error),
            can_force=can_force,
            offers_portal=isinstance(error, BrokenEnvironmentError),
            digest=digest,
        )
    return Shown(card=card, prepared=prepared, can_force=card.force, digest=digest)
