#!/usr/bin/env python3
"""Writes what the command line completes from openapi.yaml into a C++ source: embed_contract.py openapi.yaml OUTPUT.cpp

That is the words of which there are only so many, and the names of the fields of every answer.
"""

import sys

import yaml

SOURCE = """#include "cli/contract.h"

namespace konekwa::cli {{
namespace {{

{lists}
constexpr Answer kAnswers[] = {{
{answers}}};

}}  // namespace

{functions}
std::span<const Answer> contract_answers() {{ return kAnswers; }}

}}  // namespace konekwa::cli
"""
METHODS = ("get", "post", "put", "patch", "delete")
EVENTS = "events"   # the answer that stands for what a stream of events or a webhook carries
DEPTH_MAX = 4


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = yaml.safe_load(file)
        self.schemas = self.root["components"]["schemas"]

    def resolved(self, schema):
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def properties(self, schema):
        schema = self.resolved(schema)
        out = dict(schema.get("properties", {}))
        for word in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(word, []):
                out.update({name: value for name, value in self.properties(part).items() if name not in out})
        return out

    def items(self, schema):
        """What `items_of` of the command line takes for the objects of an answer."""
        properties = self.properties(schema)
        for value in properties.values() if "id" not in properties else ():
            value = self.resolved(value)
            if value.get("type") == "array" and self.properties(value.get("items", {})):
                return value["items"]
        return schema

    def fields(self, schema, prefix="", depth=1):
        for name, value in self.properties(schema).items():
            yield prefix + name
            if depth < DEPTH_MAX:
                yield from self.fields(value, prefix + name + ".", depth + 1)

    def answer(self, operation):
        """A dict for its order."""
        out = {}
        for status, response in operation["responses"].items():
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            if str(status).startswith("2") and schema:
                out.update(dict.fromkeys(self.fields(self.items(schema))))
        return out

    def answers(self):
        for path, item in self.root["paths"].items():
            for method in METHODS:
                fields = self.answer(item[method]) if method in item else {}
                if fields:
                    yield f"{method.upper()} {path}", fields
        events = {}
        for event in self.root["webhooks"].values():
            schema = event["post"]["requestBody"]["content"]["application/json"]["schema"]
            events.update(dict.fromkeys(self.fields(schema)))
        yield EVENTS, events

    def lists(self):
        events = list(self.root["webhooks"])
        kinds = [event.partition(".")[0] for event in events]
        patterns = [f"{kind}.*" for kind in dict.fromkeys(kinds) if kinds.count(kind) > 1]
        return {
            "message_statuses": self.schemas["MessageStatus"]["enum"],
            "message_types": self.schemas["SendableType"]["enum"],
            "scopes": self.schemas["Scope"]["enum"],
            "chat_kinds": self.schemas["NewIgnoredChats"]["items"]["examples"],
            "event_types": events,
            "event_patterns": [*events, *patterns, "*"],
        }


def constant(name):
    return "k" + name.title().replace("_", "")


def main():
    source, output = sys.argv[1:]
    document = Document(source)
    lists = document.lists()
    text = SOURCE.format(
        lists="".join("constexpr std::string_view {}[] = {{{}}};\n".format(
            constant(name), ", ".join(f'"{word}"' for word in words)) for name, words in lists.items()),
        answers="".join(f'    {{"{name}", "{",".join(fields)}"}},\n' for name, fields in document.answers()),
        functions="".join(f"std::span<const std::string_view> {name}() {{ return {constant(name)}; }}\n"
                          for name in lists))
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
