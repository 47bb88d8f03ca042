"""Edits that break one rule each. An edit answers whether it found something to break."""

from graphql import GraphQLInputObjectType, GraphQLNonNull


def walk(definitions):
    """Every node that has selections or is one, with the list it stands in."""
    stack = [(definitions, d) for d in definitions if "raw" not in d]
    while stack:
        owner, node = stack.pop()
        yield owner, node
        stack += [(node["selections"], s) for s in node.get("selections") or []]


class Breaks:
    """The edits, over the documents of one maker."""

    def __init__(self, documents):
        self.documents = documents
        self.random = documents.random
        self.schema = documents.schema

    @classmethod
    def names(cls):
        return [name for name in vars(cls) if name.startswith("break_")]

    def apply(self, name, definitions):
        return getattr(self, name)(definitions)

    def pick(self, definitions, test):
        found = [n for _, n in walk(definitions) if test(n)]
        return self.random.choice(found) if found else None

    def pick_field(self, definitions, test=lambda n: True):
        return self.pick(definitions, lambda n: "field" in n and test(n))

    def pick_operation(self, definitions):
        return self.pick(definitions, lambda n: n.get("kind") in ("query", "mutation", "subscription"))

    def holder(self, definitions):
        return self.pick(definitions, lambda n: n.get("selections"))

    @staticmethod
    def leaf(name, alias=None, arguments=()):
        return {"field": name, "alias": alias, "arguments": list(arguments), "directives": [], "selections": None}

    def break_executable_definitions(self, ds):
        ds.insert(self.random.randint(0, len(ds)), {"raw": self.random.choice(
            ["type New { a: Int }", "extend type Case { more: Int }", "schema { query: Query }", "scalar New",
             "directive @new on FIELD", "extend schema @new", "enum New { A }"])})
        return True

    def break_operation_names(self, ds):
        operation = self.pick_operation(ds)
        if not operation or not operation["name"]:
            return False
        ds.append({**operation})
        return True

    def break_lone_anonymous(self, ds):
        ds.append({"kind": "query", "name": None, "variables": [], "directives": [], "selections": [self.leaf("__typename")]})
        return True

    def break_single_root_field(self, ds):
        operation = self.pick(ds, lambda n: n.get("kind") == "subscription")
        if not operation:
            return False
        extra = self.random.choice([
            self.leaf("__typename"), {**operation["selections"][0], "alias": "other"},
            {"on": None, "directives": [("skip", [("if", "true")])], "selections": [self.leaf("__typename")]},
        ]) if "field" in operation["selections"][0] else self.leaf("__typename")
        operation["selections"].append(extra)
        return True

    def break_unknown_field(self, ds):
        holder = self.holder(ds)
        if not holder:
            return False
        field = self.pick_field(ds)
        name = self.random.choice(["unknown", "nam", "iD", "edge", "allCase", "statu"] + ([field["field"] + "s"] if field else []))
        holder["selections"].append(self.leaf(name))
        return True

    def break_merging(self, ds):
        holder = self.holder(ds)
        fields = [n for n in holder["selections"] if "field" in n] if holder else []
        if not fields:
            return False
        field = self.random.choice(fields)
        key = field["alias"] or field["field"]
        other = self.random.choice([
            {**field, "alias": key, "arguments": [*field["arguments"], ("first", "1")]},
            self.leaf("id", key), self.leaf("__typename", key), self.leaf("edges", key),
            {"on": None, "directives": [], "selections": [self.leaf("id", key)]},
        ])
        holder["selections"].append(other)
        return True

    def break_leaf_selection(self, ds):
        field = self.pick_field(ds, lambda n: not n["field"].startswith("__"))
        if not field:
            return False
        field["selections"] = [self.leaf("id")] if field["selections"] is None else None
        return True

    def break_empty_selection(self, ds):
        field = self.pick_field(ds, lambda n: n["selections"])
        if not field:
            return False
        field["selections"] = []
        return True

    def break_argument_name(self, ds):
        field = self.pick_field(ds)
        if not field:
            return False
        field["arguments"].append((self.random.choice(["unknown", "firs", "filters", "ids", "afte"]), "1"))
        return True

    def break_directive_argument(self, ds):
        node = self.pick(ds, lambda n: "kind" not in n)
        if not node:
            return False
        node["directives"].append(self.random.choice(
            [("skip", [("if", "true"), ("iff", "1")]), ("include", []), ("skip", [("if", '"yes"')]),
             ("include", [("if", "null")]), ("skip", [("if", "true"), ("if", "false")])]))
        return True

    def break_argument_uniqueness(self, ds):
        field = self.pick_field(ds, lambda n: n["arguments"])
        if not field:
            return False
        field["arguments"].append(self.random.choice(field["arguments"]))
        return True

    def break_required_argument(self, ds):
        root = self.random.choice([("query", "node"), ("query", "caseTimeline"), ("mutation", "saveCase"), ("query", "__type")])
        ds.append({"kind": root[0], "name": "Required", "variables": [], "directives": [], "selections": [
            {**self.leaf(root[1]), "selections": [self.leaf("__typename")]}]})
        return True

    def break_fragment_names(self, ds):
        fragments = [d for d in ds if d.get("kind") == "fragment"]
        if not fragments:
            return False
        ds.append({**self.random.choice(fragments)})
        return True

    def break_type_existence(self, ds):
        choice = self.random.random()
        operation = self.pick_operation(ds)
        if choice < 0.4 and operation:
            from documents import Variable
            operation["variables"].append(Variable("odd", self.random.choice(["Unknown", "Strin", "[Cas!]!", "Integer"])))
            return True
        holder = self.holder(ds)
        if not holder:
            return False
        holder["selections"].append({"on": self.random.choice(["Unknown", "Cases", "Workitem"]), "directives": [],
                                     "selections": [self.leaf("__typename")]})
        return True

    def break_composite_types(self, ds):
        holder = self.holder(ds)
        on = self.random.choice(["String", "Int", "DateTime", "SaveCaseInput", "Boolean"])
        if self.random.random() < 0.5 or not holder:
            ds.append({"kind": "fragment", "name": "OnLeaf", "on": on, "directives": [], "selections": [self.leaf("a")]})
            return True
        holder["selections"].append({"on": on, "directives": [], "selections": [self.leaf("__typename")]})
        return True

    def break_used(self, ds):
        ds.append({"kind": "fragment", "name": "Unused", "on": "Case", "directives": [], "selections": [self.leaf("id")]})
        return True

    def break_spread_target(self, ds):
        holder = self.holder(ds)
        if not holder:
            return False
        holder["selections"].append({"spread": "Missing", "directives": []})
        return True

    def break_cycles(self, ds):
        fragments = [d for d in ds if d.get("kind") == "fragment"]
        if not fragments:
            return False
        one, two = self.random.choice(fragments), self.random.choice(fragments)
        one["selections"].append({"spread": two["name"], "directives": []})
        two["selections"].append({"spread": one["name"], "directives": []})
        return True

    def break_possible(self, ds):
        holder = self.holder(ds)
        if not holder:
            return False
        on = self.random.choice(self.documents.composites)
        holder["selections"].append({"on": on.name, "directives": [], "selections": [self.leaf("__typename")]})
        return True

    def break_value(self, ds):
        field = self.pick_field(ds, lambda n: n["arguments"])
        if not field:
            return False
        index = self.random.randrange(len(field["arguments"]))
        name, _ = field["arguments"][index]
        field["arguments"][index] = (name, self.random.choice(
            ["1", "1.5", '"text"', "true", "WORD", "null", "[]", "{}", "[1, WORD, null]", "{unknown: 1}", "2147483648",
             "99999999999999999999", "[[1]]", '{id: 1, id: "2"}', "-0", "1e400", "{invert: 3}", "[{status: DONE}]"]))
        return True

    def break_input_object(self, ds):
        names = [t.name for t in self.schema.type_map.values() if isinstance(t, GraphQLInputObjectType)]
        mutation = self.schema.mutation_type
        if not mutation or not names:
            return False
        name, field = self.random.choice(list(mutation.fields.items()))
        value = self.random.choice(["{}", "{unknown: 1}", "{clientMutationId: 1}", '{id: "a", id: "b"}', "[]", "null",
                                    '{clientMutationId: "a", clientMutationID: "b"}', "{id: [1], case: {}}"])
        ds.append({"kind": "mutation", "name": "Object", "variables": [], "directives": [], "selections": [
            {**self.leaf(name, None, [("input", value)]), "selections": [self.leaf("__typename")]}]})
        return True

    def break_directive_defined(self, ds):
        node = self.pick(ds, lambda n: True)
        node["directives"].append((self.random.choice(["unknown", "skipp", "client"]), []))
        return True

    def break_directive_location(self, ds):
        node = self.pick(ds, lambda n: True)
        node["directives"].append(self.random.choice(
            [("deprecated", []), ("oneOf", []), ("specifiedBy", [("url", '"a"')])]
            + ([("skip", [("if", "true")])] if "kind" in node else [])))
        return True

    def break_directive_uniqueness(self, ds):
        node = self.pick(ds, lambda n: "kind" not in n)
        if not node:
            return False
        node["directives"] += [("skip", [("if", "false")]), ("skip", [("if", "false")])]
        return True

    def break_variable_uniqueness(self, ds):
        operation = self.pick(ds, lambda n: n.get("variables"))
        if not operation:
            return False
        operation["variables"].append(self.random.choice(operation["variables"]))
        return True

    def break_variable_type(self, ds):
        from documents import Variable
        operation = self.pick_operation(ds)
        if not operation:
            return False
        operation["variables"].append(Variable("out", self.random.choice(["Case", "[Node]", "WorkItem!", "__Type"])))
        return True

    def break_variable_defined(self, ds):
        operation = self.pick(ds, lambda n: n.get("variables"))
        if operation and self.random.random() < 0.5:
            operation["variables"].remove(self.random.choice(operation["variables"]))
            return True
        field = self.pick_field(ds, lambda n: n["arguments"])
        if not field:
            return False
        field["arguments"][0] = (field["arguments"][0][0], self.random.choice(["$missing", "[$missing]", "{id: $missing}"]))
        return True

    def break_variable_used(self, ds):
        from documents import Variable
        operation = self.pick_operation(ds)
        if not operation:
            return False
        operation["variables"].append(Variable("unused", self.random.choice(["Int", "[String!]", "Boolean! = true"])))
        return True

    def break_variable_position(self, ds):
        operation = self.pick(ds, lambda n: n.get("variables"))
        if not operation:
            return False
        variable = self.random.choice(operation["variables"])
        variable.type = self.random.choice(
            ["Int", "String", "[String]", "Boolean", "ID!", "[[Int]]",
             str(variable.type.of_type) if isinstance(variable.type, GraphQLNonNull) else str(variable.type) + "!"])
        return True

    def break_default_value(self, ds):
        operation = self.pick(ds, lambda n: n.get("variables"))
        if not operation:
            return False
        self.random.choice(operation["variables"]).default = self.random.choice(
            ["1", '"a"', "null", "[null]", "{}", "WORD", "$odd", "{unknown: 1}"])
        return True

    def break_deep_introspection(self, ds):
        inner = [self.leaf("name")]
        for _ in range(self.random.randint(2, 4)):
            inner = [{**self.leaf(self.random.choice(["fields", "interfaces", "possibleTypes"])), "selections": [
                {**self.leaf("type"), "selections": inner}]}]
        ds.append({"kind": "query", "name": "Deep", "variables": [], "directives": [], "selections": [
            {**self.leaf("__schema"), "selections": [{**self.leaf("types"), "selections": inner}]}]})
        return True


class TextBreaks:
    """Edits of the text that mostly make it ungrammatical."""

    PIECES = ["{", "}", "(", ")", "[", "]", ":", "=", "!", "|", "&", "$", "@", "...", "..", ".", '"', '"""', "'", "#", "\\",
              "0", "00", "-", "1.", "1e", "0x1", "on", "fragment", "null", "true", "query", "extend", "type", "é", "\u0007",
              '"\\u{110000}"', '"\\uD800"', '"\\x"', "%", "?", "~", "\ufeff", "\u00a0", "1.5.2", "12a", '"line\nbreak"']

    def __init__(self, random):
        self.random = random

    def apply(self, text):
        kind = self.random.random()
        at = self.random.randint(0, len(text))
        if kind < 0.25:
            return text[:at]
        if kind < 0.5:
            end = min(len(text), at + self.random.randint(1, 6))
            return text[:at] + text[end:]
        if kind < 0.85:
            return text[:at] + self.random.choice(self.PIECES) + text[at:]
        other = self.random.randint(0, len(text))
        return text[:at] + text[other:other + self.random.randint(1, 12)] + text[at:]
