from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"

    def ready(self) -> None:
        from ingest.refusals import refusals_today  # models exist only now
        from projects import refusals

        refusals.tell(refusals_today)
