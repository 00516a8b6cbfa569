import time, pytest
from django.db import connection
from tests import builders as b
from directory.models import *
@pytest.mark.django_db
def test_bench(client):
    eg=b.make_eg(); uo=b.make_uo(eg=eg); u=b.make_user(); client.force_login(u)
    n=20000
    egs=EntiteGeographique.objects.bulk_create([EntiteGeographique(idnat_struct=f"1X{i}",finess=None,siret=f"{i:014d}",entite_juridique=eg.entite_juridique,denomination=f"Établissement {i*7919%n} de la Rue",categorie=eg.categorie,version=1) for i in range(n)],batch_size=5000)
    com=b.make_commune()
    Lieu.objects.bulk_create([Lieu(entite_geographique=e,est_principal=True,commune=com,code_postal="75010") for e in egs],batch_size=5000)
    UniteOperationnelle.objects.bulk_create([UniteOperationnelle(identifiant=f"11/z{i}",nom="x",entite_geographique=e,type_uo=uo.type_uo,champ_activite=uo.champ_activite,mode_prise_en_charge=uo.mode_prise_en_charge,version=1) for i,e in enumerate(egs) if i%3],batch_size=5000)
    with connection.cursor() as c: c.execute("analyze")
    for url in ["/repertoire/","/repertoire/?page=100","/repertoire/?nom=rue","/repertoire/?nom=etablissement+777","/repertoire/?etat=a_decrire","/repertoire/?commune=paris","/repertoire/?departement=75","/repertoire/?categorie=TRE_R66|197",uo.get_absolute_url(),eg.get_absolute_url(),eg.entite_juridique.get_absolute_url(),"/repertoire/export.xlsx"]:
        ts=[]
        for _ in range(2 if 'xlsx' in url else 4):
            t=time.perf_counter(); r=client.get(url)
            if r.streaming: b"".join(r.streaming_content)
            ts.append(time.perf_counter()-t)
        print(url, r.status_code, f"{min(ts)*1000:.0f} ms")
    from django.test.utils import CaptureQueriesContext
    for url in ("/repertoire/", uo.get_absolute_url()):
        with CaptureQueriesContext(connection) as q: client.get(url)
        for x in q: print(x["time"], x["sql"][:2500] if float(x["time"])>.02 else x["sql"][:80])
