"""From a story's box to the safe HTML of a post, and the record of what was taken out."""
