"""Signing in, by its rules alone: passwords, patience, what a session may be, whose page it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.rules import Credential
from app.kernel.principal import Role
from app.platform.browser import csrf_of, is_loopback, same_origin
from app.sessions import rules
from app.sessions.rules import Acting, Attempts, SessionRefusal

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        ("elevenchars", SessionRefusal.PASSWORD_TOO_SHORT),
        ("", SessionRefusal.PASSWORD_TOO_SHORT),
        ("my-LI.Wei-2026", SessionRefusal.PASSWORD_CONTAINS_LOGIN),
        ("lI.weili.wei", SessionRefusal.PASSWORD_CONTAINS_LOGIN),
        ("ababababcdcd", SessionRefusal.PASSWORD_TOO_SIMPLE),
        ("the old one it is", SessionRefusal.PASSWORD_UNCHANGED),
        ("twelve chars", None),
        ("宅基地复垦票一共十二个字呀", None),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_what_is_wrong(new, refusal):
    assert rules.judge_password(new, "the old one it is", "li.wei") is refusal


def test_one_password_typed_on_two_keyboards_is_the_same():
    assert rules.password_text("Ａｂｃ é") == rules.password_text("Abc e\u0301")
    assert rules.login_name("  Li.Wei ") == rules.login_name("ｌｉ．ｗｅｉ") == "li.wei"


def tried(times, patience=rules.WITH_LOGIN, every=NOTHING):
    attempts, now = None, NOW
    for _ in range(times):
        attempts = rules.attempted(attempts, patience, now)
        now += every
    return attempts


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, 0), (1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 15), (10, 15), (10_000, 15)],
)
def test_after_five_failures_a_login_waits_longer_and_longer_and_never_more_than_a_quarter_hour(
    failures, minutes
):
    attempts = Attempts(failures, NOW) if failures else None
    assert rules.wait(attempts, rules.WITH_LOGIN, NOW) == minutes * MINUTE


@given(st.integers(0, 12), st.integers(0, 20), st.sampled_from([0, 30, 59, 60, 3600, 86399, 86400]))
def test_waiting_as_long_as_was_said_is_enough_and_a_second_less_is_not(failures, more, seconds):
    attempts = Attempts(failures + more, NOW)
    now = NOW + timedelta(seconds=seconds)
    pause = rules.wait(attempts, rules.WITH_LOGIN, now)
    assert NOTHING <= pause <= rules.WAIT_MAX
    assert rules.wait(attempts, rules.WITH_LOGIN, now + pause) == NOTHING
    if pause:
        assert rules.wait(attempts, rules.WITH_LOGIN, now + pause - rules.SECOND) > NOTHING


@given(st.integers(1, 40), st.sampled_from([rules.WITH_LOGIN, rules.WITH_ADDRESS]))
def test_failures_add_up_and_are_forgotten_together_after_their_time(times, patience):
    attempts = tried(times, patience, timedelta(seconds=1))
    assert attempts.failures == times
    late = attempts.last_at + patience.forgotten_after
    assert rules.wait(attempts, patience, late) == NOTHING
    assert rules.attempted(attempts, patience, late) == Attempts(1, late)
    assert rules.attempted(attempts, patience, late - rules.SECOND).failures == times + 1


def test_a_success_clears_the_login_and_takes_its_own_attempt_back_from_the_address():
    keyed = {"login:x": Attempts(4, NOW), "address:y": Attempts(7, NOW), "address:z": tried(1)}
    cleared = rules.succeeded(keyed, "login:x")
    assert [kept.failures for kept in cleared.values()] == [0, 6, 0]


def test_addresses_are_told_apart_as_their_owners_are():
    one = rules.address_key("2001:db8:1:2::1")
    assert one == rules.address_key("2001:db8:1:2:ffff::9")
    assert one != rules.address_key("2001:db8:1:3::1")
    assert rules.address_key("10.0.0.1") == rules.address_key("::ffff:10.0.0.1")
    assert rules.address_key("10.0.0.1") != rules.address_key("10.0.0.2")
    assert rules.address_key("") != rules.address_key("testclient")


LIMITS = rules.Limits(timedelta(hours=12), timedelta(minutes=30), timedelta(hours=6))


def session(role=Role.PROVINCE, used=NOTHING, credential=timedelta(days=300)):
    return rules.Session(
        id="s",
        person="p",
        credential="c",
        acting=Acting(role, "500000"),
        device="",
        signed_in_at=NOW,
        used_at=NOW + used,
        ends_at=NOW + LIMITS.whole,
        credential_ends_at=NOW + credential,
        one_time=False,
    )


@given(
    st.sampled_from([Role.PROVINCE, Role.VILLAGER]),
    st.integers(0, 13 * 60).map(lambda n: n * MINUTE),
    st.sampled_from([timedelta(minutes=5), timedelta(hours=11), timedelta(days=300)]),
    st.integers(0, 13 * 60).map(lambda n: n * MINUTE),
)
def test_a_session_ends_unused_or_after_its_whole_time_or_with_its_credential(
    role, used, credential, after
):
    one = session(role, used, credential)
    idle = LIMITS.idle_villager if role is Role.VILLAGER else LIMITS.idle
    ends = min(used + idle, LIMITS.whole, credential)
    assert one.is_live(LIMITS, NOW + after) == (after < ends)


ROLES = st.sampled_from([Role.BIDDER, Role.PROVINCE, Role.VILLAGER])
CREDENTIALS = st.lists(
    st.builds(
        lambda n, role, party, days: Credential(
            str(n), "p", role, party, NOW + timedelta(days=days)
        ),
        st.integers(0, 9),
        ROLES,
        st.sampled_from(["a", "b"]),
        st.integers(1, 3),
    ),
    max_size=6,
    unique_by=lambda c: c.id,
)


@given(CREDENTIALS)
def test_a_person_may_act_as_its_credentials_say_and_as_nothing_else(credentials):
    pairs = rules.acting_of(credentials)
    assert set(pairs) == {Acting(c.role, c.party) for c in credentials}
    assert list(pairs) == sorted(pairs)
    for acting, chosen in pairs.items():
        assert (chosen.role, chosen.party) == (acting.role, acting.party)
        same = [c for c in credentials if Acting(c.role, c.party) == acting]
        assert chosen.expires_at == max(c.expires_at for c in same)


@given(st.lists(st.builds(Acting, ROLES, st.sampled_from("ab")), min_size=1, unique=True))
def test_a_session_begins_in_the_role_used_last_if_it_is_still_there(pairs):
    for last in (None, Acting(Role.MINISTRY, "000000"), *pairs):
        assert rules.first_acting(pairs, last) == (last if last in pairs else pairs[0])


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/142.0 Safari/537.36", "Chrome · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120.0 MicroMessenger/8.0", "WeChat · Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) Firefox/140.0", "Firefox · macOS"),
        ("curl/8.5.0", "other"),
        ("", "other"),
    ],
)
def test_a_device_is_told_by_its_browser_and_system_alone(agent, device):
    assert rules.device(agent) == device


@given(st.text(max_size=300))
def test_whatever_a_browser_calls_itself_the_device_is_one_of_a_few_words(agent):
    assert len(rules.device(agent)) <= 30


SITE, ORIGIN = "sec-fetch-site", "origin"


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({}, True),
        ({SITE: "same-origin"}, True),
        ({SITE: "same-site"}, False),
        ({SITE: "cross-site"}, False),
        ({SITE: "none"}, False),
        ({SITE: "Same-Origin"}, False),
        ({ORIGIN: "https://node.example:8443"}, True),
        ({ORIGIN: "http://node.example:8443"}, True),
        ({ORIGIN: "https://node.example"}, False),
        ({ORIGIN: "https://evil.example"}, False),
        ({ORIGIN: "https://node.example:8443.evil.example"}, False),
        ({ORIGIN: "https://node.example:8443@evil.example"}, False),
        ({ORIGIN: "null"}, False),
        ({ORIGIN: ""}, False),
        ({ORIGIN: "http://["}, False),
        ({ORIGIN: "https://node.example:8443", SITE: "cross-site"}, False),
        ({ORIGIN: "https://evil.example", SITE: "same-origin"}, False),
    ],
)
def test_a_request_is_our_own_pages_unless_the_browser_says_otherwise(headers, own):
    assert same_origin({"host": "node.example:8443", **headers}) is own


def test_no_origin_is_that_of_a_request_without_a_host():
    assert not same_origin({ORIGIN: "null"})
    assert not same_origin({ORIGIN: "https://"})


def test_only_the_machine_itself_is_loopback():
    for host in ("localhost", "localhost:8000", "127.0.0.1:8000", "127.9.9.9", "[::1]:8000"):
        assert is_loopback(host), host
    for host in ("", "node", "localhost.evil.example", "10.0.0.1", "[::2]", "[", "127.0.0.1.nip"):
        assert not is_loopback(host), host


@given(st.text(max_size=50), st.text(max_size=50))
def test_each_token_has_its_own_token_against_forgery(one, other):
    assert csrf_of(one) == csrf_of(one) != one
    assert (csrf_of(one) == csrf_of(other)) is (one == other)
