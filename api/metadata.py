"""What OPTIONS answers."""

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class Methods(BaseMetadata):
    """The methods, and where the rest is written."""

    def determine_metadata(self, request: Request, view) -> dict:
        return {"methodes": view.allowed_methods, "documentation": "/api/docs/"}
