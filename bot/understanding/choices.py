"""The small slots: how many places, which one on the screen, price, booking mode, settings, fields."""

from __future__ import annotations

import re

from bot.understanding.facts import first, rules
from bot.understanding.found import NUM, number

_PARTY = re.compile(
    rf"(?<!\w)(?:(?<!the )(?P<n>{NUM}) (?:more )?(?:spaces?|places?|spots?|seats?|slots?|tickets?|of us|people|persons?|adults?|parents|families|kids|children|babies|toddlers|mums)|(?:for|us|party of|group of|could it be|make it|make that|yes to) (?P<m>{NUM})(?= (?:please|of us|people|adults|thanks|now|instead)|[.,!?]|$))(?!\w)"
)
#: A grown-up who comes along. A child does without being a place of its own.
_ADULT = r"(?:friend|best friend|bestie|sister|brother|sis|mate|pal|mum|mom|mam|dad|partner|other half|oh|husband|hubby|hubs|wife|wifey|mrs|missus|fella|bloke|boyfriend|girlfriend|fianc[eé]e?|neighbour|cousin|auntie?|nan|nanny|nana|gran|granny|grandma|grandad|(?:sister|mother|mum|brother|daughter) in law|mother-in-law|sister-in-law)"
_PARTY_WORDS = re.compile(
    rf"(?<!\w)(?:both of us|the two of us|(?:me|myself|i) (?:and|plus|&|n|\+) (?:my|a|the|his|her) {_ADULT}|(?:my|a|the|his|her) {_ADULT} (?:and|&|n|\+) (?:me|i|myself)|myself and (?:my|a) \w+)(?!\w)"
)
_ORDINAL = {
    "first": "1", "1st": "1", "top": "1", "second": "2", "2nd": "2", "third": "3", "3rd": "3",
    "fourth": "4", "4th": "4", "fifth": "5", "5th": "5", "last": "last", "bottom": "last",
    "final": "last", "middle": "2", "later": "last", "latest": "last", "earlier": "1", "earliest": "1",
    "next": "2", "sixth": "6", "6th": "6",
}  # fmt: skip
_REF = re.compile(
    rf"(?<!\w)(?:(?:number|option|no\.?|#|choice|the number|num|more (?:on|about)|tell me about|details (?:of|on|for)|info (?:on|about|for)) ?(?P<n>\d|one|two|three|four|five|six)|(?<!my )(?<!our )(?:the |that |this |your )?(?P<o>{'|'.join(_ORDINAL)})(?: (?:one(?! back)|1|option|session|on the list|on your list|group|class|of those|listed|of them|choice|result|booking|in the list|thing|you said|you listed|you showed)| ?(?:please|pls)?$)|(?P<all>all of (?:them|those|these|it)|all (?:three|four|my bookings|bookings|two)|every(?: one of them| booking)|both(?: of (?:them|those)| (?:sessions|bookings|places))?|the lot|them all|(?:everything|all)(?=$|[.,!?]| (?:please|pls|thanks|now|i|i've|we|we've|that|booked|for)\b))(?= |$|[.,!?]))(?!\w)"
)
#: The same in a talk where a list is on the screen: "the second", "how long is the third".
_POINTED = re.compile(
    rf"(?<!\w)(?:(?:the|that|number) (?P<o>{'|'.join(_ORDINAL)})|(?:book|have|take|do) (?P<p>1st|2nd|3rd|4th|5th|first|second|third|fourth|fifth|last))(?! (?:aid|born|time|birthday|trimester|baby|child|week|month|day|thing|name|lot|minute|half|few|two|three|_\w+_|of (?:january|february|march|april|may|june|july|august|september|october|november|december)|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?))(?!\w)"
)
_FREE = re.compile(
    r"(?<!\w)(?:(?:anything|something|somewhere|stuff|things|activities|groups?|sessions?|class(?:es)?) (?:that's |that is |that are |for )?free|free(?! (?:time|slot|spaces?|places?|hours|nursery|on|(?:at|in)(?! _where_)|after|before|until|from|childcare|school|days?|that|this|to|tomorrow|today|most|all|every|between|now|when|play|_when_|_daypart_)(?!\w))|no cost|without paying|no charge|costs? nothing|for nothing|that don't cost|(?:doesn't|don't) cost|don't have to pay|cheap|low cost|on a budget|no money|skint)(?!\w)"
)
_NOT_FREE = re.compile(
    r"(?:i'm|we're|i am|we are|(?<!that )are|am|he's|she's|not|be|hands|nut|dairy|gluten|step|sugar|get|smoke|lactose) (?:\w+ )?$"
)
_DROP_IN = re.compile(
    r"(?<!\w)(?:drop[ -]?ins?|walk[ -]?ins?|no booking|without booking|don't (?:have to|need to) book|(?:just )?turn up|no need to book|not bookable|pop in|pop along|just (?:go|rock up|come along)|don't need booking|unbooked|needn't book)(?!\w)"
)
_BOOKABLE = re.compile(
    r"(?<!\w)(?:bookable|that (?:i|we|you) can book|can be booked|to book onto|book in advance|booking required|i can book|we can book|pre-?bookable|book onto|bookable ones)(?!\w)"
)
_UNWANTED = re.compile(
    r"\b(?:not|than|instead of|rather than|and not|no more) (?:by |on |via |my |a |to |me )?(?:texts?|texted|texting|emails?|emailed|emailing|messages? to my phone|my phone)\b"
)
_CHANNEL = rules(
    ("sms", r"texts?(?! me the)|texting|messages? to my phone|texted|by phone message"),
    ("email", r"emails?|e-mails?|emailing|inbox|emailed"),
)
_SETTING = rules(
    (
        "off",
        r"off|stop|no more|unsubscribe|don't (?:want|send|need|remind|text|email|message)|cancel (?:the |my |all )?(?:reminders?|alerts?|notifications?|texts?|emails?|newsletter)|without (?:reminders?|alerts?)|opt out|disable|mute|turn (?:them )?off|quit|less|fewer|too many|leave me alone|not (?:get|receive|want)|silence|pause|stopped|end the|remove me from",
    ),
    (
        "on",
        r"on|start|remind me|send me|want|get|set|turn on|enable|text me|email me|would like|subscribe|can you|could you|sign me up|activate|let me know|again|please|switch|opt in|alert me|notify",
    ),
)
_FIELD = rules(
    ("phone", r"phone|mobile|number|sim|cell|contact number|telephone"),
    ("email", r"email|e-mail"),
    (
        "address",
        r"address|moved (?:house|home|to|in|flat|recently)?|moving|postcode|new (?:house|flat|home|place)|we've moved|i've moved",
    ),
    (
        "surname",
        r"surname|last name|married name|name|maiden|got married|divorced|deed poll|double barrel\w*|spelt|spelling|spelled|mrs|miss",
    ),
    (
        "allergy",
        r"allerg\w+|epi ?-?pen|intoleran\w+|coeliac|medical (?:info|condition)|asthma|dietary|nut|eczema|medication|medical",
    ),
    (
        "new_baby",
        r"had (?:the|my|our|a) (?:\w+ )?baby|new ?-?born|new baby|baby (?:is |has |was |has been |been )?(?:arrived|born|here|come)|gave birth|newest|baby girl|baby boy|second baby|baby number|add (?:my |the |our |a )?(?:new |second |third )?baby|given birth|new arrival|another baby|new addition|baby number two|just had|had (?:him|her|twins)|has been born|was born|baby came|number three|baby sister|baby brother",
    ),
    (
        "partner",
        r"partner|husband|wife|dad|father|boyfriend|girlfriend|other parent|grandparent|nan|emergency contact|ex|carer|second adult|mum|other half|next of kin|childminder|his dad|her dad|another adult",
    ),
    (
        "child",
        r"child|son|daughter|kids?|children|birthday|date of birth|dob|baby|toddler|his|her|little boy|little girl|twin",
    ),
)
_CONSENT = rules(
    (
        "photos",
        r"photos?|pictures?|images?|photograph\w*|filming|videos?|pics?|camera|facebook|social media|instagram|website",
    ),
    (
        "marketing",
        r"marketing|newsletters?|news|promotion\w*|adverts?|offers|mailing list|emails?|texts?|updates|leaflets|contact(?:ing)? me|mailing|spam|messages|surveys about",
    ),
    (
        "research",
        r"research|stud(?:y|ies)|surveys?|evaluation|university|questionnaires?|researchers?",
    ),
    (
        "sharing",
        r"shar(?:e|ing|ed)|nursery|health visitors?|gp|school|other (?:agencies|services|organisations|teams|people|professionals)|third part\w+|social (?:services|workers?)|pass(?:ing|ed)?|giving|anyone else|hospital|midwi\w+|tell(?:ing)?|agencies|see my|doctor",
    ),
)
_KIND = rules(
    (
        "suggestion",
        r"should|could you (?:please )?(?:add|run|put|do|start|make|have|offer)|suggest\w*|would be (?:good|nice|great|lovely|better|helpful|handy|brilliant|useful)|(?:i )?wish (?:you|there)|idea|why don't you|why not (?:have|run|do|add)|please (?:add|run|put on|start|do more|bring back)|need(?:s)? more|more (?:groups|sessions|classes|evening|weekend)|bring back|how about (?:you )?(?:adding|running|doing)|can we have more|have you thought|you could|there should|love to see|if you (?:had|ran|could|did)|recommend",
    ),
    (
        "complaint",
        r"complain\w*|unhappy|rude|terrible|awful|disappoint\w*|not (?:happy|good|impressed|acceptable|good enough|clean|fair)|disgust\w*|dirty|filthy|useless|rubbish|bad (?:service|experience)|upset|annoyed|annoying|angry|poor|never (?:again|answer\w*|reply|replies|called|rang|got)|waste of|ignored|shocking|unacceptable|horrible|nobody (?:answers|called|rang|replied|there)|let down|fed up|appalling|cold|shut|closed|locked|cancelled|unfair|problem with|issue with|worst|joke|unwelcome|judged|unprofessional|unsafe|broken|chaos|shambles|cliquey|late",
    ),
    (
        "praise",
        r"thank|lovely|brilliant|amazing|great|fantastic|loved|love|wonderful|helpful|excellent|best|kind|fab|fabulous|enjoy\w*|super|friendly|compliment|praise|grateful|good|nice|happy|appreciate\w*|pleased|lifesaver|credit|well done|favourite|superb|perfect|stars|awesome|delighted|impressed",
    ),
)


def party(text: str) -> str:
    """How many places are wanted, "" where no number is said."""
    if m := _PARTY.search(text):
        n = number(m["n"] or m["m"])
        return str(int(n)) if 1 <= n <= 20 and n == int(n) else ""
    return "2" if _PARTY_WORDS.search(text) else ""


def ref(text: str) -> str:
    """Which one on the screen: 1, 2 ..., last or all."""
    m = _REF.search(text)
    if not m:
        return ""
    if m["all"]:
        return "all"
    return str(int(number(m["n"]))) if m["n"] else _ORDINAL[m["o"]]


def pointed(text: str) -> str:
    """Which one on the screen, where a list is known to be there."""
    m = _POINTED.search(text)
    return _ORDINAL[m["o"] or m["p"]] if m else ""


def price(text: str) -> str:
    return (
        "free" if any(not _NOT_FREE.search(text[: m.start()]) for m in _FREE.finditer(text)) else ""
    )


def booking(text: str) -> str:
    if _DROP_IN.search(text):
        return "drop_in"
    return "bookable" if _BOOKABLE.search(text) else ""


def channel(text: str) -> str:
    """The wanted way: what stands after "not" or "instead of" is the unwanted one."""
    wanted = _UNWANTED.sub("", text)
    return first(_CHANNEL, wanted) or first(_CHANNEL, text)


def setting(text: str) -> str:
    return first(_SETTING, text)


def field_of(text: str, *, consent: bool) -> str:
    return first(_CONSENT if consent else _FIELD, text)


def kind(text: str) -> str:
    return first(_KIND, text)
