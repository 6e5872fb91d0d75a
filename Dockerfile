# One image for all roles: web, ingest, worker, beat and migrations are commands (compose.yaml).
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    GLITCHCSP_DATA=/data GLITCHCSP_BIND=0.0.0.0 PORT=8000
# A volume mounted on these folders takes over their owner, so the process may write there without being root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin glitchcsp \
    && mkdir -p /data/spool && chown -R glitchcsp:glitchcsp /data
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py LICENSE ./
COPY policies policies
COPY projects projects
COPY issues issues
COPY ingest ingest
COPY alerts alerts
COPY glitchcsp glitchcsp
COPY templates templates
COPY static static
RUN python -m compileall -q .
USER 10001
EXPOSE 8000
CMD ["python", "manage.py", "serve"]
