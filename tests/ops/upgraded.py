"""What the present code makes of a base of the first release; prints JSON for test_upgrade.

A process of its own: the caches of the code (concepts, content types) belong to one database.
"""

import json

import django


def facts() -> dict[str, object]:
    """Rows as the models read them, pages as a browser gets them, and a publication."""
    from django.test import Client  # noqa: PLC0415 - after django.setup()

    from accounts.models import User  # noqa: PLC0415
    from directory import documents, history, publishing  # noqa: PLC0415
    from directory.models import EntiteGeographique, Kind, UniteOperationnelle  # noqa: PLC0415
    from journal.models import Entry  # noqa: PLC0415

    eg, uo = EntiteGeographique.objects.get(), UniteOperationnelle.objects.get()
    referent = User.objects.get(email="referent@exemple.fr")
    browser = Client(headers={"host": "localhost"})
    browser.force_login(referent)
    addresses = {"eg": eg.get_absolute_url(), "uo": uo.get_absolute_url(), "search": "/recherche/?q=csapa"}
    found = {
        "pages": {name: page(browser.get(path)) for name, path in addresses.items()},
        "first_document": history.contents(Kind.UO, uo.pk, [1])[1],
        "journal": list(Entry.objects.order_by("id").values_list("action", "target")),
    }
    live, stored = documents.to_document(Kind.UO, uo.pk), history.contents(Kind.UO, uo.pk, [2])[2]
    found["moved"] = [name for name, value in stored.items() if live[name] != value]
    first = found["first_document"] | {"nom": "CSAPA Les Mésanges, accueil"}
    version = publishing.publish(Kind.UO, first, by=referent, origin="direct", expected_version=2)
    uo.refresh_from_db()
    return found | {
        "published": version.number,
        "name": uo.nom,
        "lines": [uo.contacts.count(), uo.horaires.count(), len(version.content["actes_specifiques"])],
    }


def page(response) -> tuple[int, str]:
    return response.status_code, response.content.decode()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(facts()))  # noqa: T201
