"""The company's own words for what its experiments recognise."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry_app.models.changes import tracked
from registry_app.texts.vocabulary import TEXT_SIGNS
from registry_app.word_forms import (
    ENGLISH,
    KOREAN,
    MAX_WORD,
    is_plain_text,
    joined_word,
    language_of,
    word_problem,
)


class VocabularyWord(models.Model):
    """A word by which a scan knows a task; it goes before a built-in word.

    `word` is in the form in which it is looked up (`joined_word`): `clean` and the reader of the
    registry file see to that. With an empty `task` the word says nothing.
    """

    word = models.CharField(
        _("word"),
        max_length=MAX_WORD,
        help_text=_(
            "A Korean word, a Latin word, or two Latin words: 안전고리, lanyard, safety hook. "
            "Case, blanks and hyphens do not matter; the word is kept without them. 안전고리 is "
            "also found in 안전고리체결; a Korean word of two syllables only where a word begins."
        ),
    )
    task = models.CharField(
        _("task"),
        max_length=100,
        blank=True,
        help_text=_(
            "Task type of the experiments that this word speaks of, for example ppe. Left empty, "
            "the word says nothing: so a built-in word is switched off."
        ),
    )
    language = models.CharField(
        _("language"),
        max_length=2,
        blank=True,
        choices=[(KOREAN, _("Korean")), (ENGLISH, _("English"))],
        help_text=_("For filters alone. Left empty, the letters of the word decide."),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    history = tracked()

    class Meta:
        verbose_name = _("vocabulary word")
        verbose_name_plural = _("vocabulary")
        ordering = ("word",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["word"],
                name="vocabulary_word_unique",
                violation_error_message=_("This word is in the vocabulary already."),
            )
        ]

    def __str__(self) -> str:
        return self.word

    def clean(self) -> None:
        """Bring the word into its form; raises ValidationError for what cannot be a word."""
        problems = {}
        # A form that refused the text leaves none here, and has said why.
        problem = word_problem(self.word) if self.word else None
        if problem is not None:
            problems["word"] = problem.text(gettext)
        problems |= {
            name: TEXT_SIGNS().text(gettext)
            for name in ("task", "note")
            if not is_plain_text(getattr(self, name))
        }
        if problems:
            raise ValidationError(problems)
        self.word = joined_word(self.word)
        self.task = self.task.strip()
        self.language = self.language or language_of(self.word)
