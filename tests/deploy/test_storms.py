"""Whatever goes wrong, in whatever order, and wherever deploys are killed: one that is left in peace converges."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_cron.errors import DeployError
from cloud_cron_cli.deploy.causes import PROPAGATING
from cloud_cron_cli.deploy.engine import Order, deploy
from tests.deploy.clouds import OK, STUCK, Cloud, Killed
from tests.deploy.stages import FEWER, MORE, SMALL, assert_converged, deployed, made, spread
from tests.deploy.template.apps import IMAGE
from tests.trying import examples

MAKES = Order(discard=True)

ENDINGS = st.sampled_from([OK, OK, "no such thing", STUCK, PROPAGATING[0], PROPAGATING[2]])
BEGINNINGS = st.sampled_from([Cloud, lambda: deployed(FEWER), lambda: deployed(MORE), spread])
IMAGES = st.sampled_from([f"{IMAGE.partition('@')[0]}@sha256:{number}{0:063x}" for number in range(3)])
ATTEMPTS = st.lists(
    st.tuples(st.sampled_from([FEWER, SMALL, MORE]), st.none() | st.integers(1, 60), IMAGES), max_size=4
)


@settings(max_examples=examples(60))
@given(begin=BEGINNINGS, attempts=ATTEMPTS, script=st.lists(ENDINGS, max_size=10), stale=st.booleans())
def test_a_deploy_in_peace_converges_after_any_storm(begin, attempts, script, stale):
    cloud = begin()
    cloud.script, cloud.stale = list(script), stale
    for declared, kill, cloud.image in attempts:
        cloud.kill(kill)
        with suppress(DeployError, Killed):
            deploy(cloud.tools, made(declared), MAKES)
    cloud.kill(None)
    cloud.script.clear()

    deploy(cloud.tools, made(SMALL), MAKES)

    assert_converged(cloud, made(SMALL), cloud.image)
    assert not any(cloud.retained)
