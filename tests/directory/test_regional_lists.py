"""A regional list edited in the administration is journalled, and the search follows."""

import pytest

from directory import tasks
from directory.permissions import Reader
from journal.models import Entry
from nomenclature.models import Filiere
from search import engine
from search.criteria import Criteria
from tests.builders import make_concept, make_eg, make_type_uo, make_uo, make_user, project

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, monkeypatch):
    """A superuser; the task runs at once, as the worker would."""
    monkeypatch.setattr(tasks.refresh_touched, "delay", tasks.refresh_touched)
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def found(**criteria) -> list[str]:
    return [hit.name for hit in engine.search(Criteria(**criteria), reader=Reader()).hits]


def test_a_relabelled_type_is_found_by_its_new_words(client, admin, django_capture_on_commit_callbacks):
    eg = make_eg(denomination="Maison bleue")
    concept = make_uo(eg=eg, type_uo="CSAPA").type_uo
    concept.system.is_regional = True
    concept.system.save()
    project(eg)
    form = {
        "label": "Centre Zéphyr",
        "short_label": "",
        "alt_labels": "",
        "valid_from": "",
        "valid_to": "",
        "parent": "",
    }
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"/admin/nomenclature/concept/{concept.pk}/change/", form)
    assert response.status_code == 302, response.content.decode()[:2000]
    assert found(text="zephyr maison") == ["Maison bleue"]
    assert Entry.objects.get(action="nomenclature").author == admin


def test_a_type_added_to_a_filiere_is_found_by_it(client, admin, django_capture_on_commit_callbacks):
    eg = make_eg(denomination="Maison verte")
    make_uo(eg=eg, type_uo="CSAPA")
    project(eg)
    filiere = Filiere.objects.create(concept=make_concept("ror-filiere|addicto", "Addictologie"))
    assert found(concept=filiere.pk) == []
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            f"/admin/nomenclature/filiere/{filiere.pk}/change/", {"types_uo": [make_type_uo("CSAPA").pk]}
        )
    assert response.status_code == 302
    assert found(concept=filiere.pk) == ["Maison verte"]
