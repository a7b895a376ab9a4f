# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One account's calls: pages, batches, retries of reads, and writes that are sent once whatever happens."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.lookups import list_instances
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import LONGEST_RETRY, Client, batched
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.api.transport import Transport
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import (
    ApiError,
    CloudError,
    Kind,
    NetworkError,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import nothing_was_done


class Server:
    """Answers DescribeInstances out of its ids, and everything else with what is scripted.

    Knows what it was asked.
    """

    def __init__(self, *ids, strict=False):
        self.ids, self.strict, self.asked, self.script = list(ids), strict, [], []
        self.meet = lambda page: None

    def send(self, request):
        body = json.loads(request.body)
        self.asked.append((request.action, body))
        if not self.script:
            return self.records(body)
        scripted = self.script.pop(0)
        if isinstance(scripted, Exception):
            raise scripted
        return scripted

    def records(self, body):
        self.meet(body.get("pageNum", 1))
        wanted = body.get("instanceIds")
        if self.strict and set(wanted or ()) - set(self.ids):
            return failure(404, "INVALID_INSTANCE_NOT_FOUND")
        found = [instance_id for instance_id in self.ids if wanted is None or instance_id in wanted]
        start = (body["pageNum"] - 1) * body["pageSize"]
        return success(
            totalCount=len(found),
            dataSet=[{"instanceId": instance_id} for instance_id in found[start : start + body["pageSize"]]],
        )


def success(**response):
    return Reply(200, {}, json.dumps({"requestId": "T1", "response": response}).encode())


def failure(status, code):
    return Reply(status, {}, json.dumps({"requestId": "T1", "code": code, "message": "m"}).encode())


THROTTLED, BROKEN = failure(429, "REQUEST_LIMIT_EXCEEDED"), failure(500, "INTERNAL_SERVER_ERROR")
LOST, UNREACHABLE = NetworkError("lost", sent=True), NetworkError("refused", sent=False)
PAGE = Reply(502, {"content-type": "text/html"}, b"<html>Bad Gateway</html>")
EMPTY = success(totalCount=0, dataSet=[])


@pytest.fixture
def client(zec, clock):
    """A client for a server; one worker unless a test wants several."""

    def connect(server, workers=1):
        return Client(zec, Account(Secrets("AK", "SK")), server, Pacer(clock), clock, workers)

    return connect


def names(rows):
    return [row["instanceId"] for row in rows]


@pytest.mark.parametrize("count, requests", [(0, 1), (1, 1), (1000, 1), (1001, 2), (2300, 3)])
def test_a_list_is_read_page_by_page_with_the_largest_pages(client, zec, count, requests):
    server = Server(*(f"i-{number}" for number in range(count)))
    assert names(client(server).list(zec.instances)) == server.ids
    assert [body for _action, body in server.asked] == [
        {"pageNum": number + 1, "pageSize": 1000} for number in range(requests)
    ]


def test_the_later_pages_are_read_side_by_side(client, zec):
    server = Server(*(f"i-{number}" for number in range(3000)))
    both = threading.Barrier(2)  # breaks, and fails the read, if the two pages do not meet here
    server.meet = lambda page: page > 1 and both.wait(timeout=30)
    assert len(client(server, workers=4).list(zec.instances)) == 3000


def test_a_look_again_reads_all_pages_side_by_side_and_those_that_have_come_since(client, zec):
    server = Server(*(f"i-{number}" for number in range(2500)))
    caller = client(server, workers=4)
    caller.by_id(zec.instances, server.ids)
    server.ids += [f"new-{number}" for number in range(1000)]
    all_three = threading.Barrier(3)  # breaks, and fails the read, if the three pages do not meet here
    server.meet = lambda page: page < 4 and all_three.wait(timeout=30)
    assert names(caller.by_id(zec.instances, server.ids)) == server.ids
    assert [body["pageNum"] for _action, body in server.asked].count(4) == 1


def test_a_list_that_lacks_records_is_an_error_and_not_a_shorter_list(client, zec):
    server = Server()
    server.script = [success(totalCount=3, dataSet=[{"instanceId": "i-1"}])]
    with pytest.raises(CloudError, match="1 of 3 records: the list is incomplete"):
        client(server).list(zec.instances)


def test_an_instance_that_is_removed_while_the_pages_are_read_is_no_error(client, zec):
    server = Server(*(f"i-{number}" for number in range(1002)))
    server.meet = lambda page: page == 2 and server.ids.pop()
    assert len(client(server).list(zec.instances)) == 1001


def test_an_action_without_pages_is_read_with_one_request(client, zec):
    server = Server()
    server.script = [success(zoneSet=[{"zoneId": "z-1"}])]
    assert client(server).list(zec.zones) == [{"zoneId": "z-1"}]
    assert server.asked == [("DescribeZones", {})]


def test_a_few_instances_are_read_by_id_and_a_page_that_holds_them_is_asked_for(client, zec):
    server = Server(*(f"i-{number}" for number in range(5000)))
    assert names(client(server).by_id(zec.instances, ["i-7", "i-9", "none", "i-7"])) == ["i-7", "i-9"]
    assert server.asked == [
        ("DescribeInstances", {"instanceIds": ["i-7", "i-9", "none"], "pageNum": 1, "pageSize": 1000})
    ]


def test_many_instances_are_read_by_listing_all_where_that_takes_fewer_requests(client, zec):
    server = Server(*(f"i-{number}" for number in range(900)))
    wanted = server.ids[:250]
    assert names(client(server).by_id(zec.instances, wanted)) == wanted
    assert [body for _action, body in server.asked] == [{"pageNum": 1, "pageSize": 1000}]


def test_many_instances_are_read_by_id_where_the_account_has_far_more(client, zec):
    server = Server(*(f"i-{number}" for number in range(4000)))
    caller = client(server)
    for _round in range(2):
        assert sorted(names(caller.by_id(zec.instances, server.ids[:250]))) == sorted(server.ids[:250])
    by_id = [len(body["instanceIds"]) for _action, body in server.asked if "instanceIds" in body]
    assert by_id == [100, 100, 50] * 2 and len(server.asked) == 7


def test_an_unknown_id_that_fails_a_batch_is_found_by_halving(client, zec):
    server = Server(*(f"i-{number}" for number in range(64)), strict=True)
    wanted = [*server.ids[:20], "none", *server.ids[20:]]
    assert sorted(names(client(server).by_id(zec.instances, wanted))) == sorted(server.ids)
    assert len(server.asked) <= 2 * 8


def test_a_read_of_unknown_ids_only_returns_nothing(client, zec):
    assert client(Server(strict=True)).by_id(zec.instances, ["a", "b", "c"]) == []


def test_another_error_of_a_batch_is_not_halved(client, zec):
    server = Server()
    server.script = [failure(400, "INVALID_PARAMETER_ID")]
    with pytest.raises(ApiError, match="INVALID_PARAMETER_ID"):
        client(server).by_id(zec.instances, ["a", "b"])
    assert len(server.asked) == 1


def test_one_id_that_is_not_permitted_does_not_keep_the_others_from_being_read(client, zec):
    denied = failure(403, "AUTHFAILURE_UNAUTHORIZED_OPERATION")
    server, caller = Server("a", "b", "c"), None
    server.script = [denied, denied]  # all three, then the first alone
    caller = client(server)
    assert names(caller.by_id(zec.instances, ["a", "b", "c"])) == ["b", "c"]
    assert list(caller.denied_ids) == ["a"]


def test_a_key_that_may_read_none_of_them_is_to_blame(client, zec):
    server = Server("a", "b")
    server.script = [failure(403, "AUTHFAILURE_UNAUTHORIZED_OPERATION")] * 3
    with pytest.raises(ApiError, match="AUTHFAILURE_UNAUTHORIZED_OPERATION"):
        client(server).by_id(zec.instances, ["a", "b"])


@pytest.mark.parametrize("trouble", [THROTTLED, BROKEN, LOST, UNREACHABLE, PAGE, Reply(200, {}, b"")])
def test_a_read_is_tried_again_when_the_trouble_may_pass(client, zec, trouble):
    server = Server("i-1")
    server.script = [trouble, trouble]
    assert names(client(server).list(zec.instances)) == ["i-1"]
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "trouble, patience",
    [
        (THROTTLED, 120.0),
        (BROKEN, 45.0),
        (LOST, 45.0),
        (PAGE, 45.0),
        (UNREACHABLE, 5.0),
        (failure(400, "INVALID_PARAMETER_VALUE"), 0.0),
        (failure(401, "AUTHFAILURE_SIGNATURE_FAILURE"), 0.0),
        (failure(404, "INVALID_IMAGE_NOT_FOUND"), 0.0),
    ],
)
def test_a_read_is_given_up_when_its_patience_is_over(client, zec, clock, trouble, patience):
    server = Server()
    server.script = [trouble] * 1000
    began = clock.monotonic()
    with pytest.raises(CloudError):
        client(server).list(zec.instances)
    assert clock.monotonic() - began <= patience
    assert (len(server.asked) > 1) is bool(patience)


def test_a_read_waits_as_long_as_the_provider_says_unless_that_is_too_long(client, zec, clock):
    server = Server("i-1")
    server.script = [replace(THROTTLED, headers={"retry-after": wait}) for wait in ("7", "soon", "86400")]
    with pytest.raises(ApiError) as error:
        client(server).list(zec.instances)
    assert clock.slept[0] == 7.0 and clock.slept[1] < 7.0 and len(clock.slept) == 2
    assert error.value.retry_after == LONGEST_RETRY


def test_a_write_that_is_throttled_says_how_long_to_wait(client, zec):
    server = Server()
    server.script = [replace(THROTTLED, headers={"retry-after": "7"})]
    with pytest.raises(ApiError) as error:
        client(server).write(zec.writes[Verb.RESET], ["i-1"], {})
    assert error.value.retry_after == 7.0


def test_a_read_is_not_tried_again_after_the_time_limit_of_the_call(client, zec, clock):
    server, began = Server(), clock.monotonic()
    server.script = [BROKEN] * 1000
    caller = client(server)
    caller.deadline = began + 10
    with pytest.raises(CloudError):
        caller.list(zec.instances)
    assert clock.monotonic() - began <= 10


def test_what_is_set_up_wrong_is_not_tried_again(client, zec, clock):
    server = Server("i-1")
    server.script = [NetworkError("TLS to a plain port", sent=False, lasting=True)]
    with pytest.raises(NetworkError):
        client(server).list(zec.instances)
    assert clock.slept == []


@pytest.mark.parametrize("name", [name for name, provider in PROVIDERS.items() if provider.regional])
def test_a_region_that_no_header_or_signature_can_hold_is_an_error_and_not_sent(clock, name):
    endpoint = "http://127.0.0.1:1"  # nobody listens
    account = Account(Secrets("AK", "SK"), "ap-\u7063", endpoint)
    caller = Client(PROVIDERS[name], account, Transport(5), Pacer(clock), clock)
    with pytest.raises(CloudError) as error:
        caller.write(PROVIDERS[name].writes[Verb.RESET], ["i-1"], {})
    assert nothing_was_done(error.value)


def test_the_waits_between_two_tries_grow(client, zec, clock):
    server = Server()
    server.script = [BROKEN] * 5
    client(server).list(zec.instances)
    assert len(clock.slept) == 5 and all(clock.slept[n] < clock.slept[n + 1] for n in range(3))


def test_an_answer_that_there_were_too_many_requests_slows_the_action_down(client, zec, clock):
    server = Server()
    server.script = [THROTTLED]
    caller = client(server)
    caller.list(zec.instances)
    assert caller.pacer._slots.take(zec.instances.name, 0.0, clock.monotonic()).interval > 0.5


TROUBLES = [
    THROTTLED,
    BROKEN,
    LOST,
    UNREACHABLE,
    PAGE,
    Reply(200, {}, b""),
    Reply(200, {}, b"[]"),
    failure(400, "INVALID_PARAMETER_VALUE"),
    failure(418, "NEVER_SEEN"),
    success(instanceIds=7),
]


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_write_is_called_exactly_once_whatever_happens(client, zec, clock, trouble, verb):
    server = Server()
    server.script = [trouble] * 9
    with pytest.raises(CloudError):
        client(server).write(zec.writes[verb], ["i-1"], {"imageId": "new"})
    ids = {"instanceId": "i-1"} if verb is Verb.PASSWORD else {"instanceIds": ["i-1"]}
    assert server.asked == [(zec.writes[verb].name, {**ids, "imageId": "new"})]
    assert clock.slept == []


def test_a_write_that_works_gives_its_request_id_and_the_failed_ids(client, zec):
    server = Server()
    server.script = [success(instanceIds=["i-2"])]
    answer = client(server).write(zec.writes[Verb.RESET], ["i-1", "i-2"], {})
    assert (answer.request_id, answer.failed_ids) == ("T1", ("i-2",))


@pytest.mark.parametrize(
    "reply", [success(instanceIds=7), Reply(200, {}, b'{"response": 1}'), Reply(200, {}, b"7")]
)
def test_an_answer_of_an_unknown_form_says_that_nobody_knows_what_was_done(client, zec, reply):
    server = Server()
    server.script = [reply]
    with pytest.raises(ApiError) as error:
        client(server).write(zec.writes[Verb.RESET], ["i-1"], {})
    assert error.value.kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    "response",
    [
        {"totalCount": "many"},
        {"totalCount": 1, "dataSet": 7},
        {"totalCount": 1, "dataSet": [{"instanceName": "no id"}]},
        {"totalCount": 1, "dataSet": ["text"]},
    ],
)
def test_a_list_of_an_unknown_form_is_an_error_of_ours_and_no_crash(client, zec, response):
    server = Server()
    server.script = [success(**response)] * 99
    with pytest.raises(CloudError, match="unexpected format"):
        list_instances(client(server))


@pytest.mark.parametrize("rate, sent", [(0.05, 1), (0.02, 0)])  # the second waits 21 or 53 s for its turn
def test_a_write_that_stood_in_the_queue_for_long_is_not_sent(client, zec, clock, rate, sent):
    action = zec.writes[Verb.RESET]._replace(per_second=rate)
    server = Server()
    server.script = [success(instanceIds=[])] * 2
    caller = client(server)
    caller.write(action, ["i-1"], {})
    if sent:
        caller.write(action, ["i-2"], {})
    else:
        with pytest.raises(ApiError, match="not sent: it waited 5[0-9] s") as caught:
            caller.write(action, ["i-2"], {})
        assert caught.value.kind is Kind.THROTTLED
    assert len(server.asked) == 1 + sent


def test_requests_wait_for_the_documented_rate(client, zec, clock):
    server = Server()
    server.script = [EMPTY] * 3
    slow = zec.instances._replace(per_second=2)
    caller = client(server)
    for _round in range(3):
        caller.list(slow)
    assert sum(clock.slept) >= 1.0


@pytest.mark.parametrize("workers", [1, 4])
def test_results_of_work_side_by_side_come_in_the_order_of_the_items(client, workers):
    assert client(Server(), workers).side_by_side(lambda item: item * 2, range(9)) == [
        item * 2 for item in range(9)
    ]


@pytest.mark.parametrize("count, sizes", [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_batches_are_full_but_for_the_last(count, sizes):
    runs = batched(list(range(count)), 3)
    assert [len(run) for run in runs] == sizes and [item for run in runs for item in run] == list(
        range(count)
    )


SPOKEN = "the password Aa1~hush is known, as is Aa1~hush-hush, of the key SECRET with the token TOKEN"


@pytest.mark.parametrize(
    "hidden, masked",
    [
        (
            ("Aa1~hush", "Aa1~hush-hush"),
            "the password ******** is known, as is ********, of the key ******** with the token ********",
        ),
        (
            (),
            "the password Aa1~hush is known, as is Aa1~hush-hush, of the key ******** with the token "
            "********",
        ),
    ],
)
def test_a_secret_that_the_provider_repeats_is_not_passed_on(zec, clock, hidden, masked):
    server = Server()
    server.script = [
        Reply(400, {}, json.dumps({"requestId": "T1", "code": "BAD_SECRET", "message": SPOKEN}).encode())
    ]
    client = Client(zec, Account(Secrets("AK", "SECRET", "TOKEN")), server, Pacer(clock), clock, 1, hidden)
    with pytest.raises(ApiError) as caught:
        client.write(zec.writes[Verb.RESET], ["i-1"], {"password": "Aa1~hush"})
    assert (caught.value.code, caught.value.message, caught.value.request_id) == ("BAD_SECRET", masked, "T1")
    assert "Aa1~hush" not in str(caught.value) or not hidden
