"""The public lists that vouch for more than one gadget; every other reference stands in the tables themselves."""

from __future__ import annotations

JSONBEE = "https://github.com/zigoo0/JSONBee/blob/master/jsonp.txt"
CSPBYPASS = "https://github.com/renniepak/CSPBypass/blob/main/data.tsv"
TOOLKIT = "https://github.com/sampsonc/csp_toolkit"
H5SC = "https://github.com/cure53/XSSChallengeWiki/wiki/H5SC-Minichallenge-3:-%22Sh*t,-it's-CSP!%22"
GTM = "https://developers.google.com/tag-platform/security/guides/csp"
# What csp-evaluator 1.1.6 (google/csp-evaluator d5cddb9, Apache-2.0) reports and we found nowhere else: checked against its answers only.
EVALUATOR = "https://csp-evaluator.withgoogle.com/"
