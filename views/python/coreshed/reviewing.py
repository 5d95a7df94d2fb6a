"""The calls of a Store by which people say what versions are worth, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from coreshed import arguments as check
from coreshed.arguments import given
from coreshed.opened import Opened
from coreshed.values import RecordInfo, SchemaDriftPolicy, Version


class Reviewing(Opened):
    """Review, tags, attributes, policies and settings."""

    __slots__ = ()

    def approve_record(
        self,
        record_id: str,
        *,
        approved_by: str,
        meaning: str | None = None,
        comment: str = "",
        version: int | None = None,
        event_id: str | UUID | None = None,
    ) -> Version:
        """Approve the active version, which is a draft.

        Args:
            meaning: "reviewed", "approved for design", …; a store may list its own.
            version: The version that the reviewer looked at.

        Raises:
            InvalidStateError: It is no draft; the reviewer wrote it, and the store does not let that be.
            ConflictError: `version` is not the active one any more.

        Example:
            >>> store.approve_record("BH-7", approved_by="k.brandt", meaning="reviewed", version=1).review.by
            'k.brandt'
        """
        options = given(actor=check.text("approved_by", approved_by), meaning=meaning, comment=comment, version=version, event_id=event_id)
        return self._core.review(True, check.text("record_id", record_id), options)

    def reject_record(
        self,
        record_id: str,
        *,
        rejected_by: str,
        reason: str,
        version: int | None = None,
        event_id: str | UUID | None = None,
    ) -> Version:
        """Reject the active version, which is a draft. The reason is kept for ever.

        Example:
            >>> store.reject_record("BH-7", rejected_by="k.brandt", reason="wrong datum").status
            <Status.REJECTED: 'rejected'>
        """
        options = given(actor=check.text("rejected_by", rejected_by), comment=reason, version=version, event_id=event_id)
        return self._core.review(False, check.text("record_id", record_id), options)

    def rollback_to_version(
        self,
        record_id: str,
        version: int,
        *,
        rolled_back_by: str,
        reason: str,
        allow_rejected: bool = False,
        event_id: str | UUID | None = None,
    ) -> Version:
        """Make an older version active, in one step; nothing is copied, no version is added.

        Raises:
            NotFoundError: No such version; lists those that there are.
            InvalidStateError: It was rejected (and `allow_rejected` is off), or purged.

        Example:
            >>> version = store.update_record("BH-7", store.read("BH-7", limit=1), updated_by="a.meier")
            >>> store.rollback_to_version("BH-7", 1, rolled_back_by="k.brandt", reason="rows are missing")
            <Version 1 of 'BH-7': draft, active; data 3 × 2>
        """
        options = given(actor=check.text("rolled_back_by", rolled_back_by), comment=reason, allow_rejected=allow_rejected, event_id=event_id)
        return self._core.rollback(check.text("record_id", record_id), check.whole("version", version), options)

    def tag(self, ref: str, name: str, *, by: str, comment: str = "", event_id: str | UUID | None = None) -> Version:
        """Give the version that `ref` stands for a name. A tag can be moved, which the history tells.

        Example:
            >>> store.tag("BH-7@v1", "as-tendered", by="k.brandt").tags
            ['as-tendered']
            >>> store.resolve_ref("BH-7@as-tendered").version
            <Version 1 of 'BH-7': draft, active; data 3 × 2>
        """
        return self._core.tag(check.text("ref", ref), check.text("name", name), given(actor=check.text("by", by), comment=comment, event_id=event_id))

    def set_attributes(
        self,
        record_id: str,
        attributes: Mapping[str, str] | None = None,
        *,
        by: str,
        name: str | None = None,
        comment: str = "",
        event_id: str | UUID | None = None,
    ) -> RecordInfo:
        """Set attributes (an empty text removes one) and the display name.

        Example:
            >>> store.set_attributes("BH-7", {"project": "P1"}, by="a.meier").attributes
            {'project': 'P1'}
        """
        options = given(actor=check.text("by", by), comment=comment, event_id=event_id)
        return self._core.set_attributes(check.text("record_id", record_id), check.pairs("attributes", {} if attributes is None else attributes), name, options)

    def set_drift_policy(
        self,
        record_id: str,
        policy: SchemaDriftPolicy | str | None,
        *,
        by: str,
        comment: str = "",
        event_id: str | UUID | None = None,
    ) -> RecordInfo:
        """What becomes of breaking changes of this record's columns; None: what the store says.

        Example:
            >>> store.set_drift_policy("BH-7", "warn", by="k.brandt").drift_policy
            <SchemaDriftPolicy.WARN: 'warn'>
        """
        return self._core.set_drift_policy(check.text("record_id", record_id), given(actor=check.text("by", by), comment=comment, drift_policy=policy, event_id=event_id))

    def settings(self) -> dict[str, str]:
        """Every setting of the store, with its value in force.

        Example:
            >>> store.settings()["drift_policy"]
            'reject'
        """
        return self._core.settings()

    def set_settings(
        self, settings: Mapping[str, str], *, by: str, comment: str = "", event_id: str | UUID | None = None
    ) -> None:
        """Change settings of the store (spec/format.md, "Settings"); an empty text restores the default.

        Example:
            >>> store.set_settings({"drift_policy": "warn"}, by="k.brandt")
        """
        self._core.set_settings(check.pairs("settings", settings), given(actor=check.text("by", by), comment=comment, event_id=event_id))
