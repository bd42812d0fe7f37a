#!/usr/bin/env python3
"""Writes openapi.yaml as JSON into a C++ source: embed_openapi.py openapi.yaml OUTPUT.cpp

A key that is there twice in a mapping is refused, which YAML readers otherwise let pass.
"""

import json
import sys

import yaml

SOURCE = """#include "daemon/http/openapi.h"

namespace konekwa::http {{

std::string_view openapi_json() {{ return R"json({text})json"; }}

}}  // namespace konekwa::http
"""


class StrictLoader(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} is there twice",
                                                        key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def main():
    source, output = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        document = yaml.load(file, StrictLoader)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        sys.exit(f"{source} is not an OpenAPI document")
    # What YAML anchors were collected under; their users have copies.
    document.pop("x-konekwa-headers", None)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if ")json" in text:
        sys.exit(f"{source} holds what ends the C++ string: )json")
    with open(output, "w", encoding="utf-8") as file:
        file.write(SOURCE.format(text=text))


if __name__ == "__main__":
    main()
