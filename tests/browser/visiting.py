"""Who is in front of a browser: the session of a test client, given to it."""

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from accounts.models import User


def share_session(context: BrowserContext, live_server, client: Client) -> None:
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])


def log_in(page: Page, live_server, client: Client, user: User) -> Page:
    client.force_login(user)
    share_session(page.context, live_server, client)
    return page
