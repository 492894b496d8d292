"""Schedules and event source mappings, switched on and off by hand.

A deploy writes them as the template has them as soon as it changes anything about them, which ends a pause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.aws_session import AwsSession

_OFF: Final = frozenset({"Disabled", "Disabling"})
_TOLD: Final = frozenset({"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata", "State"})
"""What GetSchedule says, and UpdateSchedule does not take or is given anew."""


class AwsSwitches:
    """Of one stage, whose schedules are in a group; every refusal is one of `asking`."""

    def __init__(self, session: AwsSession, group: str) -> None:
        """No call is made yet."""
        self._session = session
        self._group = group

    def is_off(self, said: Mapping[str, Any]) -> bool:
        """Whether a task or notifier, as its stack tells of it, is switched off: all that it has."""
        if said["kind"] == "task":
            names = [each["name"] for each in said["schedules"]]
            return bool(names) and all(self.schedule(name)["State"] == "DISABLED" for name in names)
        states = [mapping.get("State", "") for mapping in self._mappings(said)]
        return bool(states) and all(state in _OFF for state in states)

    def switch(self, said: Mapping[str, Any], *, on: bool) -> None:
        """Switch it on or off."""
        if said["kind"] == "task":
            for each in said["schedules"]:
                self._switch_schedule(each["name"], on=on)
        else:
            for mapping in self._mappings(said):
                self._switch_mapping(mapping["UUID"], on=on)

    def schedule(self, name: str) -> dict[str, Any]:
        """All of a schedule, as GetSchedule tells of it."""
        with asking(f"scheduler:GetSchedule of {name}"):
            answer: dict[str, Any] = self._session.client("scheduler").get_schedule(GroupName=self._group, Name=name)
        return answer

    def _switch_schedule(self, name: str, *, on: bool) -> None:
        """UpdateSchedule replaces all of a schedule, so that all of it is sent again (Scheduler API reference)."""
        kept = {key: value for key, value in self.schedule(name).items() if key not in _TOLD}
        with asking(f"scheduler:UpdateSchedule of {name}"):
            self._session.client("scheduler").update_schedule(**kept, State="ENABLED" if on else "DISABLED")

    def _mappings(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        name = said["function_name"]
        with asking(f"lambda:ListEventSourceMappings of {name}"):
            answer = self._session.client("lambda").list_event_source_mappings(
                FunctionName=name, EventSourceArn=said["queue_arn"]
            )
        return list(answer["EventSourceMappings"])

    def _switch_mapping(self, unique: str, *, on: bool) -> None:
        with asking(f"lambda:UpdateEventSourceMapping of {unique}"):
            self._session.client("lambda").update_event_source_mapping(UUID=unique, Enabled=on)
