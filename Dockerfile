FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock

COPY bot bot
COPY handlers handlers
COPY web web
COPY services services
COPY crm_adapters crm_adapters
COPY storage storage
COPY domain domain
COPY locales locales
COPY migrations migrations

RUN useradd --create-home --uid 10001 voronka && mkdir data backups && chown voronka data backups \
    && python -m compileall -q bot handlers web services crm_adapters storage domain locales
USER voronka
VOLUME /app/data

ENV HTTP_HOST=0.0.0.0 HTTP_PORT=8080 LOG_FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s CMD ["python", "-m", "bot.alive"]

# `run` brings the database up to date before it serves
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
