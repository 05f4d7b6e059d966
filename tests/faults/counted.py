"""What a database holds, in few words, to hold a restored one beside the one it came from (F23).

Run inside the other one by `manage.py shell -c`: `counted.show(INSTANT)`.
"""

import hashlib
import json
import sys
from datetime import datetime
from typing import Any

from django.db import connection
from django.template.loader import render_to_string

from commissioning.models import Round
from decisions import exports
from decisions.models import ReportFile
from decisions.reading import report_of
from decisions.report import for_public


def facts(at: datetime) -> dict[str, Any]:
    """Rows by table; and the mark of each round's report, to the byte, as read at this instant."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
            rows[table] = cursor.fetchone()[0]
    marks: dict[str, Any] = {}
    for round in Round.objects.filter(panels__isnull=False).distinct():
        report = report_of(round, at=at)
        for whose, told in (("board", report), ("public", for_public(report))):
            table = exports.made(report, ReportFile.Format.CSV, public=whose == "public")
            paper = render_to_string("decisions/report_print.html", {"report": told, "large": True})
            for kind, content in (("csv", table), ("paper", paper.encode())):
                marks[f"{round.slug} {whose} {kind}"] = hashlib.sha256(content).hexdigest()
        marks[f"{round.slug} proved"] = report.proof.holds
        marks[f"{round.slug} head"] = report.trail.head_hash
    return {"rows": rows, "reports": marks}


def show(at: str) -> None:
    """The same, printed."""
    sys.stdout.write(json.dumps(facts(datetime.fromisoformat(at))))
