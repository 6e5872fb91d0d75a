"""The month's plot: how many reports of which story in each hour. Pure, and the same for the same project and day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from glitchcsp.demo.templates import AGENTS, BLOG, CANDIDATE, OLD_BLOG, OLD_POLICY, POLICY, Template, templates
from ingest.entry import Reports

Choice = TypeVar("Choice")
DAYS = 30
HOUR = 3_600_000
RHYTHM = (3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 13, 13, 13, 14, 15, 17, 18, 15, 10, 6)
PAGES = (
    ("https://www.shop.example/", 30), ("https://www.shop.example/p/espresso-machine", 20), ("https://www.shop.example/p/grinder", 14),
    ("https://www.shop.example/c/coffee", 12), ("https://www.shop.example/cart", 9), ("https://www.shop.example/c/tea", 5),
    ("https://www.shop.example/search", 6), ("https://www.shop.example/account/orders/20417", 4),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """Runs from `begins` to `ends` hours before the month's end, with `a_day` reports on a usual day."""

    name: str
    a_day: int
    begins: int = DAYS * 24
    ends: int = 0
    policy: str = ""
    visitors: int = 900
    release: str = ""
    disposition: str = "enforce"


CHANGED = 16 * 24  # hours ago: the policy was changed
BLOG_CHANGED = 22 * 24  # hours ago: the blog's, which is report-only and ready to be enforced
STORIES = (
    Story("noise", 850),
    Story("steady", 110),
    Story("candidate", 170, begins=12 * 24, policy=CANDIDATE, disposition="report"),
    Story("blog-fonts", 90, ends=BLOG_CHANGED, policy=OLD_BLOG, disposition="report"),
    Story("blog", 40, policy=BLOG, disposition="report"),
    Story("moved-bundle", 5_200, begins=CHANGED + 22, ends=CHANGED, policy=OLD_POLICY, release="2026.10.7"),
    Story("release", 2_400, begins=3 * 24 - 6, release="2026.11.2"),
    Story("attack", 260, begins=2 * 24 + 4, ends=2 * 24 + 1, visitors=5),
)


def day(project_id: int, key: int, end: int, number: int) -> Iterator[Reports]:
    """The requests of the day that ended `number` days before `end` (milliseconds), as the door would have kept them."""
    random = Random(project_id * 1_000 + number)
    for hour in range(number * 24 + 23, number * 24 - 1, -1):
        start = end - (hour + 1) * HOUR
        for story in STORIES:
            if story.ends < hour + 1 <= story.begins:
                for _ in range(_how_many(random, story, start)):
                    yield _request(random, story, project_id, key, start + random.randrange(HOUR), hour)


def _how_many(random: Random, story: Story, start: int) -> int:
    """By the time of day and less at weekends, give or take a fifth. A story of a few hours is as strong at night."""
    moment = start // HOUR
    whole_day = story.begins - story.ends >= 24
    share = RHYTHM[moment % 24] / sum(RHYTHM) if whole_day else 1 / 24 if story.begins - story.ends > 12 else 1 / 3
    weekend = 0.6 if (moment // 24 + 3) % 7 >= 5 else 1.0
    return round(story.a_day * share * weekend * random.uniform(0.8, 1.2))


def _request(random: Random, story: Story, project_id: int, key: int, at: int, hour: int) -> Reports:
    template = _one(random, tuple((template, template.weight) for template in templates()[story.name]))
    agent = template.agent or _one(random, AGENTS)
    page = random.choice(template.pages) if template.pages else _one(random, PAGES)
    policy = story.policy or (OLD_POLICY if hour >= CHANGED else POLICY)
    visitor = random.randrange(story.visitors)
    return Reports(
        project=project_id,
        key=key,
        received_at=at,
        reports=1,
        body=_filled(template, page, policy, agent, story.disposition),
        user_agent=agent,
        visitor=_mixed(project_id, at // (24 * HOUR), visitor),
        network=_mixed(project_id, at // (24 * HOUR), visitor % 211),
        environment="production",
        release=story.release,
    )


def _filled(template: Template, page: str, policy: str, agent: str, disposition: str) -> bytes:
    other = "report" if disposition == "enforce" else "enforce"
    text = template.body.replace("{page}", page).replace("{policy}", policy).replace("{agent}", agent)
    return text.replace(f'"disposition": "{other}"', f'"disposition": "{disposition}"').encode()


def _one(random: Random, weighted: Sequence[tuple[Choice, int]]) -> Choice:
    return random.choices([choice for choice, _ in weighted], [weight for _, weight in weighted])[0]


def _mixed(*numbers: int) -> int:
    """A 64-bit stand-in for the day's hash of a visitor; never 0, which means unknown."""
    return Random(".".join(map(str, numbers))).getrandbits(63) | 1
