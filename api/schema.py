"""What the OpenAPI description says of the whole API: how to log in, how it refuses."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import serializers

TOKEN_URL = "/api/oauth/token/"  # noqa: S105 - an address


class ProblemSerializer(serializers.Serializer):
    """RFC 9457; `erreurs` names the parameters."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    erreurs = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)


class Bearer(OpenApiAuthenticationExtension):
    """Machines: OAuth 2, client credentials."""

    target_class = "api.oauth.BearerAuthentication"
    name = "jeton"

    def get_security_definition(self, auto_schema) -> dict:
        flow = {"tokenUrl": TOKEN_URL, "scopes": {"lecture": "Lire le répertoire et les nomenclatures"}}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


class Session(OpenApiAuthenticationExtension):
    """People: the session of the portal."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Session du portail"}
