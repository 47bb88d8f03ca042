#!/usr/bin/env python3
"""Compares what plans answer with graphql-core, over random schemas, operations and outcomes.

    executions.py RUNNER [--count N] [--seed N]

Both sides make up the same world from a seed: `Sources/ConformanceRunner/World.swift` says what follows from what. The
data has to be equal, in order, and each error has to be one that graphql-core has, with its message, path and location.
Where a null takes an object away, graphql-core goes on with what is left of it and may report more. Exit status 0 when
there is no difference.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile

from graphql import build_schema, execute, parse, validate, validate_schema
from graphql import get_named_type, get_nullable_type, is_abstract_type, is_interface_type, is_leaf_type, is_list_type
from graphql import SchemaMetaFieldDef, TypeMetaFieldDef, is_required_argument, is_union_type

MASK = (1 << 64) - 1


def digest(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    value ^= value >> 32
    return (value * 0x9E3779B97F4A7C15) & MASK


def chance(value):
    return (value >> 33) % 100


class World:
    """The made-up world; the other half of World.swift."""

    def __init__(self, schema, seed):
        self.schema = schema
        self.seed = seed

    def concrete(self, value, type):
        type = get_named_type(type)
        if not is_abstract_type(type):
            return type.name
        possible = sorted(each.name for each in self.schema.get_possible_types(type))
        return possible[(value >> 7) % len(possible)]

    def leaf(self, outcome, type):
        if chance(outcome) < 10:
            return None
        if chance(outcome) < 15:
            raise ValueError(f"Leaf {outcome % 1000} is broken.")
        if is_list_type(get_nullable_type(type)):
            return [outcome % 10, outcome % 7]
        name = get_named_type(type).name
        if name == "Int":
            return outcome % 1000
        return outcome % 2 == 0 if name == "Boolean" else f"text {outcome % 1000}"

    def resolve(self, source, info, **arguments):
        coordinate = f"{info.parent_type.name}.{info.field_name}"
        text = ",".join(f"{name}={json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
                        for name, value in sorted(arguments.items()))
        is_leaf = is_leaf_type(get_named_type(info.return_type))
        is_root = info.parent_type is self.schema.query_type
        has_source = not is_leaf or is_root or info.parent_type.fields[info.field_name].args
        if has_source and chance(digest(f"fail|{self.seed}|{coordinate}|{text}")) < 3:
            raise ValueError(f"{coordinate} failed.")
        parent = digest(f"root|{self.seed}") if is_root else source
        outcome = digest(f"{parent}|{coordinate}|{text}")
        if is_leaf:
            return self.leaf(outcome, info.return_type)
        if chance(outcome) < 12:
            return None
        if is_list_type(get_nullable_type(info.return_type)):
            return [digest(f"{outcome}|{index}") for index in range(outcome % 4)]
        return outcome

    def run(self, document, variables):
        return execute(self.schema, document, variable_values=variables, field_resolver=self.resolve,
                       type_resolver=lambda value, _info, type: self.concrete(value, type))


class Operations:
    """Random schemas, and operations on them."""

    VARIABLES = {"t": "Boolean!", "f": "Boolean = true", "i": "Int", "s": "String"}
    ARGUMENTS = ["a: Int", "b: Boolean", 'c: String = "c"', "d: [Int!]"]
    LITERALS = {
        "Int": ["1", "2", "null"], "String": ['"x"', '"é"'], "Boolean": ["true"], "[Int!]": ["[1, 2]", "3", "[]"],
        "Boolean!": ["true", "false"], "Color": ["RED", "null"], "Filter": ["{}", "{a: 3}", "{color: BLUE, inner: {}}"],
        "String!": [f'"{name}"' for name in ["A", "Node", "Any", "Color", "Filter", "Odd", "Choice", "Nope", "__Type"]],
    }
    # What only introspection tells, and values with defaults of their own.
    EXTRAS = '''
"""Colours of\n  things"""
enum Color { RED "the sky" BLUE GREEN @deprecated(reason: "too much") }
scalar Odd @specifiedBy(url: "https://example.org/odd")
input Choice @oneOf { a: Int, b: [String!] }
input Filter { a: Int = 1, color: Color = RED, inner: Filter, old: Odd @deprecated, list: [[Int]!] = [[1, null], []] }
directive @mark(choice: Choice, "since when" since: String = "é\\"\\n") repeatable on FIELD | OBJECT
'''

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def field(self, name):
        arguments = ""
        if self.chance(0.35):
            arguments = "(" + ", ".join(self.random.sample(self.ARGUMENTS, self.random.randint(1, 3))) + ")"
        if self.chance(0.55):
            type = self.random.choice(["Int", "String", "Boolean", "ID"])
            if type == "Int" and self.chance(0.2):
                type = "[Int!]"
        else:
            type = self.random.choice(["A", "B", "C", "Node", "Any"])
            if self.chance(0.4):
                type = f"[{type}{'!' if self.chance(0.6) else ''}]"
        return f"{name}{arguments}: {type}{'!' if self.chance(0.25) else ''}"

    def schema(self):
        shared = [self.field(f"s{number}") for number in range(3)]
        definitions = ["interface Node { " + " ".join(shared) + " }", "union Any = A | C"]
        for name in ["A", "B", "C", "Query"]:
            is_node = name in ("A", "B")
            fields = (shared if is_node else []) + [self.field(f"x{i}") for i in range(self.random.randint(2, 4))]
            if name == "Query":
                fields += ["o: A", "n: Node", "l: [Node!]", "u: [Any]!"]
            definitions.append(f"type {name}{' implements Node' if is_node else ''} {{ {' '.join(fields)} }}")
        if self.chance(0.5):
            definitions.append(self.EXTRAS)
            definitions.append("extend type Query { e(color: Color = BLUE, filter: Filter = {a: 2, old: 5}): Int "
                               "old(x: Int @deprecated): Int @deprecated(reason: \"gone\") }")
        return "\n".join(definitions)

    def document(self, schema):
        """An operation, and values of its variables."""
        self.schema_ = schema
        self.fragments = {}
        self.used = set()
        body = self.selections(schema.query_type, 0)
        variables = ", ".join(f"${name}: {self.VARIABLES[name]}" for name in sorted(self.used))
        text = f"query{f'({variables})' if variables else ''} {{ {body} }}"
        for name, (type, selections) in self.fragments.items():
            text += f" fragment {name} on {type} {{ {selections} }}"
        values = {"t": [True, False], "f": [True, False], "i": [1, None, 7], "s": ["x", None]}
        return text, {name: self.random.choice(values[name])
                      for name in sorted(self.used) if name == "t" or self.chance(0.8)}

    def argument(self, type):
        name = {"Int": "i", "String": "s", "Boolean": "t"}.get(type)
        if name and self.chance(0.3):
            self.used.add(name)
            return "$" + name
        return self.random.choice(self.LITERALS[type])

    def directive(self):
        if not self.chance(0.2):
            return ""
        condition = self.random.choice(["true", "false", "$t", "$f"])
        if condition[0] == "$":
            self.used.add(condition[1:])
        return f" @{self.random.choice(['skip', 'include'])}(if: {condition})"

    def fragment(self, type, depth):
        if depth > 4:
            return "__typename"
        if is_abstract_type(type):
            names = [each.name for each in self.schema_.get_possible_types(type)] + [type.name]
        else:
            names = [type.name] + [each.name for each in type.interfaces]
        if type.name in "AC" or is_interface_type(type):
            names.append("Any")
        condition = self.random.choice(names)
        selections = lambda: self.selections(self.schema_.type_map[condition], depth + 1)
        if not self.chance(0.4):
            return f"... on {condition}{self.directive()} {{ {selections()} }}"
        name = f"F{len(self.fragments)}"
        self.fragments[name] = None
        self.fragments[name] = condition, selections()
        return f"...{name}{self.directive()}"

    def selections(self, type, depth):
        return " ".join(self.selection(type, depth) for _ in range(self.random.randint(1, 3 if depth else 4)))

    def selection(self, type, depth):
        kind = self.random.random()
        if kind < 0.25 or (is_union_type(type) and kind < 0.85):
            return self.fragment(type, depth)
        if kind < 0.32 or is_union_type(type):
            return self.random.choice(["", "k: "]) + "__typename" + self.directive()
        all_fields = type.fields
        if type is self.schema_.query_type and kind < 0.4:
            all_fields = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
        fields = [(name, field) for name, field in all_fields.items()
                  if depth < 4 or is_leaf_type(get_named_type(field.type))]
        if not fields:
            return "__typename"
        name, field = self.random.choice(fields)
        arguments = [f"{each}: {self.argument(str(argument.type))}"
                     for each, argument in field.args.items() if is_required_argument(argument) or self.chance(0.6)]
        # Aliases that tell of the field keep conflicts rare.
        text = self.random.choice(["", "", f"y{name}: "]) + name
        text += f"({', '.join(arguments)})" if arguments else ""
        text += self.directive()
        inner = get_named_type(field.type)
        return text if is_leaf_type(inner) else f"{text} {{ {self.selections(inner, depth + 1)} }}"


def cases(count, seed):
    """Cases for the runner, each with what graphql-core answers."""
    operations = Operations(seed)
    number = 0
    while number < count:
        text = operations.schema()
        schema = build_schema(text)
        if validate_schema(schema):
            continue
        for _ in range(20):
            source, variables = operations.document(schema)
            document = parse(source)
            if len(source) > 3000 or validate(schema, document):
                continue
            world = f"{seed}.{number}"
            yield ({"id": str(number), "kind": "plan", "schema": text, "document": source, "variables": variables,
                    "seed": world}, World(schema, world).run(document, variables))
            number += 1


def facts(errors):
    return {(tuple(path or ()), message.replace('"', "'"), place) for path, message, place in errors}


def difference(wanted, answer):
    """What differs, as text."""
    if "crash" in answer:
        return answer["crash"]
    actual = answer["actual"]
    if json.dumps(actual.get("data")) != json.dumps(wanted.data):
        return f"{json.dumps(actual.get('data'))}\nwanted {json.dumps(wanted.data)}"
    want = facts((e.path, e.message, (e.locations[0].line, e.locations[0].column)) for e in wanted.errors or [])
    got = facts((e.get("path"), e["message"], (e["locations"][0]["line"], e["locations"][0]["column"]))
                for e in actual.get("errors", []))
    if got - want or (want and not got):
        return f"errors {sorted(got - want, key=str)}\nwanted of {sorted(want, key=str)}"
    return None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("runner")
    options.add_argument("--count", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    made = []
    with tempfile.TemporaryFile("w+") as requests:
        for case, wanted in cases(options.count, options.seed):
            made.append((case, wanted))
            print(json.dumps(case), file=requests)
        requests.seek(0)
        output = subprocess.run([options.runner], stdin=requests, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = 0
    for (case, wanted), line in zip(made, output.splitlines(), strict=True):
        problem = difference(wanted, json.loads(line))
        if problem:
            found += 1
            if found <= 10:
                print(f"{json.dumps(case)}\n{problem}\n")
    failing = sum(1 for _, wanted in made if wanted.errors)
    print(f"{len(made)} executions, {failing} of them with errors: {found} differ")
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
