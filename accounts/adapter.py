"""What allauth may do here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are nominative and created by support: nobody signs up alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
