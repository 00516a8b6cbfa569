"""App configurations of the project itself."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as BaseStaticFilesConfig


class RorConfig(AppConfig):
    name = "ror"
    verbose_name = "ROR"


class StaticFilesConfig(BaseStaticFilesConfig):
    """Libraries ship builds we never serve: leaving them out keeps collectstatic at a few seconds.

    The short build of markercluster names a source map that its package lacks, which manifest storages refuse.
    """

    ignore_patterns = [
        *BaseStaticFilesConfig.ignore_patterns,
        "*.rtl.*",
        "*.esm.*",
        "js-lib-bootstrap5/css/bootstrap-*",
        "js_lib_leaflet/leaflet-src.*",
        "leaflet.markercluster.js",
        "drf_spectacular_sidecar/redoc",
    ]
