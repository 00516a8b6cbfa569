"""The login page; every other account page is allauth's own view with our templates."""

from allauth.account.views import LoginView as AllauthLoginView
from django.conf import settings

from accounts import demo


class LoginView(AllauthLoginView):
    """allauth's login; in the demo it also lists the accounts one may try."""

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context |= {"DEMO_ACCOUNTS": demo.ACCOUNTS, "DEMO_PASSWORD": demo.PASSWORD}
        return context
