"""What the index of the administration says of the dossiers."""

from django import template

from dossiers import queue

register = template.Library()


@register.simple_tag
def dossiers_waiting(user) -> int:
    """How many wait for a decision of support, in the territory of this person. Two or three queries."""
    return queue.n_waiting(user)
