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
        "teacher": "school|music|history|village school|art history",
        "doctor": "village|family|hospital|prison hospital",
        "driver": "taxi|bus|truck|school bus|night train",
        "guard": "prison|hotel|museum|art museum|bank building",
        "student": "law|music|history|art history|music school",
        "writer": "travel|history|crime|newspaper crime|television crime",
        "lawyer": "city|family|company|city tax|state company",
        "nurse": "hospital|school|village school|army hospital",
        "officer": "police|army|city police|airport police",
    },
    "portable": {
        "box": "tool|paper|kitchen tool|garden tool",
        "bag": "paper|school|travel|office paper",
        "lamp": "desk|kitchen|street|hotel desk|office desk",
        "clock": "kitchen|office|station|church tower|hotel kitchen",
        "coat": "winter|summer|school winter|army winter",
        "book": "history|picture|law|art history|school music",
        "key": "house|car|office|hotel room|hotel car",
        "picture": "family|wedding|school|family wedding|summer holiday",
        "chair": "kitchen|garden|office|hotel garden|school kitchen",
        "table": "kitchen|garden|coffee|hotel kitchen|school garden",
    },
    "large": {
        "door": "kitchen|church|school|hotel kitchen|police station",
        "gate": "garden|school|city|hotel garden|prison garden",
        "window": "kitchen|shop|office|hotel kitchen|flower shop",
        "house": "farm|beach|village|family beach|mountain farm",
        "bridge": "city|river|railway|city railway|mountain railway",
        "wall": "garden|prison|city|palace garden|school garden",
        "boat": "river|police|family|river police|city river",
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
    "person": "young old tall tired kind quiet clever happy proud angry famous friendly".split(),
    "thing": "old new small large red blue green black white dirty cheap strange beautiful plain simple".split(),
    "event": "long short strange quiet boring wonderful terrible".split(),
}
UNGRADED = set("red blue green black white".split())  # "very red" reads oddly
DEGREES = "very rather quite really".split()
SINGULAR_DETERMINERS = "the the the the a a this".split()
PLURAL_DETERMINERS = "the the the these those some".split()
OWNERS = "my our your".split()
NEAR = "near behind beside".split()
PREPOSITIONS = [*NEAR, "outside"]

# Base form, past tense, past participle, present participle.
VERBS = {
    "portable": (
        "carry carried carried carrying|buy bought bought buying|sell sold sold selling|hide hid hidden hiding|"
        "clean cleaned cleaned cleaning|move moved moved moving|draw drew drawn drawing|choose chose chosen choosing|"
        "pick up picked up picked up picking up"
    ),
    "large": (
        "paint painted painted painting|clean cleaned cleaned cleaning|draw drew drawn drawing|"
        "repair repaired repaired repairing|watch watched watched watching|buy bought bought buying|"
        "describe described described describing"
    ),
    "person": (
        "thank thanked thanked thanking|call called called calling|help helped helped helping|meet met met meeting|"
        "greet greeted greeted greeting|visit visited visited visiting|invite invited invited inviting|"
        "praise praised praised praising|follow followed followed following"
    ),
    "giving": (
        "give gave given giving|show showed shown showing|send sent sent sending|offer offered offered offering|"
        "sell sold sold selling|bring brought brought bringing"
    ),
    "nothing": (
        "sleep slept slept sleeping|wait waited waited waiting|work worked worked working|sing sang sung singing|"
        "laugh laughed laughed laughing|sit sat sat sitting"
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
    "perfect": ["already", "never", "finally", "not yet"],
    "progressive": ["still", "not", "probably", "almost certainly"],
    "modal": ["probably", "never", "not", "soon", "almost certainly", "very soon"],
    "do": ["not", "not always", "not really", "not very often"],
}
OPENERS = "Luckily Sadly Surprisingly".split()
