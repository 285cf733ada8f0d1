"""What the tests share: one scripted provider (plain and TLS) and one gateway in front of it."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

for module in ("pair_features", "clients"):  # their assertions show what they compared
    pytest.register_assert_rewrite(module)

import replay
from certificates import Authority
from client import Answer, exchange, request
from dialects import ALL, Dialect, compact
from gateway import BINARY, Gateway
from pair_models import BASE_PATHS, DIALECTS, KINDS, PROFILES
from provider import Provider
from strict import KEY, StrictProvider
from strict.models import MODELS

SECRETS = {"oai": "sk-provider-openai-0a1b2c3d", "ant": "sk-ant-provider-4e5f6a7b", "gem": "AIza-provider-8c9d0e1f"}

# Tests talk to loopback only; a proxy or a real key or token of the developer's shell must not leak in.
for name in list(os.environ):
    if name.lower().endswith("_proxy") or name.endswith(("_API_KEY", "_AUTH_TOKEN", "_BASE_URL")):
        del os.environ[name]

# A thousand streams are two thousand descriptors in the gateway and as many here.
_, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(_hard, 65536), _hard))


def providers(plain: str, **more: dict) -> list[dict]:
    """The provider list of a configuration: `oai` speaks chat and responses, `ant` messages."""
    return [
        {"name": "oai", "kind": "openai", "base_url": f"{plain}/v1", "api_keys": [SECRETS["oai"]]},
        {"name": "ant", "kind": "anthropic", "base_url": f"{plain}/v1", "api_keys": [SECRETS["ant"]]},
        *({"name": name.replace("_", "-"), **each} for name, each in more.items()),
    ]


@dataclass
class Bed:
    """The test bed: a gateway with providers `oai`, `ant` (HTTP), `oai-tls`, `ant-tls` (HTTPS), `oai-untrusted` (HTTPS, CA unknown),
    `oai-dead` (nobody listens), `gem`, `gem-tls` (Gemini), and `oai-own`, `ant-own`, `gem-own` with the models `own-gpt`, `own-claude`,
    `own-gemini` (so that no prefix is needed)."""

    gateway: Gateway
    plain: Provider
    secure: Provider

    def script(self, handler) -> None:
        self.plain.script(handler)
        self.secure.script(handler)

    def post(self, dialect: Dialect, body: dict | bytes | None = None, *, headers: tuple[tuple[str, str], ...] = (), query: str = "",
             **fields: object) -> Answer:
        """A raw request to the dialect's endpoint: `body`, or the dialect's usual request with `fields`."""
        return exchange(self.gateway.port, "POST", dialect.path + query, encoded(dialect, body, **fields), headers=headers)


def encoded(dialect: Dialect, body: dict | bytes | None = None, **fields: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return compact(dialect.request(**fields) if body is None else body)


def post_bytes(dialect: Dialect, body: dict | bytes | None = None, *, headers: tuple[tuple[str, str], ...] = (), **fields: object) -> bytes:
    """The bytes of a request to the dialect's endpoint."""
    return request("POST", dialect.path, encoded(dialect, body, **fields), headers=headers)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes last."""
    items.sort(key=lambda item: item.path.name == "test_endurance.py")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def plain_provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def secure_provider(authority: Authority) -> Iterator[Provider]:
    with Provider(authority.server_context()) as provider:
        yield provider


@pytest.fixture(scope="session")
def binary() -> Path:
    if not BINARY.exists():
        pytest.fail(f"{BINARY} is missing: swift build -c release --product ekai-gateway", pytrace=False)
    return BINARY


@pytest.fixture(scope="session")
def shared_gateway(binary: Path, authority: Authority, plain_provider: Provider, secure_provider: Provider,
                   tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    secure = f"{secure_provider.url}/v1"
    config = {"providers": providers(
        plain_provider.url,
        oai_tls={"kind": "openai", "base_url": secure, "api_keys": [SECRETS["oai"]], "ca_file": str(authority.ca_file)},
        ant_tls={"kind": "anthropic", "base_url": secure, "api_keys": [SECRETS["ant"]], "ca_file": str(authority.ca_file)},
        oai_untrusted={"kind": "openai", "base_url": secure, "api_keys": [SECRETS["oai"]]},
        oai_own={"kind": "openai", "base_url": f"{plain_provider.url}/v1", "api_keys": [SECRETS["oai"]], "models": ["own-gpt"]},
        ant_own={"kind": "anthropic", "base_url": f"{plain_provider.url}/v1", "api_keys": [SECRETS["ant"]], "models": ["own-claude"]},
        gem={"kind": "gemini", "base_url": f"{plain_provider.url}/v1beta", "api_keys": [SECRETS["gem"]]},
        gem_tls={"kind": "gemini", "base_url": f"{secure_provider.url}/v1beta", "api_keys": [SECRETS["gem"]], "ca_file": str(authority.ca_file)},
        gem_own={"kind": "gemini", "base_url": f"{plain_provider.url}/v1beta", "api_keys": [SECRETS["gem"]], "models": ["own-gemini"]},
        oai_dead={"kind": "openai", "base_url": "http://127.0.0.1:9/v1", "api_keys": [SECRETS["oai"]]},
    )}
    with Gateway(tmp_path_factory.mktemp("gateway"), config) as gateway:
        yield gateway


@pytest.fixture
def bed(shared_gateway: Gateway, plain_provider: Provider, secure_provider: Provider) -> Iterator[Bed]:
    """The shared bed, unscripted; a test fails when a handler of its script did."""
    bed = Bed(shared_gateway, plain_provider, secure_provider)
    bed.script(Provider._unscripted)
    yield bed
    failures = plain_provider.failures + secure_provider.failures
    assert not failures, f"the provider's script failed: {failures[0]!r}"
    assert shared_gateway.process.poll() is None, f"the gateway died:\n{shared_gateway.log[-4000:]}"


@pytest.fixture(scope="session")
def started_strict_provider() -> Iterator[StrictProvider]:
    with StrictProvider() as provider:
        yield provider


@pytest.fixture
def strict_provider(started_strict_provider: StrictProvider) -> Iterator[StrictProvider]:
    """The strict provider, with nothing on record."""
    started_strict_provider.reset()
    yield started_strict_provider
    assert not started_strict_provider.failures, f"the strict provider failed: {started_strict_provider.failures[0]!r}"


@pytest.fixture(scope="session")
def translating_gateway(binary: Path, started_strict_provider: StrictProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with the strict provider as one of each kind; a model's name says which."""
    config = {"providers": [
        {"name": f"strict-{dialect}", "kind": KINDS[dialect], "base_url": started_strict_provider.url + BASE_PATHS[dialect], "api_keys": [KEY],
         "profile": PROFILES[dialect], "models": [name for name, model in MODELS.items() if model.dialect == dialect]}
        for dialect in DIALECTS]}
    with Gateway(tmp_path_factory.mktemp("translating"), config) as gateway:
        yield gateway


@pytest.fixture(params=ALL, ids=lambda each: each.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return request.param


@pytest.fixture(scope="session")
def corpus_or_skip() -> list[replay.Recording]:
    recordings = replay.corpus()
    if not recordings:
        pytest.skip(f"no recorded traffic at {replay.CORPUS} (EKAI_CORPUS names another place)")
    return recordings
