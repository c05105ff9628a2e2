"""A refusal is an expected answer, not a crash: a stable code and a sentence in two languages.

Each slice lists its refusals in one enum. Its members carry `(code, Chinese, English)`, and each
text says what is wrong and what to do. The HTTP status is given at the edge only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Refusal(Enum):
    """Base of the slices' refusal enums."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code = code
        self.zh = zh
        self.en = en


class BetweenNodes(Refusal):
    """Base of refusals that nobody meets before several nodes take part in the market."""


class LetterRefusal(BetweenNodes):
    """Why what another node has written has no effect, whatever it is about."""

    MALFORMED = (
        "message-malformed",
        "报文内容不完整或格式不正确。请核对双方的版本。",
        "The message's body is not in the form of its type. Compare the versions of both nodes.",
    )
    UNFOUNDED = (
        "message-unfounded",
        "报文所依据的日志记录没有写明相同内容。请将报文交监督人员。",
        "The record that the message rests on does not say the same. Show both to an auditor.",
    )


class Rejected(Exception):  # noqa: N818 - the architecture's word for an expected answer
    """Carries a refusal, and the field at fault where there is one, to the edge.

    `retry_after` is in seconds: how long the same request would be refused for. `about` is a JSON
    object of what stands in the way, which a page can show; its members depend on the refusal.
    """

    def __init__(
        self,
        refusal: Refusal,
        field: str | None = None,
        *,
        retry_after: int | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.field = field
        self.retry_after = retry_after
        self.about = about


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal that is itself an event: what the command wrote to say so is committed.

    A command returns it where it would else raise `Rejected`. Its answer is the same problem, and
    is kept under the request's key.
    """

    refusal: Refusal
    field: str | None = None


class CommonRefusal(Refusal):
    """Refusals that any request can meet."""

    UNAUTHENTICATED = (
        "unauthenticated",
        "尚未登录,或登录凭证已失效。请重新登录;程序请在 Authorization 头中提供有效的 Bearer 凭证。",
        "Not signed in, or no longer. Sign in; a program sends a valid `Authorization: Bearer …`.",
    )
    FORBIDDEN = (
        "forbidden",
        "当前角色不能执行此操作。请改用有此权限的角色的登录凭证。",
        "Your role may not do this. Use a credential of a role that may.",
    )
    CSRF_MISSING = (
        "csrf-missing",
        "X-CSRF-Token 请求头缺失或不属于本会话。请用 GET /v1/sessions/current 取得 csrf 后重发。",
        "The X-CSRF-Token is missing or of another session. Send `csrf` of /v1/sessions/current.",
    )
    CROSS_ORIGIN = (
        "cross-origin",
        "该请求来自其他网站,未予执行。请在本平台的页面上操作。",
        "This request came from another site and was not done. Use this exchange's own pages.",
    )
    PASSWORD_ONE_TIME = (
        "password-one-time",
        "一次性密码只能用于设置新密码。请先用 POST /v1/passwords 设置自己的密码。",
        "A one-time password serves to set your own alone. Set it by POST /v1/passwords first.",
    )
    TOO_MANY_ATTEMPTS = (
        "too-many-attempts",
        "失败次数过多,暂不受理。请等 Retry-After 所示的秒数后再试;忘记密码请找安全管理员重置。",
        "Too many failures. Wait the seconds in Retry-After; a security administrator can reset.",
    )
    INVALID_REQUEST = (
        "invalid-request",
        "请求的格式不正确。请按 errors 中指出的字段更正后重发。",
        "The request is malformed. Correct the fields named in `errors` and send it again.",
    )
    INVALID_AMOUNT = (
        "invalid-amount",
        "金额或面积不正确。请使用恰好两位小数的字符串,例如 “1234.50”。",
        'An amount or area is malformed. Send a string with two places, such as "1234.50".',
    )
    NOT_FOUND = (
        "not-found",
        "找不到所指的对象,或它不属于您所代表的一方。请核对编号。",
        "What you name does not exist or is not yours to see. Check the id.",
    )
    NOT_KNOWN = (
        "not-known",
        "没有以该 Idempotency-Key 保留的结果。请求若仍在途中,稍后再查,或用同一值重发。",
        "No answer is kept under this key. If the request may be on its way, repeat it unchanged.",
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        "此地址不支持该 HTTP 方法。请按 Allow 头或接口文档更正。",
        "This address does not take the HTTP method. Use one that the Allow header names.",
    )
    TOO_LARGE = (
        "body-too-large",
        "请求体超过此地址的上限(一般 2 MiB,材料 6 MiB)。请分成多个较小的请求发送。",
        "The body is larger than 2 MiB (6 MiB for evidence). Send several smaller requests.",
    )
    ID_TAKEN = (
        "id-taken",
        "该编号已被使用。请换一个编号。",
        "This id is in use already. Choose another one.",
    )
    KEY_MISSING = (
        "idempotency-key-missing",
        "缺少 Idempotency-Key 请求头。请为每个新请求提供一个唯一的值,重试时沿用原值。",
        "The Idempotency-Key header is missing. Send a new value per request, the same on a retry.",
    )
    KEY_REUSED = (
        "idempotency-key-reused",
        "该 Idempotency-Key 已用于另一个内容不同的请求。请为新请求换一个值。",
        "This Idempotency-Key was used for a different request. Use a new value.",
    )
    KEY_IN_PROGRESS = (
        "idempotency-key-in-progress",
        "使用该 Idempotency-Key 的请求仍在处理中,尚无结果。请稍后用同一值重试。",
        "A request with this Idempotency-Key is still running. Retry with the same key.",
    )
    BUSY = (
        "busy",
        "系统繁忙,本次请求没有产生任何影响。请稍后用同一 Idempotency-Key 重试。",
        "The service is busy and nothing was changed. Retry later with the same key.",
    )
    INTERNAL = (
        "internal-error",
        "系统出错,请求编号见 request_id。请用同一 Idempotency-Key 重试;仍失败请联系运维。",
        "Something failed on our side. Retry with the same key; if it stays, report request_id.",
    )
