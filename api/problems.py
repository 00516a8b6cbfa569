"""Every refusal of the API as « problem details » (RFC 9457), in French."""

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Demande incorrecte",
    401: "Connexion ou jeton nécessaire",
    403: "Accès refusé",
    404: "Introuvable",
    405: "Méthode non permise",
    406: "Format non disponible",
    415: "Format non accepté",
    429: "Trop de demandes",
    500: "Erreur du serveur",
}
DETAILS = {
    400: "La demande n’est pas comprise. Vérifiez l’adresse et les paramètres.",
    401: "Montrez un jeton en cours de validité (en-tête « Authorization: Bearer … »), ou connectez-vous au portail.",
    403: "Vos droits ne permettent pas cette demande.",
    404: "Il n’y a rien à cette adresse, ou vos droits ne permettent pas de le voir.",
    405: "Cette API se lit seulement : GET, HEAD ou OPTIONS.",
    406: "L’API répond en JSON (application/json).",
    415: "L’API ne reçoit pas de contenu dans ce format.",
    429: "Attendez avant de recommencer : l’en-tête « Retry-After » dit combien de secondes.",
    500: "Une erreur s’est produite de notre côté. Réessayez, puis prévenez le support.",
}


def body(status: int, detail: str = "", errors: dict[str, list[str]] | None = None) -> dict:
    """The members of the answer; `erreurs` only when parameters are named."""
    found = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or DETAILS.get(status, ""),
    }
    return found | ({"erreurs": errors} if errors else {})


def problem(status: int, detail: str = "") -> JsonResponse:
    """For what does not go through REST framework."""
    return JsonResponse(body(status, detail), status=status, content_type=CONTENT_TYPE)


def is_api(request: HttpRequest) -> bool:
    """Its refusals are for a program, even those that come before any view."""
    return request.path_info.startswith("/api/")
