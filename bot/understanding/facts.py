"""Which fact is asked, and the small slots: price, booking mode, how many, which one, settings."""

from __future__ import annotations

import re

from bot.understanding.found import NUM, number

_Rules = tuple[tuple[str, re.Pattern[str]], ...]


def _rules(*pairs: tuple[str, str]) -> _Rules:
    return tuple((key, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for key, words in pairs)


#: The fact asked about a session or a building; the first that matches wins.
_ASK = _rules(
    ("refund", r"refund\w*|money back|reimburse\w*|get my money|lose my money"),
    (
        "payment",
        r"how (?:do|can|should) (?:i|we|you) pay|pay (?:by|with|on|at|in|online|cash|card|weekly|upfront|up front|in instalments|for it)|(?:take|accept) (?:cards?|cash|card payments?|vouchers)|card or cash|cash or card|cash only|card payments?|contactless|pay when|pay each|pay up ?front|pay on the day|bank transfer|instalments?|apple pay|need cash|bring cash",
    ),
    (
        "price",
        r"how much|costs?|price[sd]?|pricing|fees?|charges?|charged|expensive|cheap|free of charge|is (?:it|that|this|everything|the \w+|_what_) (?:all )?free|are (?:they|these|the sessions|_what_) (?:all )?free|(?:do|does|will) (?:i|we|you|it) (?:have to |need to |got to )?(?:pay|cost)|any charge|£|quid|donation|is there a fee|pay anything|free or (?:paid|not)|subsidised|what's the damage|set me back|discount\w*|concession\w*",
    ),
    (
        "parking",
        r"park(?:ing|ed)?(?! play)(?=\b)|car ?park|blue badge|where to leave the car|leave (?:my|the|our) car|spaces for cars",
    ),
    ("buggy", r"bugg(?:y|ies)|prams?|pushchairs?|strollers?|double pram|travel system"),
    (
        "access",
        r"wheel ?chairs?(?! user group)|step[ -]?free|steps|stairs|lift|ramps?|accessib\w+|disabled (?:access|toilets?|parking|friendly)|mobility|crutches|hearing loop|bsl|sign language interpreter|assistance dog|guide dog|easy access|accessible",
    ),
    (
        "facilities",
        r"chang(?:e|ing) (?:a |his |her |the |baby )*(?:nappy|nappies|table|mat|facilit\w*|room|area|unit|station)|toilets?|loos?|baby chang\w+|microwave|bottle warmer|warm (?:up )?(?:a |the |his |her |my )*(?:bottle|milk|food)|somewhere to (?:feed|breastfeed|express|change|store|leave|sit)|breastfeed there|feed (?:him|her|my baby|them|the baby) there|wifi|wi-fi|air con|heating there|outdoor space|garden|outside space|kitchen|quiet (?:room|space|corner|area)|prayer room|fridge there|where can i (?:feed|breastfeed|change)|facilities|highchairs?",
    ),
    (
        "food",
        r"snacks?|drinks?(?! coffee)|tea and coffee|coffee there|food (?:there|provided|available|included|allowed)|lunch (?:provided|included|there)|(?:provide|serve|offer|do you do) (?:food|snacks|lunch|refreshments)|refreshments|bring (?:my |our |his |her |own |a )*(?:snacks?|lunch|food|packed lunch)|nut free|halal|something to eat|cafe (?:there|on site|at)|is there (?:a cafe|food|tea)|eat there|biscuits|vegan|vegetarian|packed lunch|hot drinks?|cup of tea",
    ),
    (
        "bring",
        r"(?:need to|should|have to|do|must|can|shall|to|what) (?:i |we |you |to )*(?:need to )?bring(?!.*\b(?:sister|brother|sibling|older|other (?:child|kid)|son|daughter|friend|mum|partner|husband|nan|children)\b)|bring (?:anything|something|a|my own|our own|towels?|mats?|clothes|nappies|blanket|oil|own)|what to (?:bring|wear|pack|take)|wear|towels?|dress (?:code|in)|old clothes|(?:mats?|blankets?|oils?|aprons?|towels?|equipment|everything) (?:provided|supplied|included|given)|provide (?:the )?(?:mats?|blankets?|oils?|towels?|aprons?)|change of clothes|spare clothes|take with (?:me|us)|need anything with",
    ),
    (
        "siblings",
        r"siblings?|(?:big|older|other|little|younger|elder|baby|twin|bigger) (?:brother|sister|sibling|child|kid|one|son|daughter|boy|girl|children|kids)s?|(?:his|her|their|my other|my older|my eldest|my other) (?:brother|sister|kids?|children|sons?|daughters?|ones?)|bring (?:both|all three|all my|all of|my others?|them both|two|the other|my \d+ kids)|both (?:kids|children|of them|my (?:kids|children|boys|girls))|brothers?|sisters?|another child|my eldest|the eldest|other child|bring my (?:son|daughter|school ?age)|two of different ages|different ages|mixed ages",
    ),
    (
        "late",
        r"(?:be|being|bit|running|arrive|come|get there|turn up|little|minutes?|mins) late|late(?:comers)?(?: is| entry| ok| a problem|\?|$)|arrive after|miss the (?:start|beginning|first \d+)|half ?way through|leave early|go early|come after it starts|stuck in traffic|on the dot|later than the start|slip in|join half|come part way|leave before the end|come for (?:just )?half|stay for (?:only )?half",
    ),
    (
        "illness",
        r"runny nose|bit of a cold|has a cold|got a cold|snotty|(?:after|if|when|with|had|has|got|have|got over|getting over) (?:\w+ ){0,3}(?:poorly|ill|sick|unwell|chicken ?pox|conjunctivitis|hand foot|a bug|sickness|fever|a cough|a rash|temperature|vomiting|covid|nits|diarrhoea|a tummy bug|d&v|worms|cold sore|slapped cheek|antibiotics|contagious|infectious)(?=.*\b(?:come|come along|attend|bring|still|ok|okay|allowed|group|session|class|stay away|safe|wait|back|how long|before)\b)|still come (?:if|with)|contagious|48 hours|stay away if|sniffles|how long (?:after|since) (?:sickness|being sick|vomiting|chicken ?pox)|come (?:if|with|when) (?:\w+ ){0,4}(?:cough|cold|sick|poorly|ill|unwell|nose|temperature|rash|teething|chickenpox)",
    ),
    (
        "spaces",
        r"(?:any|many|still|some|are there|is there|got|have|more|a|the last|no|available) (?:\w+ )?(?:spaces?|spots?|room|places?|slots?|availability)(?: left| available| free| remaining| on| for| still)?(?! to (?:feed|change|park|store|breastfeed|leave|sit)| (?:for|to leave|to store|to put|to park) (?:the |my |a )?(?:bugg|pram|push|car))|fully booked|is (?:it|that|this|_what_) (?:already )?full|full up|full yet|sold out|places? (?:left|available|remaining|going)|availability|spaces? left|booked up|how many (?:people|places|spaces|spots|babies|families|can)(?: are)?(?: left| attend| come| go| are in)?|cancellations|is there room|too late to (?:book|join|get)|still get in|get in",
    ),
    (
        "term_dates",
        r"term[ -]?time|term[ -]?dates|(?:run|on|open|running|happen\w*|still on|going|carry on|continue|closed|shut|happening|stop|break)(?: \w+){0,3} (?:in|during|over|through|throughout|for|at|outside) (?:the )?(?:\w+ )?(?:half term|school holidays?|holidays?|easter|christmas|summer|term|_when_|new year)|all year round|all year|when does term|(?:when|what date) (?:does|do) (?:\w+ ){0,3}(?:start again|restart|start back|resume|finish for|break up|come back|end for|stop for)|only in term|school holidays|between terms|every week of the year|outside of term|in the holidays",
    ),
    (
        "booking",
        r"(?:need|have|got|required|necessary|do (?:i|we|you)|must|should|can) (?:i |we |you )?(?:to |need to |have to |got to )?(?:pre-?)?(?:book|register|reserve|sign up|ring|phone|call)(?: first| ahead| in advance| a place| a slot| before| it| for| on)*(?= |\?|$)(?!.*\b(?:me|us) (?:on|in|a)\b)|just (?:turn up|come|show up|rock up|walk in|pop in|drop in|come along|go|arrive)|turn up (?:on the day|without|or)|drop[ -]?in or|is (?:it|that|this|_what_) (?:a )?(?:drop[ -]?in|bookable|book(?:ing)? only|walk[ -]?in)|booking (?:essential|required|needed|necessary)|in advance|by referral|need (?:a )?(?:referral|appointment|ticket)|pre-?book|walk[ -]?in|how (?:do|can|would|should) (?:i|we|you) (?:book|join|sign up|get (?:on|onto|a place)|reserve|go about booking|get booked|enrol|apply for a place)|how to (?:book|join|get a place|sign up|enrol|reserve)|where (?:do|can) (?:i|we) book|booking link|can (?:i|you|we) book online|do you have to book|book or|have to commit|commit to|referred by",
    ),
    (
        "duration",
        r"how long|how many (?:weeks|sessions|hours|minutes|classes|mins)|what time (?:does|do|will|is) (?:\w+ ){0,4}(?:finish|end|over|done)|when (?:does|do|will) (?:\w+ ){0,4}(?:finish|end)(?! for)|last(?:s|ing)? (?:for|an hour|long)|number of (?:weeks|sessions)|length of|an hour or|full hour|weeks long|one off or|run for|a one off|finish(?:es)? at|finishing time|end time|finish time",
    ),
    (
        "age",
        r"what (?:age|ages|age group|age range|aged)|which age|how (?:old|young)|age (?:limit|range|group|restriction|is it|for|do)|ages (?:is|are|for|can)|too (?:old|young|big|small|little|late for (?:him|her))|old enough|young enough|suitable for (?:a |my |an |his |her )?(?:_age_|newborn|baby|toddler|\d|him|her|under)|(?:min\w*|max\w*|upper|lower) age|from what age|up to what age|crawl\w*|(?:for|take|allow|accept) (?:a |my |an )?_age_s?(?: \w+)?$|ok(?:ay)? for (?:a |my |an )?_age_|(?:is|are) (?:it|that|this|they|_what_) (?:ok |okay |alright |suitable |right |good |only |just |meant |aimed |really )*(?:for|at) (?:a |my |an |just )*(?:_age_|toddlers|babies|newborns|tiny babies|walkers|crawlers|older|under|kids)|walking babies|non ?-?walkers|right age|age wise|good for (?:an? |my )?_age_|can (?:a |my |an )?_age_ (?:\w+ )?(?:go|come|join|attend|do)|appropriate for",
    ),
    (
        "who_can_come",
        r"(?:can|could|is|are|may|do|does|will|would|am) (?:my |the |a |his |her |their |i |our |other |only |it just |it only |any )?(?:nan|nanny|gran|grandma|grandad|granny|grandparents?|dads?|fathers?|husband|partner|childminders?|aunt\w*|uncle|friend|mum|men|carers?|foster carers?|mother in law|sister|family|both parents|two adults|anyone|everyone|people|non residents|mothers|mums|au pair|we both|boyfriend|wife|baby's dad|his dad|her dad|girlfriend|nannies|grandmother|cousin)s? (?:\w+ )?(?:come|go|attend|allowed|welcome|bring|take|join|use|be there|able|ok)|(?:who (?:can|is|are|is allowed to|gets to)|who's) (?:it for|come|go|attend|this for|that for|welcome|allowed|_what_|they for|join|use|the)|(?:is|are) (?:it|they|this|that|_what_) (?:just |only |open |ok )?(?:for|to) (?:mums|women|everyone|anyone|all|first time|residents|dads|bexley|new mums|mothers|ladies|locals|people|outsiders)|(?:live|lives|living) (?:in|outside|out of|over|just over)|bring (?:my |a |along )?(?:friend|mum|husband|partner|nan|sister in law|mother|dad|wife|support)|for everyone|open to (?:all|everyone|anyone)|outside (?:the )?(?:borough|bexley|area)|out of borough|mums only|women only|ladies only|only for mums|welcome at|from (?:another|a different) borough|grandparents allowed|dads allowed|dads welcome|allowed to (?:come|bring|go|attend)|am i allowed|who is allowed|not a resident|residents only|eligible|eligibility|by myself|on my own",
    ),
    (
        "next_date",
        r"when (?:is|are|does|do|will|'s) (?:the )?(?:next|_what_ next|it next)|next (?:one|session|date|class|course|time|baby|block|available|_what_|run|start|set)|when does (?:\w+ ){0,4}(?:start|begin|commence)|start(?:s|ing)? (?:date|next|again|when)|when (?:is|are) (?:it|_what_|they) (?:on )?(?:again|next|starting)|upcoming|when do(?:es)? (?:the )?(?:next|new) |what date|which date|new course|begin again|dates for|what dates|start date|when's the next|how soon|when is the new|next intake",
    ),
    (
        "getting_there",
        r"(?:what|which) bus(?:es)?|bus(?:es)?(?: stop| route| number)?|trains?(?! set)|stations?|how (?:do|can|would|to) (?:i|we|you)? ?get (?:there|to)(?! (?:use|know|see|a|help))|directions?|sat ?nav|(?:near|closest|nearest) (?:the |a )?(?:station|bus|tube|train)|public transport|walk(?:ing)? (?:from|distance|there|it)|drive there|travel there|dlr|elizabeth line|crossrail|far from|how far|best way (?:to get )?there|map|tube|cycle there|get there by|entrance|which (?:door|gate|entrance)|which way in|what floor",
    ),
    (
        "staff",
        r"who(?:'s| is| are| will be)?(?: \w+){0,2} (?:runs?|running|teach\w*|takes?|leads?|leading|instructor|teacher|in charge|taking|facilitat\w+|doing it|the tutor|delivers?)|which (?:teacher|practitioner|tutor|lady)|who does|who do i ask for|qualified|dbs|trained|instructor|the lady who|practitioner (?:there|is)|a professional|midwife there|health visitor (?:be )?(?:there|at)|name of the|is it run by|crb|staff there|therapist (?:there|running)",
    ),
    (
        "contact",
        r"(?:contact|email|phone|telephone|ring|call) (?:for|the|number for|details|someone about|who)(?: \w+)* (?:group|session|class|course|_what_|organis\w+|leader|run\w*)|who (?:do|can|should) (?:i|we) (?:contact|email|call|ring|speak to|phone|ask|message)(?: about| for| re| if|$| to)|contact (?:details|number|for|email)|how (?:do|can) (?:i|we) contact|number (?:for|of) (?:the )?(?:_what_|group|person)",
    ),
    (
        "is_on",
        r"(?:is|are|was|will) (?:\w+ ){0,5}(?:still )?(?:on|running|happening|going ahead|cancelled|off|being held|taking place)(?: today| tomorrow| this week| _when_|\?|$| as| this| on)|still (?:on|running|happening|going|there|doing|do|run)|going ahead|been cancelled|has .* (?:stopped|finished|moved|been cancelled)|cancelled (?:today|tomorrow|this|because|_when_)|still do(?:ing)? _what_|is on (?:today|tomorrow|this)|does (?:it|_what_|the group) still|is there (?:still )?(?:a |any )?_what_ (?:today|tomorrow|this week|_when_)|do you still|ahead (?:today|tomorrow|this)|called off|_what_ on (?:today|tomorrow|_when_)",
    ),
    (
        "what_happens",
        r"what(?:'s| is| do| does| will| goes| can| should|s) (?:\w+ ){0,5}(?:happens?|involve[ds]?|do you do|like there|it like|about|they do|we do|you do|on in|expect|it all about|like at|actually do|learn|include[sd]?|entail|do at|do in|do there|consist|get out of)|what happens|what(?:'s| is) (?:a |the )?_what_(?:\?|$| session$| group$| class$| course$| exactly| all about| about)|tell me (?:more )?about|more (?:info\w*|details?|about)|describe|what sort of|what kind of (?:things|activities|toys)|how does (?:it|_what_|the \w+) work|explain|structured|expect|worth (?:it|going)|any good|noisy|busy|how big|loud|cry|cries|messy\?|will i have to|do we have to (?:sing|join|talk|sit)|info (?:on|about)|details (?:of|on|about|for)|know (?:more|a bit) about|what (?:are|is) the benefits of|what does _what_ mean|mean$|crowded|calm|relaxed|welcoming|like for|never been",
    ),
    (
        "place",
        r"where(?:'s| is| are| do| does| will| abouts| about|'re|s| can i (?:find|go)| at)|whereabouts|location|venues?(?! hire)|which (?:centre|building|library|place|venue|room|church|hall|site)|what (?:centre|building|library|place|venue|room|address|hall|site|location)|what(?:'s| is) the (?:address|postcode)|post ?code|address|held at|upstairs|find (?:it|you)",
    ),
    (
        "time",
        r"what time|what(?:'s| is) the time|when(?:'s| is| are| do| does| will| abouts|s)|times?(?! out| off| mum)(?=\W|$)|what day|which day|what days|which days|start(?:s|ing)? at|how often|how early|what hour|every week\?|weekly|times of|doors open|timings?|day and time|kick off|how regular|fortnightly|is it (?:on )?every|what o'clock",
    ),
)

#: Facts about a building or the service that a session does not have.
_CENTRE = _rules(
    (
        "hire",
        r"hire|hiring|rent (?:a|the|your) (?:room|hall|space)|book (?:a|the|your) (?:room|hall|space) for|(?:birthday )?part(?:y|ies)|room rental|use (?:a|your|the) room for",
    ),
    (
        "volunteer",
        r"volunteer\w*|help out at|give (?:up )?(?:my|some) time|lend a hand|get involved",
    ),
    (
        "jobs",
        r"vacanc(?:y|ies)|(?:work|working) (?:for|at|with) (?:you|the centre|a children|your|one of)|job (?:at|with|vacanc\w+|opening)|are you (?:hiring|recruiting)|recruit\w*|do you have any jobs|apprentice\w*|work experience|student placement|placement",
    ),
    (
        "hours",
        r"open(?:ing)? (?:hours?|times?)|what time (?:do|does|are|is) (?:\w+ ){0,5}(?:open|close|shut)|(?:are|is) (?:\w+ ){0,5}(?:open|closed|shut)|when (?:do|does|are|is) (?:\w+ ){0,5}(?:open|close|shut)|closing time|still open|open (?:on|today|tomorrow|at|late|this|now|till|until|over|weekends?|during|in|bank|every)|closed (?:on|today|tomorrow|this|for|over)|hours|shut (?:on|at|for|today|over)|close(?:s)? (?:at|early)|how late|opens?$",
    ),
    (
        "phone",
        r"(?:phone|telephone|contact|landline|mobile|office|main|ring|tele) ?(?:number|no\b|num)|number (?:to|for|i can|can i|of|please)|what number|call you|ring you|(?:email|e-mail) (?:address|you)|contact (?:you|details|info)|your number|your email|phone you|reach you|the number|get in touch|how do i contact (?:you|the|west|your)",
    ),
    (
        "address",
        r"where(?:'s| is| are|abouts)|address|post ?code|located|location|find you|directions|nearest (?:children'?s? )?centre|how (?:do|to) (?:i |we )?(?:get to|find)|my (?:nearest|local|closest) (?:centre|children)|which centre",
    ),
    (
        "who_can_come",
        r"who (?:are|is|can|'s) |(?:live|lives|living) (?:in|outside|out of|over)|eligible|(?:do|can) (?:i|we|you) (?:have to|need to|still) (?:live|use|be)|outside (?:the )?(?:borough|bexley)|out of borough|open to|any parent|catchment|for everyone|anyone|postcode to use|income|use the centre",
    ),
    (
        "about",
        r"what (?:is|are|do|does|'s|can|services|sort|kind|else)|tell me about|about (?:you|the|your)|explain|do you (?:do|offer|provide)|services|run by|council|surestart|sure start|family hub|difference between|how many (?:centres|sites|buildings)|list of",
    ),
)
_PARTY = re.compile(
    rf"(?<!\w)(?:(?P<n>{NUM}) (?:spaces?|places?|spots?|seats?|slots?|tickets?|of us|people|adults?|parents|families|kids|children|babies|toddlers|mums|persons)|(?:for|us|party of|group of) (?P<m>{NUM})(?= (?:please|of us|people|adults|thanks)|[.,!?]|$))(?!\w)"
)
_PARTY_WORDS = re.compile(
    r"(?<!\w)(?P<both>both of us|the two of us|me and (?:my|a) (?:friend|sister|mate|mum|partner|husband|wife|neighbour|cousin)|myself and (?:my|a) \w+|a friend and (?:me|i)|my (?:friend|sister|neighbour|sister in law) and (?:me|i))(?!\w)"
)
_ORDINAL = {
    "first": "1", "1st": "1", "top": "1", "second": "2", "2nd": "2", "third": "3", "3rd": "3",
    "fourth": "4", "4th": "4", "fifth": "5", "5th": "5", "last": "last", "bottom": "last",
    "final": "last", "middle": "2", "later": "last", "latest": "last", "earlier": "1", "earliest": "1",
    "next": "2", "sixth": "6", "6th": "6",
}  # fmt: skip
_REF = re.compile(
    rf"(?<!\w)(?:(?:number|option|no\.?|#|choice|the number|num) ?(?P<n>\d|one|two|three|four|five|six)|(?:the |that |this |your )?(?P<o>{'|'.join(_ORDINAL)})(?: (?:one|option|session|on the list|on your list|group|class|of those|listed|of them|choice|result|booking|in the list|thing|you said|you listed|you showed)| ?(?:please|pls)?$)|(?P<all>all of (?:them|those|these|it)|all (?:three|four|my bookings|bookings|two)|every(?:thing| one of them| booking)|both(?: of (?:them|those))?|the lot|them all|all)(?= |$|[.,!?]))(?!\w)"
)
_FREE = re.compile(
    r"(?<!\w)(?:free(?! (?:time|slot|spaces?|places?|hours|nursery|on|at|after|before|until|from|childcare|school|days?|that|this|to|in|tomorrow|today|most|all|every|between|now|when|play|_when_|_daypart_))|no cost|without paying|no charge|costs? nothing|for nothing|that don't cost|doesn't cost|don't have to pay|cheap|low cost|on a budget|no money|skint)(?!\w)"
)
_NOT_FREE = re.compile(
    r"(?:i'm|we're|i am|we are|are|am|he's|she's|not|be|only|hands|nut|dairy|gluten|step|sugar|get|smoke|lactose) (?:\w+ )?$"
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
_CHANNEL = _rules(
    ("sms", r"texts?(?! me the)|texting|messages? to my phone|texted|by phone message"),
    ("email", r"emails?|e-mails?|emailing|inbox|emailed"),
)
_SETTING = _rules(
    (
        "off",
        r"off|stop|no more|unsubscribe|don't (?:want|send|need|remind|text|email|message)|cancel (?:the |my |all )?(?:reminders?|alerts?|notifications?|texts?|emails?|newsletter)|without (?:reminders?|alerts?)|opt out|disable|mute|turn (?:them )?off|quit|less|fewer|too many|leave me alone|not (?:get|receive|want)|silence|pause|stopped|end the|remove me from",
    ),
    (
        "on",
        r"on|start|remind me|send me|want|get|set|turn on|enable|text me|email me|would like|subscribe|can you|could you|sign me up|activate|let me know|again|please|switch|opt in|alert me|notify",
    ),
)
_FIELD = _rules(
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
_CONSENT = _rules(
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
_KIND = _rules(
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


def ask(text: str) -> str:
    """The fact asked about a session, "" where none is plain. `text` may be masked."""
    return _first(_ASK, text)


def centre_ask(text: str) -> str:
    return _first(_CENTRE, text)


def asks(text: str) -> tuple[str, ...]:
    """Every fact whose words are there, likeliest first."""
    return tuple(key for key, pattern in _ASK if pattern.search(text))


def party(text: str) -> str:
    """How many places are wanted, "" where none or one is said."""
    if m := _PARTY.search(text):
        n = number(m["n"] or m["m"])
        return str(int(n)) if 1 < n <= 20 and n == int(n) else ""
    return "2" if _PARTY_WORDS.search(text) else ""


def ref(text: str) -> str:
    """Which one on the screen: 1, 2 ..., last or all."""
    m = _REF.search(text)
    if not m:
        return ""
    if m["all"]:
        return "all"
    return str(int(number(m["n"]))) if m["n"] else _ORDINAL[m["o"]]


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
    return _first(_CHANNEL, wanted) or _first(_CHANNEL, text)


def setting(text: str) -> str:
    return _first(_SETTING, text)


def field_of(text: str, *, consent: bool) -> str:
    return _first(_CONSENT if consent else _FIELD, text)


def kind(text: str) -> str:
    return _first(_KIND, text)


def _first(rules: _Rules, text: str) -> str:
    return next((key for key, pattern in rules if pattern.search(text)), "")
