"""People who sign in: logins and passwords, and the sessions of browsers.

A security administrator gives a person a login with a one-time password; with their own password
they begin sessions. A session acts in one role for one party, and only as one of the person's
credentials in force, so a login adds no right: revoke the credential, and the session is over.
Its token lies in a cookie; what changes something also carries a token that only our pages read.
Failed attempts are counted by login and by address, and must wait. Machines sign nothing in: they
keep their bearer credentials (`app.identity`).
"""

from app.sessions.read import visits
from app.sessions.routes import router

__all__ = ["router", "visits"]
