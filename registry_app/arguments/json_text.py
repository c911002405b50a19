"""JSON that users type into a form or a cell, with plain error messages."""

from __future__ import annotations

import json
from typing import Any

from registry_app.messages import MessageError
from registry_app.texts import cells as texts


class InvalidJsonError(MessageError, ValueError):
    """This is not JSON that can be read."""


def load_json(text: str) -> Any:
    """Return the parsed value; raises InvalidJsonError with the place of the error."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = texts.NO_JSON(line=error.lineno, column=error.colno)
        raise InvalidJsonError(message) from error
    except (ValueError, RecursionError) as error:
        raise InvalidJsonError(texts.JSON_TOO_DEEP()) from error
