"""One stack brought to its template, from whatever status it is in.

Each round looks at the stack and takes the one step that its status asks for, so that a deploy that was cut off
anywhere is taken up by the next.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import CloudCronError, DeployError
from cloud_cron_cli.deploy import causes, ownership, removing
from cloud_cron_cli.deploy.following import Patience, operate, until_made, until_rest
from cloud_cron_cli.deploy.stacks import Proposal
from cloud_cron_cli.deploy.statuses import FAILED, GOOD, Action, action
from cloud_cron_cli.deploy.template.sealing import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cloud_cron_cli.deploy.ports import Tools
    from cloud_cron_cli.deploy.stacks import Change, ChangeSet, Event, Stack

    Allow = Callable[[Sequence[Change]], None]

PATIENCE: Final = 3
"""How often a change that only needs time is tried again."""
_PAUSE: Final = 10.0
_ROUNDS: Final = 12


class Target(NamedTuple):
    """What a stack shall be: `template` is JSON text or a URL, sealed with `digest`."""

    stack: str
    template: str
    digest: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def converge(tools: Tools, patience: Patience, target: Target, allow: Allow = lambda _: None) -> Stack:
    """The stack as the target wants it; `allow` raises when it must not be changed so.

    Raises:
        DeployError: CC820 with the first cause, CC821 when time is up, CC822 when no step leads on.
        ConfigError: CC810 a stack of that name that is not ours.
    """
    return _Convergence(tools, patience, target, allow).run()


class _Convergence:
    """One call of `converge`, with what it has tried."""

    def __init__(self, tools: Tools, patience: Patience, target: Target, allow: Allow) -> None:
        self._tools = tools
        self._patience = patience
        self._target = target
        self._allow = allow
        self._waited = 0
        self._rolled_on = 0
        self._stale = False

    def run(self) -> Stack:
        for _ in range(_ROUNDS):
            stack = self._tools.stacks.find(self._target.stack)
            if stack is not None:
                ownership.check(stack, self._target.tags)
            done = self._step(stack)
            if done is not None:
                return done
        message = f"stack {self._target.stack} comes to no rest"
        raise DeployError("CC822", message, hint="look at its events in the console of CloudFormation")

    def _step(self, stack: Stack | None) -> Stack | None:
        """One step; the stack once it is as it should be."""
        step = action(stack.status if stack else None)
        if stack is None or step is Action.CREATE:
            return self._change("CREATE", keep=True)
        match step:
            case Action.WAIT:
                self._say(f"stack {stack.name} is {stack.status}: waiting for it")
                until_rest(self._tools, self._patience, stack)
            case Action.UPDATE:
                if stack.outputs.get(OUTPUT) == self._target.digest:
                    return stack
                return self._change("UPDATE", keep=False)
            case Action.REPAIR if self._stale:
                removing.abandon(self._tools, self._patience, stack)
                self._stale = False
            case Action.REPAIR:
                self._say(f"stack {stack.name} is {stack.status}: going on from there")
                return self._change("UPDATE", keep=True)
            case Action.REPLACE | Action.FORCE:
                self._say(f"stack {stack.name} is {stack.status}, which leads nowhere: it is deleted and created again")
                away = removing.abandon if step is Action.REPLACE else removing.delete
                away(self._tools, self._patience, stack)
            case Action.GO_ON:
                self._go_on(stack)
        return None

    def _change(self, kind: str, *, keep: bool) -> Stack | None:
        """Make a change set and carry it out."""
        tools, target = self._tools, self._target
        name = f"cloud-cron-{tools.time.token()}"
        tools.stacks.propose(Proposal(target.stack, name, kind, target.template, target.parameters, target.tags))
        made = until_made(tools, self._patience, target.stack, name)
        if made.status == "FAILED" or not made.executable:
            return self._not_made(name, made)
        self._check_allowed(name, made)
        tools.display.begin(target.stack, made.changes)
        before = tools.stacks.find(target.stack)
        if before is None:
            return None
        execute = partial(tools.stacks.execute, target.stack, name, keep=keep)
        return self._ended(*operate(tools, self._patience, before, execute))

    def _check_allowed(self, name: str, made: ChangeSet) -> None:
        """A change that is not allowed is not left behind for somebody else to carry out."""
        try:
            self._allow(made.changes)
        except CloudCronError:
            self._tools.stacks.discard(self._target.stack, name)
            raise

    def _not_made(self, name: str, made: ChangeSet) -> Stack | None:
        """A change set that cannot be carried out: nothing to do, or a fault of the template."""
        stacks, target = self._tools.stacks, self._target
        stacks.discard(target.stack, name)
        stack = stacks.find(target.stack)
        if any(text in made.reason for text in causes.NO_CHANGES):
            if stack is not None and stack.status not in FAILED:
                return stack
            self._stale = True
            return None
        if stack is not None and stack.status == "REVIEW_IN_PROGRESS":
            removing.delete(self._tools, self._patience, stack)
        message = f"CloudFormation refused the change of stack {target.stack}: {made.reason or made.status}"
        raise DeployError("CC820", message, hint="nothing was changed")

    def _ended(self, stack: Stack | None, events: list[Event]) -> Stack | None:
        """What our change came to, whatever others began since: done, to be tried again, or failed for a reason."""
        ended = causes.ending(events) or (stack.status if stack else "DELETE_COMPLETE")
        if stack is not None and ended in GOOD:
            return self._unless_overtaken(stack)
        found = causes.first(events)
        if causes.only_propagating(found) and self._waited < PATIENCE:
            self._waited += 1
            pause = _PAUSE * self._waited
            self._say(f"a role is not known everywhere yet: trying again in {pause:.0f} s")
            self._patience.wait("a role is not known everywhere", pause)
            return None
        why = "; ".join(map(causes.told, found[:3])) or (stack.reason if stack else "it is gone")
        if stack is not None and ended == stack.status and ended in FAILED:
            self._say(f"stack {stack.name} is {stack.status}: {why}")
            removing.abandon(self._tools, self._patience, stack)
            ended = "cleaned up"
        message = f"stack {self._target.stack} failed and is {ended}: {why}"
        raise DeployError("CC820", message, hint=causes.remedy(why))

    def _unless_overtaken(self, stack: Stack) -> Stack:
        """The stack that our change made, unless somebody has made another of it since: `DeployError` CC820."""
        if stack.outputs.get(OUTPUT) == self._target.digest:
            return stack
        message = f"stack {stack.name} was changed by somebody else right after this deploy had changed it"
        raise DeployError("CC820", message, hint="deploy again to bring it back to this app")

    def _go_on(self, stack: Stack) -> None:
        """Try a rollback again: as it is, then without the resources that it fails on."""
        if self._rolled_on > 1:
            message = f"stack {stack.name} is {stack.status}, and its rollback fails again and again: {stack.reason}"
            raise DeployError("CC822", message, hint="look at its events in the console of CloudFormation")
        force = self._rolled_on == 1
        self._rolled_on += 1
        self._say(f"stack {stack.name} is {stack.status}: its rollback goes on{' without what it fails on' * force}")
        go_on = partial(self._tools.stacks.go_on_rolling_back, stack.name, force=force)
        operate(self._tools, self._patience, stack, go_on)

    def _say(self, text: str) -> None:
        self._tools.display.say(text)
