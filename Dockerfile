# One image for the three kinds of process (web, worker, beat) and for `migrate`; docker-compose.yml names them.
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock
WORKDIR /app
COPY . .
# Settings of the build only: nothing of it stays in the image but the collected files.
RUN SECRET_KEY=construction ALLOWED_HOSTS=localhost DATABASE_URL=postgresql://localhost/ror \
    DJANGO_SETTINGS_MODULE=ror.settings.prod /opt/venv/bin/python manage.py collectstatic --noinput \
    && /opt/venv/bin/python -m compileall -q .

FROM python:3.12-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONUTF8=1 DJANGO_SETTINGS_MODULE=ror.settings.prod \
    GRANIAN_INTERFACE=wsgi GRANIAN_HOST=0.0.0.0 GRANIAN_PORT=8000 GRANIAN_WORKERS=2 GRANIAN_BLOCKING_THREADS=4 \
    GRANIAN_WEBSOCKETS=false GRANIAN_RESPAWN_FAILED_WORKERS=true
# The volume of the extractions is born with the owner of this folder.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin ror \
    && install --directory --owner 10001 --mode 700 /var/lib/ror/extractions
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/sante/', timeout=4)"]
CMD ["granian", "ror.wsgi:application"]
