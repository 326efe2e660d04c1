# The HTTP service with its model, ready to serve: no torch, no compiler, no shell scripts.
#   docker build -t diplotone:0.1.0 .
#   docker run --rm --read-only --tmpfs /tmp --cap-drop ALL -p 127.0.0.1:8000:8000 diplotone:0.1.0
# The version of Python is the one that the tests run on.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
# The environment that is shipped has no pip; the one of the build stage fills it.
RUN ["python", "-m", "venv", "--without-pip", "/opt/diplotone"]
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY model/ model/
COPY service/ service/
RUN ["python", "-m", "pip", "--python", "/opt/diplotone/bin/python", "install", \
     "--constraint", "constraints.txt", "."]

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="diplotone" \
      org.opencontainers.image.description="Scores quoted statements for hostility and formality" \
      org.opencontainers.image.licenses="Apache-2.0"
# Owned by root and written by nobody: the service runs as a user that owns no file.
COPY --from=build /opt/diplotone /opt/diplotone
# Inside a container loopback reaches nobody; who may reach the port is decided outside.
ENV PATH=/opt/diplotone/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DIPLOTONE_HOST=0.0.0.0 \
    DIPLOTONE_PORT=8000
WORKDIR /tmp
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-m", "service.alive"]
ENTRYPOINT ["diplotone"]
CMD ["serve"]
