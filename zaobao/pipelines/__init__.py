"""What becomes of a story after it was read, in run order.

Exclude → Validate → Deduplicate → Export → Remember: the line and the post are
durable before the story counts as known, so a crash may repeat a story and
never loses one.
"""

from zaobao.pipelines.deduplicate import Deduplicate, Lesser, Unchanged
from zaobao.pipelines.refuse import Exclude, Excluded, Outside, Validate
from zaobao.pipelines.write import Export, Remember

__all__ = [
    "Deduplicate",
    "Exclude",
    "Excluded",
    "Export",
    "Lesser",
    "Outside",
    "Remember",
    "Unchanged",
    "Validate",
]
