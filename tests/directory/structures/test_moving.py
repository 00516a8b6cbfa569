"""Support moves a unit to another establishment, and undoes a publication."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from directory import history, publishing, structures
from directory.documents import to_document
from directory.models import (
    EntiteGeographique,
    Kind,
    LieuDeLOffre,
    Role,
    UniteOperationnelle,
)
from directory.permissions import Reader
from search.models import SearchOffre
from tests import builders as b
from tests.directory.structures.acts import actions, moved, seen_in, url

pytestmark = pytest.mark.django_db


# --- Moving ----------------------------------------------------------------------------------------------------------


def work_at(uo, lieu) -> None:
    LieuDeLOffre.objects.create(unite=uo, lieu_uid=lieu.uid)


def test_a_unit_moves_with_its_identifier(client, support, move):
    uo, source, target = move
    b.project(source, target)
    left = b.make_user(role=Role.REFERENT, eg=source)
    joined = b.make_user(role=Role.REFERENT, eg=target)
    client.force_login(support)
    page = client.get(url(uo, "deplacer"), {"vers": target.finess})
    text = page.content.decode()
    assert "CMPP des Saules" in text and uo.identifiant in text
    response = client.post(url(uo, "deplacer"), {"vers": target.finess, "seen": seen_in(page)})
    assert response.url == uo.get_absolute_url()
    identifiant = uo.identifiant
    uo.refresh_from_db()
    assert (uo.entite_geographique, uo.identifiant, uo.version) == (target, identifiant, 2)
    editable = UniteOperationnelle.objects.editable_by
    assert not editable(Reader.of(left)).filter(pk=uo.pk).exists()
    assert editable(Reader.of(joined)).filter(pk=uo.pk).exists()
    assert SearchOffre.objects.get(uo_id=uo.pk).eg_id == target.pk
    assert {line.target for line in actions("move_uo")} == {f"eg:{source.idnat_struct}", f"uo:{uo.identifiant}"}
    for eg in (source, target):
        assert EntiteGeographique.objects.get(pk=eg.pk).version == 1  # nothing of theirs changed


def test_a_place_of_its_own_follows_a_shared_one_stays_a_twin_is_found_again(support, move):
    uo, source, target = move
    own = b.make_lieu(source, libelle_voie="allée des Frênes")
    shared = b.make_lieu(source, libelle_voie="place du Marché")
    twin = b.make_lieu(source, libelle_voie="quai des Brumes")
    other = b.make_lieu(target, libelle_voie="Quai des brumes", nom="Antenne")
    for lieu in (own, shared, twin):
        work_at(uo, lieu)
    work_at(source.unites.exclude(pk=uo.pk).get(), shared)
    assert [place.fate for place in structures.plan_move(uo, target).places] == ["taken", "left", "same"]
    moved(uo, target, support)
    assert set(uo.lieux_offre.values_list("lieu_uid", flat=True)) == {own.uid, other.uid}
    assert set(target.lieux.values_list("libelle_voie", flat=True)) >= {"allée des Frênes", "Quai des brumes"}
    assert set(source.lieux.values_list("uid", flat=True)).isdisjoint({own.uid, twin.uid})
    assert source.lieux.filter(uid=shared.uid).exists()


def test_the_address_of_a_refuge_does_not_show_once_it_is_gone(client, support, move):
    uo, source, target = move
    refuge = b.make_lieu(source, libelle_voie="impasse du Secret")
    work_at(uo, refuge)
    UniteOperationnelle.objects.filter(pk=uo.pk).update(unite_sensible=True)
    publishing.publish_many(Kind.EG, [source.pk], by=support, origin="test")
    uo.refresh_from_db()
    moved(uo, target, support)
    client.force_login(b.make_user())
    for eg in (source, target):
        pages = [eg.get_absolute_url(), f"{eg.get_absolute_url()}historique/"]
        pages += [f"{eg.get_absolute_url()}historique/?de={de}&a={a}" for de, a in ((1, 2), (2, 3), (3, 2))]
        for page in pages:
            assert "Secret" not in client.get(page).content.decode(), page
    assert history.hides_places(source.pk) and history.hides_places(target.pk)
    assert not history.hides_places(b.make_eg().pk)
    client.force_login(support)
    text = client.get(f"{source.get_absolute_url()}historique/?de=2&a=3").content.decode()
    assert "Secret" in text  # level 3 reads it


def test_a_move_is_not_made_when_something_moved(client, support, move):
    uo, source, target = move
    client.force_login(support)
    page = client.get(url(uo, "deplacer"), {"vers": target.finess})
    document = to_document(Kind.EG, target.pk) | {"commentaire": "Entre-temps."}
    publishing.publish(Kind.EG, document, by=support, origin="test")
    response = client.post(url(uo, "deplacer"), {"vers": target.finess, "seen": seen_in(page)})
    assert response.status_code == 409 and "rien n’a été fait" in response.content.decode()
    uo.refresh_from_db()
    assert uo.entite_geographique == source


def test_where_a_unit_cannot_go(client, support, move):
    uo, source, _ = move
    closed = b.make_eg(type_fermeture="PRO", date_fermeture=dt.date(2020, 1, 1))
    client.force_login(support)
    for vers, words in (
        (source.finess, "déjà dans cet établissement"),
        (closed.finess, "est fermé"),
        ("", "obligatoire"),
        ("999", "Aucun établissement de votre territoire"),
    ):
        response = client.post(url(uo, "deplacer"), {"vers": vers, "seen": "x"})
        assert response.status_code == 422 and words in response.content.decode()


def test_a_unit_does_not_leave_the_territory_of_its_support(client, move):
    uo, _, _ = move
    outside = b.make_eg(commune=b.make_commune("93001", "Aubervilliers"))
    user = b.make_user(role=Role.SUPPORT, is_staff=True, departement=b.make_departement("75"))
    client.force_login(user)
    assert "Aucun établissement" in client.get(url(uo, "deplacer"), {"vers": outside.finess}).content.decode()
    with pytest.raises(PermissionDenied):
        structures.move_uo(uo.pk, outside.pk, seen="", by=user)


def test_a_unit_follows_the_closing_announced_where_it_goes(client, support, move):
    uo, _, target = move
    later = dt.date.today() + dt.timedelta(days=90)
    EntiteGeographique.objects.filter(pk=target.pk).update(type_fermeture="DEF", date_fermeture=later)
    client.force_login(support)
    page = client.get(url(uo, "deplacer"), {"vers": target.finess})
    response = client.post(url(uo, "deplacer"), {"vers": target.finess, "seen": seen_in(page)})
    assert response.status_code == 422 and "ferme définitivement" in response.content.decode()


# --- Undoing ---------------------------------------------------------------------------------------------------------


def test_support_undoes_the_last_publication(client, support, move):
    uo, source, _ = move
    document = to_document(Kind.UO, uo.pk) | {"nom": "Nom faux (fictif)", "complements": "Faux."}
    publishing.publish(Kind.UO, document, by=b.make_user(), origin="dossier:1")
    history_url = f"{uo.get_absolute_url()}historique/"
    client.force_login(b.make_user(role=Role.REFERENT, eg=source))
    assert "Annuler cette publication" not in client.get(history_url).content.decode()
    client.force_login(support)
    assert "Annuler cette publication" in client.get(history_url).content.decode()
    client.post(f"{history_url}1/retablir/", {"version": 2})
    uo.refresh_from_db()
    assert (uo.nom, uo.complements, uo.version) == ("PCO (fictif)", "", 3)
