"""Turns of phrase that nearly always mean one thing: account, booking and talk acts.

Each cue has a name that the trained layer weighs; `certain` gives the intent where a whole
message is one of a few fixed sayings.
"""

from __future__ import annotations

import re

_CUES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"(?<!\w)(?:{words})(?!\w)"))
    for name, words in (
        ("cancel", r"cancel\w*|give up (?:my|our)|pull(?:ing)? out|drop(?:ping)? out|un-?book|(?:can't|won't|not|unable to|cant|couldn't|isn't able to|aren't|no longer|not able to|not going to|won't be able to) (?:\w+ ){0,3}(?:come|make|attend|coming|be there|be coming|get there|be able|go)|don't need (?:my|our|the) (?:place|booking|space)|take (?:me|us|my name) off|have to miss|will miss|give (?:my|our|the) (?:place|space|spot)|release (?:my|our)"),
        ("change", r"chang\w+|swap\w*|mov(?:e|ing) (?:my|our|us|me|it|the|from|to)|switch (?:my|our|us|me|it|to|from|day|session)|reschedul\w*|rebook\w*|postpone\w*|instead|transfer|different (?:day|date|time|session)|amend|another (?:day|date|time) instead|push (?:it|my)|bring (?:it|my \w+) forward"),
        ("book", r"book(?:ing)?(?! in advance| club)|reserve|sign (?:me|us|up|him|her|my)|put (?:me|us|him|her|my \w+|our names?) (?:down|on|in)|enrol\w*|save (?:me|us)|(?:a|get|have|want|need|secure|\d) (?:place|space|spot|slot)s?|count (?:me|us) in|get (?:me|us) (?:on|a|in)|add (?:me|us)|i'll take|we'd like to come"),
        ("wait list", r"waiting list|wait list|waitlist|waiting-list|reserve list|standby|stand by|drops? out|pulls? out|(?:place|space|spot|slot)s? (?:comes? up|becomes?|opens?|frees?|goes free|available)|if (?:any|some)(?:one|body) cancels|cancellation list|next in line|queue"),
        ("mine", r"my (?:bookings?|place|sessions?|appointments?|reservations?|spot|slot)|(?:have|did|am|do|are|was|is|has|what|when) (?:i|we|my \w+) (?:booked|book|got a place|get a place|booked in|down for|have booked|got booked|signed up|booking)|booked (?:in|on)|confirmation|confirmed|go through|went through"),
        ("remind", r"remind\w*|notif\w+|alerts?|texts? (?:me|us)|push messages"),
        ("stop", r"stop|turn off|switch off|unsubscribe|opt out|no more|disable|mute"),
        ("register", r"regist(?:er|ered|ration|ering)|sign(?:ing)? up|join(?:ing)?|become a member|membership|new family|enrol as"),
        ("form", r"form|forms|submit|error|link|page won't|won't load|online form|website"),
        ("details", r"(?:new|change|update|changed|different|correct|wrong|edit|amend) (?:\w+ ){0,3}(?:address|number|phone|email|name|details|surname|information|postcode|date of birth|record)|moved (?:house|home|flat|to)|had (?:my|the|our) baby|gave birth|add (?:my|a|another|our|the)"),
        ("data", r"(?:data|records?|information|details|file) (?:\w+ ){0,4}(?:hold|held|keep|kept|have|about|on|share|shared|stored|safe|used)|gdpr|subject access|privacy|copy of|who (?:sees|can see)|what do you (?:know|hold|keep|have on)|see my (?:data|file|records?)|download|confidential"),
        ("delete", r"delete|erase|wipe|remove (?:all|everything|me|my (?:data|account|details|information|family))|close (?:my|our) account|forget me|forgotten|get rid of my|deregister"),
        ("consent", r"consent|permission|photos?|pictures?|newsletter|mailing list|marketing|(?:don't|stop|not) (?:share|sharing|use|using|pass|tell)|agree\w* to|research"),
        ("person", r"(?:talk|speak|chat) (?:to|with) (?:a|an|some|any|the|your|one of|somebody|someone|me|real|staff|reception)|human|real person|call (?:me|us)|ring (?:me|us)|call ?back|phone me|put me through|agent|operator|member of staff|manager|reception|contact me"),
        ("support", r"refer(?:ral|red)?(?: me| us)?|family (?:support )?worker|support worker|key ?worker|one to one|1 to 1|1:1|home visit|early help|outreach|visit (?:us|me)|come (?:to|round|out to) (?:my|our|us)|support (?:for )?(?:our|my|us|me)(?: family)?|help (?:our|my) family|practitioner|home ?-?start"),
        ("complain", r"complain\w*|rude|disappoint\w*|unhappy|terrible|disgust\w*|rubbish|unfair|appalling|awful|locked|turned up|nobody|no one (?:called|rang|answered)|let down|not (?:good enough|acceptable|happy)|dirty|filthy"),
        ("praise", r"lovely|brilliant|amazing|fantastic|wonderful|loved|great|best|fab|kind|excellent|well done|lifesaver"),
        ("suggest", r"you should|should (?:do|run|have|open)|suggest\w*|would be (?:good|nice|great|lovely)|why don't you|wish you|can you (?:run|do more|put on|start|bring back)|more (?:groups|sessions|classes) (?:in|at|for|on)|bring back|need more"),
        ("language", r"(?:speak|talk|chat|write|in|into|change|switch|to|language|translate|interpreter|translator|translation) (?:\w+ ){0,3}(?:polish|romanian|punjabi|panjabi|nepali|bengali|turkish|ukrainian|arabic|tamil|chinese|mandarin|cantonese|lithuanian|bulgarian|yoruba|urdu|somali|spanish|french|portuguese|hindi|gujarati|albanian|russian|italian|german|farsi|english|vietnamese|bsl)|language|interpret\w*|translat\w*|my english|no english|don't (?:speak|understand) english"),
        ("learn english", r"(?:learn|improve|classes?|lessons?|course|practi[sc]e|study|better|teach) (?:\w+ ){0,3}english|english (?:\w+ )?(?:class(?:es)?|lessons?|course|conversation)|esol"),
        ("weather", r"weather|rain(?:ing|y)?|snow(?:ing)?|sunny|forecast|umbrella|hot outside|degrees outside"),
        ("football", r"football|match|score|premier league|arsenal|chelsea|spurs|tottenham|liverpool|man u(?:nited)?|west ham|charlton|world cup|goal|england play"),
        ("bins", r"bins?|recycling|pothole|council tax(?! (?:reduction|support|help))|parking (?:permit|fine|ticket)|fly ?tipping|planning permission|library card|street ?light|bulky|electoral|registrar|register (?:a )?(?:death|birth|to vote)|bus pass|blue badge app\w*|dog (?:fouling|poo)|graffiti|pest control|rats|noise complaint|vote|passport|driving licen[cs]e"),
        ("inject", r"ignore (?:all |your |the |any |previous |my )+|previous instructions|system prompt|your prompt|developer mode|(?:act|pretend) (?:as|to be|like|you)|you are now|drop table|select \*|<script|sudo|jailbreak|disregard|override|forget (?:your|all|the) (?:rules|instructions)|instructions|unrestricted|admin|password|or 1=1|--|\{\{|repeat (?:everything|the words)|no rules|dan"),
        ("other person", r"(?:is|has|did|does|was|are) (?:my (?:ex|husband|wife|sister|neighbour|friend|partner|mum|mother in law|brother)|the \w+ family|a family|mrs \w+|\w+ \w+son|anyone called) (?:\w+ )*(?:booked|book|coming|come|attend\w*|registered|going|been|signed|use|there)|who else|(?:other|another|someone else's|other people's|her|his|their) (?:parent|family|booking|mum|details|number|address|email)s?|phone number of|list of (?:all )?(?:the )?(?:mums|parents|families|people|names)|which (?:mums|families|parents)"),
        ("swear", r"fuck\w*|shit\w*|stupid|idiot|useless bot|shut up|piss off|dickhead|wanker|bastard|bitch|moron|dumb|f off|wtf|screw you|go to hell"),
        ("legal", r"solicitor|lawyer|divorce|custody|court|legal(?:ly)?|sue|cafcass|maintenance|deed poll|mediation"),
        ("product", r"which (?:\w+ )?(?:pram|buggy|cot|formula|nappies|car seat|monitor|pushchair|sling|carrier|brand)|best (?:\w+ )?(?:pram|buggy|cot|formula|nappies|car seat|monitor|pushchair|sling|carrier|bottles?)|recommend (?:a|any) (?:\w+ )?(?:pram|buggy|cot|brand|monitor|sling|carrier|product|bottle|thermometer)"),
        ("hire", r"hire|hiring|birthday party|parties|rent (?:a|the)"),
        ("hours", r"opening (?:hours|times)|open|close[sd]?|closing|shut"),
        ("where", r"where|address|postcode|located|location"),
        ("how much", r"how much|cost|price|fee|charge|free|pay"),
        ("what time", r"what time|when|what day|times?"),
        ("show", r"what's on|what is on|what (?:have you|do you have|you) got|whats on|anything|any (?:groups?|classes|sessions|activities|clubs)|groups?|sessions?|classes|activities|things to do|timetable|programme|events|playgroups?|clubs?|what (?:can|could) (?:i|we) do"),
        ("need to", r"do (?:i|we|you) (?:need|have)|must (?:i|we)|have to"),
        ("can i", r"(?:can|could|may) (?:i|we|my \w+|he|she)"),
        ("problem", r"(?:isn't|not|won't|doesn't|can't|stopped|trouble|problem|struggling|worried|worry|concerned|help with|tips|advice|how do i (?:get|stop|help|deal))"),
        ("feeling", r"(?:i feel|i'm|feeling|i've been|felt|i am) (?:\w+ )?(?:low|sad|depressed|anxious|lonely|stressed|overwhelmed|down|alone|isolated|tired|exhausted|worried|scared|tearful|numb|guilty|angry)"),
    )
)  # fmt: skip


def cues(masked: str) -> list[str]:
    """The names of the cues that a text holds."""
    return [name for name, pattern in _CUES if pattern.search(masked)]
