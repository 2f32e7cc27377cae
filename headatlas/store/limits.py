"""How large what is stored may be at most, for whoever checks it: databases when they are opened, and folders."""

# Heads of a scan: the largest models have some 16,000 in 130 layers.
MAX_HEADS = 100_000
# Scans of a database: a run over its training has some hundred, a list of models at most 10,000.
MAX_SCANS = 100_000
# Layers of a kind, and heads in a layer.
MAX_LAYERS, MAX_HEADS_A_LAYER = 10_000, 10_000
# Characters of a name, of a text, and of JSON.
MAX_NAME, MAX_TEXT, MAX_JSON = 1_000, 1_000_000, 20_000_000
# Of definitions of patterns, of probes, of kinds of evidence; ours are some hundred.
MAX_DEFINITIONS = 10_000
# Rows of a table: for each scan, and for each head besides, whose scores on all patterns and probes are some thousand.
MAX_ROWS, MAX_ROWS_A_HEAD = 100_000, 5_000
# Characters of a list of numbers in JSON, attention by distance or a line's keys: ours have some thousand. Of longer
# ones no more is read, so that they are no JSON, and the rules say what they are.
MAX_LIST = 100_000
