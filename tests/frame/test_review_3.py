"""throwaway"""
import pytest
from django.test import Client
from directory.models import Role
from dossiers import drafts
from dossiers.models import DraftFiche
from tests.builders import make_user, make_departement, make_eg, make_uo, PASSWORD
from tests.dossiers.builders import make_structure, taken, submitted, opened, draft_of

pytestmark = pytest.mark.django_db(transaction=False)

def cl(user):
    c = Client(raise_request_exception=False); c.force_login(user); return c

@pytest.fixture
def s(db):
    return make_structure()

GETS = [
 "/dossiers/?q=0000-1", "/dossiers/?q=0001-1", "/dossiers/?q=9999-1", "/dossiers/?q=%00", "/dossiers/?q=%FF%FE", "/dossiers/?filtre=zz&page=9999999999999999999999",
 "/dossiers/ouvrir/?eg=%00", "/dossiers/ouvrir/?eg=" + "9"*5000, "/dossiers/ouvrir/?q=%00a", "/dossiers/ouvrir/?q=%25_",
 "/admin/dossiers/dossier/?q=0000-1", "/admin/dossiers/dossier/?q=0001-1", "/admin/dossiers/dossier/?q=9999-1", "/admin/dossiers/dossier/?assigne=" + "9"*30,
 "/admin/directory/demandeacces/" + "9"*5000 + "/change/", "/admin/directory/demandeacces/" + "9"*30 + "/decider/",
 "/admin/directory/habilitation/structures/?departement=zz&page=-4", "/admin/directory/habilitation/inviter/?structure=" + "9"*300,
 "/admin/dossiers/dossier/" + "9"*30 + "/change/", "/admin/dossiers/dossier/" + "9"*5000 + "/change/",
 "/dossiers/" + "9"*30 + "/", "/dossiers/" + "9"*30 + "/fiches/" + "9"*30 + "/",
 "/repertoire/suggestions/", "/repertoire/suggestions/?liste=%00", "/repertoire/suggestions/?liste=JDV_J17&champ=activites&type_uo=%00", "/repertoire/suggestions/?fiche=eg&categorie=%00|%00&champ=categorie&liste=JDV_J55",
 "/repertoire/suggestions/?fiche=uo&type_uo=|&champ=activites&liste=JDV_J17", "/repertoire/suggestions/?type_uo=ror-type-uo|%00&champ=activites&liste=JDV_J17","/repertoire/suggestions/?type_uo=ror-type-uo|CSAPA%00&champ=actes_specifiques&liste=JDV_J17",
 "/repertoire/suggestions/?champ=../&q=" + "a"*3000,
 "/repertoire/verifier/xx/", "/invitation/xx/", "/mes-structures/?page=zz&filtre=zz",
 "/admin/accounts/user/?q=%00", "/admin/accounts/user/" + "9"*40 + "/fermer/",
]
def test_gets(s):
    from ror import settings as _
    c = cl(s.sophie); d = cl(s.camille); bad=[]
    for u in GETS:
        for who, k in (("sophie", c), ("camille", d)):
            try: r = k.get(u)
            except Exception as e:
                bad.append((who, u[:90], repr(e)[:200])); continue
            if r.status_code >= 500: bad.append((who, u[:90], r.status_code))
            elif r.status_code==404 and who=="sophie": print("404", u[:80])
    assert not bad, "\n".join(map(str,bad))

def test_posts(s):
    dossier = taken(s)
    c = cl(s.sophie); bad=[]
    uo = draft_of(dossier, "uo"); base=f"/admin/dossiers/dossier/{dossier.pk}"
    from dossiers import decisions
    props = decisions.proposals_now(DraftFiche.objects.prefetch_related("decisions__by").select_related("dossier__eg").get(pk=uo.pk))
    addr = props[0].address
    posts = [
      (f"{base}/decider/", {"fiche": uo.pk, f"d:{addr}": "non", f"t:{addr}": "a\x00b"}),
      (f"{base}/decider/", {"fiche": uo.pk, "annuler": "a\x00b"}),
      (f"{base}/decider/", {"fiche": uo.pk, "annuler": "x"*5000}),
      (f"{base}/decider/", {"fiche": "\x00"}),
      (f"{base}/remarque/", {"text": "a\x00b"}),
      (f"{base}/remarque/", {"text": "ab", "fiche": "9"*40}),
      (f"{base}/remarque/", {"text": "ab", "fiche": "-1"}),
      (f"{base}/renvoyer/", {"comment": "a\x00b", "version": "1"}),
      (f"{base}/prendre/", {"version": "9"*30}),
      (f"{base}/annuler/", {"comment": "x"}),
      ("/admin/directory/habilitation/inviter/", {"email": "a\x00@b.fr", "structure": "\x00", "role": "referent"}),
    ]
    f = f"/dossiers/{dossier.pk}/fiches/{uo.pk}/"
    for u, data in posts:
        r = c.post(u, data)
        print(u, r.status_code)
        if r.status_code >= 500: bad.append((u, data, r.status_code))
    assert not bad, "\n".join(map(str,bad))

def test_fiche_posts(s):
    dossier = opened(s)
    c = cl(s.camille); bad=[]
    uo = draft_of(dossier, "uo"); eg = draft_of(dossier, "eg")
    for draft in (uo, eg):
        f = draft.get_absolute_url()
        v = lambda: DraftFiche.objects.get(pk=draft.pk).version
        cases = [
          {"version": v, "nom": "a\x00b", "commentaire": "a\x00b"},
          {"version": v, "nom": "a\x00b", "commentaire": "a\x00b", "autosave": "1"},
          {"version": v, "contacts": ["\x00", "x"*33, "finess", "../"], "contacts-finess-nom": "Moi", "contacts-finess-niveau":"2"},
          {"version": v, "horaires": ["a"], "horaires-a-jour_semaine": "9", "horaires-a-heure_debut": "99:99", "horaires-a-date_debut": "0000-00-00"},
          {"version": v, "horaires-semaine": "9999-W99"},
          {"version": v, "horaires-semaine": "0000-W00", "horaires": ["a"]},
          {"version": v, "age_min": "9"*5000, "capacite": "9"*30},
          {"version": v, "ajouter": "horaires-9999-99-99"},
          {"version": v, "ajouter": "contacts-zz-telecoms-zz"},
          {"version": v, "retirer": "\x00"},
          {"version": v, "chercher": "x"*3000},
          {"version": v, "base": "zz:zz:zz"},
          {"version": "1", "base": "zz"},
          {"version": "1", "base": "é\x00:a:b", "nom": "\x00"},
          {"version": v, "date_fermeture": "99999-01-01", "unite_sensible": "zz"},
          {"version": v, "lieux": ["a"], "lieux-a-latitude": "NaN", "lieux-a-longitude": "1e400", "lieux-a-commune": "\x00", "lieux-a-nom": "x"},
          {"version": v, "lieux_offre": ["\x00", "inconnu"]},
          {"version": v, "champs": "nom " * 500},
          {"version": v, "type_uo": "\x00|\x00"}, {"version": v, "type_uo": "a|" + "b"*90},
          {"version": v, "actes_specifiques": ["x|\x00", "|", "a|b|c"]},
          {"version": v, "finess": "111111111", "entite_geographique": "zz", "identifiant": "zz", "est_principal": "1", "denomination": "PIRATE", "finaliser": "1"},
        ]
        for case in cases:
            case = {k: (x() if callable(x) else x) for k, x in case.items()}
            for more in ({}, {"reprendre": "1"}):
                r = c.post(f, case | more)
                if r.status_code >= 500: bad.append((draft.kind, case, more, r.status_code))
            r = c.post(f + "conflit/", case | {"sur": str(v()), "garder-x": "leur"})
            if r.status_code >= 500: bad.append((draft.kind, "conflit", case, r.status_code))
            r = c.get(f)
            if r.status_code >= 500: bad.append((draft.kind, "GET after", case, r.status_code))
    eg.refresh_from_db(); print({k: eg.content[k] for k in ("finess", "denomination")}, [x["uid"] for x in eg.content["contacts"]])
    for u in (f"/dossiers/{dossier.pk}/remarques/", f"/dossiers/{dossier.pk}/presents/", f"/dossiers/{dossier.pk}/envoyer/", f"/dossiers/{dossier.pk}/unites/"):
        for data in ({"text": "a\x00", "fiche": "\x00"}, {"version": "9"*40, "date_effet": "99999-99-99"}, {"nom": "\x00", "type_uo": "\x00", "apres": "x"}):
            r = c.post(u, data)
            print(u, r.status_code)
            if r.status_code >= 500: bad.append((u, data, r.status_code))
    assert not bad, "\n".join(map(str,bad))

def test_bodies(s):
    dossier = opened(s); uo = draft_of(dossier, "uo"); c = cl(s.camille); bad=[]
    for u in (uo.get_absolute_url(), s.uo.get_absolute_url() + "modifier/", "/connexion/"):
        for k in (c, Client(raise_request_exception=False)):
            for kw in (dict(data="a" * 10_000_000, content_type="application/x-www-form-urlencoded"),
                       dict(data="&".join(f"a{n}=1" for n in range(6000)), content_type="application/x-www-form-urlencoded"),
                       dict(data="{\"a\":", content_type="application/json"), dict(data=b"\xff\xfe=\xff", content_type="application/x-www-form-urlencoded"),
                       dict(data=b"--x\r\nzz", content_type="multipart/form-data; boundary=x"), dict(data=b"", content_type="multipart/form-data")):
                r = k.post(u, **kw)
                print(u, kw["content_type"], r.status_code)
                if r.status_code >= 500: bad.append((u, kw["content_type"], kw["data"][:20], r.status_code))
        for m in ("head", "options", "put", "delete"):
            r = getattr(c, m)(u)
            if r.status_code >= 500: bad.append((u, m))
    assert not bad, "\n".join(map(str,bad))
