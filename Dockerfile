# The service and every command, as an ordinary user:
#
#   docker build -t sprachbund .
#   docker run --rm -v "$PWD:/data" --user "$(id -u):$(id -g)" sprachbund index anyfolder --out index
#   docker run --rm -p 127.0.0.1:8080:8080 -v "$PWD/index:/data/index:ro" sprachbund
#
# The last serves /data/index at http://127.0.0.1:8080; set SPRACHBUND_API_KEY before you publish it elsewhere.
FROM python:3.12-slim

COPY pyproject.toml constraints.txt README.md LICENSE /src/
COPY src /src/src
RUN pip install --no-cache-dir --disable-pip-version-check -c /src/constraints.txt "/src[files,serve]" \
    && useradd --uid 10001 --create-home sprachbund \
    && rm -r /src

USER sprachbund
ENV HOME=/tmp
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health')"]
ENTRYPOINT ["sprachbund"]
CMD ["serve", "index", "--host", "0.0.0.0", "--port", "8080"]
