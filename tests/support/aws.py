"""A few operations of AWS, answered as a test wants: who calls, what IAM's simulator says, what a secret holds.

Everything else is refused as AWS refuses what a role may not do; every call is counted.
"""

import http.server
import json
import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

Json = dict[str, Any]
ROLE = "arn:aws:sts::111122223333:assumed-role/Operator/ann"
XML = (
    "<{0}Response><{0}Result>{1}</{0}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{0}Response>"
)


class ScriptedAws:
    """Answers JSON operations from `answers` by name, and STS and IAM by themselves; `denied` is refused."""

    def __init__(self) -> None:
        self.caller, self.calls, self.denied = ROLE, Counter[str](), set[str]()
        self.may_not: set[str] = set()  # actions that IAM's simulator denies
        self.answers: dict[str, Callable[[Json], Json]] = {"ListAccounts": lambda _: {"Accounts": []}}
        scripted = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                status, kind, content = scripted.answered(target, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ScriptedAws":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answered(self, target: str, body: str) -> tuple[int, str, bytes]:
        """Answer a call: JSON by its target, else a query whose Action is in the body."""
        form = {} if target else {name: values[0] for name, values in parse_qs(body).items()}
        operation = target or form["Action"]
        self.calls[operation] += 1
        if target:
            if operation in self.denied or operation not in self.answers:
                return 400, "application/x-amz-json-1.1", json.dumps(_denial(operation)).encode()
            return 200, "application/x-amz-json-1.1", json.dumps(self.answers[operation](json.loads(body))).encode()
        if operation in self.denied:
            said = f"<Error><Code>AccessDenied</Code><Message>no {operation}</Message></Error>"
            return 403, "text/xml", f"<ErrorResponse>{said}</ErrorResponse>".encode()
        return 200, "text/xml", XML.format(operation, self._query(operation, form)).encode()

    def _query(self, operation: str, form: dict[str, str]) -> str:
        match operation:
            case "GetCallerIdentity":
                return f"<Arn>{self.caller}</Arn><UserId>x</UserId><Account>111122223333</Account>"
            case "GetRole":
                name = form["RoleName"]
                arn = f"arn:aws:iam::111122223333:role/teams/{name}"
                made = "<CreateDate>2026-01-01T00:00:00Z</CreateDate><Path>/teams/</Path><RoleId>x</RoleId>"
                return f"<Role><Arn>{arn}</Arn><RoleName>{name}</RoleName>{made}</Role>"
            case "SimulatePrincipalPolicy":
                assert ":role/teams/" in form["PolicySourceArn"], "the simulator takes no role that was assumed"
                first = form["ResourceArns.member.1"]
                of_profile = first.startswith("arn:aws:identity-sync:us-east-1:111122223333:profile/Synchronization")
                assert ":identitystore/d-" in first or of_profile, "every action names the store, or the sync profile"
                actions = [value for name, value in form.items() if name.startswith("ActionNames.member.")]
                return f"<EvaluationResults>{''.join(map(self._evaluated, actions))}</EvaluationResults>"
        raise AssertionError(f"nobody asks for {operation}")

    def _evaluated(self, action: str) -> str:
        decision = "implicitDeny" if action in self.may_not else "allowed"
        return f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"


def _denial(operation: str) -> Json:
    return {"__type": "AccessDeniedException", "message": f"no {operation}"}
