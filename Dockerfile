# One image per role: docker build --build-arg ROLE=capture -t vigil/capture .
# ROLE is a role of contracts/registry.py, or "cli" for provisioning.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS environment
ARG ROLE
COPY requirements/${ROLE}.lock /tmp/role.lock
RUN python3 -m venv /opt/vigil \
 && /opt/vigil/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: -r /tmp/role.lock \
 && /opt/vigil/bin/pip uninstall --yes --quiet pip

FROM ${BASE} AS code
ARG ROLE
COPY . /src
WORKDIR /app
# The role's own folder, the packages above it, and what every role stands on: nothing else.
RUN set -eu; \
    case "${ROLE}" in \
      cli) folder=vigil ;; \
      gateway) folder=gateway ;; \
      evaluation|incidents) folder="services/policy/${ROLE}" ;; \
      *) folder="services/${ROLE}" ;; \
    esac; \
    mkdir -p "$(dirname "${folder}")"; \
    cp -r /src/chassis /src/contracts .; \
    cp -r "/src/${folder}" "${folder}"; \
    above="$(dirname "${folder}")"; \
    while [ "${above}" != . ]; do \
      cp "/src/${above}/__init__.py" "${above}/"; above="$(dirname "${above}")"; \
    done; \
    python3 -m compileall -q .

FROM ${BASE}
COPY --from=environment /opt/vigil /opt/vigil
COPY --from=code /app /app
ENV PATH=/opt/vigil/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
USER 10001:10001
# The chart says which module: services.capture, gateway, vigil provision.
ENTRYPOINT ["python", "-m"]
