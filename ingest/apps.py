from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"

    def ready(self) -> None:
        from ingest.refusals import refusals_today  # models exist only now
        from ingest.warnings import undeclared_proxy
        from projects import refusals, warnings

        refusals.tell(refusals_today)
        warnings.tell(undeclared_proxy)
