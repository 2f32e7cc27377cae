"""English sentences from a small grammar that knows its own relations: what syntactic heads are measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from headatlas.marked import MarkedText
from headatlas.probes import DoesNotFit, ProbeContext, probe

if TYPE_CHECKING:
    import numpy as np

    from headatlas.tokens import TokenSequence

T = TypeVar("T")

N_TEXTS = 64
FEWEST = 16  # with fewer sentences than this the scores would say little

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
    "f": {"woman": "village", "girl": "village|farm|school", "queen": "", "princess": ""},
    "m": {"man": "village", "boy": "village|farm|school", "king": "", "prince": ""},
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
    "event": "long short strange quiet boring wonderful terrible famous".split(),
}
UNGRADED = set("red blue green black white".split())  # "very red" reads oddly
DEGREES = "very rather quite really".split()
SINGULAR_DETERMINERS = "the the the a a this that every".split()
PLURAL_DETERMINERS = "the the the these those some".split()
OWNERS = "my our your".split()
PREPOSITIONS = "near behind beside outside".split()

# Base form, past tense, past participle, present participle.
VERBS = {
    "portable": (
        "carry carried carried carrying|find found found finding|buy bought bought buying|sell sold sold selling|"
        "hide hid hidden hiding|lose lost lost losing|clean cleaned cleaned cleaning|move moved moved moving|"
        "draw drew drawn drawing|choose chose chosen choosing|pick up picked up picked up picking up"
    ),
    "large": (
        "paint painted painted painting|clean cleaned cleaned cleaning|draw drew drawn drawing|"
        "find found found finding|repair repaired repaired repairing|watch watched watched watching|"
        "describe described described describing|buy bought bought buying"
    ),
    "person": (
        "thank thanked thanked thanking|call called called calling|follow followed followed following|"
        "help helped helped helping|meet met met meeting|visit visited visited visiting|"
        "watch watched watched watching|invite invited invited inviting|praise praised praised praising"
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
MOODS = "tired late hungry afraid alone ill busy lost angry early".split()
STATES = "dirty broken expensive beautiful ugly old new clean wet".split()
MANNERS = ["slowly", "quietly", "carefully", "very slowly", "very quietly", "slowly and carefully"]
ADVERBS = {
    "simple": ["often", "always", "rarely", "never", "almost always", "very often", *MANNERS],
    "perfect": ["already", "never", "finally", "almost certainly", "not yet", *MANNERS],
    "progressive": ["still", "not", "probably", "almost certainly", "quite often", *MANNERS],
    "modal": ["probably", "never", "not", "soon", "almost certainly", "very soon", *MANNERS],
    "do": ["not", "not always", "not really", "not very often"],
}
OPENERS = "Luckily Sadly Perhaps Surprisingly".split()


@dataclass(frozen=True)
class _Word:
    """A word and its roles; `tight` says that no space stands before it."""

    text: str
    roles: dict[str, int] = field(default_factory=dict)
    tight: bool = False


@dataclass(frozen=True)
class _Phrase:
    """Words around a noun, and what the noun is: plural or not, and whether it is a name."""

    words: list[_Word]
    plural: bool
    name: bool = False


COMMA = _Word(",", tight=True)


def _words(text: str) -> list[_Word]:
    """Words without roles."""
    return [_Word(word) for word in text.split()]


def _with_s(word: str) -> str:
    """A noun's plural, or a verb's third person."""
    if word in {"man", "woman"}:
        return word[:-2] + "en"
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


class _Writer:
    """Makes one text; numbers its groups, and keeps out nouns that a pronoun could be taken to refer to."""

    def __init__(self, random: np.random.Generator, feature: str) -> None:
        self.random = random
        self.feature = feature
        self.used: set[str] = set()
        self.groups = 0

    def group(self) -> int:
        """A number that was not used before in this text."""
        self.groups += 1
        return self.groups - 1

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[int(self.random.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return bool(self.random.random() < share)

    def fresh(self, options: Sequence[str]) -> str:
        """One of the words that this text does not have yet."""
        word = self.pick([one for one in options if one not in self.used] or options)
        self.used.add(word)
        return word

    # Noun phrases

    def person(self, short: bool = False, **roles: int) -> _Phrase:
        """Somebody whom the text's pronoun cannot mean."""
        shunned = CLASHES[self.feature]
        kinds = [kind for kind in "fmcccc" if kind not in shunned]
        kind = self.pick(kinds)
        if kind in NAMES and self.chance(0.5):
            return self.name(kind, **roles)
        plural = "p" not in shunned and self.chance(0.4)
        return self.noun_phrase(kind, plural, short, **roles)

    def thing(self, kinds: Sequence[str], short: bool = False, **roles: int) -> _Phrase:
        """Something that the text's pronoun cannot mean."""
        plural = self.feature == "n" or (self.feature != "p" and self.chance(0.5))
        return self.noun_phrase(self.pick(kinds), plural, short, **roles)

    def name(self, kind: str, **roles: int) -> _Phrase:
        """A name."""
        return _Phrase([_Word(self.fresh(NAMES[kind]), roles)], plural=False, name=True)

    def noun_phrase(self, kind: str, plural: bool, short: bool = False, **roles: int) -> _Phrase:
        """A noun with its roles, and before it a determiner or possessor, adjectives and other nouns."""
        group = self.group()
        noun = self.fresh(list(NOUNS[kind]))
        compounds = [one.split() for one in NOUNS[kind][noun].split("|") if one]
        kind = "person" if kind in PERSONS else "thing" if kind in (*THINGS, "place") else kind
        adjectives: list[_Word] = []
        if not short and self.chance(0.55 if compounds else 0.2):
            adjectives = self.adjectives(ADJECTIVES[kind], group)
        between = self.random.choice(3, p=(0.45, 0.3, 0.25)) if adjectives or self.chance(0.35) else 0
        fitting = [one for one in compounds if len(one) == between and not self.used & set(one)]
        inner = [*adjectives, *(_words(" ".join(self.pick(fitting))) if fitting and not short else [])]
        self.used.update(word.text for word in inner)
        head = _Word(_with_s(noun) if plural else noun, {"noun": group, **roles})
        return _Phrase([*self.opening(kind, plural, [*inner, head], group, short), *inner, head], plural)

    def adjectives(self, options: Sequence[str], group: int) -> list[_Word]:
        """One adjective, or two with "and" or a comma between them; perhaps with an adverb of degree."""
        words: list[_Word] = []
        for number in range(2 if self.chance(0.3) else 1):
            if number:
                words.append(_Word("and") if self.chance(0.7) else COMMA)
            adjective = self.fresh(options)
            if adjective not in UNGRADED and self.chance(0.2):
                words.append(_Word(self.pick(DEGREES)))
            words.append(_Word(adjective, {"adj": group}))
        return words

    def opening(self, kind: str, plural: bool, rest: list[_Word], group: int, short: bool) -> list[_Word]:
        """What a noun phrase begins with: a determiner, a possessor, or nothing before a bare plural."""
        if kind == "thing" and not short and self.chance(0.3):
            if self.chance(0.3):
                return [_Word(self.pick(OWNERS), {"possessor": group})]
            owner = self.person(short=self.chance(0.7), possessor=group)
            ending = "'" if owner.words[-1].text.endswith("s") else "'s"
            return [*owner.words, _Word(ending, tight=True)]
        if plural and self.chance(0.25):
            return []
        determiner = self.pick(PLURAL_DETERMINERS if plural else SINGULAR_DETERMINERS)
        if determiner == "a" and rest[0].text[0] in "aeiou":
            determiner = "an"
        return [_Word(determiner, {"det": group})]

    def subject(self, group: int) -> _Phrase:
        """Somebody as a subject, perhaps with something between the noun and the verb to come."""
        return self.extended(self.person(subject=group), "person")

    def extended(self, phrase: _Phrase, kind: str, share: float = 0.6) -> _Phrase:
        """A noun phrase with a prepositional phrase or a relative clause after it, in this share of cases."""
        if phrase.name or not self.chance(share):
            return phrase
        if self.chance(0.5):
            after = self.place()
        elif kind == "person":
            after = [_Word("who"), *self.predicate(self.group(), phrase.plural, "transitive", "past")]
        else:
            group = self.group()
            owner = self.person(subject=group)
            after = [_Word("that"), *owner.words, *self.verb(group, "large", owner.plural, "past")]
        return _Phrase([*phrase.words, *after], phrase.plural)

    # Prepositional phrases

    def place(self) -> list[_Word]:
        """Where something is or happens."""
        group = self.group()
        if self.chance(0.3):
            other = self.person(prep_object=group)
        else:
            other = self.thing(PLACES, prep_object=group)
        return [_Word(self.pick(PREPOSITIONS), {"prep": group}), *other.words]

    def fronted(self) -> list[_Word]:
        """What a sentence may begin with, a comma after it; often nothing."""
        if self.chance(0.6):
            return []
        if self.chance(0.3):
            return [_Word(self.pick(OPENERS)), COMMA]
        if self.chance(0.5):
            return [*self.place(), COMMA]
        group = self.group()
        event = self.thing(("event",), prep_object=group)
        return [_Word(self.pick(("after", "before", "during")), {"prep": group}), *event.words, COMMA]

    # Verbs and what follows them

    def verb(self, group: int, kind: str, plural: bool, tense: str = "", ask: _Phrase | None = None) -> list[_Word]:
        """A verb with its auxiliary and adverbs; for a question, `ask` is the subject that goes between them."""
        base, past, participle, progressive = self.forms(kind)
        tense = tense or self.pick(("past", "present"))
        form = self.pick(("do", "modal", "perfect") if ask else ("simple", "simple", "do", "perfect", "progressive"))
        if tense == "present" and form == "do" and self.chance(0.6):
            form = "modal"
        share = {"do": 1.0, "simple": 0.3}.get(form, 0.6)
        adverbs = _words(self.pick(ADVERBS[form])) if not ask and self.chance(share) else []
        if form == "simple":
            first, *particle = (past if tense == "past" else base).split()
            if tense == "present" and not plural:
                first = _with_s(first)
            return [*adverbs, _Word(first, {"verb": group}), *map(_Word, particle)]
        if form == "modal":
            auxiliary = self.pick(("could", "would", "should") if tense == "past" else ("will", "can", "must", "may"))
        elif tense == "past":
            auxiliary = {"do": "did", "perfect": "had", "progressive": "were" if plural else "was"}[form]
        else:
            forms = {"do": ("does", "do"), "perfect": ("has", "have"), "progressive": ("is", "are")}
            auxiliary = forms[form][plural]
        main = {"perfect": participle, "progressive": progressive}.get(form, base)
        first, *particle = main.split()
        between = ask.words if ask else adverbs
        return [
            _Word(auxiliary, {"aux": group}),
            *between,
            _Word(first, {"verb": group}),
            *map(_Word, particle),
        ]

    def forms(self, kind: str) -> tuple[str, str, str, str]:
        """The four forms of a verb; those with a particle have it in each of them."""
        words = self.pick(VERBS[kind].split("|")).split()
        size = len(words) // 4
        base, past, participle, progressive = (" ".join(words[i * size : (i + 1) * size]) for i in range(4))
        return base, past, participle, progressive

    def predicate(self, group: int, plural: bool, kind: str, tense: str = "") -> list[_Word]:
        """A verb and what follows it, for a subject in this number."""
        if kind == "transitive":
            thing = self.pick(THINGS)
            verb = self.verb(group, thing, plural, tense)
            return [*verb, *self.thing((thing,), object=group).words]
        if kind == "giving":
            verb = self.verb(group, "giving", plural, tense)
            receiver = self.person(short=self.chance(0.5))
            return [*verb, *receiver.words, *self.thing(("portable",), object=group).words]
        if kind == "social":
            return [*self.verb(group, "person", plural, tense), *self.person(object=group).words]
        if kind == "intransitive":
            return [*self.verb(group, "nothing", plural, tense), *self.place()]
        return self.state(group, plural, MOODS if kind == "mood" else STATES, tense)

    def state(self, group: int, plural: bool, options: Sequence[str], tense: str = "") -> list[_Word]:
        """A form of "be" and an adjective."""
        present, past = ("are", "were") if plural else ("is", "was")
        form = past if (tense or self.pick(("past", "present"))) == "past" else present
        degree = [_Word(self.pick(("very", "always", "often", "still")))] if self.chance(0.4) else []
        return [_Word(form, {"verb": group}), *degree, _Word(self.pick(options))]

    # Sentences

    def sentence(self) -> list[_Word]:
        """A sentence without a pronoun."""
        group = self.group()
        kind = self.pick(("transitive", "transitive", "giving", "social", "intransitive", "state", "state", "question"))
        if kind == "question":
            subject = self.subject(group)
            thing = self.pick(THINGS)
            verb = self.verb(group, thing, subject.plural, ask=subject)
            return self.finished([*verb, *self.thing((thing,), object=group).words], "?")
        opening = self.fronted()
        if kind == "state":
            subject = self.extended(self.thing(THINGS, subject=group), "thing", share=0.9)
        else:
            subject = self.subject(group)
        words = [*opening, *subject.words, *self.predicate(group, subject.plural, kind)]
        if kind in {"transitive", "social"} and self.chance(0.3):
            words += self.place()
        return self.finished(words)

    def finished(self, words: list[_Word], mark: str = ".") -> list[_Word]:
        """A sentence with a capital and a full stop."""
        first = _Word(words[0].text[0].upper() + words[0].text[1:], words[0].roles)
        return [first, *words[1:], _Word(mark, tight=True)]

    def pronoun_text(self) -> list[_Word]:
        """One or two sentences with a pronoun: only one noun before it agrees with it."""
        group = self.group()
        kind = self.pick(("because", "when", "then", "object", "possessive"))
        if self.feature == "n":
            return self.text_about_it(group, self.pick(("because", "then")))
        clause = self.group()
        plural = self.feature == "p"
        leads = self.chance(0.5)  # whether the antecedent is the subject of its clause, or its object
        hero = self.hero(antecedent=group, **{"subject" if leads else "object": clause})
        if leads and not hero.name:
            hero = self.extended(hero, "thing", share=0) if self.chance(0.5) else self.placed(hero)
        other = self.person(**{"object" if leads else "subject": clause})
        first, second = (hero, other) if leads else (other, hero)
        verb = self.verb(clause, "person", first.plural, "past")
        met = [*first.words, *verb, *second.words]
        he, him, his = (_Word(form, {"pronoun": group}) for form in PRONOUNS[self.feature])
        inner = self.group()
        subject = _Word(he.text, {"pronoun": group, "subject": inner})
        if kind == "because":
            end = self.place() if self.chance(0.4) else []
            state = self.predicate(inner, plural, "mood", "past")
            return self.finished([*met, *end, _Word("because"), subject, *state])
        if kind == "when":
            then = self.predicate(inner, plural, self.pick(("transitive", "intransitive")), "past")
            return self.finished([_Word(self.pick(("when", "while", "after"))), *met, COMMA, subject, *then])
        if kind == "then":
            then = self.predicate(inner, plural, self.pick(("transitive", "intransitive", "giving")), "past")
            return [*self.finished(met), *self.finished([*self.fronted(), subject, *then])]
        if kind == "object":
            agent = self.person(subject=inner)
            called = self.verb(inner, "person", agent.plural, "past")
            target = _Word(him.text, {"pronoun": group, "object": inner})
            return [*self.finished(met), *self.finished([*self.fronted(), *agent.words, *called, target])]
        prep = self.group()
        owned = self.owned(his, "large", prep_object=prep)
        place = [_Word(self.pick(PREPOSITIONS), {"prep": prep}), *owned.words]
        return self.finished([*met, *place])

    def text_about_it(self, group: int, kind: str) -> list[_Word]:
        """The same for a thing, which is the only one in the singular."""
        clause, inner = self.group(), self.group()
        thing = self.pick(THINGS)
        agent = self.subject(clause)
        verb = self.verb(clause, thing, agent.plural, "past")
        hero = self.noun_phrase(thing, False, antecedent=group, object=clause)
        place = self.place() if self.chance(0.5) else []
        found = [*agent.words, *verb, *hero.words, *place]
        if kind == "because":
            it = _Word("it", {"pronoun": group, "subject": inner})
            return self.finished([*found, _Word("because"), it, *self.predicate(inner, False, "state", "past")])
        other = self.person(subject=inner)
        sold = self.verb(inner, "large", other.plural, "past")
        it = _Word("it", {"pronoun": group, "object": inner})
        return [*self.finished(found), *self.finished([*self.fronted(), *other.words, *sold, it])]

    def hero(self, **roles: int) -> _Phrase:
        """Whom the pronoun means."""
        if self.feature == "p":
            return self.noun_phrase(self.pick("fmcc"), True, **roles)
        return self.name(self.feature, **roles) if self.chance(0.4) else self.noun_phrase(self.feature, False, **roles)

    def placed(self, phrase: _Phrase) -> _Phrase:
        """A noun phrase with a prepositional phrase after it."""
        return _Phrase([*phrase.words, *self.place()], phrase.plural)

    def owned(self, owner: _Word, kind: str, **roles: int) -> _Phrase:
        """A thing whose possessor is a pronoun."""
        plural = self.feature != "p" and self.chance(0.4)
        bare = self.noun_phrase(kind, plural, **roles)
        group = bare.words[-1].roles["noun"]
        start = next(i for i, word in enumerate(bare.words) if self.belongs(word, group))
        return _Phrase([_Word(owner.text, {**owner.roles, "possessor": group}), *bare.words[start:]], plural)
