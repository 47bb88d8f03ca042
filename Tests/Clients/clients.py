#!/usr/bin/env python3
"""Holds a running server to its transports with clients that others wrote: curl, gql, websockets, aiohttp.

    clients.py PORT

Exit status 0 when everything is as docs/reference/http.md says.
"""
import asyncio, gzip, hashlib, http.client, io, json, os, subprocess, sys, tempfile
from urllib.parse import quote, urlencode

import aiohttp, brotli, websockets
from gql import Client, FileVar, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import get_introspection_query

PORT = int(sys.argv[1])
HTTP = f"http://127.0.0.1:{PORT}/graphql"
SOCKET = f"ws://127.0.0.1:{PORT}/graphql"
EVENTS = "subscription ($case: ID!, $after: Int) { caseEvents(case: $case, after: $after) { seq name } }"
JSON = {"content-type": "application/json"}
PREFLIGHT = ["-H", "graphql-require-preflight: 1"]
outcomes = {"passed": 0, "failed": 0}


def check(name, holds, found=""):
    outcomes["passed" if holds else "failed"] += 1
    if not holds:
        print(f"failed: {name}: {str(found)[:400]}")


def request(method, path="/graphql", body=None, fields=JSON):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    connection.request(method, path, body=body, headers=fields)
    response = connection.getresponse()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def post(query=None, fields=JSON, **parameters):
    if query is not None:
        parameters["query"] = query
    return request("POST", body=json.dumps(parameters), fields=fields)


def data(query, **variables):
    status, _, body = post(query, variables=variables)
    answer = json.loads(body)
    if "errors" in answer:
        raise SystemExit(f"{status} {answer}")
    return answer["data"]


def get(query, **fields):
    return request("GET", "/graphql?query=" + quote(query), fields=fields)


def requests():
    status, _, body = post("{ __typename }")
    check("POST", status == 200 and json.loads(body)["data"]["__typename"] == "Query", body)
    check("GET", get("{ __typename }")[0] == 200)
    mutation = 'mutation { removeFlow(input: {flow: "x"}) { clientMutationId } }'
    status, fields, body = get(mutation)
    check("a mutation by GET is 405", status == 405 and fields.get("allow") == "POST", (status, body))
    check("a foreign page's GET", b"CSRF_PREFLIGHT_REQUIRED" in get("{ __typename }", origin="https://other.example")[2])
    form = {"content-type": "application/x-www-form-urlencoded"}
    check("a foreign page's form", b"CSRF_PREFLIGHT_REQUIRED" in
          request("POST", body="query=" + quote(mutation), fields={**form, "origin": "https://other.example"})[2])
    check("a form's mutation", b"CSRF_PREFLIGHT_REQUIRED" in
          request("POST", body="query=" + quote(mutation), fields=form)[2])
    for name, fields, expected in (("plain text", {"content-type": "text/plain"}, 400),
                                   ("XML", {"content-type": "application/xml"}, 415),
                                   ("an image as the answer", {**JSON, "accept": "image/png"}, 406)):
        check(name, post("{ __typename }", fields=fields)[0] == expected)
    status, fields, _ = request("POST", body="{", fields={**JSON, "accept": "application/graphql-response+json"})
    check("a refusal is of the type that was asked for, and not kept", status == 400
          and fields["content-type"].startswith("application/graphql-response+json") and fields["cache-control"] == "no-store",
          fields)
    check("batches are off", request("POST", body='[{"query": "{ __typename }"}]')[0] == 400)
    check("OPTIONS", request("OPTIONS")[0] == 204)
    everything = get_introspection_query()
    for coding, decode in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        _, fields, body = post(everything, fields={**JSON, "accept-encoding": coding})
        check(coding, fields.get("content-encoding") == coding and b"__schema" in decode(body), fields)


def persisted():
    query = "query A { __typename a: __typename }"
    digest = hashlib.sha256(query.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    check("an unknown digest", b"PERSISTED_QUERY_NOT_FOUND" in post(extensions=extensions)[2])
    body = post("{ __typename }", extensions=extensions)[2]
    check("a wrong digest", b"errors" in body and b"NOT_FOUND" not in body, body)
    for name, found in (("a digest with its document", post(query, extensions=extensions)),
                        ("a known digest", post(extensions=extensions)),
                        ("its address", request("GET", "/graphql/sha256:" + digest, fields={}))):
        check(name, found[0] == 200 and b'"a":"Query"' in found[2], found)
    address = "/graphql?" + urlencode({"extensions": json.dumps(extensions)})
    tag = request("GET", address, fields={})[1].get("etag", "")
    status, _, body = request("GET", address, fields={"if-none-match": tag})
    check("an entity tag", tag and status == 304 and body == b"", status)


def curl(*arguments):
    out = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", HTTP, *arguments], capture_output=True, text=True).stdout
    body, _, status = out.rpartition("\n")
    return int(status), body


def uploads(folder):
    load = json.dumps({
        "query": "mutation ($file: Upload!) { loadDefinitions(input: {file: $file, dryRun: true}) { report } }",
        "variables": {"file": None}})
    small, large = os.path.join(folder, "small"), os.path.join(folder, "large")
    with open(small, "w") as file:
        file.write('{"millrace": "definitions", "version": 1, "tasks": [], "workflows": []}')
    with open(large, "wb") as file:
        file.truncate(11_000_000)
    operations, place = ["-F", "operations=" + load], ["-F", 'map={"0": ["variables.file"]}']
    status, body = curl(*PREFLIGHT, *operations, *place, "-F", f"0=@{small}")
    check("a file", status == 200 and "errors" not in body, body)
    status, body = curl(*operations, *place, "-F", f"0=@{small}")
    check("a file from any page", "CSRF_PREFLIGHT_REQUIRED" in body, body)
    check("the map before the operations", curl(*PREFLIGHT, *place, *operations)[0] == 400)
    status, body = curl(*PREFLIGHT, *operations, *place, "-F", f"0=@{large}")
    check("a file that is too large", status == 413 and "UPLOAD_TOO_LARGE" in body, (status, body))
    status, body = curl(*PREFLIGHT, *operations, "-F", 'map={"0": ["variables.other"]}', "-F", f"0=@{small}")
    check("a place that is not there", status == 400, body)


async def sockets(case, item):
    transport = WebsocketsTransport(url=SOCKET, subprotocols=["graphql-transport-ws"])
    async with Client(transport=transport) as session:
        answer = await session.execute(gql("{ __typename }"))
        check("a query by WebSocket", answer["__typename"] == "Query")
        seen = []
        stream = session.subscribe(gql(EVENTS), variable_values={"case": case})
        async for event in stream:
            seen.append(event["caseEvents"]["seq"])
            if len(seen) == 2:
                await session.execute(gql("mutation ($id: ID!) { suspendWorkItem(input: {id: $id}) { clientMutationId } }"),
                                      variable_values={"id": item})
            if len(seen) == 5:
                break
        await stream.aclose()
        check("events in order", seen == sorted(set(seen)), seen)
        stream = session.subscribe(gql(EVENTS), variable_values={"case": case, "after": seen[1]})
        async for event in stream:
            check("resuming", event["caseEvents"]["seq"] == seen[2], (event, seen))
            break
        await stream.aclose()
    async with Client(transport=AIOHTTPTransport(url=HTTP), fetch_schema_from_transport=True) as session:
        answer = await session.execute(gql("{ allCases(first: 1) { edges { node { id } } } }"))
        check("a client that reads the schema", len(answer["allCases"]["edges"]) == 1)
    async with Client(transport=AIOHTTPTransport(url=HTTP, headers={"graphql-require-preflight": "1"})) as session:
        definitions = io.BytesIO(b'{"millrace": "definitions", "version": 1, "tasks": [], "workflows": []}')
        answer = await session.execute(
            gql("mutation ($file: Upload!) { loadDefinitions(input: {file: $file, dryRun: true}) { report } }"),
            variable_values={"file": FileVar(definitions, filename="definitions.json")}, upload_files=True)
        check("a file from a client of GraphQL", answer["loadDefinitions"]["report"] == [], answer)

    async def closed(*messages, protocol="graphql-transport-ws"):
        try:
            async with websockets.connect(SOCKET, subprotocols=[protocol]) as socket:
                for message in messages:
                    await socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
                while True:
                    await asyncio.wait_for(socket.recv(), 10)
        except websockets.ConnectionClosed as end:
            return end.rcvd.code

    init = {"type": "connection_init"}
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": EVENTS, "variables": {"case": case}}}
    for code, messages in ((4400, ["x"]), (4400, [{"type": "x"}]), (4401, [subscribe]), (4429, [init, init]),
                           (4409, [init, subscribe, subscribe]), (4408, []), (1003, [b"x"]), (1009, ["x" * 3_000_000])):
        check(f"closed with {code}", await closed(*messages) == code)
    check("closed with 4406", await closed(init, protocol="graphql-ws") == 4406)


async def events(response, count):
    """A reader of server-sent events."""
    found, event = [], {}
    async for line in response.content:
        text = line.decode().rstrip("\n")
        if text.startswith(":"):
            continue
        if text:
            name, _, value = text.partition(":")
            event[name] = value.lstrip()
        elif event:
            found.append(event)
            event = {}
            if len(found) == count:
                break
    return found


async def streams(case):
    accept = {"accept": "text/event-stream"}
    follow = {"query": EVENTS, "variables": {"case": case}}
    async with aiohttp.ClientSession() as session:
        for name, query, key in (("a query", "{ __typename }", "data"), ("an invalid document", "{ nope }", "errors")):
            async with session.post(HTTP, json={"query": query}, headers=accept) as response:
                found = await events(response, 2)
                kinds = [event["event"] for event in found]
                check(f"{name} as a stream", kinds == ["next", "complete"] and key in json.loads(found[0]["data"]), found)
        async with session.post(HTTP, json=follow, headers=accept) as response:
            first = await events(response, 3)
            check("events as a stream", len(first) == 3 and all("id" in event for event in first), first)
        parameters = {"query": EVENTS, "variables": json.dumps({"case": case})}
        async with session.get(HTTP, params=parameters, headers={**accept, "last-event-id": first[0]["id"]}) as response:
            found = await events(response, 1)
            check("Last-Event-ID", found[0]["id"] == first[1]["id"], found)
        async with session.put(HTTP) as response:
            check("a token", response.status == 201)
            token = {"x-graphql-event-stream-token": await response.text()}

        async def operate(body, identifier):
            async with session.post(HTTP, json={**body, "extensions": {"operationId": identifier}}, headers=token) as answer:
                return answer.status

        async def stop(identifier):
            async with session.delete(f"{HTTP}?operationId={identifier}", headers=token) as answer:
                return answer.status

        check("an operation before its stream", await operate(follow, "a") == 409)
        async with session.get(HTTP, headers={**accept, **token}) as stream:
            check("an operation on a shared stream", await operate({"query": "{ __typename }"}, "a") == 202)
            found = await events(stream, 2)
            check("its response", json.loads(found[0]["data"])["id"] == "a" and found[1]["event"] == "complete", found)
            address = HTTP + "?token=" + token["x-graphql-event-stream-token"]
            operation = {"query": "{ __typename }", "extensions": {"operationId": "t"}}
            async with session.post(address, json=operation) as answer:
                check("a token in the address", answer.status == 202)
            found = await events(stream, 2)
            check("the response to it", json.loads(found[0]["data"])["id"] == "t", found)
            check("a subscription on a shared stream", await operate(follow, "b") == 202)
            check("its id again", await operate(follow, "b") == 409)
            found = await events(stream, 1)
            check("its first event", json.loads(found[0]["data"])["id"] == "b", found)
            check("stopping it, once", (await stop("b"), await stop("b")) == (200, 404))
            async with session.get(HTTP, headers={**accept, **token}) as second:
                check("a second listener", second.status == 409)
        async with session.get(HTTP, headers={**accept, "x-graphql-event-stream-token": "x"}) as response:
            check("an unknown token", response.status == 404)


def main():
    requests()
    persisted()
    with tempfile.TemporaryDirectory() as folder:
        uploads(folder)
    data('mutation { saveSimpleTask(input: {slug: "clients", name: "t"}) { clientMutationId } }')
    data('mutation { saveWorkflow(input: {slug: "clients", name: "w", startTasks: ["clients"], isPublished: true})'
         ' { clientMutationId } }')
    case = data('mutation { startCase(input: {workflow: "clients"})'
                ' { case { id workItems { edges { node { id } } } } } }')["startCase"]["case"]
    asyncio.run(sockets(case["id"], case["workItems"]["edges"][0]["node"]["id"]))
    asyncio.run(streams(case["id"]))
    print(f"{outcomes['passed']} passed, {outcomes['failed']} failed")
    raise SystemExit(outcomes["failed"] > 0)


main()
