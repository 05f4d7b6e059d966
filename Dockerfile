# One image for every process: web, worker, beat and the release steps (docker-compose.yml).
FROM python:3.11-slim-bookworm AS libraries
COPY requirements.txt /
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r /requirements.txt

FROM python:3.11-slim-bookworm
# Pango makes the PDFs; PostgreSQL's client makes the backups.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
        postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin purse \
    && install -d -o purse -g purse -m 0700 /app/var
COPY --from=libraries /venv /venv
COPY . /app
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PURSE_VAR=/app/var
WORKDIR /app
USER purse
EXPOSE 8000
CMD ["bin/web"]
