"""What a label claims, and from which confidence on it is given."""

# The claim of a label: this share of the attention off the sink, on the queries that have a target.
STRENGTH = 0.25
# Labels less likely than this are not given.
MIN_CONFIDENCE = 0.5
# A label at least as likely as this comes before any that is less likely, and is named as a fact.
HIGH_CONFIDENCE = 0.9
# No label is called more likely than this: the calibration has too few cases to tell certainty from it.
MAX_CONFIDENCE = 0.999
