#!/usr/bin/env python3
"""Holds a server that takes trusted documents only to what clients send whose build has written these documents.

    trusted.py write FOLDER     the manifests and documents, for --trusted-documents
    trusted.py PORT

gql prints and sends the documents; what Apollo's and Relay's network layers and GraphQL over HTTP make of a request stands
between it and the wire. Exit status 0 when everything is as docs/how-to/trusted-documents.md says.
"""
import asyncio, hashlib, http.client, json, os, sys
from urllib.parse import urlencode

from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport
from graphql import parse, print_ast

DOCUMENTS = {
    "List": "query List($first: Int) { allCases(first: $first) { totalCount } }",
    "Save": 'mutation Save { saveSimpleTask(input: {slug: "trusted", name: "t"}) { task { slug } } }',
    "Follow": "subscription Follow($case: ID!) { caseEvents(case: $case) { seq } }",
}
# What a client that strips and prints documents itself sends is what its build has written.
TEXTS = {name: print_ast(parse(text)) for name, text in DOCUMENTS.items()}
STRANGE = "query Strange { allTasks { totalCount } }"
outcomes = {"passed": 0, "failed": 0}


def check(name, holds, found=""):
    outcomes["passed" if holds else "failed"] += 1
    if not holds:
        print(f"failed: {name}: {str(found)[:400]}")


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def write(folder):
    operations = [{"id": sha256(text), "name": name, "type": name, "body": text} for name, text in TEXTS.items()]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    files = {"apollo.json": json.dumps(manifest), "relay.json": json.dumps({md5(text): text for text in TEXTS.values()})}
    for text in TEXTS.values():
        files[sha256(text) + ".graphql"] = text
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)


def standard(payload):
    """GraphQL over HTTP, appendix on persisted documents."""
    document = payload.pop("query")
    return {**payload, "documentId": "sha256:" + sha256(document)}


def apollo(payload):
    """createPersistedQueryLink with ids of the manifest."""
    persisted = {"version": 1, "sha256Hash": sha256(payload.pop("query"))}
    return {**payload, "extensions": {"persistedQuery": persisted}}


def relay(payload):
    """A fetch function as in Relay's guide to persisted queries."""
    return {"doc_id": md5(payload.pop("query")), "variables": payload.get("variables")}


def plain(payload):
    return payload


class NamedRequest(GraphQLRequest):
    """What the client's network layer makes of a request before any transport of gql sends it."""

    def __init__(self, text, form, variables):
        super().__init__(text, variable_values=variables or None)
        self.form = form

    @property
    def payload(self):
        return self.form(dict(super().payload))


async def answer(transport, form, text, **variables):
    try:
        async with Client(transport=transport) as session:
            return await session.execute(NamedRequest(text, form, variables))
    except TransportError as error:
        return str(error)


async def clients(port):
    def post():
        return AIOHTTPTransport(url=f"http://127.0.0.1:{port}/graphql")

    def socket():
        return WebsocketsTransport(url=f"ws://127.0.0.1:{port}/graphql", subprotocols=["graphql-transport-ws"])

    for form in (standard, apollo, relay, plain):
        for way in (post, socket):
            found = await answer(way(), form, DOCUMENTS["List"], first=1)
            check(f"{form.__name__} by {way.__name__}", isinstance(found, dict) and "allCases" in found, found)
            found = await answer(way(), form, STRANGE)
            refused = "UNKNOWN_DOCUMENT" if form in (standard, relay) else "DOCUMENT_NOT_TRUSTED"
            check(f"{form.__name__} by {way.__name__}, a strange document", refused in found, found)
    found = await answer(post(), apollo, DOCUMENTS["Save"])
    check("a mutation", isinstance(found, dict) and found["saveSimpleTask"]["task"]["slug"] == "trusted", found)
    async with Client(transport=socket()) as session:
        try:
            async for event in session.subscribe(NamedRequest(DOCUMENTS["Follow"], relay, {"case": "unknown"})):
                check("a subscription", False, event)
        except TransportError as error:
            # It was found and opened: there is no such case.
            check("a subscription", "DOCUMENT" not in str(error) and "PERSISTED" not in str(error), error)


def request(port, parameters, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/graphql?" + urlencode(parameters), headers=fields)
    response = connection.getresponse()
    body = response.read() if fields.get("accept") != "text/event-stream" else response.read(2_000)
    return response.status, response.getheader("etag"), body


def addresses(port):
    text = TEXTS["List"]
    persisted = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}})
    for name, parameters in (("documentId", {"documentId": md5(text)}), ("doc_id", {"doc_id": md5(text)}),
                             ("extensions", {"extensions": persisted})):
        status, tag, body = request(port, parameters)
        check(f"{name} by GET", status == 200 and tag and b"allCases" in body, body)
    status, _, body = request(port, {"documentId": md5(TEXTS["Save"])})
    check("a mutation by GET", status == 405, body)
    _, _, body = request(port, {"documentId": md5(text)}, accept="text/event-stream")
    check("as an event stream", b"event: next" in body and b"allCases" in body, body)
    status, _, body = request(port, {"query": "{ __schema { queryType { name } } }"})
    check("introspection", b"DOCUMENT_NOT_TRUSTED" in body, body)


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    asyncio.run(clients(int(sys.argv[1])))
    addresses(int(sys.argv[1]))
    print(f"{outcomes['passed']} passed, {outcomes['failed']} failed")
    raise SystemExit(outcomes["failed"] > 0)
