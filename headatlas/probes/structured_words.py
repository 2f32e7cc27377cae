"""The words of structured texts: what stands in brackets, quotations, code, JSON, lists and tables. All are our own."""

from __future__ import annotations

# The columns of a table: their headers, and what their cells may say.
Columns = tuple[tuple[str, tuple[str, ...]], ...]

BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
CLAUSES = (
    "the ferry was late", "nobody saw it", "the baker came back", "we kept the letter", "the road is closed",
    "my aunt agrees", "two boats left", "it rained for a week", "the bell rang", "they all laughed",
)  # fmt: skip
ASIDES = (
    "as always", "see below", "not in winter", "late again", "the old one", "it seems", "near the quay", "by hand",
    "at least once", "on most days of the week", "without a word", "twice a year", "still warm",
)  # fmt: skip
NAMES = tuple(
    "a b c d f g h k m n p q s t u v w x y z count total limit width left right size rate start end first last "
    "price step index value lower upper rows lines".split()
)
OPERATORS = (" + ", " - ", " * ", ", ", ", ")

SPEECH = (
    "no", "not today", "ask Ines", "wait", "the soup is getting cold", "I lost my key somewhere near the church",
    "we leave on Monday", "nobody told Tom that the bridge was closed", "look at the sky", "keep the change",
    "that is a long story", "bring two lamps to Mara", "perhaps", "he went home on Friday", "never again",
    "the last train to Bern has already gone", "shut the window", "it was only the wind in the trees", "I don't know",
    "it's far too late", "we can't wait for Tom",
)  # fmt: skip
TAILS = ("my friend", "dear Tom", "all of you", "says Ines", "as you see", "on Monday", "in Bern", "Mara and I")
SPEAKERS = ("Mara", "the baker", "her brother", "Tom", "the old captain", "my neighbour", "Ines", "a man by the door")
SAID = ("said", "asked", "whispered", "answered", "shouted", "added")
# The marks of a quotation and of one within it.
QUOTES = (('""', "''"), ("“”", "‘’"), ("''", '""'), ("‘’", "“”"), ("«»", "“”"))
WORDS = ("no", "later", "home", "my boat", "the end", "lost and found", "quite good", "never")

# How deep each line stands: the way back up is what a head has to find.
DEPTHS = ("01201201", "012112010", "01100120", "01201210", "0122110120", "01121001", "012010120", "011201010")
HEADERS = (
    "if {0} > {1}:", "for {0} in {1}:", "while {0} < 9:", "def {0}({1}):", "with {0} as {1}:", "class {0}:",
)  # fmt: skip
STATEMENTS = (
    "print({0})", "{0} = {1}", "{0} += 1", "assert {0}", "del {0}", "raise {0}", "{0} = [{1}, 4]", "pass",
    "{0} = {1} + 27", "import {0}", "{0}()", "{0}({1}, 0)", "{0} = 3",
)  # fmt: skip
INNER_STATEMENTS = ("return {0}", "yield {0}, {1}", "break", "continue")

KEYS = tuple(
    "name age city ship_date is_open price colour weight tags author room_number note phone time size owner floor "
    "status seats language".split()
)
# Most have other words before their last one, some of them marks: what is nearest is not the key.
VALUES: tuple[object, ...] = (
    "Oslo", "left", 7, 1998, 3.5, True, None, "dark-green", "Tom and Ines", "May, June", "next week", "up, then left",
    "St. Anne", "wool coat", "river bank", "fresh bread", "tea-time", "9 a.m. to noon", [3, 8], ["tea", "salt"],
    ["red", "blue"], ["north", "south"], [12, 5], ["Rome", "Bern"],
)  # fmt: skip
OUTER_KEYS = ("order", "home", "ship", "details", "first", "contact")

TITLES = ("To buy", "Before we leave", "Notes", "For the boat", "Ask about", "Still open")
# By their number of words: items of one list differ in length, so that no offset leads from item to item.
ITEMS = (
    ("lemons", "rope", "stamps", "candles"),
    ("two melons", "pay Ines", "new batteries", "old newspapers"),
    ("mend both sails", "water and soap", "bread without salt"),
    ("clean the old kettle", "feed our cat twice", "find the blue suitcase"),
    ("lock every window on Friday", "a map of the islands"),
    ("call the bank about the loan", "ask whether Tom has a car"),
    ("take the long ladder back to Mara", "coffee and tea for at least ten people"),
    ("write to the people who bought our house", "paint the wooden chairs next to the door green"),
)
BULLETS = ("-", "•", "*")
N_ITEMS = 5
N_MARKED = 7  # items of a list with markers
SUB_ITEMS = ("salt", "pears", "ink", "string", "nails", "figs", "soap", "corks", "oats", "chalk", "wool", "yeast")
NOTES = ("(if any)", "see above", "(by Friday)", "not urgent", "(twice)", "ask first")
N_INLINE = 15  # items of a list on one line
# Numbers and single letters in items look like markers.
INLINE_ITEMS = (
    "3 pens", "rope", "6 stamps", "coal", "2 maps", "tea", "plan b", "soap", "4 eggs", "dock c", "paint", "7 cups",
    "wire", "salt", "rice", "8 bags",
)  # fmt: skip

CITIES = (
    "Oslo", "New York", "Rio de Janeiro", "Bern", "Cape Town", "Rome", "San Francisco", "Lima", "Paris",
    "Buenos Aires", "Delhi", "Hong Kong", "Tel Aviv", "Vienna", "St. Petersburg", "Cairo",
)  # fmt: skip
GOODS = (
    "tea", "olive oil", "salt", "old brass lamps", "wool", "dried figs", "paper", "hand made soap", "rice", "glass",
    "red wine", "fine sand", "honey", "green beans", "flour", "silk",
)  # fmt: skip
NUMBERS = tuple("3 8 14 25 31 60 97 130 206 482 750 1200 3685 9040 15000 28750".split())
N_ROWS = 8
# Two columns of each table hold the same kind of thing, so that the kind alone does not tell the column.
TABLES: tuple[Columns, ...] = (
    (("From", CITIES), ("To", CITIES), ("Price", NUMBERS)),
    (("Goods", GOODS), ("Bought", NUMBERS), ("Sold", NUMBERS)),
    (("Port", CITIES), ("Ships", NUMBERS), ("Crew", NUMBERS)),
    (("Sent", GOODS), ("Received", GOODS), ("Place", CITIES)),
)
