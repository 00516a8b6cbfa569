"""What the people of the stories do: log in, fill a form, choose codes. One browser context per person."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings as django_settings
from django.core.management import call_command
from playwright.sync_api import Browser, Locator, Page, expect
from post_office.models import Email

from accounts.models import User
from tests.builders import PASSWORD, TOTP_SECRET

LINK = re.compile(r"http\S+?(/invitation/\S+/)")


def telephone_code(secret: str = TOTP_SECRET) -> str:
    """What the telephone shows; a code about to change is not worth typing, here as in life."""
    now = time.time()
    if now % 30 > 20:
        time.sleep(30 - now % 30)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def load_lists() -> None:
    """The real lists: the story is told with the codes of the trainings."""
    call_command("load_nomenclature", str(django_settings.FIXTURES / "nomenclature"), verbosity=0)


class Person:
    """Somebody in front of her own browser."""

    def __init__(self, browser: Browser, server: str):
        self.context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris")
        self.page: Page = self.context.new_page()
        self.server = server
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console", lambda message: "Content Security" in message.text and self.faults.append(message.text)
        )

    def go(self, path: str) -> None:
        self.page.goto(self.server + path)

    def log_in(self, email: str, password: str = PASSWORD, *, with_code: bool = False) -> None:
        """By the form; support types the code of its telephone too."""
        self.go("/connexion/")
        self.page.get_by_label("Adresse électronique").fill(email)
        self.page.get_by_label("Mot de passe", exact=True).fill(password)
        self.page.get_by_role("button", name="Se connecter").click()
        if with_code:
            self.page.get_by_label("Code").fill(telephone_code())
            self.page.locator("main form button.btn-primary").first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("orienter")

    def open_account(self, email: str, password: str) -> None:
        """Follow the link of the invitation, and choose a password."""
        mail = Email.objects.filter(to__contains=email).latest("pk")
        self.go(LINK.search(mail.message)[1])
        self.page.get_by_label("Mot de passe").fill(password)
        self.page.get_by_label("Le même, encore une fois").fill(password)
        self.page.get_by_role("button", name="Ouvrir mon compte").click()
        expect(self.page.get_by_text("Votre compte est ouvert")).to_be_visible()

    def choose(self, label: str, *typed: str) -> None:
        """Search-as-you-type, by keyboard: the first candidate that holds the text."""
        box = self.page.get_by_role("combobox", name=label)
        for text in typed:
            box.fill(text)
            option = self.options().filter(has_text=text).first
            expect(option).to_be_visible()
            option.click()

    def options(self) -> Locator:
        return self.page.locator(".ror-pop:visible [role=option]")

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_role("textbox", name=label).fill(text)

    def add_contact(self, *, canal: str, adresse: str, level: str = "", **who: str) -> None:
        """`service`, or `nom` and `fonction`."""
        self.page.get_by_role("button", name="Ajouter un contact").click()
        new = self.page.get_by_role("group", name="Nouveau contact")
        if "service" in who:
            new.get_by_label("Service").select_option(label=who["service"])
        else:
            new.get_by_label("ou nom de la personne").fill(who["nom"])
            new.get_by_label("et sa fonction").select_option(label=who["fonction"])
        if level:
            new.get_by_label("Visible par").first.select_option(label=level)
        new.get_by_label("Canal").select_option(label=canal)
        new.get_by_label("Numéro ou adresse").first.fill(adresse)

    def hours(self, day: str, start: str, end: str) -> None:
        group = self.page.get_by_role("group", name=day, exact=True)
        group.get_by_role("button", name=f"Plage le {day.lower()}").click()
        group.get_by_label("de", exact=True).last.fill(start)
        group.get_by_label("à", exact=True).last.fill(end)

    def copy_hours(self, day: str, *to: str) -> None:
        group = self.page.get_by_role("group", name=day, exact=True)
        group.get_by_text("Copier vers…").click()
        for name in to:
            group.get_by_label(name).check()
        group.get_by_role("button", name="Copier", exact=True).click()
        for name in to:
            copied = self.page.get_by_role("group", name=name.capitalize(), exact=True)
            expect(copied.locator("[data-state]")).to_have_text("Ouvert")

    def finalise(self) -> None:
        """The last button of a fiche; what the page says is missing fails the story with its words."""
        self.page.get_by_role("button", name="Enregistrer et finaliser").click()
        self.page.wait_for_load_state()
        assert not self.page.get_by_role("alert").count(), self.page.get_by_role("alert").first.inner_text()

    def leave(self) -> None:
        self.context.close()
        assert not self.faults, "\n".join(self.faults)


def invite(support: Person, *, email: str, first_name: str, last_name: str, finess: str) -> None:
    """Support gives a nominative account and the right on the structure."""
    support.go("/admin/directory/habilitation/inviter/")
    page = support.page
    page.get_by_label("Adresse électronique professionnelle").fill(email)
    page.get_by_label("Prénom").fill(first_name)
    page.get_by_label("Nom", exact=True).fill(last_name)
    page.get_by_label("Fonction").fill("cheffe de service")
    page.get_by_label("Rôle").select_option(label="référent")
    page.get_by_label("Structure", exact=True).fill(finess)
    page.get_by_role("button", name="Inviter", exact=True).click()
    assert User.objects.filter(email=email, is_active=False).exists()
