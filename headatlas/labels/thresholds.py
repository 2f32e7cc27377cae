"""What a label claims, and from which confidence on it is given."""

# The claim of a label: this share of the attention off the sink, on the queries that have a target.
STRENGTH = 0.25
# Labels less likely than this are not given.
MIN_CONFIDENCE = 0.5
# A label at least as likely as this is named as a fact.
HIGH_CONFIDENCE = 0.9
# No label is called more likely than this: the calibration has too few cases to tell certainty from it.
MAX_CONFIDENCE = 0.999
# Of labels whose strength times confidence is at least this part of the most, the order of the patterns' list decides.
ABOUT_AS_MUCH = 0.75
