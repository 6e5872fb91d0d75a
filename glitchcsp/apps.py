from importlib import import_module

from django.apps import AppConfig


class GlitchcspConfig(AppConfig):
    name = "glitchcsp"
    verbose_name = "GlitchCSP"

    def ready(self) -> None:
        import_module("glitchcsp.checks")  # registers them
