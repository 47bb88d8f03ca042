"""Random documents for a schema: valid ones, ones with one rule broken, and ones with broken syntax.

A document is a list of definitions made of plain dictionaries and lists, so that a break is an edit of the tree; it is
written with random spacing, commas, comments and line ends, so that locations and printing are exercised too.
"""

import random

from graphql import (
    GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLList, GraphQLNonNull, GraphQLObjectType,
    GraphQLScalarType, GraphQLSchema, GraphQLUnionType, get_named_type, is_leaf_type, is_required_argument,
    is_required_input_field,
)

WORDS = ["alpha", "beta", "gamma", "über", "日本", "a b", "x\\\"y", "\\u00e9", "\\u{1F600}", "tab\\t", "", "💡"]


class Variable:
    """A variable of an operation: its name, type and default as text."""

    def __init__(self, name, type_, default=None):
        self.name, self.type, self.default = name, type_, default


class Documents:
    """Makes documents for one schema from one source of randomness."""

    def __init__(self, schema: GraphQLSchema, seed: int):
        self.schema = schema
        self.random = random.Random(seed)
        self.composites = [
            t for t in schema.type_map.values()
            if isinstance(t, (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)) and not t.name.startswith("__")
        ]

    # Trees

    def document(self):
        """A document that is valid but for rare conflicts of fields, which the reference may judge."""
        self.fragments, self.definitions, self.count = {}, [], 0
        roots = [r for r in (self.schema.query_type, self.schema.query_type, self.schema.mutation_type,
                             self.schema.subscription_type) if r]
        names = self.random.random() < 0.7
        operations = self.random.choice([1, 1, 1, 2, 3]) if names else 1
        for number in range(operations):
            root = self.random.choice(roots)
            kind = {self.schema.mutation_type: "mutation", self.schema.subscription_type: "subscription"}.get(root, "query")
            self.variables = []
            size = 1 if kind == "subscription" else self.random.randint(1, 4)
            selections = self.selections(root, self.random.randint(1, 5), size, is_root=kind == "subscription")
            self.definitions.append({
                "kind": kind, "name": f"Op{number}" if names else None, "variables": self.variables,
                "directives": [], "selections": selections, "description": self.random.random() < 0.08 and names,
            })
        self.definitions += self.fragments.values()
        if self.random.random() < 0.3:
            self.random.shuffle(self.definitions)
        return self.definitions

    def unique(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def selections(self, type_, depth, size=None, is_root=False):
        fields = list(getattr(type_, "fields", {}).items())
        result = []
        for _ in range(size or self.random.choice([1, 1, 2, 3, 4])):
            choice = self.random.random()
            if not is_root and (choice < 0.08 or not fields):
                result.append(self.field("__typename", None))
            elif not is_root and choice < 0.2:
                result.append(self.inline_fragment(type_, depth))
            elif choice < 0.3:
                result.append(self.spread(type_, depth, is_root))
            elif not is_root and type_ is self.schema.query_type and choice < 0.33:
                result.append(self.introspection())
            else:
                leaves = [f for f in fields if is_leaf_type(get_named_type(f[1].type))]
                name, definition = self.random.choice(leaves if depth <= 0 and leaves else fields)
                if depth <= 0 and not is_leaf_type(get_named_type(definition.type)):
                    result.append(self.field("__typename", None))
                else:
                    result.append(self.field(name, definition, depth, is_root))
        return result

    def introspection(self):
        if self.random.random() < 0.5:
            return {"field": "__type", "alias": self.unique("t"), "directives": [],
                    "arguments": [("name", '"Case"')], "selections": [self.field("name", None), self.field("kind", None)]}
        return {"field": "__schema", "alias": None, "arguments": [], "directives": [],
                "selections": [{"field": "types", "alias": None, "arguments": [], "directives": [],
                                "selections": [self.field("name", None)]}]}

    def field(self, name, definition, depth=0, is_root=False):
        arguments = []
        if definition:
            for key, argument in definition.args.items():
                if is_required_argument(argument) or self.random.random() < 0.25:
                    arguments.append((key, self.value(argument.type, 3)))
        alias = self.unique("a") if arguments or self.random.random() < 0.2 else None
        inner = None
        if definition and not is_leaf_type(get_named_type(definition.type)):
            inner = self.selections(get_named_type(definition.type), depth - 1)
        directives = [] if is_root else self.conditions()
        return {"field": name, "alias": alias, "arguments": arguments, "directives": directives, "selections": inner}

    def conditions(self):
        result = []
        for name in ("skip", "include"):
            if self.random.random() < 0.05:
                result.append((name, [("if", self.value(GraphQLNonNull(self.schema.type_map["Boolean"]), 0))]))
        return result

    def possible(self, type_):
        """Types that a fragment within the type may be on."""
        mine = {type_} if isinstance(type_, GraphQLObjectType) else set(self.schema.get_possible_types(type_))
        return [t for t in self.composites
                if mine & ({t} if isinstance(t, GraphQLObjectType) else set(self.schema.get_possible_types(t)))]

    def inline_fragment(self, type_, depth):
        on = self.random.choice(self.possible(type_) or [type_]) if self.random.random() < 0.8 else None
        return {"on": on.name if on else None, "directives": self.conditions(),
                "selections": self.selections(on or type_, depth - 1)}

    def spread(self, type_, depth, is_root):
        if self.fragments and not is_root and self.random.random() < 0.3:
            possible = {t.name for t in self.possible(type_)}
            fitting = [f for f in self.fragments.values() if f["on"] in possible and not f["uses variables"] and f["selections"]]
            if fitting:
                return {"spread": self.random.choice(fitting)["name"], "directives": self.conditions()}
        name = self.unique("Fragment")
        on = type_ if is_root else self.random.choice(self.possible(type_) or [type_])
        # What a fragment uses must be a variable of every operation that spreads it.
        fragment = {"kind": "fragment", "name": name, "on": on.name, "directives": [], "selections": [],
                    "description": self.random.random() < 0.05, "uses variables": True}
        self.fragments[name] = fragment
        before = len(self.variables)
        fragment["selections"] = self.selections(on, depth - 1, 1 if is_root else None, is_root)
        fragment["uses variables"] = len(self.variables) > before or "spread" in str(fragment["selections"]) or "'$" in str(fragment["selections"])
        return {"spread": name, "directives": [] if is_root else self.conditions()}

    # Values

    def value(self, type_, depth, constant=False):
        """A literal of an input type as text, or a variable."""
        if not constant and self.random.random() < 0.15:
            same = [v for v in self.variables if str(v.type) == str(type_)]
            if same and self.random.random() < 0.5:
                return "$" + self.random.choice(same).name
            variable = Variable(self.unique("v"), type_)
            if self.random.random() < 0.3:
                variable.default = self.value(type_, 1, constant=True)
            self.variables.append(variable)
            return "$" + variable.name
        if isinstance(type_, GraphQLNonNull):
            return self.literal(type_.of_type, depth, constant)
        return "null" if self.random.random() < 0.05 else self.literal(type_, depth, constant)

    def literal(self, type_, depth, constant):
        choose = self.random
        if isinstance(type_, GraphQLList):
            if choose.random() < 0.1 and not isinstance(type_.of_type, GraphQLList):
                item = self.literal(get_named_type(type_), depth, constant)
                return item
            return "[" + ", ".join(self.value(type_.of_type, depth - 1, constant) for _ in range(choose.randint(0, 2))) + "]"
        if isinstance(type_, GraphQLNonNull):
            return self.literal(type_.of_type, depth, constant)
        if isinstance(type_, GraphQLEnumType):
            return choose.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            fields = []
            for name, field in type_.fields.items():
                if is_required_input_field(field) or (depth > 0 and choose.random() < 0.2):
                    fields.append(f"{name}: {self.value(field.type, depth - 1, constant)}")
            return "{" + ", ".join(fields) + "}"
        assert isinstance(type_, GraphQLScalarType)
        if type_.name == "Int":
            return str(choose.choice([0, 1, -1, 7, 2147483647, -2147483648]))
        if type_.name == "Float":
            return choose.choice(["0", "1.5", "-3e10", "1.0E-2", "12"])
        if type_.name == "Boolean":
            return choose.choice(["true", "false"])
        if type_.name == "ID" and choose.random() < 0.4:
            return str(choose.randint(0, 99999))
        if type_.name not in ("String", "ID") and choose.random() < 0.3:
            return choose.choice(["1", "1.5", "{a: [1, {b: null}]}", "RED", "[true]"])
        if choose.random() < 0.1:
            return '"""' + choose.choice(["block", "\n  two\n    lines\n", 'with \\""" quotes', " lead", "end\\\\ "]) + '"""'
        return '"' + choose.choice(WORDS) + '"'

    # Text

    def text(self, definitions):
        """The document with random ignored characters between its tokens."""
        tokens = []
        for definition in definitions:
            self.write(definition, tokens)
        style = self.random.random()
        newline = self.random.choice(["\n", "\n", "\r\n", "\r"])
        parts = []
        for index, token in enumerate(tokens):
            if index:
                parts.append(self.separator(style, newline, tokens[index - 1], token))
            parts.append(token)
        text = "".join(parts)
        return ("\ufeff" if self.random.random() < 0.02 else "") + text + (newline if self.random.random() < 0.3 else "")

    def separator(self, style, newline, before, after):
        needed = (before[-1:].isalnum() or before[-1:] in '_"') and (after[:1].isalnum() or after[:1] in '_".-')
        if style < 0.2 and not needed:
            return ""
        choice = self.random.random()
        if choice < 0.03:
            return f" # note {self.random.randint(0, 9)} é{newline}"
        if choice < 0.06:
            return ",, "
        return newline + " " * self.random.randint(0, 4) if choice < 0.3 else " "

    def write(self, node, out):
        if isinstance(node, str):
            out.append(node)
            return
        if "raw" in node:
            out.append(node["raw"])
            return
        if node.get("description"):
            out.append('"What it is for."')
        if "kind" in node and node["kind"] == "fragment":
            out += ["fragment", node["name"], "on", node["on"]]
        elif "kind" in node:
            short = node["kind"] == "query" and not (node["name"] or node["variables"] or node["directives"])
            if not (short and not node.get("description") and self.random.random() < 0.7):
                out.append(node["kind"])
                if node["name"]:
                    out.append(node["name"])
                if node["variables"]:
                    out.append("(")
                    for variable in node["variables"]:
                        out += ["$", variable.name, ":", str(variable.type)]
                        if variable.default is not None:
                            out += ["=", variable.default]
                    out.append(")")
        elif "field" in node:
            out += ([node["alias"], ":"] if node["alias"] else []) + [node["field"]]
            self.write_arguments(node["arguments"], out)
        elif "spread" in node:
            out += ["...", node["spread"]]
        else:
            out += ["..."] + (["on", node["on"]] if node["on"] else [])
        for name, arguments in node.get("directives", []):
            out += ["@", name]
            self.write_arguments(arguments, out)
        if node.get("selections") is not None:
            out.append("{")
            for selection in node["selections"]:
                self.write(selection, out)
            out.append("}")

    def write_arguments(self, arguments, out):
        if arguments:
            out.append("(")
            for name, value in arguments:
                out += [name, ":", value]
            out.append(")")
