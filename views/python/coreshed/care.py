"""The calls of a Store that erase, check, copy and clean up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from uuid import UUID

from coreshed import arguments as check
from coreshed.arguments import given
from coreshed.errors import Error, InvalidArgumentError, OutcomeUnknownError
from coreshed.opened import Opened
from coreshed.progress import Progress, shown
from coreshed.tables import named
from coreshed.values import CopyReport, Erasure, Event, RepairReport, Stats, VacuumReport, VerifyReport


class Care(Opened):
    """Erasure, for which each call needs a reason that the history keeps; and care."""

    __slots__ = ()

    def purge(self, record_id: str, version: int, *, by: str, reason: str, event_id: str | UUID | None = None) -> Erasure:
        """Erase the data of a version that is not active. Its line in the history stays.

        Example:
            >>> version = store.update_record("BH-7", store.read("BH-7"), updated_by="a.meier")
            >>> store.purge("BH-7", 1, by="k.brandt", reason="asked for").erased
            True
        """
        return self._core.purge(check.text("record_id", record_id), check.whole("version", version), given(actor=check.text("by", by), comment=reason, event_id=event_id))

    def delete_record(self, record_id: str, *, by: str, reason: str, event_id: str | UUID | None = None) -> Erasure:
        """Take a record out of the lists and erase the data of all its versions; a tombstone stays.

        Example:
            >>> store.set_settings({"allow_delete": "true"}, by="k.brandt")
            >>> store.delete_record("BH-7", by="k.brandt", reason="asked for").erased
            True
        """
        return self._core.delete_record(check.text("record_id", record_id), given(actor=check.text("by", by), comment=reason, event_id=event_id))

    def redact(
        self,
        record_id: str,
        events: Sequence[int],
        texts: Sequence[str],
        *,
        by: str,
        reason: str,
        event_id: str | UUID | None = None,
    ) -> Erasure:
        """Take free texts ("actor", "comment", "name", …) out of events; the chain still holds.

        Example:
            >>> erasure = store.redact("BH-7", [1], ["actor"], by="k.brandt", reason="asked for")
            >>> store.history("BH-7")[0].actor
            ''
        """
        options = given(actor=check.text("by", by), comment=reason, event_id=event_id)
        return self._core.redact(check.text("record_id", record_id), check.wholes("events", events), check.texts("texts", texts), options)

    def verify(
        self,
        records: Sequence[str] | None = None,
        *,
        deep: bool = False,
        seal: str | None = None,
        public_key_pem: str | None = None,
        progress: Progress = None,
    ) -> VerifyReport:
        """Check rules, chains, replayed histories and data; names every fault.

        Args:
            records: Only these ids.
            deep: Read and hash all data, not only their sizes.
            seal: The text of a seal that was made earlier: compare with it.
            public_key_pem: The key that must have signed the seal.

        Example:
            >>> report = store.verify(deep=True)
            >>> report.ok, report.records
            (True, 1)
        """
        options = given(
            records=records, deep=deep, seal=seal, public_key_pem=public_key_pem
        )
        with shown(progress) as callback:
            return self._core.verify(options, callback)

    def seal(self, private_key_pem: str = "") -> str:
        """A digest of the whole store, to keep elsewhere; signed, if an Ed25519 key in PEM is given.

        Example:
            >>> seal = store.seal()
            >>> store.verify(seal=seal).ok
            True
        """
        return self._core.seal(check.text("private_key_pem", private_key_pem))

    def vacuum(self, *, dry_run: bool = False, grace: float | None = None, progress: Progress = None) -> VacuumReport:
        """Remove what crashes and lost races left behind; never anything that a version refers to.

        Args:
            grace: Seconds; remains younger than this are left alone (a day).

        Example:
            >>> store.vacuum(dry_run=True).files
            0
        """
        with shown(progress) as callback:
            return self._core.vacuum(given(dry_run=dry_run, grace=grace), callback)

    def copy(
        self,
        location: str | os.PathLike[str],
        records: Sequence[str] | None = None,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        path_style: bool | None = None,
        ca_file: str | None = None,
        progress: Progress = None,
    ) -> CopyReport:
        """Bring a copy of this store at another place up to date, or make one: backup, and restore the other way round.

        Example:
            >>> import tempfile
            >>> store.copy(tempfile.mkdtemp() + "/backup").copied
            1
        """
        options = given(
            records=records,
            endpoint=endpoint,
            region=region,
            path_style=path_style,
            ca_file=ca_file,
        )
        with shown(progress) as callback:
            return self._core.copy(check.path("location", location), options, callback)

    def repair(self, *, progress: Progress = None) -> RepairReport:
        """Make anew what is derived from the records and can be lost without harm: markers, this user's index.

        Example:
            >>> store.repair().records
            1
        """
        with shown(progress) as callback:
            return self._core.repair(callback)

    def stats(self) -> Stats:
        """Sizes and counts.

        Example:
            >>> store.stats().by_status
            {'draft': 1}
        """
        return self._core.stats()

    def resolve(self, outcome: OutcomeUnknownError) -> Event | None:
        """What became of a call that ended with OutcomeUnknownError: its event, or None if it can no longer happen.

        Example:
            >>> import coreshed
            >>> try:
            ...     version = store.approve_record("BH-7", approved_by="k.brandt")
            ... except coreshed.OutcomeUnknownError as outcome:
            ...     event = store.resolve(outcome)  # None: it did not happen, and can't any more
        """
        fields = outcome.fields if isinstance(outcome, Error) else {}
        try:
            named = fields["record_id"], fields["event_id"], int(fields["base_seq"])
        except (KeyError, ValueError):
            raise InvalidArgumentError(
                "This error does not say which call it is about (record_id, event_id, base_seq): give the one that was raised."
            ) from None
        return self._core.resolve_outcome(*named)
