"""Why a hypothesis says nothing about a document, in a sentence for a person."""

from __future__ import annotations

from analysis.hypotheses.labels import Hypothesis, quoted
from analysis.hypotheses.languages import GRAMMARS, LANGUAGE_NAMES, language_of, languages_of
from analysis.hypotheses.operators import written
from analysis.hypotheses.syntax import parse_document
from models.corpora import Document


def undefined_reason(hypothesis: Hypothesis, document: Document) -> str | None:
    """Say why a hypothesis about languages can have no label anywhere in a document.

    Returns
    -------
    str or None
        What is in the way and what to ask instead; None if the language is no obstacle.
    """
    languages = languages_of(hypothesis)
    language = language_of(document)
    if not languages:
        return None
    if language not in languages:
        names = " or ".join(LANGUAGE_NAMES[known] for known in languages)
        promise = f"says {LANGUAGE_NAMES[language]}" if language else "promises no language"
        return (
            f"{quoted(hypothesis.name)} is about {names}, and the name {document.name!r} "
            f"{promise}. "
            f"To read it all the same, ask for `as({languages[0]}, {written(hypothesis)})`."
        )
    if language in GRAMMARS and parse_document(document) is None:
        return (
            f"{document.name!r} does not parse as {LANGUAGE_NAMES[language]}, which its name "
            "promises. Give it whole and unbroken, or ask about its characters alone."
        )
    return None
