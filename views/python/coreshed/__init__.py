"""Coreshed: an embedded store for versioned, reviewed tabular data.

    >>> import coreshed, pandas as pd, tempfile
    >>> store = coreshed.open(tempfile.mkdtemp() + "/store")
    >>> log = pd.DataFrame({"depth_m": [0.0, 1.5, 3.0], "soil": ["fill", "clay", "sand"]})
    >>> store.create_record("BH-7", log, created_by="a.meier")
    <Version 1 of 'BH-7': draft, active; data 3 × 2>
    >>> store.approve_record("BH-7", approved_by="k.brandt").status
    <Status.APPROVED: 'approved'>
    >>> store.get_latest_version("BH-7").equals(log)
    True
"""

import pyarrow as _pyarrow  # noqa: F401  first: its libraries are those that ours needs

from coreshed import _log  # noqa: F401  from here on the library has a log
from coreshed._core import __version__
from coreshed.content import (
    assert_metadata_invariants,
    compute_schema_fingerprint,
    content_hash,
    detect_schema_drift,
)
from coreshed.errors import *  # noqa: F403
from coreshed.errors import __all__ as _errors
from coreshed.locks import file_lock
from coreshed.store import Store, open  # noqa: A004
from coreshed.values import (
    CheckedBy,
    Cohort,
    Column,
    ContentMatch,
    CopyReport,
    Drift,
    DriftChange,
    DriftClass,
    DuplicateGroup,
    Erasure,
    Event,
    Fault,
    History,
    ImportReport,
    NamedSchema,
    RecordChange,
    RecordInfo,
    Records,
    Reject,
    Rejects,
    RepairReport,
    Resolved,
    Review,
    SchemaDriftPolicy,
    Source,
    Stats,
    Status,
    TableInfo,
    UploadOutcome,
    UploadResult,
    VacuumReport,
    VerifyReport,
    Version,
    Versions,
)

__all__ = [
    "CheckedBy",
    "Cohort",
    "Column",
    "ContentMatch",
    "CopyReport",
    "Drift",
    "DriftChange",
    "DriftClass",
    "DuplicateGroup",
    "Erasure",
    "Event",
    "Fault",
    "History",
    "ImportReport",
    "NamedSchema",
    "RecordChange",
    "RecordInfo",
    "Records",
    "Reject",
    "Rejects",
    "RepairReport",
    "Resolved",
    "Review",
    "SchemaDriftPolicy",
    "Source",
    "Stats",
    "Status",
    "Store",
    "TableInfo",
    "UploadOutcome",
    "UploadResult",
    "VacuumReport",
    "VerifyReport",
    "Version",
    "Versions",
    "__version__",
    "assert_metadata_invariants",
    "compute_schema_fingerprint",
    "content_hash",
    "detect_schema_drift",
    "file_lock",
    "open",
    *_errors,
]
