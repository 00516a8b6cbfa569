"""Where one is in a list, as an opaque text of ours: signed, and good for the question it was given for."""

import hashlib
import json

from django.core import signing
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

WRONG = "Ce curseur n’est pas de cette question. Reprenez à la première page."
_signer = signing.Signer(salt="api.curseur")


def page_of(request: Request, curseur: str | None) -> int:
    """The page a cursor of this question stands for; 1 without cursor. Raises ValidationError."""
    if not curseur:
        return 1
    try:
        page, question = _signer.unsign_object(curseur)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise serializers.ValidationError({"curseur": [WRONG]}) from error
    if question != _question(request.query_params):
        raise serializers.ValidationError({"curseur": [WRONG]})
    return page


def address(request: Request, page: int) -> str:
    """This question, at that page."""
    curseur = _signer.sign_object((page, _question(request.query_params)))
    return replace_query_param(request.build_absolute_uri(), "curseur", curseur)


def _question(asked: QueryDict) -> str:
    """A short digest of everything but the cursor."""
    pairs = sorted((name, sorted(values)) for name, values in asked.lists() if name != "curseur")
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:16]


class ByCode(CursorPagination):
    """Pages of concepts, in the order of their codes; the size was checked before (`questions.ConceptsQuestion`)."""

    ordering = "code"
    cursor_query_param = "curseur"
    page_size_query_param = "taille"
    page_size = 200
    max_page_size = 1000

    def get_paginated_response(self, data: list) -> Response:
        return Response({"suivant": self.get_next_link(), "precedent": self.get_previous_link(), "concepts": data})
