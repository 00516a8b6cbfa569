"""App configurations of the project itself."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as BaseStaticFilesConfig


class RorConfig(AppConfig):
    name = "ror"
    verbose_name = "ROR"


class StaticFilesConfig(BaseStaticFilesConfig):
    """Bootstrap ships builds we never serve: leaving them out keeps collectstatic at a few seconds."""

    ignore_patterns = [
        *BaseStaticFilesConfig.ignore_patterns,
        "*.rtl.*",
        "*.esm.*",
        "js-lib-bootstrap5/css/bootstrap-*",
    ]
