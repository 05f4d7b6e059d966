"""How gunicorn serves the site, wherever it is started from; bin/web and bin/demo.py add the rest.

A program that takes in every line that knocks keeps it, however long its own queue is, while the
one beside it has nothing to do. So each takes in only a few, and the system hands them out in
order. A line is closed after its answer: one that is kept open would hold one of those few places,
and a proxy that writes on it just as it is closed would have to say that the page is not there.
"""

import os

workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = 4
worker_connections = 2 * threads
keepalive = 0
