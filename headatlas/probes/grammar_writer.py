"""A small grammar of English that knows the relations between the words it writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from headatlas.inputs.annotated_text import AnnotatedText
from headatlas.probes.lexicon import (
    ADJECTIVES,
    ADVERBS,
    ASIDES,
    CLASHES,
    DEGREES,
    MANNERS,
    MOODS,
    NAMES,
    NEAR,
    NOUNS,
    OPENERS,
    OWNERS,
    PERSONS,
    PLACES,
    PLURAL_DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SINGULAR_DETERMINERS,
    STAGES,
    STATES,
    THINGS,
    UNGRADED,
    VERBS,
)

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")
Roles = dict[str, int]

SECOND = 0.4  # share of texts that get a second sentence


@dataclass(frozen=True)
class _Word:
    """A word and its roles; `tight` says that no space stands before it."""

    text: str
    roles: Roles = field(default_factory=dict)
    tight: bool = False


@dataclass(frozen=True)
class _Phrase:
    """Words around a noun, and what the noun is: plural or not, and whether it is a name."""

    words: list[_Word]
    plural: bool
    name: bool = False


COMMA = _Word(",", tight=True)


def _with_s(word: str) -> str:
    """A noun's plural, or a verb's third person."""
    if word in {"man", "woman"}:
        return word[:-2] + "en"
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _dealt(random: np.random.Generator, cards: Sequence[int]) -> Iterator[int]:
    """The numbers in random order, again and again: each as often as the others, however few are drawn."""
    while True:
        yield from random.permutation(cards).tolist()


class Distances:
    """How many words stand between related ones, dealt out over all texts so that no distance is the rule."""

    def __init__(self, random: np.random.Generator) -> None:
        self.after_adjectives = _dealt(random, (0, 1, 2))  # other nouns, between an adjective and its noun
        self.without_adjectives = _dealt(random, (0, 0, 1, 2))  # the same, between a determiner and its noun
        self.adverbs = _dealt(random, (0, 0, 1, 1, 2, 3))  # between an auxiliary and its verb
        own = random.spawn(1)[0]  # what is drawn for asides leaves the other words as they are
        self.asides = _dealt(own, (0, 0, 1))  # likewise
        self.aside = _dealt(own, range(len(ASIDES)))


class Writer:
    """Makes one text; numbers its groups, and keeps out nouns that a pronoun could be taken to refer to."""

    def __init__(self, random: np.random.Generator, distances: Distances, feature: str) -> None:
        self.random = random
        self.distances = distances
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
        word = self.pick([word for word in options if word not in self.used] or options)
        self.used.add(word)
        return word

    # Noun phrases

    def person(self, roles: Roles, short: bool = False) -> _Phrase:
        """Somebody whom the text's pronoun cannot mean."""
        shunned = CLASHES[self.feature]
        options = [(kind, False) for kind in "fmcc" if kind not in shunned]
        if "p" not in shunned:
            options += [(kind, True) for kind in "fmcc"]
        kind, plural = self.pick(options)
        if kind in NAMES and not plural and self.chance(0.5):
            return self.name(kind, roles)
        return self.noun_phrase(kind, plural, roles, short)

    def thing(self, kinds: Sequence[str], roles: Roles) -> _Phrase:
        """Something that the text's pronoun cannot mean."""
        plural = self.feature == "n" or (self.feature != "p" and self.chance(0.5))
        return self.noun_phrase(self.pick(kinds), plural, roles)

    def name(self, kind: str, roles: Roles) -> _Phrase:
        """A name."""
        return _Phrase([_Word(self.fresh(NAMES[kind]), {"name": self.group(), **roles})], plural=False, name=True)

    def noun_phrase(
        self, kind: str, plural: bool, roles: Roles, short: bool = False, owner: _Word | None = None
    ) -> _Phrase:
        """A noun with its roles, and before it a determiner or possessor, adjectives and other nouns."""
        group = self.group()
        noun = self.fresh(list(NOUNS[kind]))
        compounds = [words.split() for words in NOUNS[kind][noun].split("|") if words]
        kind = "person" if kind in PERSONS else "thing" if kind in (*THINGS, "place") else kind
        adjectives: list[_Word] = []
        if not short and self.chance(0.8 if "object" in roles else 0.65 if compounds else 0.2):
            adjectives = self.adjectives(ADJECTIVES[kind], group)
        compound: list[str] = []
        fitting = [] if short else [words for words in compounds if not self.used & set(words)]
        if fitting:
            size = next(self.distances.after_adjectives if adjectives else self.distances.without_adjectives)
            compound = self.pick([words for words in fitting if len(words) == size] or fitting) if size else []
        inner = [*adjectives, *map(self.modifier, compound)]
        self.used.update(word.text for word in inner)
        head = _Word(_with_s(noun) if plural else noun, {"noun": group, **roles})
        if owner:
            opening = [_Word(owner.text, {**owner.roles, "possessor": group})]
        else:
            opening = self.opening(kind, plural, [*inner, head], group, short)
        return _Phrase([*opening, *inner, head], plural)

    def adjectives(self, options: Sequence[str], group: int) -> list[_Word]:
        """One adjective, or two with "and" or a comma between them; perhaps with an adverb of degree."""
        words: list[_Word] = []
        for number in range(2 if self.chance(0.3) else 1):
            if number:
                words.append(_Word("and") if self.chance(0.8) else COMMA)
            adjective = self.fresh(options)
            if self.chance(0.45):
                words += map(_Word, self.pick(STAGES if adjective in UNGRADED else DEGREES).split())
            words.append(self.modifier(adjective, adj=group))
        return words

    def modifier(self, word: str, **roles: int) -> _Word:
        """A word before a noun, with a role of its own where it ends as verbs do."""
        looks_like_a_verb = len(word) >= 5 and word.endswith(("ed", "ing"))
        return _Word(word, roles | ({"verb_like": self.group()} if looks_like_a_verb else {}))

    def opening(self, kind: str, plural: bool, rest: list[_Word], group: int, short: bool) -> list[_Word]:
        """What a noun phrase begins with: a determiner, a possessor, or nothing before a bare plural."""
        if kind == "thing" and not short and self.chance(0.35):
            if self.chance(0.3):
                return [_Word(self.pick(OWNERS), {"possessor": group})]
            owner = self.person({"possessor": group}, short=self.chance(0.5))
            ending = "'" if owner.words[-1].text.endswith("s") else "'s"
            return [*owner.words, _Word(ending, tight=True)]
        if plural and self.chance(0.15):
            return []
        determiner = self.pick(PLURAL_DETERMINERS if plural else SINGULAR_DETERMINERS)
        if determiner == "a" and rest[0].text[0] in "aeiou":
            determiner = "an"
        return [_Word(determiner, {"det": group})]

    def subject(self, group: int) -> _Phrase:
        """Somebody as a subject, perhaps with something between the noun and the verb to come."""
        return self.extended(self.person({"subject": group}), "person")

    def extended(self, phrase: _Phrase, kind: str, share: float = 0.7) -> _Phrase:
        """A noun phrase with a prepositional phrase or a relative clause after it, in this share of cases."""
        if phrase.name or not self.chance(share):
            return phrase
        if self.chance(0.5):
            after = self.whereabouts()
        elif kind == "person":
            after = [_Word("who"), *self.predicate(self.group(), phrase.plural, "transitive", "past", plain=True)]
        else:
            group = self.group()
            owner = self.person({"subject": group})
            after = [_Word("that"), *owner.words, *self.verb(group, "large", owner.plural, "past", plain=True)]
        return _Phrase([*phrase.words, *after], phrase.plural)

    def receiver(self) -> _Phrase:
        """Somebody who is given something, perhaps with a clause of another verb."""
        phrase = self.person({}, short=self.chance(0.3))
        if phrase.name or not self.chance(0.4):
            return phrase
        clause = [_Word("who"), *self.verb(self.group(), "nothing", phrase.plural, "past", plain=True)]
        return _Phrase([*phrase.words, *clause], phrase.plural)

    # Prepositional phrases

    def whereabouts(self) -> list[_Word]:
        """Where something is or happens."""
        group = self.group()
        roles, living = {"prep_object": group}, self.chance(0.3)
        other = self.person(roles) if living else self.thing(PLACES, roles)
        return [_Word(self.pick(NEAR if living else PREPOSITIONS), {"prep": group}), *other.words]

    def fronted(self) -> list[_Word]:
        """What a sentence may begin with, a comma after it; often nothing."""
        if self.chance(0.6):
            return []
        if self.chance(0.3):
            return [_Word(self.pick(OPENERS)), COMMA]
        if self.chance(0.5):
            return [*self.whereabouts(), COMMA]
        group = self.group()
        event = self.thing(("event",), {"prep_object": group})
        return [_Word(self.pick(("after", "before", "during")), {"prep": group}), *event.words, COMMA]

    # Verbs and what follows them

    def verb(
        self, group: int, kind: str, plural: bool, tense: str = "", plain: bool = False, ask: _Phrase | None = None
    ) -> list[_Word]:
        """A verb with its auxiliary and adverbs.

        In a question `ask` is the subject, which stands between them; `plain` is for subordinate clauses.
        """
        base, past, participle, progressive = self.forms(kind)
        tense = tense or self.pick(("past", "present"))
        if ask:
            form = self.pick(("do", "modal", "perfect"))
        else:
            form = self.pick(("simple", "perfect") if plain else ("simple", "simple", "do", "perfect", "progressive"))
        if tense == "present" and form == "do" and self.chance(0.6):
            form = "modal"
        adverbs = [] if ask else self.adverbs(form, kind, plain)
        if form != "simple" and not ask and next(self.distances.asides):
            adverbs += self.aside()
        if form == "simple":
            first, *particle = (past if tense == "past" else base).split()
            if tense == "present" and not plural:
                first = _with_s(first)
            return [*adverbs, _Word(first, {"verb": group}), *map(_Word, particle)]
        if form == "modal":
            auxiliary = self.pick(("could", "would", "should") if tense == "past" else ("will", "can", "must"))
        elif tense == "past":
            auxiliary = {"do": "did", "perfect": "had", "progressive": "were" if plural else "was"}[form]
        else:
            forms = {"do": ("does", "do"), "perfect": ("has", "have"), "progressive": ("is", "are")}
            auxiliary = forms[form][plural]
        main = {"perfect": participle, "progressive": progressive}.get(form, base)
        first, *particle = main.split()
        between = ask.words if ask else adverbs
        return [_Word(auxiliary, {"aux": group}), *between, _Word(first, {"verb": group}), *map(_Word, particle)]

    def adverbs(self, form: str, kind: str, plain: bool) -> list[_Word]:
        """What stands before a verb: nothing, or one adverb or more; "not" with do."""
        options = [
            words.split() for words in ([] if plain else ADVERBS[form]) + ([] if form == "do" else MANNERS[kind])
        ]
        if form == "simple":
            return [*map(_Word, self.pick(options))] if self.chance(0.3) else []
        size = next(self.distances.adverbs)
        if not size and form != "do":
            return []
        return [*map(_Word, self.pick([words for words in options if len(words) == size] or options))]

    def aside(self) -> list[_Word]:
        """A clause between commas, whose pronoun is nobody in the text and whose verb is no verb of the sentence."""
        roles = {"aside": self.group()}
        words = ASIDES[next(self.distances.aside)].split()
        return [COMMA, *(_Word(word, roles) for word in words), COMMA]

    def forms(self, kind: str) -> tuple[str, str, str, str]:
        """The four forms of a verb; those with a particle have it in each of them."""
        words = self.pick(VERBS[kind].split("|")).split()
        size = len(words) // 4
        base, past, participle, progressive = (" ".join(words[i * size : (i + 1) * size]) for i in range(4))
        return base, past, participle, progressive

    def predicate(self, group: int, plural: bool, kind: str, tense: str = "", plain: bool = False) -> list[_Word]:
        """A verb and what follows it, for a subject in this number."""
        if kind == "transitive":
            thing = self.pick(THINGS)
            verb = self.verb(group, thing, plural, tense, plain)
            return [*verb, *self.thing((thing,), {"object": group}).words]
        if kind == "giving":
            verb = self.verb(group, "giving", plural, tense)
            receiver = self.receiver()
            return [*verb, *receiver.words, *self.thing(("portable",), {"object": group}).words]
        if kind == "social":
            return [*self.verb(group, "person", plural, tense), *self.person({"object": group}).words]
        if kind == "intransitive":
            return [*self.verb(group, "nothing", plural, tense), *self.whereabouts()]
        return self.state(group, plural, MOODS if kind == "mood" else STATES, tense)

    def state(self, group: int, plural: bool, options: Sequence[str], tense: str = "") -> list[_Word]:
        """A form of "be" and an adjective."""
        present, past = ("are", "were") if plural else ("is", "was")
        form = past if (tense or self.pick(("past", "present"))) == "past" else present
        degree = [_Word(self.pick(("very", "still", "rather", "quite")))] if self.chance(0.4) else []
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
            return self.finished([*verb, *self.thing((thing,), {"object": group}).words], "?")
        opening = self.fronted()
        if kind == "state":
            subject = self.extended(self.thing(THINGS, {"subject": group}), "thing", share=0.9)
        else:
            subject = self.subject(group)
        words = [*opening, *subject.words, *self.predicate(group, subject.plural, kind)]
        if kind in {"transitive", "social"} and self.chance(0.3):
            words += self.whereabouts()
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
        leads = self.chance(0.6)  # whether the antecedent is the subject of its clause, or its object
        hero = self.hero({"antecedent": group, "subject" if leads else "object": clause})
        if leads and not hero.name and self.chance(0.5):
            hero = _Phrase([*hero.words, *self.whereabouts()], plural)
        other = self.person({"object" if leads else "subject": clause})
        first, second = (hero, other) if leads else (other, hero)
        verb = self.verb(clause, "person", first.plural, "past", plain=kind == "when")
        met = [*first.words, *verb, *second.words]
        if kind != "possessive" and self.chance(0.4):
            met += self.whereabouts()
        he, him, his = (_Word(form, {"pronoun": group}) for form in PRONOUNS[self.feature])
        inner = self.group()
        subject = _Word(he.text, {"pronoun": group, "subject": inner})
        if kind == "because":
            state = self.predicate(inner, plural, "mood", "past")
            return self.finished([*met, _Word("because"), subject, *state])
        if kind == "when":
            then = self.predicate(inner, plural, self.pick(("transitive", "intransitive")), "past")
            return self.finished([_Word(self.pick(("when", "after"))), *met, COMMA, subject, *then])
        if kind == "then":
            then = self.predicate(inner, plural, self.pick(("transitive", "intransitive", "giving")), "past")
            return [*self.finished(met), *self.finished([*self.fronted(), subject, *then])]
        if kind == "object":
            agent = self.person({"subject": inner})
            called = self.verb(inner, "person", agent.plural, "past")
            target = _Word(him.text, {"pronoun": group, "object": inner})
            return [*self.finished(met), *self.finished([*self.fronted(), *agent.words, *called, target])]
        prep = self.group()
        many = self.feature != "p" and self.chance(0.4)
        owned = self.noun_phrase("large", many, {"prep_object": prep}, owner=his)
        where = [_Word(self.pick(PREPOSITIONS), {"prep": prep}), *owned.words]
        return self.finished([*met, *where])

    def text_about_it(self, group: int, kind: str) -> list[_Word]:
        """The same for a thing, which is the only one in the singular."""
        clause, inner = self.group(), self.group()
        thing = self.pick(THINGS)
        agent = self.subject(clause)
        verb = self.verb(clause, thing, agent.plural, "past")
        hero = self.noun_phrase(thing, False, {"antecedent": group, "object": clause})
        where = self.whereabouts() if self.chance(0.5) else []
        first = [*agent.words, *verb, *hero.words, *where]
        if kind == "because":
            it = _Word("it", {"pronoun": group, "subject": inner})
            return self.finished([*first, _Word("because"), it, *self.predicate(inner, False, "state", "past")])
        other = self.person({"subject": inner})
        sold = self.verb(inner, "large", other.plural, "past")
        it = _Word("it", {"pronoun": group, "object": inner})
        return [*self.finished(first), *self.finished([*self.fronted(), *other.words, *sold, it])]

    def hero(self, roles: Roles) -> _Phrase:
        """Whom the pronoun means."""
        if self.feature == "p":
            return self.noun_phrase(self.pick("fmcc"), True, roles)
        if self.chance(0.4):
            return self.name(self.feature, roles)
        return self.noun_phrase(self.feature, False, roles)

    def text(self) -> AnnotatedText:
        """One or two sentences."""
        if self.feature:
            words = self.pronoun_text()
            if sum(word.text in ".?" for word in words) == 1 and self.chance(SECOND):
                words = [*self.sentence(), *words]
        else:
            words = [*self.sentence(), *(self.sentence() if self.chance(SECOND) else [])]
        marked = AnnotatedText()
        for number, word in enumerate(words):
            if number and not word.tight:
                marked.add(" ")
            marked.add(word.text, **word.roles)
        return marked
