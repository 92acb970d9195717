"""Which fact is asked about a session or a building, by rules; `choices.py` has the small slots."""

from __future__ import annotations

import re

Rules = tuple[tuple[str, re.Pattern[str]], ...]


def rules(*pairs: tuple[str, str]) -> Rules:
    """Keys with the words that stand for them, in the order they are tried."""
    return tuple((key, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for key, words in pairs)


#: The fact asked about a session or a building; the first that matches wins.
_ASK = rules(
    ("refund", r"refund\w*|money back|reimburse\w*|get my money|lose my money"),
    (
        "payment",
        r"how (?:do|can|should) (?:i|we|you) pay|pay (?:by|with|on|at|in|online|cash|card|weekly|upfront|up front|in instalments|for it)|(?:take|accept) (?:cards?|cash|card payments?|vouchers)|card or cash|cash or card|cash only|card payments?|contactless|pay when|pay each|pay up ?front|pay on the day|bank transfer|instalments?|apple pay|need cash|bring cash",
    ),
    (
        "price",
        r"how much|how many (?:money|pounds|pay)|costs?|price[sd]?|pricing|fees?|charges?|charged|expensive|cheap|free of charge|is (?:it|that|this|everything|the \w+|_what_) (?:all )?free|are (?:they|these|the sessions|_what_) (?:all )?free|(?:do|does|will) (?:i|we|you|it) (?:have to |need to |got to )?(?:pay|cost)|any charge|£|quid|donation|is there a fee|pay anything|free or (?:paid|not)|subsidised|what's the damage|set me back|discount\w*|concession\w*",
    ),
    (
        "parking",
        r"park(?:ing|ed)?(?! play)(?=\b)|car ?park|blue badge|where to leave the car|leave (?:my|the|our) car|spaces for cars",
    ),
    ("buggy", r"bugg(?:y|ies)|prams?|pushchairs?|strollers?|double pram|travel system"),
    (
        "access",
        r"wheel ?chairs?(?! user group)|step[ -]?free|steps|stairs|lift|ramps?|accessib\w+|disabled (?:access|toilets?|parking|friendly)|mobility|crutches|hearing loop|(?:a|any) steps? (?:at|to|up|down|by|into)|bsl|sign language interpreter|assistance dog|guide dog|easy access|accessible",
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
        r"(?:need to|should|have to|do|must|can|shall|to|what) (?:i |we |you |to )*(?:need to )?bring(?!.*\b(?:sister|brother|sibling|older|other (?:child|kid)|son|daughter|friend|mum|partner|husband|nan|children)\b)|bring (?:anything|something|a|my own|our own|towels?|mats?|clothes|nappies|blanket|oil|own)|what to (?:bring|wear|pack|take)|wear|towels?|dress (?:code|in)|old clothes|(?:mats?|blankets?|oils?|aprons?|overalls?|towels?|equipment|everything) (?:provided|supplied|included|given)|provide (?:the )?(?:mats?|blankets?|oils?|towels?|aprons?)|change of clothes|spare clothes|take with (?:me|us)|need anything with",
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
        r"(?:where|which|what) place|where (?:it is|they are|this)|where(?:'s| is| are| do| does| will| abouts| about|'re|s| can i (?:find|go)| at)|whereabouts|location|venues?(?! hire)|which (?:centre|building|library|place|venue|room|church|hall|site)|what (?:centre|building|library|place|venue|room|address|hall|site|location)|what(?:'s| is) the (?:address|postcode)|post ?code|address|held at|upstairs|find (?:it|you)",
    ),
    (
        "time",
        r"what time|(?:what|which) hour|what(?:'s| is) the time|when(?:'s| is| are| do| does| will| abouts|s)|times?(?! out| off| mum)(?=\W|$)|what day|which day|what days|which days|start(?:s|ing)? at|how often|how early|what hour|weekly|times of|doors open|timings?|day and time|kick off|how regular|fortnightly|is it (?:on )?every|what o'clock",
    ),
)

#: Facts about a building or the service that a session does not have.
_CENTRE = rules(
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


def ask(text: str) -> str:
    """The fact asked about a session, "" where none is plain. `text` may be masked."""
    return first(_ASK, text)


def centre_ask(text: str) -> str:
    return first(_CENTRE, text)


def asks(text: str) -> tuple[str, ...]:
    """Every fact whose words are there, likeliest first."""
    return tuple(key for key, pattern in _ASK if pattern.search(text))


def first(tried: Rules, text: str) -> str:
    """The key of the first rule found in a text, else ""."""
    return next((key for key, pattern in tried if pattern.search(text)), "")
