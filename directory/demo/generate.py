"""The invented mass: EJ, their EG, their UO, as complete documents, one after the other.

A pure function of its arguments: same world, day, seed and size give the same entries. Nothing is kept but counters,
so a national size streams as well. What must exist at any size (a closing, a fiche to describe…) goes by rank, the
rest by draw.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from directory.documents import Document
from directory.models import Kind

from .complete import complete
from .contacts import ContactMaker
from .denominations import Denominations, plain
from .etablissements import ETABLISSEMENTS, Etablissement
from .names import ACCES, COMMENTAIRES, COMPLEMENTS, FICTIF, LIEUX_DITS, NATURE, PORTEURS, VOIES, VOIES_NOMS, typo
from .numbers import Numbers
from .offers import OfferMaker
from .parts import Line
from .porteurs import MEAN_EG, PORTEUR_KINDS, PorteurKind, kind_of
from .world import Place, World

SEED = 20250917
ZONE = ZoneInfo(settings.TIME_ZONE)
NO_CLOSING: dict[str, str | None] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One fiche of the mass and its dates. `verified_by`, `author`: e-mails of demo accounts."""

    kind: Kind
    document: Document
    created_at: dt.datetime
    updated_at: dt.datetime
    author: str
    verified_at: dt.datetime | None = None
    verified_by: str | None = None


class Generator:
    """Draws everything from one `Random`. Use once."""

    def __init__(
        self,
        world: World,
        *,
        today: dt.date,
        first_offre: int = 1,
        seed: int = SEED,
        numbers: Numbers | None = None,
    ):
        self.world, self.today = world, today
        self.rng = Random(seed)  # noqa: S311 - invention, not secrecy
        self.numbers = numbers or Numbers()
        self.contacts = ContactMaker(self.rng, self.numbers, self.uid)
        self.offers = OfferMaker(world, self.rng, today=today, uid=self.uid, contacts=self.contacts)
        self.denominations = Denominations(self.rng) if world.national else None
        self._identifiants = itertools.count(first_offre)
        self._eg_rank = itertools.count(1)
        self._uo_rank = itertools.count(1)

    def uid(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def entries(self, *, eg: int) -> Iterator[Entry]:
        """`eg` establishments, each under its EJ, each followed by its UO."""
        left = eg
        kinds = list(PORTEUR_KINDS)
        weights = [self._weight(kind) for kind in kinds]
        while left:
            kind = PORTEUR_KINDS[self.rng.choices(kinds, weights)[0]]
            count = min(left, self.rng.randint(*kind.combien))
            left -= count
            yield from self._porteur(kind, count)

    @staticmethod
    def _weight(kind: str) -> float:
        return sum(e.poids for e in ETABLISSEMENTS if kind_of(e) == kind) / MEAN_EG[kind]

    # --- EJ ---

    def _porteur(self, kind: PorteurKind, count: int) -> Iterator[Entry]:
        rng = self.rng
        place = self.world.draw(rng)
        finess, siren = self.numbers.finess(place.departement), self.numbers.siren()
        if self.denominations and "{porteur}" in kind.noms[0]:
            name = self.denominations.carrier(place)
        else:
            name = rng.choice(kind.noms).format(
                porteur=rng.choice(PORTEURS),
                nature=self._nature(),
                commune=place.short_name,
                departement=place.departement_nom,
            )
        created, updated = self._dates(stale=False)
        document = complete(
            Kind.EJ,
            {
                "idnat_struct": f"1{finess}",
                "finess": finess,
                "siren": siren,
                "raison_sociale": f"{name} {FICTIF}",
                "statut_juridique": f"TRE_R72|{rng.choice(kind.statuts)}",
                "date_creation": self._day_between(1950, 2018),
                "contacts": self.contacts.of_ej(name),
                **self._address(place),
            },
        )
        yield Entry(Kind.EJ, document, created, updated, "support@demo.ror")
        choices = [e for e in ETABLISSEMENTS if kind_of(e) == kind.cle]
        main: Document | None = None
        for profile in rng.choices(choices, [e.poids for e in choices], k=count):
            at = place if main is None or rng.random() < 0.3 else self._elsewhere(place)
            annexe = (
                main if main and main["categorie"].endswith(f"|{profile.categorie}") and rng.random() < 0.5 else None
            )
            entries = list(self._establishment(profile, document, siren, at, annexe))
            main = main or entries[0].document
            yield from entries

    def _elsewhere(self, place: Place) -> Place:
        return self.world.draw(self.rng, place.departement if self.rng.random() < 0.6 else None)

    # --- EG ---

    def _establishment(
        self, profile: Etablissement, ej: Document, siren: str, place: Place, annexe: Document | None
    ) -> Iterator[Entry]:
        rng, rank = self.rng, next(self._eg_rank)
        name, house = self._denomination(profile, place, annexe)
        described = rank % 10 != 9
        closing = self._eg_closing(rank)
        lieux = self._lieux(place, placed=rank % 50 != 33)
        document = complete(
            Kind.EG,
            self._eg_numbers(profile, place, siren)
            | {
                "entite_juridique": ej["idnat_struct"],
                "site_principal": annexe and annexe["idnat_struct"],
                "denomination": f"{name} {FICTIF}",
                "nom_operationnel": f"{self._nature()} – {name.split(' ', maxsplit=1)[0]} {FICTIF}"
                if rank % 19 == 4
                else "",
                "complement_denomination": ej["raison_sociale"] if rng.random() < 0.1 else "",
                "categorie": f"TRE_R66|{profile.categorie}",
                "territoires_sante": [place.territoire] if place.territoire else [],
                "lieux": lieux,
                **closing,
            }
            | self._eg_facts(profile)
            | (self._eg_description(profile, name) if described else {}),
        )
        stale = rng.random() < 0.2
        created, updated = self._dates(stale=stale)
        yield self._entry(Kind.EG, document, created, updated, verified=described)
        if described:
            yield from self._units(profile, document, place, (name, house), closing, stale)

    def _denomination(self, profile: Etablissement, place: Place, annexe: Document | None) -> tuple[str, str]:
        """Its name, and that of the house when it is known apart."""
        if annexe:
            house = plain(place.short_name) if self.denominations else ""
            return f"{annexe['denomination'].split(f' {FICTIF}')[0]} – {house or place.short_name}", house
        if self.denominations:
            return self.denominations.establishment(profile, place)
        return f"{self.rng.choice(profile.noms)} {self._nature()}", ""

    def _units(self, profile, eg, place, names, closing, stale) -> Iterator[Entry]:
        rng = self.rng
        fewest, most = profile.combien
        count = min(max(rng.randint(fewest, most), rng.randint(fewest, most)), len(profile.offres))
        keys = list(profile.offres[: profile.toujours])
        keys += rng.sample(profile.offres[profile.toujours :], max(0, count - len(keys)))
        seen: dict[str, int] = {}
        for key in keys:
            seen[key] = seen.get(key, -1) + 1
            rank = next(self._uo_rank)
            document = complete(
                Kind.UO,
                self.offers.make(key, variant=seen[key], eg=eg, names=names, place=place)
                | {"identifiant": f"{place.region}/{next(self._identifiants)}"}
                | (closing or self._uo_closing(rank)),
            )
            created, updated = self._dates(stale=stale if rng.random() < 0.8 else rng.random() < 0.2)
            yield self._entry(Kind.UO, document, created, updated, verified=True)

    def _eg_numbers(self, profile: Etablissement, place: Place, siren: str) -> Line:
        """FINESS and SIRET; one private practice in three has a SIRET alone (RG_EXP_005)."""
        siret = self.numbers.siret(siren)
        if kind_of(profile) == "liberal" and self.rng.random() < 1 / 3:
            return {"idnat_struct": f"3{siret}", "siret": siret}
        finess = self.numbers.finess(place.departement)
        return {"idnat_struct": f"1{finess}", "finess": finess, "siret": siret}

    def _eg_facts(self, profile: Etablissement) -> Line:
        """What FINESS would know: dates, public service, help with housing."""
        rng = self.rng
        opened = rng.randint(1965, 2023)
        facts: Line = {
            "date_autorisation": f"{opened - 1}-{rng.randint(1, 12):02d}-15",
            "date_ouverture": f"{opened}-{rng.randint(1, 12):02d}-01",
        }
        match kind_of(profile):
            case "hopital":
                facts["modalite_participation_sph"] = "TRE_R73|1"
            case "association" if profile.categorie in ("127", "161"):
                facts["modalite_participation_sph"] = "TRE_R73|6"
        if profile.categorie in ("101", "355"):
            facts |= {"zone_poser": rng.random() < 0.4, "niveau_recours_orsan": f"TRE_R284|{rng.choice('14')}"}
        if profile.categorie in ("500", "202"):
            facts["aides_financieres"] = [f"TRE_R241|{code}" for code in ("01", "02") if rng.random() < 0.6]
            facts["nb_place_aide_sociale_permanent"] = rng.randint(0, 60)
            facts["nb_place_aide_sociale_temporaire"] = rng.randint(0, 6)
            facts["hebergement_famille"] = rng.random() < 0.2
        return facts

    def _eg_description(self, profile: Etablissement, name: str) -> Line:
        """What its référents add."""
        rng = self.rng
        return {
            "contacts": self.contacts.of_eg(
                name, alert=profile.categorie in ("101", "355", "365", "500", "161", "292")
            ),
            "accessibilite": f"TRE_R202|{rng.choice('155555633')}" if rng.random() < 0.9 else None,
            "commentaire": typo(rng.choice(COMMENTAIRES)) if rng.random() < 0.25 else "",
        }

    # --- Places ---

    def _lieux(self, place: Place, *, placed: bool) -> list[Line]:
        lieux = [self._lieu(place, placed=placed) | {"est_principal": True, "statut": "3"}]
        if self.rng.random() < 0.12:
            other = self.world.places[self.rng.choice(self.world.near(place, 8))]
            antenne = self._lieu(other, placed=True)
            lieux.append(antenne | {"nom": f"Antenne {other.of}", "statut": "3"})
        return lieux

    def _lieu(self, place: Place, *, placed: bool) -> Line:
        rng = self.rng
        lieu = {
            "uid": self.uid(),
            "commune": place.insee,
            "fonction": "TRE_R343|005",
            "description": typo(rng.choice(ACCES)) if rng.random() < 0.4 else "",
            **self._address(place),
        }
        if placed:
            lieu |= {
                "latitude": round(place.latitude + rng.gauss(0, 0.004), 5),
                "longitude": round(place.longitude + rng.gauss(0, 0.006), 5),
                "coordonnees_fiables": rng.random() < 0.9,
            }
        return lieu

    def _address(self, place: Place) -> Line:
        rng = self.rng
        return {
            "numero_voie": str(rng.randint(1, 140)),
            "extension": "bis" if rng.random() < 0.05 else "",
            "libelle_voie": f"{rng.choice(VOIES)} {rng.choice(VOIES_NOMS)}",
            "complement_point_geographique": rng.choice(COMPLEMENTS) if rng.random() < 0.12 else "",
            "code_postal": place.code_postal,
            "localite": place.localite,
        }

    def _nature(self) -> str:
        word = self.rng.choice(NATURE)
        tail = self.rng.choice(LIEUX_DITS) if word.startswith("les ") else ""
        return word[0].upper() + word[1:] + tail

    # --- Closings and dates ---

    def _closing(self, kind: str, since: int, reopening: int | None = None) -> Line:
        """`since`, `reopening`: days from today."""
        return {
            "type_fermeture": kind,
            "date_fermeture": (self.today + dt.timedelta(days=since)).isoformat(),
            "date_reouverture": reopening and (self.today + dt.timedelta(days=reopening)).isoformat(),
        }

    def _eg_closing(self, rank: int) -> Line:
        if rank % 50 == 7:
            return self._closing("DEF", -self.rng.randint(20, 900))
        if rank % 80 == 23:
            return self._closing("PRO", -self.rng.randint(1, 60), self.rng.randint(10, 90))
        if rank % 150 == 40:
            return self._closing("PRO", -self.rng.randint(1, 60))
        if rank % 100 == 61:
            return self._closing("DEF", self.rng.randint(20, 120))
        return NO_CLOSING

    def _uo_closing(self, rank: int) -> Line:
        if rank % 70 == 11:
            return self._closing("PRO", -self.rng.randint(1, 40), self.rng.randint(7, 60))
        if rank % 90 == 37:
            return self._closing("DEF", -self.rng.randint(20, 900))
        if rank % 110 == 53:
            start = self.rng.randint(15, 60)
            return self._closing("PRE", start, start + self.rng.randint(20, 90))
        return NO_CLOSING

    def _dates(self, *, stale: bool) -> tuple[dt.datetime, dt.datetime]:
        """(created, updated): a stale fiche was last touched more than a year ago."""
        rng = self.rng
        age = rng.randint(380, 1200) if stale else min(rng.randint(1, 340), rng.randint(1, 340))
        created = rng.randint(age, age + 1500)
        return self._instant(created), self._instant(age)

    def _instant(self, days_ago: int) -> dt.datetime:
        moment = dt.time(self.rng.randint(8, 18), self.rng.randrange(60))
        return dt.datetime.combine(self.today - dt.timedelta(days=days_ago), moment, ZONE)

    def _day_between(self, first: int, last: int) -> str:
        return f"{self.rng.randint(first, last)}-{self.rng.randint(1, 12):02d}-{self.rng.randint(1, 28):02d}"

    def _entry(self, kind: Kind, document: Document, created, updated, *, verified: bool) -> Entry:
        created = min(created, updated)
        rng = self.rng
        author = rng.choice(("support@demo.ror", "support@demo.ror", "admin@demo.ror"))
        if not verified or rng.random() < 0.4:
            return Entry(kind, document, created, updated, author)
        return Entry(kind, document, created, updated, author, verified_at=updated, verified_by=author)
