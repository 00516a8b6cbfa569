"""Tags of the frame, available in every template."""

from django import template

register = template.Library()
