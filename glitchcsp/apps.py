from django.apps import AppConfig


class GlitchcspConfig(AppConfig):
    name = "glitchcsp"
    verbose_name = "GlitchCSP"
