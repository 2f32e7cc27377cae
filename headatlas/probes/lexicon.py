"""The words of the grammar's sentences, with what the grammar needs to know of them."""

from __future__ import annotations

# What a pronoun can refer to: f she, m he, p they, n it. A singular noun such as "farmer" is c: he or she.
PRONOUNS = {
    "f": ("she", "her", "her"),
    "m": ("he", "him", "his"),
    "p": ("they", "them", "their"),
    "n": ("it", "it", "its"),
}
CLASHES = {"f": "fc", "m": "mc", "p": "p", "n": "n", "": ""}
NAMES = {"f": "Anna Mary Emma Alice Sarah Julia".split(), "m": "Peter John David Robert Daniel Martin".split()}

# Nouns, each with the nouns that may stand between it and its adjectives ("the old hotel kitchen door").
NOUNS: dict[str, dict[str, str]] = {
    "f": {
        "woman": "village|city|mountain village",
        "girl": "village|farm|school|village school",
        "queen": "",
        "princess": "",
    },
    "m": {
        "man": "village|city|mountain village",
        "boy": "village|farm|school|village school",
        "king": "",
        "prince": "",
    },
    "c": {
        "farmer": "village|sheep|mountain sheep",
        "teacher": "school|music|singing|village school|art history",
        "doctor": "village|family|hospital|prison hospital",
        "driver": "taxi|bus|truck|school bus|night train",
        "guard": "prison|hotel|museum|art museum|bank building",
        "student": "law|music|nursing|art history|music school",
        "writer": "travel|history|crime|newspaper crime|television crime",
        "lawyer": "city|family|company|city tax|state company",
        "nurse": "hospital|school|village school|army hospital",
        "officer": "police|army|city police|airport police",
    },
    "portable": {
        "box": "tool|sewing|kitchen tool|garden tool",
        "bag": "paper|sleeping|travel|office paper",
        "lamp": "desk|reading|street|hotel desk|office desk",
        "clock": "kitchen|office|station|church tower|hotel kitchen",
        "coat": "winter|summer|school winter|army winter",
        "book": "history|picture|law|art history|school music",
        "key": "house|car|office|hotel room|hotel car",
        "picture": "family|wedding|school|family wedding|summer holiday",
        "chair": "kitchen|garden|rocking|hotel garden|school kitchen",
        "table": "dining|garden|coffee|hotel dining|school garden",
    },
    "large": {
        "door": "kitchen|church|school|hotel kitchen|police station",
        "gate": "garden|school|city|hotel garden|prison garden",
        "window": "kitchen|shop|office|hotel kitchen|flower shop",
        "house": "farm|beach|boarding|family beach|mountain farm",
        "bridge": "city|river|railway|city railway|mountain railway",
        "wall": "garden|prison|climbing|palace garden|school garden",
        "boat": "river|police|fishing|river police|city fishing",
        "tree": "apple|garden|forest|hotel garden|palace garden",
    },
    "place": {
        "station": "bus|train|police|city bus|village train",
        "market": "fish|flower|village|city fish|village flower",
        "library": "school|city|law|village school|city law",
        "garden": "hotel|palace|school|city palace|music school",
        "shop": "flower|book|coffee|hotel book|city flower",
        "church": "village|city|mountain|mountain village|river village",
        "museum": "art|city|history|city art|family history",
        "hotel": "beach|city|mountain|family beach|city airport",
    },
    "event": {
        "meeting": "school|office|family|village school|city office",
        "party": "summer|family|office|family summer|beach summer",
        "concert": "school|summer|church|village school|city music",
        "lesson": "music|history|school|art history|school music",
    },
}
PERSONS = "fmc"
THINGS = ("portable", "large")
PLACES = ("large", "place")
ADJECTIVES = {
    "person": "young old tall tired kind clever proud famous bearded smiling limping retired wounded shivering".split(),
    "thing": (
        "old new small red blue cheap strange beautiful plain painted rusted shining faded leaking crooked".split()
    ),
    "event": "long short strange quiet boring wonderful terrible".split(),
}
# "very red" and "very smiling" read oddly.
UNGRADED = set(
    "red blue bearded smiling limping retired wounded shivering painted rusted shining faded leaking".split()
)
# Function words among them, so that the nearest one is not always the noun's determiner.
DEGREES = ("very", "rather", "not very", "not so", "no longer")
STAGES = ("still", "already", "no longer")
ASIDES = ("as we know", "as you see", "as you know", "I think", "we hear", "I am told")  # between commas
SINGULAR_DETERMINERS = "the the the the a a this".split()
PLURAL_DETERMINERS = "the the the these those some".split()
OWNERS = "my our your".split()
NEAR = "near behind beside".split()
PREPOSITIONS = [*NEAR, "outside"]

# Base form, past tense, past participle, present participle. Many have no form in -ed: the adjectives and nouns above
# that end in -ed or -ing must not be taken for them.
VERBS = {
    "portable": (
        "carry carried carried carrying|buy bought bought buying|sell sold sold selling|hide hid hidden hiding|"
        "find found found finding|lose lost lost losing|draw drew drawn drawing|choose chose chosen choosing|"
        "pick up picked up picked up picking up|steal stole stolen stealing|break broke broken breaking"
    ),
    "large": (
        "clean cleaned cleaned cleaning|draw drew drawn drawing|choose chose chosen choosing|find found found finding|"
        "repair repaired repaired repairing|buy bought bought buying|build built built building"
    ),
    "person": (
        "thank thanked thanked thanking|catch caught caught catching|help helped helped helping|meet met met meeting|"
        "hear heard heard hearing|visit visited visited visiting|find found found finding|"
        "teach taught taught teaching|follow followed followed following"
    ),
    "giving": (
        "give gave given giving|show showed shown showing|send sent sent sending|offer offered offered offering|"
        "sell sold sold selling|bring brought brought bringing|lend lent lent lending"
    ),
    "nothing": (
        "sleep slept slept sleeping|wait waited waited waiting|work worked worked working|sing sang sung singing|"
        "laugh laughed laughed laughing|sit sat sat sitting|stand stood stood standing|speak spoke spoken speaking"
    ),
}
MOODS = "tired late hungry afraid ill busy angry sad".split()
STATES = "dirty expensive beautiful ugly old new strange".split()
CAREFUL = ["quietly", "carefully", "very quietly", "very carefully", "quietly and carefully"]
POLITE = ["quietly", "politely", "very politely", "quietly and politely"]
MANNERS = {
    "portable": CAREFUL,
    "large": CAREFUL,
    "person": POLITE,
    "giving": POLITE,
    "nothing": ["quietly", "quite happily"],
}
ADVERBS = {
    "simple": ["often", "always", "rarely", "never", "almost always", "very often"],
    "perfect": ["already", "not", "never", "not yet"],
    "progressive": ["still", "not", "no longer", "not yet"],
    "modal": ["probably", "not", "no longer", "not so soon"],
    "do": ["not", "not always", "not really", "not very often"],
}
OPENERS = "Luckily Sadly Surprisingly".split()
