# The service in a container. Build: docker build -t family-assistant .
# Run: see README.md, "Going live". It is linted by the tests and its steps were rehearsed by hand,
# but no container engine was at hand where it was written: build it once before you rely on it.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUTF8=1
WORKDIR /srv
RUN ["python", "-m", "venv", "/opt/venv"]
# The lock first: a change of words or code does not install everything again.
COPY requirements.lock ./
RUN ["/opt/venv/bin/python", "-m", "pip", "install", "--require-hashes", "-r", "requirements.lock"]
COPY bot bot
COPY handlers handlers
COPY locales locales
RUN ["/opt/venv/bin/python", "-m", "compileall", "-q", "bot", "handlers"]
COPY content content
# A mistake in the content stops the build, not the service.
RUN ["/opt/venv/bin/python", "-m", "bot", "check"]

FROM python:3.11-slim-bookworm
# Data, keys and backups are three volumes, so that nobody takes two of them in one go.
RUN ["install", "-d", "-m", "0700", "-o", "10001", "-g", "10001", "/data", "/keys", "/backups"]
ENV PATH=/opt/venv/bin:$PATH PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8080 DATA_DIR=/data KEY_FILE=/keys/seal.keys BACKUP_DIR=/backups
WORKDIR /srv
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv /srv
USER 10001:10001
VOLUME ["/data", "/keys", "/backups"]
EXPOSE 8080
# The service stops taking new things, sends what it has in hand, and ends: allow it 30 seconds.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["python", "-m", "bot", "health"]
CMD ["python", "-m", "bot", "serve"]
