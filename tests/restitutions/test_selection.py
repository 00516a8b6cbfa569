"""« Ma sélection »: what the session keeps, what is said of it, and who may see what on the screen."""

import threading

import pytest
from django.core.signing import dumps
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Session
from directory.models import EntiteGeographique, Role, UniteOperationnelle
from directory.permissions import Reader
from restitutions.selection import contents, links
from restitutions.selection.contents import MAX_LINES, MAX_NOTE, Ref
from tests import builders as b

pytestmark = pytest.mark.django_db
PAGE, ADD, REMOVE = (reverse(f"restitutions:selection{name}") for name in ("", "_ajouter", "_retirer"))
NOTES, EMPTY = reverse("restitutions:selection_notes"), reverse("restitutions:selection_vider")
SHARE = reverse("restitutions:selection_partager")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def pro(client):
    user = b.make_user()
    client.force_login(user)
    return user


def add(client, *fiches, **more):
    return client.post(ADD, {"f": [fiche.get_absolute_url() for fiche in fiches]} | more)


def text_of(response) -> str:
    return response.content.decode()


def stored(client) -> list:
    return client.session.get(contents.SESSION_KEY, [])


# --- Adding, order, removing ----------------------------------------------------------------------------------------


def test_lines_keep_their_order_and_are_there_once(client, pro):
    eg, uo, other = b.make_eg(), b.make_uo(), b.make_uo()
    add(client, uo)
    add(client, eg, uo, other)
    assert [line[:2] for line in stored(client)] == [["uo", uo.cle], ["eg", eg.cle], ["uo", other.cle]]
    page = text_of(client.get(PAGE))
    assert page.index(uo.nom) < page.index(eg.denomination) < page.index(other.nom)


def test_what_is_not_a_visible_fiche_is_refused(client, pro):
    hidden = b.make_uo(unite_sensible=True, nom="Refuge")
    closed = b.make_uo(date_fermeture="2020-01-01", type_fermeture="DEF")
    never = b.make_uo(publish=False)
    for fiche in (hidden, closed, never):
        assert "pas été trouvée" in text_of(client.post(ADD, {"f": fiche.get_absolute_url()}, follow=True))
    for bad in ("", "eg/", "ej/750000001", "/repertoire/uo/11-999999/", "uo/é", "x" * 5000, "eg/\x00"):
        client.post(ADD, {"f": bad})
    assert stored(client) == []


def test_an_address_by_the_older_key_is_the_same_line(client, pro):
    eg = b.make_eg()
    client.post(ADD, {"f": [f"eg/{eg.idnat_struct}", f"eg/{eg.finess}"]})
    assert stored(client) == [["eg", eg.finess, ""]]


def test_the_fifty_first_line_is_left_aside_and_it_is_said(client, pro):
    eg = b.make_eg()
    units = [b.make_uo(eg=eg) for _ in range(MAX_LINES + 2)]
    add(client, *units[: MAX_LINES - 1])
    answer = client.post(ADD, {"f": [uo.get_absolute_url() for uo in units[MAX_LINES - 1 :]]}, follow=True)
    assert len(stored(client)) == MAX_LINES
    assert "2 lignes sont laissées de côté" in text_of(answer)
    fragment = client.post(ADD, {"f": units[-1].get_absolute_url()}, headers=HTMX)
    assert "Votre sélection est pleine" in text_of(fragment)
    assert units[-1].get_absolute_url() not in text_of(fragment)


def test_a_script_gets_the_bar_and_the_count(client, pro):
    uo = b.make_uo()
    answer = text_of(client.post(ADD, {"f": uo.get_absolute_url()}, headers=HTMX))
    assert f'data-chosen="{uo.get_absolute_url()}"' in answer
    assert "<!doctype" not in answer and 'id="ma-selection"' in answer
    answer = text_of(client.post(REMOVE, {"f": uo.get_absolute_url()}, headers=HTMX))
    assert 'data-chosen=""' in answer and stored(client) == []


def test_the_button_of_a_fiche_becomes_its_contrary(client, pro):
    uo = b.make_uo()
    assert "Ajouter à ma sélection" in text_of(client.get(uo.get_absolute_url()))
    assert "Ajouter à ma sélection" in text_of(client.get(uo.entite_geographique.get_absolute_url()))
    data = {"f": uo.get_absolute_url(), "vue": "fiche"}
    assert "Dans ma sélection" in text_of(client.post(ADD, data, headers=HTMX))
    assert "Dans ma sélection" in text_of(client.get(uo.get_absolute_url()))
    assert "Ajouter à ma sélection" in text_of(client.post(REMOVE, data, headers=HTMX))


def test_back_to_where_one_was_and_nowhere_else(client, pro):
    uo = b.make_uo()
    assert add(client, uo, suivant="/recherche/?q=csapa").url == "/recherche/?q=csapa"
    for bad in ("https://exemple.invalid/", "//exemple.invalid", "javascript:alert(1)", "/\\exemple.invalid"):
        assert add(client, uo, suivant=bad).url == PAGE


def test_removing_takes_the_note_away_and_keeps_the_others(client, pro):
    one, two = b.make_uo(), b.make_uo()
    add(client, one, two)
    data = {"f": f"uo/{one.cle}", f"note-uo/{one.cle}": "à ne pas garder", f"note-uo/{two.cle}": "rappeler"}
    client.post(REMOVE, data)
    assert stored(client) == [["uo", two.cle, "rappeler"]]


def test_emptying_asks_first(client, pro):
    add(client, b.make_uo())
    assert "Vider ma sélection ?" in text_of(client.get(EMPTY))
    assert len(stored(client)) == 1
    assert "est vide" in text_of(client.post(EMPTY, follow=True))
    assert stored(client) == []
    assert client.get(EMPTY).status_code == 200


def test_it_ends_with_the_session(client, pro):
    add(client, b.make_uo())
    client.post("/deconnexion/")
    client.force_login(pro)
    assert stored(client) == []


def test_the_header_counts(client, pro):
    assert 'class="ror-count">1<' not in text_of(client.get(PAGE))
    add(client, b.make_uo())
    for path in (PAGE, "/recherche/", "/"):
        assert 'id="ma-selection"' in text_of(client.get(path))


# --- Notes -----------------------------------------------------------------------------------------------------------


def test_notes_are_kept_then_one_goes_on(client, pro):
    uo = b.make_uo()
    add(client, uo)
    answer = client.post(NOTES, {f"note-uo/{uo.cle}": "  Demander\r\nMme X  ", "puis": "personne"})
    assert answer.url == reverse("restitutions:selection_imprimer") + "?pour=personne"
    assert stored(client) == [["uo", uo.cle, "Demander\nMme X"]]
    assert client.post(NOTES, {"puis": "ailleurs"}).url == PAGE
    assert "Notes enregistrées" in text_of(client.post(NOTES, {f"note-uo/{uo.cle}": "ici"}, headers=HTMX))


def test_a_note_too_long_is_shown_again_and_the_others_are_kept(client, pro):
    one, two = b.make_uo(), b.make_uo()
    add(client, one, two)
    long = "é" * (MAX_NOTE + 1)
    answer = client.post(NOTES, {f"note-uo/{one.cle}": long, f"note-uo/{two.cle}": "x" * MAX_NOTE, "puis": "personne"})
    assert answer.status_code == 422
    assert long in text_of(answer) and f"{MAX_NOTE + 1} caractères" in text_of(answer)
    assert [line[2] for line in stored(client)] == ["", "x" * MAX_NOTE]


def test_a_note_is_text(client, pro):
    uo = b.make_uo()
    add(client, uo)
    client.post(NOTES, {f"note-uo/{uo.cle}": "<script>alert(1)</script>", "note-uo/11-999999": "rien"})
    assert "<script>alert" not in text_of(client.get(PAGE))
    assert len(stored(client)) == 1


# --- What is there no more -------------------------------------------------------------------------------------------


def test_what_is_gone_is_said_without_its_name(client, pro):
    gone = [b.make_uo(nom=f"Partie {n}") for n in range(4)]
    add(client, *gone, b.make_uo(nom="Restée"))
    UniteOperationnelle.objects.filter(pk=gone[0].pk).update(date_fermeture="2020-01-01", type_fermeture="DEF")
    UniteOperationnelle.objects.filter(pk=gone[1].pk).update(unite_sensible=True)
    UniteOperationnelle.objects.filter(pk=gone[2].pk).update(version=0)
    EntiteGeographique.objects.filter(pk=gone[3].entite_geographique_id).update(
        date_fermeture="2020-01-01", type_fermeture="DEF"
    )
    page = text_of(client.get(PAGE))
    assert "Partie" not in page and page.count("N’est plus disponible") == 4 and "Restée" in page
    for path in ("_imprimer", "_export", "_partager"):
        assert b"Partie" not in client.get(reverse(f"restitutions:selection{path}")).content


# --- Cost ------------------------------------------------------------------------------------------------------------


def queries(client, path) -> int:
    with connection.execute_wrapper(counter := Counter()):
        assert client.get(path).status_code == 200
    return counter.n


class Counter:
    n = 0

    def __call__(self, execute, *args):
        self.n += 1
        return execute(*args)


def rich_uo(n: int) -> UniteOperationnelle:
    """A unit of its own establishment with a line of each kind."""
    uo = b.make_uo(concepts={"publics": [b.make_concept("TRE_R239|1")]}, conditions_accueil="Sonner.")
    b.make_contact(uo, niveau=1, telecoms=[("2", f"01990000{n:02d}")])
    b.make_contact(uo.entite_geographique, telecoms=[("2", f"01991000{n:02d}")])
    b.make_activite(uo)
    b.make_horaire(uo, 1, "09:00", "12:30")
    return uo


@pytest.mark.parametrize("name", ["", "_imprimer", "_export", "_partager"])
def test_as_many_queries_for_one_line_as_for_many(client, pro, name):
    path = reverse(f"restitutions:selection{name}")
    add(client, (first := rich_uo(0)), first.entite_geographique)
    client.get(path)  # codes of concepts are kept by the process
    few = queries(client, path)
    for n in range(1, 9):
        uo = rich_uo(n)
        add(client, uo, uo.entite_geographique)
    assert queries(client, path) == few
    assert few <= 40


def test_the_results_page_asks_nothing_more(client, pro):
    b.make_type_uo("CSAPA")
    path = "/recherche/?q=csapa"
    client.get(path)  # suggestions are kept by the process
    without = queries(client, path)
    add(client, b.make_uo())
    assert queries(client, path) == without


# --- Two requests at once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_boxes_ticked_at_once_are_both_there():
    """Each request read the session before the other wrote it: the lock makes the second read again."""
    user, units = b.make_user(), [b.make_uo() for _ in range(6)]
    client = Client()
    client.force_login(user)
    key, reader = client.session.session_key, Reader.of(user)
    barrier, store = threading.Barrier(len(units)), type(client.session)

    def tick(uo):
        try:
            session = store(key)
            session.get("x")
            barrier.wait()
            contents.add(session, [Ref("uo", uo.cle)], reader=reader)
        finally:
            connection.close()

    threads = [threading.Thread(target=tick, args=[uo]) for uo in units]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {line[1] for line in store(key)[contents.SESSION_KEY]} == {uo.cle for uo in units}


def test_a_session_ended_meanwhile_is_not_revived(client, pro):
    session = client.session
    session.get("x")
    Session.objects.all().delete()
    contents.add(session, [Ref("uo", b.make_uo().cle)], reader=Reader.of(pro))
    assert not Session.objects.exists()


# --- Link ------------------------------------------------------------------------------------------------------------


def link_of(client) -> str:
    page = text_of(client.get(SHARE))
    return page.split("data-copied>")[1].split("</textarea>")[0].strip()


def test_a_link_opens_with_the_rights_of_who_reads_it(client, pro):
    uo = b.make_uo(nom="CSAPA")
    b.make_contact(uo, niveau=3, telecoms=[("2", "0199000003")])
    add(client, uo)
    client.post(NOTES, {f"note-uo/{uo.cle}": "secret professionnel"})
    url = link_of(client)
    other = Client()
    assert other.get(url).status_code == 302  # nobody without an account
    other.force_login(b.make_user(first_name="Olga", last_name="Petit"))
    page = text_of(other.get(url))
    assert "CSAPA" in page and "secret" not in page and pro.email not in page and str(pro) not in page
    assert "01\u00a099" not in page
    other.force_login(b.make_user(role=Role.REGULATION))
    assert "01\u00a099\u00a000\u00a000\u00a003" in text_of(other.get(url))


def test_a_link_is_copied_into_ones_own_selection(client, pro):
    uo, gone = b.make_uo(), b.make_uo()
    add(client, uo, gone)
    url = link_of(client)
    UniteOperationnelle.objects.filter(pk=gone.pk).update(version=0)
    other = Client()
    other.force_login(b.make_user())
    assert stored(other) == []
    assert "N’est plus disponible" in text_of(other.get(url))
    assert stored(other) == []
    assert other.post(url).url == PAGE
    assert stored(other) == [["uo", uo.cle, ""]]


def test_sensitive_units_never_travel_in_a_link(client):
    client.force_login(b.make_user(role=Role.REGULATION))
    hidden, uo = b.make_uo(unite_sensible=True), b.make_uo()
    add(client, hidden)
    assert "Il n’y a rien à partager" in text_of(client.get(SHARE))
    add(client, uo)
    assert "L’unité sensible n’y est pas" in text_of(client.get(SHARE))
    assert links.read(link_of(client).rstrip("/").rpartition("/")[2]) == [Ref("uo", uo.cle)]


def test_a_link_too_old_or_made_up_says_so(client, pro, monkeypatch):
    token = links.make([Ref("uo", b.make_uo().cle)])
    url = reverse("restitutions:selection_partage", args=[token])
    assert client.get(url).status_code == 200
    forged = [token[:-1] + ("a" if token[-1] != "a" else "b"), "rien", "a:b:c", dumps("uo/11-1", salt="ailleurs")]
    for bad in [reverse("restitutions:selection_partage", args=[one]) for one in forged]:
        for method in (client.get, client.post):
            answer = method(bad)
            assert answer.status_code == 404 and "Ce lien est incomplet" in text_of(answer)
    now = links.signing.time.time()
    monkeypatch.setattr(links.signing.time, "time", lambda: now + links.LIFE.total_seconds() - 60)
    assert client.get(url).status_code == 200
    monkeypatch.setattr(links.signing.time, "time", lambda: now + links.LIFE.total_seconds() + 60)
    for method in (client.get, client.post):
        answer = method(url)
        assert answer.status_code == 410 and "Ce lien ne sert plus" in text_of(answer)
    assert stored(client) == []


def test_a_link_of_fifty_lines_fits_everywhere():
    refs = [Ref("eg", b.make_finess("91")) for _ in range(25)] + [
        Ref("uo", f"11-{7 * n * n + 100000}") for n in range(25)
    ]
    token = links.make(refs)
    assert links.read(token) == refs
    assert len("https://ror-ile-de-france.exemple.fr" + reverse("restitutions:selection_partage", args=[token])) < 1000
    longest = [Ref("eg", f"3{n:014d}/cab{n:04d}".replace("/", "-")[:20]) for n in range(MAX_LINES)]
    assert len(links.make(longest)) < 1500
