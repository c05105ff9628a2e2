"""Who may do what and read what: the whole API, as a table that a reviewer can read."""

from app.kernel.principal import Role

V, C, T = Role.VILLAGER, Role.COLLECTIVE, Role.TOWNSHIP
CLERK, APPROVER, CITY = Role.COUNTY_CLERK, Role.COUNTY_APPROVER, Role.CITY
EXCHANGE, FUND, B, P = Role.EXCHANGE, Role.FUND_CENTRE, Role.BIDDER, Role.PROVINCE
DESK, M, S = Role.OPERATOR, Role.MINISTRY, Role.SUPERVISOR
KEEPER, VIEWER = Role.CUSTODIAN, Role.BIDDER_VIEWER
SYSTEM, SECURITY, AUDIT = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN

# Who may do what, in the order in which a homestead becomes housing money. The service window of
# a province (DESK) takes every step of the market on paper; nobody else does what is not theirs.
COMMANDS = {
    # set up: the technical administrator or the province registers; the exchange admits bidders
    # and books their cash
    "/v1/regions": {SYSTEM, P},
    "/v1/collectives": {SYSTEM, P},
    "/v1/households": {SYSTEM, P},
    "/v1/bidders": {EXCHANGE},
    "/v1/cash-deposits": {EXCHANGE},
    # credentials and custodians: the security administrator alone
    "/v1/custodians": {SECURITY},
    "/v1/credentials": {SECURITY},
    "/v1/credential-revocations": {SECURITY},
    # logins too: a login adds no right to the credentials of its person
    "/v1/logins": {SECURITY},
    "/v1/password-resets": {SECURITY},
    # policy: two people of the province, coefficients: two of the ministry
    "/v1/policies": {P},
    "/v1/policy-approvals": {P},
    "/v1/coefficients": {M},
    "/v1/coefficient-approvals": {M},
    # withdrawal: villager, village, township, county, city
    "/v1/applications": {V, CLERK, DESK},
    "/v1/revocations": {V, CLERK, DESK},
    "/v1/holds": {V, DESK},
    "/v1/hold-releases": {V, APPROVER, DESK},
    "/v1/village-reviews": {C, DESK},
    "/v1/objections": {V, C, T, DESK},
    "/v1/rulings": {T, DESK},
    "/v1/township-determinations": {T, DESK},
    "/v1/county-approvals": {APPROVER, DESK},
    "/v1/city-approvals": {CITY, P, DESK},
    # evidence: each office files what its stage brings
    "/v1/evidence": {C, T, CLERK, APPROVER, CITY, DESK},
    # tickets: the county accepts and issues, the holder hands in
    "/v1/acceptances": {CLERK, APPROVER, DESK},
    "/v1/tickets": {CLERK, APPROVER, DESK},
    "/v1/hand-ins": {V, CLERK, DESK},
    # auction: the exchange lists, bidders bid and pay
    "/v1/lots": {EXCHANGE, DESK},
    "/v1/notices": {EXCHANGE},
    "/v1/freezes": {EXCHANGE, DESK},
    "/v1/resumptions": {EXCHANGE, DESK},
    "/v1/registrations": {B, DESK},
    "/v1/bids": {B, DESK},
    "/v1/payments": {B, DESK},
    # sealed bids: custodians answer probes, and publish their keys after the close
    "/v1/sealed-bids": {B},
    "/v1/bid-keys": {B},
    "/v1/custodian-keys": {KEEPER},
    "/v1/probes": {B, EXCHANGE},
    "/v1/probe-answers": {KEEPER},
    # maximum bids: a bidder's own affair, on no paper
    "/v1/maximum-bids": {B},
    # two-person bids: within one firm
    "/v1/bid-limits": {B},
    "/v1/bid-limit-approvals": {B},
    "/v1/bid-limit-withdrawals": {B},
    "/v1/bid-proposals": {B},
    "/v1/bid-proposal-approvals": {B},
    "/v1/bid-proposal-withdrawals": {B},
    # subsidies: the county books land income, the fund centre or province pays
    "/v1/land-incomes": {CLERK, P, DESK},
    "/v1/subsidies": {FUND, P, DESK},
    # housing: the household, or the fund centre for it
    "/v1/affordable-purchases": {V, FUND, DESK},
    "/v1/affordable-resales": {V, FUND, DESK},
    "/v1/low-rent-exchanges": {V, FUND, DESK},
    "/v1/rentals": {V, FUND, DESK},
    "/v1/rental-ends": {V, FUND, DESK},
    "/v1/public-purchases": {V, FUND, DESK},
    "/v1/refunds": {V, FUND, DESK},
    "/v1/commercial-purchases": {V, FUND, DESK},
    "/v1/mortgage-offsets": {V, FUND, DESK},
    "/v1/cash-withdrawals": {V, FUND, DESK},
    # requests to redeem: the household asks, the fund centre decides
    "/v1/redemption-requests": {V, DESK},
    "/v1/redemption-withdrawals": {V, DESK},
    "/v1/redemption-approvals": {FUND, DESK},
    "/v1/redemption-refusals": {FUND, DESK},
    # landing: the bidder selects, the land bureau reports the sale
    "/v1/plots": {B, DESK},
    "/v1/land-sales": {CLERK, APPROVER, CITY, P, DESK},
    # between provinces
    "/v1/transfers": {V, CLERK, P, DESK},
    "/v1/transfer-acceptances": {P, DESK},
    "/v1/transfer-approvals": {M, DESK},
    "/v1/transfer-rejections": {P, M, DESK},
    "/v1/transfer-cancellations": {V, CLERK, P, DESK},
    "/v1/provincial-settlements": {P, M, DESK},
    # clearing: the ministry decides how and when, officers of a province for their province
    "/v1/clearing-terms": {M},
    "/v1/clearing-terms-approvals": {M},
    "/v1/settlement-windows": {M},
    "/v1/statement-approvals": {P, FUND, DESK},
    "/v1/statement-disputes": {P, FUND, DESK},
    "/v1/bank-accounts": {P, FUND, DESK, M},
    "/v1/bank-account-approvals": {P, FUND, DESK, M},
    "/v1/bank-evidence": {P, FUND, DESK, M},
    "/v1/evidence-resolutions": {P, FUND, DESK, M},
    "/v1/evidence-resolution-approvals": {P, FUND, DESK, M},
    # reconciliation: the ministry begins; two officers of a province correct its books
    "/v1/reconciliations": {M},
    "/v1/corrections": {P, DESK, M},
    "/v1/correction-approvals": {P, DESK, M},
    # the simulated clock
    "/v1/clock": {SYSTEM},
}

# What people do with their own session, whatever their role: no bearer credential has one.
OWN_SESSION = {
    "post": {"/v1/passwords", "/v1/sessions/switch", "/v1/sessions/end"},
    "get": {"/v1/sessions", "/v1/sessions/current"},
}
SIGN_IN = "/v1/sessions"

PUBLIC = None
BUSINESS = set(Role) - {SYSTEM, SECURITY, AUDIT, M}
HOUSEHOLDS = {V, C, T, CLERK, APPROVER, FUND, P, DESK, S}
ARCHIVE = HOUSEHOLDS - {FUND} | {CITY}
BIDDERS = {B, VIEWER, EXCHANGE, FUND, S}
QUERIES = {
    "/log/checkpoint": PUBLIC,
    "/log/tile/{path}": PUBLIC,
    "/log/proof/{index}": PUBLIC,
    "/log/consistency": PUBLIC,
    "/log/vkey": PUBLIC,
    "/log-sm3/checkpoint": PUBLIC,
    "/log-sm3/tile/{path}": PUBLIC,
    "/log-sm3/proof/{index}": PUBLIC,
    "/log-sm3/consistency": PUBLIC,
    "/log-sm3/vkey": PUBLIC,
    "/log/receipts-vkey": PUBLIC,
    "/log/policy": PUBLIC,
    "/v1/receipts/{id}": PUBLIC,
    "/v1/regions": PUBLIC,
    "/v1/collectives": PUBLIC,
    "/v1/policies": PUBLIC,
    "/v1/coefficients": PUBLIC,
    "/v1/tickets": PUBLIC,
    "/v1/tickets/{ticket}": PUBLIC,
    "/v1/tickets/{ticket}/records": PUBLIC,
    "/v1/lots": PUBLIC,
    "/v1/lots/{lot}": PUBLIC,
    "/v1/lots/{lot}/bids": PUBLIC,
    "/v1/lots/{lot}/tickets": BUSINESS - {V},
    "/v1/lots/{lot}/feed": PUBLIC,
    "/v1/lots/{lot}/notice": PUBLIC,
    "/v1/lots/{lot}/opening": PUBLIC,
    "/v1/lots/{lot}/probes": PUBLIC,
    "/v1/lots/{lot}/records": PUBLIC,
    "/v1/public-notices": PUBLIC,
    "/v1/figures": PUBLIC,
    "/v1/custodians": PUBLIC,
    "/v1/lots/{lot}/payouts": PUBLIC,
    "/v1/certificates": PUBLIC,
    "/v1/plots": PUBLIC,
    "/v1/clock": PUBLIC,
    "/v1/time": PUBLIC,
    "/v1/problems": PUBLIC,
    "/v1/problems/{code}": PUBLIC,
    "/livez": PUBLIC,
    "/readyz": PUBLIC,
    "/v1/households/{household}": HOUSEHOLDS,
    "/v1/households/{household}/dossier": HOUSEHOLDS,
    "/v1/households/{household}/statements/{year}": HOUSEHOLDS,
    "/v1/households/{household}/statements/{year}/paper": HOUSEHOLDS,
    "/v1/tickets/{ticket}/paper": HOUSEHOLDS,
    "/v1/lots/{lot}/confirmation": BIDDERS,
    "/v1/certificates/{lot}/paper": BIDDERS,
    "/v1/applications": BUSINESS,
    "/v1/applications/{application}": BUSINESS,
    "/v1/applications/{application}/evidence": ARCHIVE,
    "/v1/evidence/{evidence}": ARCHIVE,
    "/v1/housing-accounts": BUSINESS,
    "/v1/housing-accounts/{household}": BUSINESS,
    "/v1/contracts": BUSINESS,
    "/v1/rentals": BUSINESS,
    "/v1/redemption-requests": {V, FUND, DESK, P, S},
    "/v1/redemption-requests/{request}": {V, FUND, DESK, P, S},
    "/v1/ledger/accounts/{code}": BUSINESS,
    "/v1/ledger/accounts/{code}/movements": BUSINESS,
    "/v1/ledger/accounts/{code}/movements/{entry}/explanation": BUSINESS,
    "/v1/ledger/parties": BUSINESS,
    "/v1/bidders": BIDDERS,
    "/v1/registrations": {B, VIEWER},
    "/v1/lots/{lot}/bids/mine": {B, VIEWER},
    "/v1/maximum-bids": {B, VIEWER},
    "/v1/bid-limits/current": {B, VIEWER},
    "/v1/bid-proposals": {B, VIEWER},
    "/v1/outcomes/{key}": set(Role),
    "/v1/transfers": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/crossings": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/positions": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/provincial-settlements": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/clearing-terms": PUBLIC,
    "/v1/settlement-windows": PUBLIC,
    "/v1/settlement-statements": {P, DESK, FUND, M, S},
    "/v1/settlement-statements/{statement}": {P, DESK, FUND, M, S},
    "/v1/stated-obligations": {P, DESK, FUND, M, S},
    "/v1/bank-accounts": {P, DESK, FUND, M, S},
    "/v1/payment-instructions": {P, DESK, FUND, M, S},
    "/v1/payment-instructions/{instruction}/file": {P, DESK, FUND, M, S},
    "/v1/bank-entries": {P, DESK, FUND, M, S},
    "/v1/evidence-resolutions": {P, DESK, FUND, M, S},
    "/v1/reports/conservation": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/flows": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/surpluses": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/holds": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/gaps": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/times": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/objections": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/transfers": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/reports/national": {M, S},
    "/v1/reconciliations": {M, S},
    "/v1/reconciliation-cases": {P, DESK, M, S},
    "/v1/corrections": {P, DESK, M, S},
    "/v1/matching": {P, DESK, EXCHANGE, FUND, M, S},
    "/v1/credentials": {SECURITY, AUDIT},
    "/v1/ledger/verification": {S, AUDIT, SYSTEM},
    "/v1/links": {SYSTEM, S, M},
}
