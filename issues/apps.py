from typing import Any

from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "issues"

    def ready(self) -> None:
        from issues import rules, signals  # models exist only now

        def take(issues: list[int], **kwargs: Any) -> None:
            rules.take(issues)

        signals.issues_opened.connect(take, weak=False, dispatch_uid="ignore rules look at new issues")
