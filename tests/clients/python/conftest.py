"""The fixtures that all clients share, and the report that the table of clients is made from."""

import gc
import importlib.metadata
import json
import os

import pytest

pytest.register_assert_rewrite("matrix")

from gateway import GATEWAY, KEY, Upstream  # noqa: E402
from matrix import TARGETS, Guarded, Matrix  # noqa: E402

# What came of the tests, by client and target, then by feature.
_cells = {}


def pytest_generate_tests(metafunc):
    """A client runs against each of its targets."""
    if metafunc.cls and issubclass(metafunc.cls, Matrix):
        metafunc.parametrize("target", metafunc.cls.targets, scope="class")


@pytest.fixture
def url(target):
    return os.environ[f"FW_GATEWAY_URL{TARGETS[target]}"]


@pytest.fixture
def upstream(target):
    return Upstream(os.environ[f"FW_SIM_URL{TARGETS[target]}"])


@pytest.fixture
def guarded(target):
    return Guarded.of(target)


def pytest_collection_finish():
    # What is imported stays, so that collecting costs little.
    gc.freeze()
    gc.disable()


@pytest.fixture(autouse=True)
def _collected():
    """Python collects between tests only: `httpcore` locks itself out when a stream that was left is collected just
    when the next request takes its lock.
    """
    yield
    gc.collect(1)


@pytest.fixture(autouse=True)
def _lacking(request):
    """A feature that a client does not have is no failure, but the table says why."""
    mark = request.node.get_closest_marker("feature")
    if mark:
        name, without = mark.args[0], request.cls.without
        reason = without.get(name) or without.get((name, request.node.callspec.params["target"]))
        if reason:
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    mark = item.get_closest_marker("feature")
    over = report.when == "call" or report.outcome != "passed"
    if mark and over and item.cls and issubclass(item.cls, Matrix):
        target = item.callspec.params["target"]
        cells = _cells.setdefault((item.cls, target), {})
        cells.setdefault(mark.args[0], []).append(_outcome(report))
    return report


def _outcome(report):
    if hasattr(report, "wasxfail"):
        return "lacking", report.wasxfail.removeprefix("reason: ")
    if report.outcome == "skipped":
        return "lacking", report.longrepr[2].removeprefix("Skipped: ")
    return report.outcome, None


def pytest_sessionfinish():
    """Writes what came of it: `passed`, `failed`, or `lacking` with the reason."""
    path = os.environ.get("FW_CLIENTS_REPORT")
    if path:
        with open(path, "w") as file:
            json.dump([_row(*key, cells) for key, cells in _cells.items()], file, indent=1)


def _row(client, target, cells):
    features = {}
    for name, outcomes in cells.items():
        found = {outcome for outcome, _ in outcomes}
        worst = next(o for o in ("failed", "lacking", "passed") if o in found)
        reason = next((reason for _, reason in outcomes if reason), client.remarks.get(name))
        features[name] = {"outcome": worst, "remark": reason}
    return {
        "client": client.client,
        "version": importlib.metadata.version(client.package),
        "target": target,
        "features": features,
    }


@pytest.fixture
def openai():
    from openai import OpenAI

    with OpenAI(base_url=f"{GATEWAY}/v1", api_key=KEY) as client:
        yield client


@pytest.fixture
def no_retries(openai):
    return openai.with_options(max_retries=0)


@pytest.fixture
def async_openai():
    from openai import AsyncOpenAI

    return AsyncOpenAI(base_url=f"{GATEWAY}/v1", api_key=KEY)
