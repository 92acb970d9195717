"""Short words for the slugs that content uses: whom a session is for, groups of help pages."""

from __future__ import annotations

from itertools import chain

from bot.content.values import Content
from bot.wording.words import Words

#: Offered as choices; the others are understood.
WHO = ("expecting", "dads", "young_parent", "send", "twins", "grandparent", "childminder")


def who(words: Words, slug: str) -> str:
    """Whom a session is for."""
    _ = words._
    return {
        "expecting": _("Expecting a baby"),
        "dads": _("Dads"),
        "young_parent": _("Young parents"),
        "send": _("Special educational needs or disability"),
        "twins": _("Twins or more"),
        "grandparent": _("Grandparents"),
        "childminder": _("Childminders"),
        "foster": _("Foster carers"),
        "single_parent": _("Single parents"),
        "premature": _("Born early"),
    }.get(slug, slug)


def example_place(words: Words, content: Content) -> str:
    """A place of this council's that a parent may type."""
    own = (words.said(a.name) for a in content.areas.values() if not a.outside)
    return next(own, content.council.borough)


def example_postcode(content: Content) -> str:
    """A postcode of this council's, whole where there is one."""
    return next(
        chain((v.postcode for v in content.venues.values() if v.postcode), content.outcodes), ""
    )


def topic_group(words: Words, name: str) -> str:
    """A group of help pages."""
    _ = words._
    return {
        "money": _("Money and food"),
        "health": _("Health and feeding"),
        "play": _("Play and learning"),
        "home": _("Home and childcare"),
        "worries": _("When things are hard"),
        "send": _("Special needs and disability"),
    }.get(name, _("More"))
