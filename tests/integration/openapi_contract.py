"""openapi.yaml as a judge of answers: finds the operation of a request, says what is wrong with an answer, and keeps
which statuses of which operations were seen."""

import json
import re
import urllib.parse

import jsonschema

METHODS = ("get", "put", "post", "delete", "patch")
# Headers that mean something only where the document says so. X-Request-Id and the like are asked for by `required`.
DECLARED_HEADERS = ("ratelimit", "ratelimit-policy", "retry-after", "idempotent-replayed", "x-konekwa-warnings",
                    "x-qr-sequence", "x-qr-expires-at", "access-control-allow-origin", "cache-control", "etag",
                    "content-range", "content-disposition", "content-language")
# What HTTP itself says of a header of the request.
HEADER_STATUSES = (408, 414, 416, 417, 431, 505)
# Headers of requests that the document has as parameters; the key is its security scheme.
PARAMETER_HEADERS = ("idempotency-key", "x-konekwa-tenant", "x-request-id", "last-event-id", "range", "if-range",
                     "if-none-match", "content-disposition", "accept-language")


class Operation:
    def __init__(self, contract, method, path, item, description):
        self.method, self.path, self.description = method.upper(), path, description
        self.id = description["operationId"]
        self.access = description.get("x-konekwa-access")
        self.parameters = [contract.resolve(entry)
                           for entry in [*item.get("parameters", []), *description.get("parameters", [])]]
        self.responses = {status: contract.resolve(response) for status, response in description["responses"].items()}

    def __str__(self):
        return f"{self.method} {self.path}"

    def declares_parameter(self, place, name):
        return any(p["in"] == place and p["name"].lower() == name.lower() for p in self.parameters)


class Contract:
    def __init__(self, document):
        self.document = document
        self.operations = [Operation(self, method, path, item, item[method])
                           for path, item in document["paths"].items() for method in METHODS if method in item]
        self.seen = {}   # operation id -> statuses

    def resolve(self, value):
        """A reference with what stands beside it, which overrides."""
        if "$ref" not in value:
            return value
        found = self.document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return {**self.resolve(found), **{key: item for key, item in value.items() if key != "$ref"}}

    def operation(self, operation_id):
        return next(operation for operation in self.operations if operation.id == operation_id)

    def schema_problems(self, schema, value):
        judge = jsonschema.Draft202012Validator({**schema, "components": self.document["components"]})
        error = jsonschema.exceptions.best_match(judge.iter_errors(value))
        return [f"{error.json_path}: {error.message}"[:600]] if error else []

    def event_problems(self, event):
        """Of the body of a webhook, which is also the data of a streamed event."""
        name = "".join(word.capitalize() for word in re.split(r"[._]", event["event_type"])) + "Event"
        if name not in self.document["components"]["schemas"]:
            return [f"there is no schema {name}"]
        return self.schema_problems({"$ref": f"#/components/schemas/{name}"}, event)

    def request_problems(self, operation, query, headers, body):
        names = [("query", name) for name in urllib.parse.parse_qs(query)]
        names += [("header", name) for name in headers if name.lower() in PARAMETER_HEADERS]
        found = [f"{place} parameter {name} is not declared" for place, name in names
                 if not operation.declares_parameter(place, name)]
        declared = operation.description.get("requestBody")
        if body is None:
            return found
        if declared is None:
            return [*found, "a body is not declared"]
        if takes_a_file(operation):
            return found
        return found + self.schema_problems(declared["content"]["application/json"]["schema"], body)

    def answer_problems(self, operation, status, headers, body, is_keyed):
        """`headers` by lower-case name; `body` as octets; `is_keyed`: a valid key was sent to a limited route."""
        self.seen.setdefault(operation.id, set()).add(status)
        response = operation.responses.get(str(status))
        if response is None:
            return [f"status {status} is not declared"]
        return (self.header_problems(response, headers, is_keyed) + self.body_problems(response, headers, body) +
                self.code_problems(response, status, body))

    def header_problems(self, response, headers, is_keyed):
        declared = {name.lower(): self.resolve(header) for name, header in response.get("headers", {}).items()}
        found = [f"header {name} is not declared" for name in DECLARED_HEADERS
                 if name in headers and name not in declared]
        for name, header in declared.items():
            must = header.get("required") or (is_keyed and name.startswith("ratelimit"))
            if name not in headers:
                found += [f"header {name} is missing"] if must else []
                continue
            is_integer = header["schema"].get("type") == "integer"
            value = int(headers[name]) if is_integer and headers[name].isdigit() else headers[name]
            found += [f"header {name}: {problem}" for problem in self.schema_problems(header["schema"], value)]
        return found

    def body_problems(self, response, headers, body):
        media_type = headers.get("content-type", "").split(";")[0]
        content = response.get("content", {})
        if media_type not in content and "*/*" not in content:
            return [f"content type {media_type} is not declared"]
        if media_type != "application/json":
            return []
        return self.schema_problems(content[media_type]["schema"], json.loads(body))

    def code_problems(self, response, status, body):
        """The description of a response names the codes of its errors."""
        if status < 400 or b'"error"' not in body:
            return []
        code = json.loads(body)["error"]["code"]
        found = [] if f"`{code}`" in response["description"] else [f"code {code} is not declared for {status}"]
        statuses = self.document["components"]["schemas"]["ErrorCode"]["x-konekwa-status"]
        is_right = statuses.get(code) == status or (code == "INVALID_REQUEST" and status in HEADER_STATUSES)
        return found + ([] if is_right else [f"code {code} is not one of status {status}"])

    def never_called(self):
        return [str(operation) for operation in self.operations if operation.id not in self.seen]

    def never_succeeded(self):
        return [str(operation) for operation in self.operations
                if not any(status < 300 for status in self.seen.get(operation.id, ()))]

    def count(self):
        """(operations, operation and status pairs) that were seen."""
        return len(self.seen), sum(len(statuses) for statuses in self.seen.values())


def takes_a_file(operation):
    return "*/*" in operation.description.get("requestBody", {}).get("content", {})


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def without_required(value):
    """A schema that also fits examples which leave keys out."""
    if isinstance(value, dict):
        return {key: without_required(item) for key, item in value.items()
                if not (key == "required" and isinstance(item, list)) and key != "dependentRequired"}
    if isinstance(value, list):
        return [without_required(item) for item in value]
    return value


def path_parameters(path):
    return sorted(re.findall(r"{([^}]+)}", path))
