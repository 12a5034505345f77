"""The error bodies of X's API, as they were seen in 2026 or are documented; facts of the API, restated.

Where only the wording is known (the older reply rule, the refusals of the v1 API with their numbers) or the body is not
documented (500, 503), the form is that of its neighbours.
"""

from dataclasses import dataclass
from typing import Final

_NEW: Final = "https://api.x.com/2/problems/"
_OLD: Final = "https://api.twitter.com/2/problems/"


@dataclass(frozen=True)
class Refusal:
    """An error answer: its status and its JSON body."""

    status: int
    body: dict[str, object]


def _plain(status: int, title: str, detail: str) -> Refusal:
    return Refusal(status, {"detail": detail, "type": "about:blank", "title": title, "status": status})


def invalid(message: str, **parameters: list[str]) -> Refusal:
    """Make the answer to a request that X does not understand."""
    return Refusal(
        400,
        {
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{_OLD}invalid-request",
            "errors": [{"message": message, "parameters": parameters}],
        },
    )


def no_such_post(post_id: str) -> dict[str, object]:
    """Make what X answers, with the status of a success, where it knows no such post."""
    problem = {
        "value": post_id,
        "detail": f"Could not find tweet with id: [{post_id}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": post_id,
        "type": f"{_OLD}resource-not-found",
    }
    return {"errors": [problem]}


DUPLICATE: Final = _plain(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
REPLY_RULE: Final = Refusal(
    403,
    {
        "detail": "You can only reply to or quote posts where you are mentioned or are the author.",
        "status": 403,
        "title": "Authorization Error",
        "type": f"{_NEW}not-authorized-for-resource",
    },
)
REPLY_RULE_OLD: Final = _plain(
    403,
    "Forbidden",
    "Reply to this conversation is not allowed because you have not been mentioned "
    "or otherwise engaged by the author of the post you are replying to.",
)
NOT_PERMITTED: Final = _plain(403, "Forbidden", "You are not permitted to perform this action.")
PARENT_UNSEEN: Final = Refusal(
    403,
    {
        "errors": [
            {"code": 385, "message": "You attempted to reply to a Tweet that is deleted or not visible to you."},
        ],
    },
)
APP_ONLY: Final = Refusal(
    403,
    {
        "title": "Unsupported Authentication",
        "detail": "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint. Supported "
        "authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        "type": f"{_OLD}unsupported-authentication",
        "status": 403,
    },
)
CREDITS: Final = Refusal(
    402,
    {
        "account_id": 0,
        "title": "CreditsDepleted",
        "detail": "Your enrolled account [0] does not have any credits to fulfill this request.",
        "type": f"{_OLD}credits",
    },
)
RATE_LIMIT: Final = Refusal(
    429,
    {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429},
)
RATE_LIMIT_OLD: Final = Refusal(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]})
UNAUTHORIZED: Final = Refusal(
    401,
    {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"},
)
NOT_FOUND: Final = _plain(404, "Not Found", "Not Found")
INVALID: Final = invalid("...", x=["y"])
INTERNAL: Final = _plain(500, "Internal Server Error", "Internal Server Error")
UNAVAILABLE: Final = _plain(503, "Service Unavailable", "Service Unavailable")
DUPLICATE_OLD: Final = Refusal(403, {"errors": [{"code": 187, "message": "Status is a duplicate."}]})
LOCKED: Final = Refusal(
    403,
    {
        "errors": [
            {
                "code": 326,
                "message": "To protect our users from spam and other malicious activity, this account is temporarily "
                "locked. Please log in to https://twitter.com to unlock your account.",
            },
        ],
    },
)
SUSPENDED: Final = _plain(403, "Forbidden", "Your account is suspended and is not permitted to access this feature.")
SUSPENDED_OLD: Final = Refusal(
    403,
    {
        "errors": [
            {"code": 64, "message": "Your account is suspended and is not permitted to access this feature."},
        ],
    },
)
AUTOMATED: Final = Refusal(
    403,
    {
        "errors": [
            {
                "code": 226,
                "message": "This request looks like it might be automated. To protect our users from spam and other "
                "malicious activity, we can't complete this action right now. Please try again later.",
            },
        ],
    },
)
DAILY_LIMIT: Final = Refusal(403, {"errors": [{"code": 185, "message": "User is over daily status update limit."}]})
PERMISSIONS: Final = Refusal(
    403,
    {
        "title": "Forbidden",
        "status": 403,
        "detail": "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
        "type": f"{_OLD}oauth1-permissions",
    },
)
READ_ONLY: Final = Refusal(
    403,
    {"errors": [{"code": 261, "message": "Application cannot perform write actions. Contact X Platform Operations."}]},
)
NOT_ENROLLED: Final = Refusal(
    403,
    {
        "client_id": "0",
        "detail": "When authenticating requests to the X API v2 endpoints, you must use keys and tokens from an X "
        "developer App that is attached to a Project.",
        "registration_url": "https://developer.x.com/",
        "title": "Client Forbidden",
        "required_enrollment": "Appropriate Level of API Access",
        "reason": "client-not-enrolled",
        "type": f"{_OLD}client-forbidden",
    },
)
USAGE_CAPPED: Final = Refusal(
    429,
    {
        "account_id": 0,
        "product_name": "posts",
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{_OLD}usage-capped",
    },
)

NAMED: Final = {
    "duplicate": DUPLICATE,
    "reply-rule": REPLY_RULE,
    "reply-rule-old": REPLY_RULE_OLD,
    "not-permitted": NOT_PERMITTED,
    "parent-unseen": PARENT_UNSEEN,
    "app-only": APP_ONLY,
    "credits": CREDITS,
    "rate-limit": RATE_LIMIT,
    "rate-limit-old": RATE_LIMIT_OLD,
    "unauthorized": UNAUTHORIZED,
    "not-found": NOT_FOUND,
    "invalid": INVALID,
    "internal": INTERNAL,
    "unavailable": UNAVAILABLE,
    "duplicate-old": DUPLICATE_OLD,
    "locked": LOCKED,
    "suspended": SUSPENDED,
    "suspended-old": SUSPENDED_OLD,
    "automated": AUTOMATED,
    "daily-limit": DAILY_LIMIT,
    "permissions": PERMISSIONS,
    "read-only": READ_ONLY,
    "not-enrolled": NOT_ENROLLED,
    "usage-capped": USAGE_CAPPED,
}
"""Every error a test can order, by name."""
