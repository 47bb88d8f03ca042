#!/usr/bin/env python3
"""Asks graphql-core for the recorded cases that are excluded, with what the cases hold and nothing else.

    exclusions.py CORPUS EXCLUSIONS

An exclusion is right only where the case does not hold what its answer takes: then graphql-core, which the cases were
recorded from, does not give that answer either. Exit status 1 where it does.
"""

import glob
import json
import os
import sys

import graphql
from graphql import build_schema, execute, parse, print_ast, print_schema, validate, validate_schema
from graphql.utilities import introspection_from_schema


def error(found):
    places = [{"line": place.line, "column": place.column} for place in found.locations or []]
    return {"message": found.message, "locations": places, "path": found.path}


def schema_of(text):
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


def resolved(case):
    """The resolver that answers what the case says of a path."""

    def resolve(_source, info, **_arguments):
        place = "/".join(map(str, info.path.as_list()))
        outcome = case["fields"].get(place, {})
        if "error" in outcome:
            raise graphql.GraphQLError(outcome["error"])
        return outcome.get("value", {} if outcome.get("object") else outcome.get("list"))

    return resolve


def answer(case):
    kind = case["kind"]
    if kind == "parse":
        try:
            return {"ok": True, "printed": print_ast(parse(case["source"]))}
        except graphql.GraphQLError as found:
            return {"ok": False, "error": error(found)}
    if kind == "print":
        return {"printed": print_schema(build_schema(case["source"], assume_valid_sdl=True))}
    if kind == "schema":
        schema = build_schema(case["schema"], assume_valid_sdl=True)
        return {"errors": [error(found) for found in validate_schema(schema)]}
    if kind == "validate":
        rules = None if case["rules"] is None else [getattr(graphql, name) for name in case["rules"]]
        return {"errors": [error(found) for found in validate(schema_of(case["schema"]), parse(case["document"]), rules)]}
    if kind == "introspection":
        return {"data": introspection_from_schema(schema_of(case["schema"]))}
    if kind == "changes":
        found = getattr(graphql, case["function"])(schema_of(case["old"]), schema_of(case["new"]))
        return {"changes": [[change.type.name, change.description] for change in found]}
    if kind == "execute":
        found = execute(
            schema_of(case["schema"]), parse(case["document"]), variable_values=case["variables"],
            operation_name=case["operationName"], field_resolver=resolved(case))
        return {"result": {"data": found.data, "errors": [error(each) for each in found.errors or []]}, "args": {}}
    raise SystemExit(f"{case['id']} is of a kind that is not known")


def main():
    corpus, exclusions = sys.argv[1:]
    sys.path.insert(0, corpus)
    from judge import judge

    cases = {}
    for name in glob.glob(os.path.join(corpus, "graphql", "*.jsonl")):
        for line in open(name):
            case = json.loads(line)
            cases[case["id"]] = case
    ids = [line.split()[0] for line in open(exclusions) if line.strip() and not line.startswith("#")]
    reproduced = []
    for each in ids:
        try:
            actual = answer(cases[each])
        except Exception as found:  # no answer: a rule or a type that the case does not hold
            actual = {"crash": repr(found)}
        if judge(cases[each]["expect"], actual)[0]:
            reproduced.append(each)
    print(f"{len(reproduced)} of {len(ids)} excluded cases are answered as recorded by graphql-core {graphql.version}")
    for each in reproduced:
        print(f"  {each} need not be excluded")
    sys.exit(1 if reproduced else 0)


if __name__ == "__main__":
    main()
