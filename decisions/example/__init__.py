"""The example round: the fictional programme "Good Company", its people, bids and words."""
