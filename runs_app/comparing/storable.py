"""Texts of scripts as every database stores them."""

from __future__ import annotations


def storable(text: str, max_length: int) -> str:
    """Return a text without null characters and lone surrogates, shortened in its middle."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "�")
    if len(text) <= max_length:
        return text
    head = max_length // 2
    return f"{text[:head]}…{text[len(text) - (max_length - head - 1) :]}"
