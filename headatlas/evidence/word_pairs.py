"""Words that stand in a relation, and words in an order: what output weights are asked about. Written for headatlas.

A pair counts where a model has both words as one token; see `headatlas.evidence.weights.relations`.
"""

from __future__ import annotations

from dataclasses import dataclass

from headatlas.probes.ordinal_sequences import CLASSES


@dataclass(frozen=True)
class Relation:
    """Pairs of a source word and its target, written with " " between the two and ", " between pairs.

    `gives` says what the target is to the source: "a country's capital".
    """

    name: str
    gives: str
    text: str

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Source and target of each."""
        return tuple((pair.split()[0], pair.split()[1]) for pair in self.text.split(", "))


RELATIONS = (
    Relation(
        "capital",
        "a country's capital",
        "France Paris, Germany Berlin, Italy Rome, Spain Madrid, England London, Japan Tokyo, China Beijing, "
        "Russia Moscow, Egypt Cairo, Greece Athens, Austria Vienna, Poland Warsaw, Portugal Lisbon, Ireland Dublin, "
        "Sweden Stockholm, Norway Oslo, Denmark Copenhagen, Finland Helsinki, Hungary Budapest, Belgium Brussels, "
        "Iran Tehran, Iraq Baghdad, Syria Damascus, Lebanon Beirut, Afghanistan Kabul, Cuba Havana, Kenya Nairobi, "
        "Thailand Bangkok, Vietnam Hanoi, Indonesia Jakarta, Ukraine Kyiv, Canada Ottawa, Australia Canberra, "
        "Peru Lima, Chile Santiago, Philippines Manila, Scotland Edinburgh, Wales Cardiff, Taiwan Taipei, "
        "Libya Tripoli, Turkey Ankara, Nepal Kathmandu",
    ),
    Relation(
        "language",
        "a country's language",
        "France French, Germany German, Italy Italian, Spain Spanish, England English, Japan Japanese, "
        "China Chinese, Russia Russian, Greece Greek, Poland Polish, Portugal Portuguese, Sweden Swedish, "
        "Norway Norwegian, Denmark Danish, Finland Finnish, Hungary Hungarian, Turkey Turkish, Thailand Thai, "
        "Vietnam Vietnamese, Ukraine Ukrainian, Korea Korean, Romania Romanian, Bulgaria Bulgarian, "
        "Croatia Croatian, Wales Welsh, Iran Persian, Brazil Portuguese, Mexico Spanish, Austria German, "
        "Egypt Arabic, Chile Spanish, Iraq Arabic, Israel Hebrew, Netherlands Dutch",
    ),
    Relation(
        "opposite",
        "a word's opposite",
        "big small, hot cold, high low, good bad, old young, long short, fast slow, hard soft, rich poor, "
        "strong weak, early late, open closed, full empty, light dark, happy sad, clean dirty, wet dry, thick thin, "
        "wide narrow, deep shallow, true false, right wrong, easy difficult, cheap expensive, public private, "
        "inside outside, up down, left right, front back, above below, before after, always never, more less, "
        "first last, north south, east west, day night, war peace, love hate, life death, buy sell, win lose, "
        "begin end, push pull, male female, yes no",
    ),
    Relation(
        "plural",
        "a noun's plural",
        "cat cats, dog dogs, house houses, tree trees, car cars, book books, child children, man men, woman women, "
        "foot feet, tooth teeth, mouse mice, city cities, country countries, family families, story stories, "
        "body bodies, leaf leaves, life lives, knife knives, wife wives, person people, river rivers, "
        "teacher teachers, student students, bird birds, flower flowers, table tables, chair chairs, window windows, "
        "door doors, song songs, road roads, brother brothers, sister sisters, week weeks, month months, year years, "
        "church churches, box boxes",
    ),
    Relation(
        "past_tense",
        "a verb's past tense",
        "go went, see saw, take took, give gave, come came, make made, get got, know knew, think thought, "
        "find found, tell told, feel felt, leave left, keep kept, begin began, write wrote, stand stood, hear heard, "
        "bring brought, buy bought, catch caught, teach taught, speak spoke, break broke, choose chose, drive drove, "
        "eat ate, fall fell, fly flew, grow grew, lose lost, pay paid, run ran, sell sold, send sent, sing sang, "
        "sit sat, sleep slept, swim swam, throw threw, win won, walk walked, play played, call called, ask asked, "
        "work worked",
    ),
    Relation(
        "comparative",
        "an adjective's comparative",
        "big bigger, small smaller, good better, bad worse, old older, young younger, long longer, short shorter, "
        "fast faster, slow slower, high higher, low lower, strong stronger, weak weaker, rich richer, poor poorer, "
        "hard harder, easy easier, early earlier, late later, large larger, great greater, near nearer, far farther, "
        "wide wider, deep deeper, dark darker, light lighter, cold colder, hot hotter, warm warmer, cheap cheaper, "
        "heavy heavier, happy happier, safe safer, simple simpler, clear clearer, bright brighter, thin thinner, "
        "much more",
    ),
    Relation(
        "female",
        "a word's female counterpart",
        "king queen, man woman, father mother, brother sister, son daughter, husband wife, boy girl, uncle aunt, "
        "prince princess, he she, his her, him her, himself herself, actor actress, grandfather grandmother, "
        "nephew niece, men women, boys girls, sons daughters, brothers sisters, fathers mothers, male female, "
        "sir madam, gentleman lady, hero heroine, god goddess, bull cow, host hostess",
    ),
    Relation(
        "kind",
        "the kind of thing that a word names",
        "dog animal, horse animal, lion animal, apple fruit, banana fruit, orange fruit, hammer tool, axe tool, "
        "car vehicle, truck vehicle, rose flower, tulip flower, piano instrument, violin instrument, "
        "guitar instrument, red color, blue color, green color, shirt clothing, coat clothing, gold metal, "
        "silver metal, iron metal, chair furniture, table furniture, soccer sport, tennis sport, January month, "
        "June month, Monday day, Friday day, beer drink, coffee drink, wine drink, knife weapon, sword weapon, "
        "gun weapon, French language, Spanish language, Greek language, doctor profession, lawyer profession, "
        "oak tree, pine tree, measles disease, cancer disease",
    ),
    Relation(
        "first_letter",
        "a word's first letter",
        "apple A, author A, bird B, bridge B, cat C, coffee C, dog D, dance D, east E, evening E, fish F, forest F, "
        "garden G, guitar G, house H, horse H, island I, iron I, job J, judge J, king K, knife K, leaf L, lemon L, "
        "mother M, music M, night N, needle N, ocean O, onion O, paper P, poet P, queen Q, quiet Q, river R, rain R, "
        "sister S, summer S, table T, tree T, uncle U, union U, village V, voice V, water W, winter W, year Y, "
        "yellow Y, zero Z, zone Z",
    ),
    Relation(
        "digit",
        "a number word's digit",
        "zero 0, one 1, two 2, three 3, four 4, five 5, six 6, seven 7, eight 8, nine 9, first 1, second 2, third 3, "
        "fourth 4, fifth 5, sixth 6, seventh 7, eighth 8, ninth 9",
    ),
)
# Days, months, number words, digits, letters and ordinals, each in order.
ORDERS: tuple[tuple[str, ...], ...] = tuple(tuple(order) for order in CLASSES)
