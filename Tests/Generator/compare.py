#!/usr/bin/env python3
"""Compares the engine with graphql-core over random documents on a schema.

    compare.py RUNNER SCHEMA [--count N] [--seed N]

For each document both answer whether it parses, how it prints, and every error with its message and locations. Exit
status 0 when there is no difference. The differences that are meant are in `normalized`, each with its reason.
"""

import argparse
import collections
import json
import re
import subprocess
import sys
import tempfile

from graphql import GraphQLError, build_schema, parse, print_ast, validate

from breaks import Breaks, TextBreaks
from documents import Documents


def normalized(message):
    """A message as both sides may word it."""
    # The Python port quotes with ' what the others quote with ".
    message = message.replace('"', "'")
    # It shows Python's None for null.
    message = message.replace("not to be None", "not to be null")
    # It names the locations of directives in lower case with spaces; the grammar has FRAGMENT_SPREAD.
    message = re.sub(r"(may not be used on )(.*)\.$", lambda m: m[1] + m[2].upper().replace(" ", "_") + ".", message)
    return message


def located(message, locations):
    # A list or object that a scalar refuses has no location in the Python port, which copies it to replace variables.
    if re.search(r"cannot represent .* ?value: [\[{]", message):
        locations = []
    return (normalized(message), tuple(sorted(locations)))


def error(e):
    return located(e.message, [(l.line, l.column) for l in e.locations or []])


def given(e):
    return located(e["message"], [(l["line"], l["column"]) for l in e.get("locations", [])])


class Comparison:
    """Documents of one schema, with the reference's answers."""

    def __init__(self, text, seed):
        self.text = text
        self.schema = build_schema(text)
        self.documents = Documents(self.schema, seed)
        self.breaks = Breaks(self.documents)
        self.text_breaks = TextBreaks(self.documents.random)
        self.kinds = collections.Counter()

    def source(self, number):
        """Two of five documents are valid, two break a rule, one has an edit of its text."""
        definitions = self.documents.document()
        kind = "valid"
        if number % 5 in (2, 3):
            names = self.breaks.names()
            start = (number // 5 * 2 + number % 5) % len(names)
            for name in names[start:] + names[:start]:
                if self.breaks.apply(name, definitions):
                    kind = name
                    break
        text = self.documents.text(definitions)
        if number % 5 == 4:
            kind = "text"
            text = self.text_breaks.apply(text)
        self.kinds[kind] += 1
        return text

    def answer(self, source):
        try:
            document = parse(source)
        except GraphQLError as e:
            return {"error": error(e)}
        return {"printed": print_ast(document), "errors": collections.Counter(map(error, validate(self.schema, document)))}


def differences(source, wanted, parsed, validated):
    """What differs between the reference's answer and the engine's, as text."""
    actual = parsed["actual"]
    if "error" in wanted:
        if actual["ok"]:
            return f"accepted; wanted {wanted['error']}"
        return None if given(actual["error"]) == wanted["error"] else f"{given(actual['error'])}; wanted {wanted['error']}"
    if not actual["ok"]:
        return f"refused with {given(actual['error'])}"
    if actual["printed"] != wanted["printed"]:
        return f"printed\n{actual['printed']}\nwanted\n{wanted['printed']}"
    if "crash" in validated:
        return f"failed with {validated['crash']}"
    errors = collections.Counter(map(given, validated["actual"]["errors"]))
    if errors == wanted["errors"]:
        return None
    return f"more: {sorted((errors - wanted['errors']).elements())}\nless: {sorted((wanted['errors'] - errors).elements())}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("runner")
    options.add_argument("schema")
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    with open(options.schema) as file:
        text = file.read()
    # Half a schema lets the rule on missing root types have its say.
    comparisons = [Comparison(text, options.seed),
                   Comparison(re.sub(r"\n  (mutation|subscription): \w+", "", text), options.seed + 1)]
    wanted = []
    with tempfile.TemporaryFile("w+") as requests:
        for number in range(options.count):
            comparison = comparisons[1 if number % 50 == 49 else 0]
            source = (comparison if number % 50 != 49 else comparisons[0]).source(number)
            wanted.append((source, comparison.answer(source)))
            print(json.dumps({"id": f"p{number}", "kind": "parse", "source": source}), file=requests)
            print(json.dumps({"id": f"v{number}", "kind": "validate", "schema": comparison.text, "document": source, "rules": None}),
                  file=requests)
        requests.seek(0)
        lines = subprocess.run([options.runner], stdin=requests, capture_output=True, check=True).stdout.splitlines()
    answers = {}
    for line in lines:
        answer = json.loads(line)
        answers[answer["id"]] = answer
    failed = 0
    outcomes = collections.Counter()
    for number, (source, answer) in enumerate(wanted):
        outcomes["refused by the grammar" if "error" in answer else "invalid" if answer["errors"] else "valid"] += 1
        difference = differences(source, answer, answers[f"p{number}"], answers[f"v{number}"])
        if difference:
            failed += 1
            if failed <= 20:
                print(f"--- document {number}\n{source}\n--- {difference}\n")
    kinds = sum((c.kinds for c in comparisons), collections.Counter())
    print(f"{options.count} documents: " + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())))
    print(f"{len(kinds)} kinds, from {min(kinds.values())} documents; {failed} differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
